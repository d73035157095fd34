, done AS (
  SELECT t.person, t.employer, min(t.at) AS first, max(t.at) AS last, count(*)::int AS records,
         array_agg(DISTINCT t.screen ORDER BY t.screen) AS screens,
         array_agg(DISTINCT t.decision ORDER BY t.decision) AS decisions
    FROM chosen t GROUP BY t.person, t.employer ORDER BY records DESC, t.person, t.employer LIMIT %(last)s
), met AS (
  SELECT t.person, t.employer, count(DISTINCT s.point)::int AS points
    FROM chosen t CROSS JOIN LATERAL (
      -- Record by record, as the other conditions are: of one customer they are few among all there are.
      SELECT u.point FROM log.subject u WHERE u.day = t.day AND u.receipt = t.receipt OFFSET 0) s
   GROUP BY t.person, t.employer
)
SELECT p.code, p.name, o.code AS employer, o.name AS employer_name, d.first, d.last, d.records,
       coalesce(m.points, 0) AS others, d.screens, d.decisions
  FROM done d
  JOIN wall.person p ON p.id = d.person
  JOIN wall.org o ON o.id = d.employer
  LEFT JOIN met m ON m.person = d.person AND m.employer = d.employer
 ORDER BY d.records DESC, p.code, o.code
