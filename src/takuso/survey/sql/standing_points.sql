-- The codes of the points found.
CREATE OR REPLACE TABLE points AS
SELECT customer, code FROM read_parquet($customers)
WHERE customer IN (SELECT customer FROM found_rows UNION ALL SELECT customer FROM found_contracts);
