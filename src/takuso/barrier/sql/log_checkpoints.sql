SELECT c.size, c.day, c.body, c.signature, c.peaks, s.token
  FROM log.checkpoint c
  LEFT JOIN LATERAL (SELECT t.token FROM log.timestamp t WHERE t.size = c.size ORDER BY t.at LIMIT 1) s ON true
 WHERE c.size >= coalesce((SELECT max(b.size) FROM log.checkpoint b WHERE b.day < %(since)s::date), 0)
   AND (%(until)s::date IS NULL OR c.day < %(until)s::date)
 ORDER BY c.size
