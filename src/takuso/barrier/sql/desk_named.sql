-- Records with a subject of that number, and those in which the number was only typed.
WITH named AS MATERIALIZED (
  SELECT s.day, s.receipt FROM log.subject s
   WHERE s.day >= %(since)s::date AND s.day <= %(until)s::date
     AND s.point = ANY ((SELECT wall.log_points(%(customer)s))::bigint[])
  UNION
  SELECT y.day, y.receipt FROM wall.log_typed(%(customer)s, %(since)s::date, %(until)s::date + 1) y
), candidate AS (
  SELECT t.* FROM named n JOIN log.ticket t ON t.day = n.day AND t.receipt = n.receipt
   WHERE t.day >= %(since)s::date AND t.day <= %(until)s::date
)
