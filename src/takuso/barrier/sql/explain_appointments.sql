SELECT m.answer, a.employer, a.employer_name, a.principal, a.principal_name, a.organisation, a.duty
  FROM wall.log_moments(%(at)s::timestamptz) m
 CROSS JOIN LATERAL wall.log_appointments(%(person)s::text, m.at, m.recorded) a
