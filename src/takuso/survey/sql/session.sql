-- Their whole, unfiltered sessions, as far as they lie in the period.
CREATE OR REPLACE TABLE session_rows AS
SELECT
    file_index * 1099511627776 + file_row_number AS rid,
    session_id,
    epoch_us("at") AS at_us,
    screen,
    0 AS place
FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/)
WHERE session_id IN (SELECT session_id FROM asked);
