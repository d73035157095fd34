SELECT min(file_row_number)
FROM read_parquet($supply, hive_partitioning = false)
WHERE "to" < "from" OR known_to < known_from
HAVING count(*) > 0;
