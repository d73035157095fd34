SELECT r.duty, r.relation, r.view, array_agg(r.class ORDER BY r.class) AS classes
  FROM (SELECT r.duty, r.relation, r.view, r.class
          FROM wall.log_moments(NULL) m JOIN wall.rule r ON r.until IS NULL AND r.valid @> m.day
         WHERE m.answer = 'now'
         GROUP BY r.duty, r.relation, r.view, r.class HAVING bool_and(r.verdict = 'show')) r
 GROUP BY r.duty, r.relation, r.view
 ORDER BY r.duty, r.relation, r.view
