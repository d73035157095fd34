-- Whose each ID was on each day, and for whom that person worked as an employee and as a contractor's.
CREATE OR REPLACE VIEW viewers AS
SELECT
    f.user_id,
    f.day,
    max(p.person_id) AS person,
    collect_set(p.org) FILTER (WHERE p.contractor_of IS NULL) AS employers,
    array_union(collect_set(p.org), collect_set(p.contractor_of)) AS connected
FROM (SELECT DISTINCT user_id, day FROM /*records*/) AS f
JOIN people AS p ON p.user_id = f.user_id
WHERE f.day >= p.from_day AND f.day < p.to_day
GROUP BY f.user_id, f.day;
