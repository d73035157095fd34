SELECT 1 FROM read_parquet($supply, hive_partitioning = false) WHERE retailer = $code LIMIT 1;
