SELECT r.export, r.at, p.code AS person, p.name AS person_name, r.filters, r.reason, r.expires,
       r.expires <= clock_timestamp() AS expired, a.at AS approved_at, ap.code AS approver, ap.name AS approver_name,
       t.at AS taken_at
  FROM log.export r
  JOIN wall.person p ON p.id = r.person
  LEFT JOIN log.export a ON a.export = r.export AND a.step = 'approval'
  LEFT JOIN wall.person ap ON ap.id = a.person
  LEFT JOIN log.export t ON t.export = r.export AND t.step = 'taking'
 WHERE r.step = 'request'
 ORDER BY r.at DESC, r.export
 LIMIT 50
