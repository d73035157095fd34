-- What was not taken in again stays, marked as out.
CREATE OR REPLACE TABLE records AS
SELECT * FROM records
UNION ALL
SELECT a.* FROM aside AS a WHERE NOT EXISTS (SELECT 1 FROM records AS r WHERE r.rid = a.rid);
