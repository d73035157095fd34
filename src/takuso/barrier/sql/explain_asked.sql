WITH asked AS (
  SELECT %(person)s::text AS person, %(screen)s::text AS screen, %(customer)s::text AS number, %(at)s::timestamptz AS at
)
