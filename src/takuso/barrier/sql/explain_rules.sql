SELECT m.answer, r.duty, r.relation, r.view, r.class AS letter, r.verdict, r.article, r.note, r.since, r.until
  FROM asked q
 CROSS JOIN LATERAL wall.log_moments(q.at) m
 CROSS JOIN LATERAL wall.log_rules(m.recorded) r
