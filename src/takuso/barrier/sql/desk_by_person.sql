, done AS (
  SELECT t.person, t.employer, min(t.at) AS first, max(t.at) AS last, count(*)::int AS records,
         array_agg(DISTINCT t.screen ORDER BY t.screen) AS screens,
         array_agg(DISTINCT t.decision ORDER BY t.decision) AS decisions
    FROM chosen t GROUP BY t.person, t.employer ORDER BY records DESC, t.person, t.employer LIMIT %(last)s
)
SELECT p.code, p.name, o.code AS employer, o.name AS employer_name, d.first, d.last, d.records,
       coalesce(m.points, 0) AS others, d.screens, d.decisions
  FROM done d
  JOIN wall.person p ON p.id = d.person
  JOIN wall.org o ON o.id = d.employer
  LEFT JOIN met m ON m.person = d.person AND m.employer = d.employer
 ORDER BY d.records DESC, p.code, o.code
