, turned AS (
  SELECT * FROM chosen c WHERE c.result IN ('refused', 'paused')
)
(SELECT 'person' AS by, coalesce(t.code, '-') AS value, count(*)::int AS refusals,
        count(DISTINCT t.terminal)::int AS others, max(t.at) AS last
   FROM turned t GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 10)
UNION ALL
(SELECT 'terminal', coalesce(t.terminal, '-'), count(*)::int, count(DISTINCT t.person)::int, max(t.at)
   FROM turned t GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 10)
