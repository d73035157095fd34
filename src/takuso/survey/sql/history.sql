SELECT
    hash(customer) AS point,
    day_number("from") AS from_day,
    coalesce(day_number("to"), 2147483647) AS to_day,
    file_row_number AS row_number
FROM read_parquet($supply, hive_partitioning = false);
