-- 自社の写し of the applications that the ticket names, in the order in which the ticket found them.
SELECT c.application, c.point, c.supply_point, c.number, c.procedure, c.role, c.content, c.day, c.received_at, c.state, c.since,
       c.due, c.refusals
  FROM reception.copy c
 WHERE c.application = ANY (%(cases)s::bigint[])
 ORDER BY array_position(%(cases)s::bigint[], c.application)
