, met AS (
  SELECT DISTINCT date_bin(%(width)s::interval, t.at, TIMESTAMPTZ '2000-01-01 00:00+09') AS at, s.point
    FROM chosen t JOIN log.subject s ON s.day = t.day AND s.receipt = t.receipt
   WHERE s.point IS NOT NULL AND s.day >= %(since)s::date AND s.day <= %(until)s::date
)
SELECT m.at, count(*)::int AS amount FROM met m GROUP BY m.at ORDER BY m.at
