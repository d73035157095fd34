-- In the order of the file, so that a place in the answer is a row of the file.
SET preserve_insertion_order = true;

SELECT
    hash(customer) AS point,
    day_number("from") AS from_day,
    coalesce(day_number("to"), 2147483647) AS to_day
FROM read_parquet($supply, hive_partitioning = false);
