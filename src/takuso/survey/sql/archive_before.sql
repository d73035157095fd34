-- What stands before a record whose predecessor is not recorded, in its session on this day. Records of one session
-- with the same time and screen stand together: the first of them comes after the group before, the others after one
-- with their own screen.
CREATE OR REPLACE TABLE stretches AS
SELECT
    session_id,
    at_us,
    screen,
    records,
    lag(screen) OVER (PARTITION BY session_id ORDER BY at_us, screen) AS previous
FROM (
    SELECT session_id, at_us, screen, count(*) AS records
    FROM raw
    WHERE session_id IN (SELECT session_id FROM raw WHERE came_from IS NULL)
    GROUP BY session_id, at_us, screen
);

CREATE OR REPLACE TABLE before AS
SELECT raw.rowid AS place, previous
FROM raw
JOIN stretches USING (session_id, at_us, screen)
WHERE raw.came_from IS NULL AND records = 1
UNION ALL
SELECT place, CASE WHEN number = 1 THEN previous ELSE screen END
FROM (
    SELECT
        raw.rowid AS place,
        raw.came_from,
        screen,
        previous,
        row_number() OVER (
            PARTITION BY session_id, at_us, screen
            ORDER BY customer, action, terminal, user_id, came_from NULLS FIRST
        ) AS number
    FROM raw
    JOIN stretches USING (session_id, at_us, screen)
    WHERE records > 1
)
WHERE came_from IS NULL;
