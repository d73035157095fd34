-- Other screens that the same sessions opened for the same customers.
CREATE OR REPLACE TABLE notes AS
SELECT session_id, customer, screen, count(*) AS records
FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/)
WHERE session_id IN (SELECT session_id FROM records) AND (/*where*/)
GROUP BY session_id, customer, screen;
