-- この前後の操作: what the same sign-in did before and after, oldest first.
WITH this AS MATERIALIZED (
  SELECT t.session, t.at, t.receipt FROM log.ticket t
   WHERE t.day >= %(since)s::date AND t.day <= %(until)s::date AND t.receipt = %(receipt)s
), near AS (
  (SELECT t.* FROM this h JOIN log.ticket t ON t.session = h.session
    WHERE t.day >= %(since)s::date - 1 AND t.day <= %(until)s::date + 1 AND (t.at, t.receipt) <= (h.at, h.receipt)
    ORDER BY t.at DESC, t.receipt DESC LIMIT 11)
  UNION ALL
  (SELECT t.* FROM this h JOIN log.ticket t ON t.session = h.session
    WHERE t.day >= %(since)s::date - 1 AND t.day <= %(until)s::date + 1 AND (t.at, t.receipt) > (h.at, h.receipt)
    ORDER BY t.at, t.receipt LIMIT 10)
)
SELECT t.day, t.at, t.receipt, t.screen, c.name AS screen_name, t.came_from, t.came_screen, t.kind, t.decision,
       ARRAY(SELECT DISTINCT wall.log_customer(k) FROM (
               SELECT s.point FROM log.subject s WHERE s.day = t.day AND s.receipt = t.receipt ORDER BY s.no LIMIT 3) f(k)
              WHERE k IS NOT NULL) AS customers
  FROM near t LEFT JOIN wall.screen c ON c.code = t.screen AND c.version = t.screen_version
 ORDER BY t.at, t.receipt
