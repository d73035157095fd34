-- Whose each ID was on each day, and for whom that person worked as an employee and as a contractor's.
CREATE OR REPLACE TABLE viewers AS
SELECT
    user_id,
    day,
    max(person_id) AS person,
    list(org) FILTER (WHERE contractor_of IS NULL) AS employers,
    list(org) || list(contractor_of) AS connected
FROM (SELECT DISTINCT user_id, day FROM /*records*/) AS f
JOIN people AS p USING (user_id)
WHERE f.day >= p.from_day AND f.day < p.to_day
GROUP BY user_id, day;
