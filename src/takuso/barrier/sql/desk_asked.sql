-- What a record asked the rule: its person, screen and instant, and one of its subjects or the number that was typed.
WITH asked AS (
  SELECT p.code AS person, t.screen, t.business_at AS at,
         coalesce(s.supply_point, substring(wall.log_numbers(t.day, t.receipt) FROM '[0-9]+')) AS number
    FROM log.ticket t
    JOIN wall.person p ON p.id = t.person
    LEFT JOIN log.subject s ON s.day = t.day AND s.receipt = t.receipt AND s.no = %(no)s
   WHERE t.day >= %(since)s::date AND t.day <= %(until)s::date AND t.receipt = %(receipt)s
     AND t.kind IN ('look', 'search', 'write')
)
