SELECT date_bin(%(width)s::interval, t.at, TIMESTAMPTZ '2000-01-01 00:00+09') AS at, count(*)::int AS amount
  FROM chosen t GROUP BY 1 ORDER BY 1
