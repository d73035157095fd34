CREATE OR REPLACE TABLE before AS
SELECT rid, session_id, previous
FROM (
    SELECT
        rid,
        session_id,
        lag(screen) OVER (
            PARTITION BY session_id
            ORDER BY at_us, screen, customer, action, terminal, user_id, came_from NULLS FIRST
        ) AS previous
    FROM session_rows
)
WHERE rid IN (SELECT rid FROM asked);
