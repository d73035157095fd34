-- Records of the period that may stay. `rid` names a row of the log: file and row.
CREATE OR REPLACE TABLE fresh AS
SELECT * FROM (
    SELECT
        file_index * 1099511627776 + file_row_number AS rid,
        epoch_us("at") AS at_us,
        jst_day(epoch_us("at")) AS day,
        user_id,
        session_id,
        screen,
        CAST(came_from AS VARCHAR) AS came_from,
        customer,
        action,
        terminal
    FROM read_parquet($log, hive_partitioning = false, union_by_name = /*mixed*/)
    WHERE /*where*/
)
WHERE /*condition*/;
