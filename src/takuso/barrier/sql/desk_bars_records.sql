, bar AS (
  SELECT date_bin(%(width)s::interval, least(t.at, (t.day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo' - interval '1 second'),
                  TIMESTAMPTZ '2000-01-01 00:00+09') AS at, count(*)::int AS amount FROM chosen t GROUP BY 1
)
