WITH candidate AS (
  SELECT t.* FROM log.ticket t WHERE t.day >= %(since)s::date AND t.day <= %(until)s::date
)
