SELECT min(file_row_number) FROM read_parquet($file, hive_partitioning = false) WHERE /*where*/;
