-- The points of a file that have no code yet, in order.
SELECT asked.customer
FROM (SELECT DISTINCT customer FROM read_parquet($supply, hive_partitioning = false)) AS asked
ANTI JOIN /*dictionary*/ AS known ON known.customer = asked.customer
ORDER BY asked.customer;
