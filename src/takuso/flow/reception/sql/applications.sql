-- 申込 that the ticket names, for the network company, in the order in which the ticket found them.
SELECT a.application, a.point, a.supply_point, a.number, a.procedure, o.code AS sender, o.name AS sender_name, a.content, a.day,
       a.received_at, a.amended_at, a.state, a.since, a.due, a.partner, a.refusals, a.via, a.open
  FROM (SELECT id AS application, point, supply_point, number, procedure, sender, content, day, received_at, amended_at,
               state, since, due, partner, refusals, via, open FROM reception.application) a
  JOIN wall.org o ON o.id = a.sender
 WHERE a.application = ANY (%(cases)s::bigint[])
 ORDER BY array_position(%(cases)s::bigint[], a.application)
