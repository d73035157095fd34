SELECT a.at, a.kind, a.receipt, a.detail
  FROM log.alarm a
 WHERE (%(since)s::date IS NULL OR a.at >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Tokyo')
   AND (%(until)s::date IS NULL OR a.at < %(until)s::date::timestamp AT TIME ZONE 'Asia/Tokyo')
 ORDER BY a.at DESC, a.id DESC
 LIMIT %(last)s
