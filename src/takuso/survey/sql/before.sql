CREATE OR REPLACE TABLE before AS
SELECT rid, session_id, previous
FROM (
    SELECT
        rid,
        session_id,
        lag(screen) OVER (PARTITION BY session_id ORDER BY at_us, screen, place) AS previous
    FROM session_rows
)
WHERE rid IN (SELECT rid FROM asked);
