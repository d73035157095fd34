, met AS (
  SELECT t.person, t.employer, count(DISTINCT s.point)::int AS points
    FROM chosen t JOIN log.subject s ON s.day = t.day AND s.receipt = t.receipt
   WHERE s.day >= %(since)s::date AND s.day <= %(until)s::date
   GROUP BY t.person, t.employer
)
