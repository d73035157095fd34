-- Records whose holders nobody asks for.
CREATE OR REPLACE TABLE records AS
SELECT f.* EXCLUDE (action, terminal), v.person
FROM fresh AS f
LEFT JOIN viewers AS v USING (user_id, day);
