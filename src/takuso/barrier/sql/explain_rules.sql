SELECT m.answer, r.duty, r.relation, r.view, r.class AS letter, r.verdict, r.article, r.note, r.since, r.until
  FROM wall.log_moments(%(at)s::timestamptz) m
 CROSS JOIN LATERAL wall.log_rules(m.recorded) r
