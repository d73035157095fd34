-- The sessions of a day and of the days before it as codes: the first day of each, and its place among that day's.
CREATE OR REPLACE TABLE chains AS
SELECT session_id, min(day) AS first_day, min(day) * CAST(4294967296 AS BIGINT) + arg_min(code, day) AS session
FROM (
    SELECT session_id, day, row_number() OVER (PARTITION BY day ORDER BY session_id) - 1 AS code
    FROM (
        SELECT DISTINCT session_id, jst_day(epoch_us("at")) AS day
        FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/)
    )
)
GROUP BY session_id;
