-- Sessions of the days to be coded that began on an earlier day, over all days that the source has so far.
CREATE OR REPLACE TABLE span AS
SELECT
    session_id,
    day,
    file_row_number AS code,
    screen
FROM read_parquet($sessions)
WHERE session_id IN (SELECT session_id FROM read_parquet($wanted));

CREATE OR REPLACE TABLE links AS
SELECT day, code, first_day, first_code, previous
FROM (
    SELECT
        day,
        code,
        first_value(day) OVER chain AS first_day,
        first_value(code) OVER chain AS first_code,
        lag(screen) OVER chain AS previous
    FROM span
    WINDOW chain AS (PARTITION BY session_id ORDER BY day)
)
WHERE previous IS NOT NULL;

DROP TABLE span;
