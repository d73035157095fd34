SELECT m.answer, a.employer, a.employer_name, a.principal, a.principal_name, a.organisation, a.duty
  FROM asked q
 CROSS JOIN LATERAL wall.log_moments(q.at) m
 CROSS JOIN LATERAL wall.log_appointments(q.person, m.at, m.recorded) a
