-- G 申込中の異動, with the company that applied.
SELECT pending.point, org.name AS applicant, pending.procedure, pending.application_no, pending.effective_on,
       pending.state
  FROM points.pending
  JOIN wall.org ON org.id = pending.party
 WHERE pending.point = ANY (%(points)s::bigint[])
 ORDER BY pending.point, pending.effective_on, pending.application_no
