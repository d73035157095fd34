CREATE OR REPLACE TABLE untied AS
SELECT
    rid,
    row_number() OVER (
        PARTITION BY session_id, at_us, screen
        ORDER BY customer, action, terminal, user_id, came_from NULLS FIRST
    ) AS place
FROM /*whole*/ AS whole
SEMI JOIN ties USING (session_id, at_us, screen);

UPDATE session_rows SET place = untied.place FROM untied WHERE session_rows.rid = untied.rid;
