-- 指示・回答 to the applications that the ticket names, oldest first: carried out, waiting, or why not.
SELECT i.application, NULL::bigint AS point, i.event, o.name AS company, i.at, i.done_at, i.refusals
  FROM reception.instruction i JOIN wall.org o ON o.id = i.org
 WHERE i.application = ANY (%(cases)s::bigint[])
 ORDER BY i.application, i.id
