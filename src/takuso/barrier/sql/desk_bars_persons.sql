, met AS (
  SELECT DISTINCT date_bin(%(width)s::interval, least(t.at, (t.day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo' - interval '1 second'),
                  TIMESTAMPTZ '2000-01-01 00:00+09') AS at, t.person
    FROM chosen t
), bar AS (
  SELECT m.at, count(*)::int AS amount FROM met m GROUP BY m.at
)
