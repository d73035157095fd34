, met AS (
  SELECT t.person, t.employer, count(DISTINCT s.point)::int AS points
    FROM chosen t CROSS JOIN LATERAL (
      -- Record by record, as the other conditions are: of one customer they are few among all there are.
      SELECT u.point FROM log.subject u WHERE u.day = t.day AND u.receipt = t.receipt OFFSET 0) s
   GROUP BY t.person, t.employer
)
