-- What the leaves of these days are, and how many tickets that could show something say nothing of what they showed.
SELECT l.kind, count(*) AS records,
       count(*) FILTER (WHERE l.kind = 'ticket' AND EXISTS (
         SELECT FROM log.ticket t WHERE t.day = l.record_day AND t.receipt = l.key
            AND t.decision NOT IN ('purpose-needed', 'refused') AND t.kind <> 'statement'
            AND NOT EXISTS (SELECT FROM log.outcome o WHERE o.day = t.day AND o.receipt = t.receipt))) AS open
  FROM log.leaf l
 WHERE l.day >= %(since)s::date AND (%(until)s::date IS NULL OR l.day < %(until)s::date)
   AND l.index < %(size)s::bigint
 GROUP BY l.kind ORDER BY l.kind
