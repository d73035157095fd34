, sampled AS MATERIALIZED (
  SELECT t.day, t.receipt, t.employer, t.screen, t.came_screen, t.decision, t.purpose_code, t.rule_version
    FROM chosen t ORDER BY t.day DESC, t.at DESC, t.receipt DESC LIMIT %(sample)s
), touched AS MATERIALIZED (
  SELECT DISTINCT t.receipt, s.relation, s.holder
    FROM sampled t CROSS JOIN LATERAL (
      SELECT s.relation, s.holder FROM log.subject s WHERE s.day = t.day AND s.receipt = t.receipt) s
)
SELECT 'total' AS facet, '' AS value, '' AS name, count(*)::int AS amount FROM sampled
UNION ALL
(SELECT 'employer', o.code, o.name, count(*)::int FROM sampled t JOIN wall.org o ON o.id = t.employer
  GROUP BY o.code, o.name ORDER BY 4 DESC, 2 LIMIT 8)
UNION ALL
(SELECT 'holder', o.code, o.name, count(*)::int FROM touched t JOIN wall.org o ON o.id = t.holder
  GROUP BY o.code, o.name ORDER BY 4 DESC, 2 LIMIT 8)
UNION ALL
(SELECT 'relation', t.relation, '', count(*)::int FROM touched t GROUP BY t.relation ORDER BY 4 DESC, 2)
UNION ALL
(SELECT 'screen', t.screen, coalesce(max(c.name), ''), count(*)::int
   FROM sampled t LEFT JOIN wall.screen c ON c.code = t.screen AND c.recorded_to = 'infinity'
  GROUP BY t.screen ORDER BY 4 DESC, 2 LIMIT 12)
UNION ALL
(SELECT 'came', coalesce(t.came_screen, '-'), coalesce(max(c.name), ''), count(*)::int
   FROM sampled t LEFT JOIN wall.screen c ON c.code = t.came_screen AND c.recorded_to = 'infinity'
  GROUP BY t.came_screen ORDER BY 4 DESC, 2 LIMIT 12)
UNION ALL
(SELECT 'decision', t.decision, '', count(*)::int FROM sampled t GROUP BY t.decision ORDER BY 4 DESC, 2)
UNION ALL
(SELECT 'purpose', coalesce(t.purpose_code, '-'), '', count(*)::int FROM sampled t
  GROUP BY t.purpose_code ORDER BY 4 DESC, 2 LIMIT 12)
UNION ALL
(SELECT 'rule', t.rule_version::text, '', count(*)::int FROM sampled t GROUP BY t.rule_version ORDER BY 4 DESC, 2 LIMIT 8)
