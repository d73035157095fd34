SELECT file_row_number
FROM read_parquet($table, hive_partitioning = false)
WHERE "to" < "from" OR known_to < known_from
ORDER BY file_row_number;
