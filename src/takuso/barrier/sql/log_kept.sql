-- Where the record of a deletion or a rule is: its leaf, the first checkpoint that covers it, and the one before that.
SELECT l.index, l.day, l.kind, c.size, c.body, c.signature, b.size AS start, b.peaks
  FROM log.leaf l
 CROSS JOIN LATERAL (SELECT * FROM log.checkpoint c WHERE c.size > l.index ORDER BY c.size LIMIT 1) c
  LEFT JOIN LATERAL (SELECT * FROM log.checkpoint b WHERE b.size <= l.index ORDER BY b.size DESC LIMIT 1) b ON true
 WHERE l.key = %(number)s AND l.kind = %(kind)s AND l.kind IN ('deletion', 'retention')
 ORDER BY l.index
