-- A session that began on an earlier day: its last record there.
CREATE OR REPLACE TABLE before AS
SELECT b.rid, b.session_id, coalesce(b.previous, last.screen) AS previous
FROM before AS b
LEFT JOIN (
    SELECT session_id, max(struct(at_us, screen)).screen AS screen
    FROM earlier_files
    WHERE session_id IN (SELECT session_id FROM before WHERE previous IS NULL)
    GROUP BY session_id
) AS last ON last.session_id = b.session_id;
