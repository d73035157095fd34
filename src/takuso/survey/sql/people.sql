CREATE TABLE people AS
SELECT
    user_id,
    person_id,
    org,
    CAST(contractor_of AS VARCHAR) AS contractor_of,
    coalesce(day_number("from"), -2147483648) AS from_day,
    coalesce(day_number("to"), 2147483647) AS to_day,
    file_row_number AS row_number
FROM read_parquet($people, hive_partitioning = false);
