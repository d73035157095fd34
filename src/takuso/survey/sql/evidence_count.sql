-- evidence_count
SELECT count(*)
FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/)
WHERE /*where*/;
