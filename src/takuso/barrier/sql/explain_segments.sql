SELECT m.answer, s.no, s.retailer, s.retailer_code, lower(s.held) AS since, upper(s.held) AS until
  FROM wall.log_moments(%(at)s::timestamptz) m
 CROSS JOIN LATERAL wall.log_segments(%(customer)s::text, m.recorded) s
