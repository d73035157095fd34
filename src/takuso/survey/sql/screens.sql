SELECT screen, count(*) FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/)
GROUP BY screen ORDER BY screen;
