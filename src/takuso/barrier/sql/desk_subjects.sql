SELECT s.no, wall.log_customer(s.point) AS customer, s.relation, h.code AS holder, h.name AS holder_name, s.held_from,
       s.granted, s.refused, s.period::text AS period, coalesce(s.point = ANY (u.points), false) AS rendered
  FROM log.subject s
  LEFT JOIN wall.org h ON h.id = s.holder
  LEFT JOIN log.outcome u ON u.day = s.day AND u.receipt = s.receipt
                         AND u.day >= %(since)s::date AND u.day <= %(until)s::date
 WHERE s.day >= %(since)s::date AND s.day <= %(until)s::date AND s.receipt = %(receipt)s
 ORDER BY s.no
