-- The codes of those points asked for that have one.
SELECT asked.place, known.code
FROM read_parquet($customers) AS known
JOIN asked ON asked.customer = known.customer;
