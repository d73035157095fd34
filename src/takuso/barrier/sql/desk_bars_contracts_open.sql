-- As desk_bars_contracts.sql, of the days without a tally: the subjects of the others are not read.
, named AS (
  SELECT s.day, s.receipt, s.point FROM log.subject s
   WHERE s.day >= %(since)s::date AND s.day <= %(until)s::date AND s.day < (SELECT c.first FROM closed c)
     AND s.point IS NOT NULL
  UNION ALL
  SELECT s.day, s.receipt, s.point FROM log.subject s
   WHERE s.day >= %(since)s::date AND s.day <= %(until)s::date AND s.day > (SELECT c.last FROM closed c)
     AND s.point IS NOT NULL
), met AS (
  SELECT DISTINCT date_bin(%(width)s::interval, least(t.at, (t.day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo' - interval '1 second'),
                  TIMESTAMPTZ '2000-01-01 00:00+09') AS at, s.point
    FROM chosen t JOIN named s ON s.day = t.day AND s.receipt = t.receipt
), bar AS (
  SELECT m.at, count(*)::int AS amount FROM met m GROUP BY m.at
)
