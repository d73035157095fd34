-- Days without a tally are counted record by record: those before the first run of tallied days, and those after it.
WITH closed AS MATERIALIZED (
  SELECT coalesce(min(r.day), 'infinity') AS first, coalesce(max(r.day), 'infinity') AS last
    FROM (SELECT y.day, y.day - row_number() OVER (ORDER BY y.day)::int AS run, min(y.day) OVER () - 1 AS first_run
            FROM log.tallied y) r
   WHERE r.run = r.first_run
), candidate AS (
  SELECT t.* FROM log.ticket t
   WHERE t.day >= %(since)s::date AND t.day <= %(until)s::date AND t.day < (SELECT c.first FROM closed c)
  UNION ALL
  SELECT t.* FROM log.ticket t
   WHERE t.day >= %(since)s::date AND t.day <= %(until)s::date AND t.day > (SELECT c.last FROM closed c)
)
