SELECT c.id, c.at, c.means, c.result, c.code AS person, c.name AS person_name,
       (SELECT o.name FROM wall.appointment a JOIN wall.org o ON o.id = a.employer
         WHERE a.person = c.person AND a.valid @> c.at AND a.recorded_from <= c.at AND c.at < a.recorded_to
         ORDER BY a.id LIMIT 1) AS employer,
       c.terminal, c.session
  FROM chosen c
 WHERE %(before)s::bigint IS NULL OR c.id < %(before)s
 ORDER BY c.id DESC LIMIT %(last)s
