-- What the leaves of these days are, and how many tickets that could show something say nothing of what they showed.
-- A day of records at a time: their partitions are joined one by one.
WITH placed AS (
  SELECT l.kind, l.record_day, l.key FROM log.leaf l
   WHERE l.day >= %(since)s::date AND (%(until)s::date IS NULL OR l.day < %(until)s::date)
     AND l.index < %(size)s::bigint
), silent AS (
  SELECT t.day, t.receipt
    FROM log.ticket t
    LEFT JOIN log.outcome o ON o.day = t.day AND o.receipt = t.receipt
   WHERE t.day >= (SELECT min(p.record_day) FROM placed p) AND t.day <= (SELECT max(p.record_day) FROM placed p)
     AND t.decision NOT IN ('purpose-needed', 'refused') AND t.kind <> 'statement' AND o.receipt IS NULL
)
SELECT p.kind, count(*) AS records, count(s.receipt) AS open
  FROM placed p
  LEFT JOIN silent s ON p.kind = 'ticket' AND s.day = p.record_day AND s.receipt = p.key
 GROUP BY p.kind ORDER BY p.kind
