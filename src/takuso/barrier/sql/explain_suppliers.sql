SELECT m.answer, s.no, s.retailer, s.retailer_code, s.stands
  FROM wall.log_moments(%(at)s::timestamptz) m
 CROSS JOIN LATERAL wall.log_suppliers(%(customer)s::text, m.day, m.recorded) s
