CREATE OR REPLACE TABLE records AS
SELECT
    r.* EXCEPT (came_from, then_in, now_in), coalesce(r.came_from, b.previous) AS came_from, r.then_in, r.now_in
FROM records AS r
LEFT JOIN before AS b ON b.rid = r.rid;
