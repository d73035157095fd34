SELECT DISTINCT retailer FROM read_parquet($supply, hive_partitioning = false) ORDER BY retailer;
