, tallied AS (
  SELECT y.at, CASE %(unit)s::text WHEN 'records' THEN y.records WHEN 'persons' THEN y.persons ELSE y.contracts END AS amount
    FROM log.tally y
   WHERE y.dim = %(dim)s AND y.value = %(value)s
     AND y.width = CASE %(width)s::interval WHEN '1 day' THEN 'day' ELSE 'hour' END
     AND y.day >= greatest(%(since)s::date, (SELECT c.first FROM closed c))
     AND y.day <= least(%(until)s::date, (SELECT c.last FROM closed c))
)
SELECT b.at, b.amount FROM (SELECT at, amount FROM bar UNION ALL SELECT at, amount FROM tallied WHERE amount > 0) b
 ORDER BY b.at
