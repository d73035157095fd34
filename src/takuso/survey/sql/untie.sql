CREATE OR REPLACE TABLE untied AS
SELECT
    rid,
    row_number() OVER (
        PARTITION BY session_id, at_us, screen
        ORDER BY customer, action, terminal, user_id, came_from NULLS FIRST
    ) AS place
FROM (
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
    FROM read_parquet($log, hive_partitioning = false, union_by_name = true)
    WHERE session_id IN (SELECT session_id FROM ties)
) AS whole
SEMI JOIN ties USING (session_id, at_us, screen);

UPDATE session_rows SET place = untied.place FROM untied WHERE session_rows.rid = untied.rid;
