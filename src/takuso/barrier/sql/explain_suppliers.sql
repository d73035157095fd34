SELECT m.answer, s.no, s.retailer, s.retailer_code, s.stands
  FROM asked q
 CROSS JOIN LATERAL wall.log_moments(q.at) m
 CROSS JOIN LATERAL wall.log_suppliers(q.number, m.day, m.recorded) s
