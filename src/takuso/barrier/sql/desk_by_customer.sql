-- Points are many to a customer: the newest and oldest of each code, its records counted once.
, met AS (
  SELECT s.point, t.receipt, t.at, t.person, t.screen, t.decision
    FROM chosen t JOIN log.subject s ON s.day = t.day AND s.receipt = t.receipt
   WHERE s.point IS NOT NULL AND s.day >= %(since)s::date AND s.day <= %(until)s::date
), busiest AS MATERIALIZED (
  SELECT m.point FROM met m GROUP BY m.point ORDER BY count(*) DESC, m.point LIMIT %(last)s
), coded AS MATERIALIZED (
  SELECT b.point, wall.log_customer(b.point) AS code FROM busiest b
)
SELECT c.code, '' AS name, '' AS employer, '' AS employer_name, min(m.at) AS first, max(m.at) AS last,
       count(DISTINCT m.receipt)::int AS records, count(DISTINCT m.person)::int AS others,
       array_agg(DISTINCT m.screen ORDER BY m.screen) AS screens,
       array_agg(DISTINCT m.decision ORDER BY m.decision) AS decisions
  FROM coded c JOIN met m ON m.point = c.point
 WHERE c.code IS NOT NULL
 GROUP BY c.code
 ORDER BY records DESC, c.code
