, met AS (
  SELECT DISTINCT date_bin(%(width)s::interval, t.at, TIMESTAMPTZ '2000-01-01 00:00+09') AS at, t.person FROM chosen t
)
SELECT m.at, count(*)::int AS amount FROM met m GROUP BY m.at ORDER BY m.at
