CREATE OR REPLACE TABLE records AS
SELECT r.* REPLACE (coalesce(r.came_from, b.previous) AS came_from)
FROM records AS r
LEFT JOIN before AS b USING (rid);
