-- A day of the log, whole.
CREATE OR REPLACE TABLE raw AS
SELECT
    epoch_us("at") AS at_us,
    user_id,
    session_id,
    screen,
    CAST(came_from AS VARCHAR) AS came_from,
    customer,
    action,
    terminal
FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/);
