SELECT t.day, t.receipt, t.at, t.business_at, p.code AS person, p.name AS person_name, e.code AS employer,
       e.name AS employer_name, o.code AS organisation, o.name AS organisation_name, t.organisation AS organisation_key,
       t.duty, t.session, t.terminal, t.kind, t.screen, t.screen_version, c.name AS screen_name, t.came_from, t.came_screen,
       t.action, t.purpose_code, t.purpose_reference, t.purpose_verified, t.purpose_receipt, t.decision, t.reason,
       t.rule_version, CASE WHEN t.kind = 'log' THEN wall.log_asked(t.day, t.receipt)
                            ELSE wall.log_numbers(t.day, t.receipt) END AS typed,
       CASE WHEN t.decision IN ('purpose-needed', 'refused') OR t.kind = 'statement' THEN false
            WHEN u.receipt IS NOT NULL THEN u.rows > 0 END AS rendered,
       u.rows, u.at AS closed_at, coalesce(u.classes, '{}') AS classes, encode(u.digest, 'hex') AS digest
  FROM log.ticket t
  JOIN wall.person p ON p.id = t.person
  JOIN wall.org e ON e.id = t.employer
  JOIN wall.org o ON o.id = t.organisation
  LEFT JOIN wall.screen c ON c.code = t.screen AND c.version = t.screen_version
  LEFT JOIN log.outcome u ON u.day = t.day AND u.receipt = t.receipt
                         AND u.day >= %(since)s::date AND u.day <= %(until)s::date
 WHERE t.day >= %(since)s::date AND t.day <= %(until)s::date AND t.receipt = %(receipt)s
