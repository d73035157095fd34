-- Records with a subject of that number, and those in which the number was only typed.
WITH named AS MATERIALIZED (
  SELECT s.day, s.receipt FROM log.subject s
   WHERE s.day >= %(since)s::date AND s.day <= %(until)s::date
     AND s.point = ANY ((SELECT wall.log_points(%(customer)s))::bigint[])
  UNION
  SELECT y.day, y.receipt FROM wall.log_typed(%(customer)s, %(since)s::date, %(until)s::date + 1) y
), candidate AS (
  -- Looked up one by one (LIMIT keeps it so): they are few among all records, which a merge would read through.
  SELECT t.* FROM named n CROSS JOIN LATERAL (
    SELECT u.* FROM log.ticket u
     WHERE u.day = n.day AND u.receipt = n.receipt AND u.day >= %(since)s::date AND u.day <= %(until)s::date
    LIMIT 1) t
)
