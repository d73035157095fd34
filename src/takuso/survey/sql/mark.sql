-- mark
-- As keep, but what does not meet the condition stays and is marked as out.
CREATE OR REPLACE TABLE records AS
SELECT * REPLACE ((then_in AND (/*then*/)) AS then_in, (now_in AND (/*now*/)) AS now_in)
FROM records;
