-- A refusal, a purpose that was missing and a statement of purpose show nothing and so have no outcome.
SELECT t.receipt, t.at, t.business_at, p.code AS person, p.name AS person_name, e.name AS employer,
       o.name AS organisation, t.duty, t.session, t.terminal, t.screen, t.screen_version, c.name AS screen_name,
       t.came_screen, t.kind, t.action, t.purpose_code, t.purpose_reference, t.purpose_verified, t.decision, t.reason,
       t.rule_version, s.point, s.supply_point, wall.log_customer(s.point) AS customer,
       CASE WHEN t.kind = 'log' THEN wall.log_asked(t.day, t.receipt)
            WHEN s.point IS NULL THEN wall.log_numbers(t.day, t.receipt) END AS typed,
       s.relation, h.name AS holder, s.granted, s.refused, s.period::text AS period, u.classes AS shown_classes,
       CASE WHEN t.decision IN ('purpose-needed', 'refused') OR t.kind = 'statement' THEN false
            WHEN u.receipt IS NOT NULL THEN coalesce(s.point = ANY (u.points), false) END AS rendered
  FROM log.ticket t
  JOIN wall.person p ON p.id = t.person
  JOIN wall.org e ON e.id = t.employer
  JOIN wall.org o ON o.id = t.organisation
  LEFT JOIN wall.screen c ON c.code = t.screen AND c.version = t.screen_version
  LEFT JOIN log.subject s ON s.day = t.day AND s.receipt = t.receipt
  LEFT JOIN wall.org h ON h.id = s.holder
  LEFT JOIN log.outcome u ON u.day = t.day AND u.receipt = t.receipt
 WHERE (%(person)s::text IS NULL OR p.code = %(person)s)
   AND (%(screen)s::text IS NULL OR t.screen = %(screen)s)
   AND (%(since)s::date IS NULL OR t.day >= %(since)s)
   AND (%(until)s::date IS NULL OR t.day < %(until)s)
   AND (%(customer)s::text IS NULL
        OR s.supply_point = %(customer)s OR s.point = ANY ((SELECT wall.log_points(%(customer)s))::bigint[])
        OR (s.point IS NULL AND (t.day, t.receipt) IN
            (SELECT y.day, y.receipt FROM wall.log_typed(%(customer)s, %(since)s, %(until)s) y)))
 ORDER BY t.at DESC, t.receipt, s.no
 LIMIT %(last)s
