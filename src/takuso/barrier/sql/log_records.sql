SELECT t.receipt, t.at, t.business_at, p.code AS person, p.name AS person_name, o.name AS organisation, t.duty,
       t.screen, c.name AS screen_name, t.came_screen, t.kind, t.action, t.purpose_code, t.purpose_reference,
       t.purpose_verified, t.decision, t.reason, s.point, s.supply_point, wall.log_customer(s.point) AS customer,
       s.relation, h.name AS holder, s.granted, s.refused, u.classes AS shown_classes,
       CASE WHEN u.receipt IS NULL THEN NULL ELSE coalesce(s.point = ANY (u.points), false) END AS rendered
  FROM log.ticket t
  JOIN wall.person p ON p.id = t.person
  JOIN wall.org o ON o.id = t.organisation
  LEFT JOIN wall.screen c ON c.code = t.screen AND c.version = t.screen_version
  LEFT JOIN log.subject s ON s.day = t.day AND s.receipt = t.receipt
  LEFT JOIN wall.org h ON h.id = s.holder
  LEFT JOIN log.outcome u ON u.day = t.day AND u.receipt = t.receipt
 WHERE (%(person)s::text IS NULL OR p.code = %(person)s)
   AND (%(screen)s::text IS NULL OR t.screen = %(screen)s)
   AND (%(customer)s::text IS NULL
        OR s.supply_point = %(customer)s OR s.point = ANY (wall.log_points(%(customer)s)))
 ORDER BY t.at DESC, t.receipt, s.no
 LIMIT %(last)s
