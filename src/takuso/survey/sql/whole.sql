-- The sessions with such records, whole, where `fresh` has not all of them.
CREATE OR REPLACE TABLE whole AS
SELECT
    file_index * 1099511627776 + file_row_number AS rid,
    session_id,
    epoch_us("at") AS at_us,
    screen,
    customer,
    action,
    terminal,
    user_id,
    CAST(came_from AS VARCHAR) AS came_from
FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/)
WHERE session_id IN (SELECT session_id FROM ties);
