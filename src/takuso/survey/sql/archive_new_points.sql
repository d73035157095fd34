UPDATE points SET code = fresh.code
FROM read_parquet($fresh) AS fresh
WHERE points.code IS NULL AND points.customer = fresh.customer;
