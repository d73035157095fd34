SELECT p.code AS person, p.name AS person_name, e.code AS employer, e.name AS employer_name, o.code AS organisation,
       o.name AS organisation_name, o.kind AS organisation_kind, a.duty, lower(a.valid) AS since, upper(a.valid) AS until
  FROM wall.log_moments(NULL) m
  JOIN wall.appointment a ON a.recorded_to = 'infinity' AND a.valid @> m.at
  JOIN wall.person p ON p.id = a.person
  JOIN wall.org e ON e.id = a.employer
  JOIN wall.org o ON o.id = coalesce(a.principal, a.employer)
 WHERE m.answer = 'now'
 ORDER BY o.kind, o.code, a.duty, p.code
