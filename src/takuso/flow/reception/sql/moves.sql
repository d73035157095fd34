-- 動き of the applications that the ticket names, oldest first.
SELECT m.application, NULL::bigint AS point, m.event, m.source, m.target, m.actor, m.at, m.recorded, m.day, m.due, m.refusals,
       m.effect, m.told
  FROM reception.move m
 WHERE m.application = ANY (%(cases)s::bigint[])
 ORDER BY m.application, m.id
