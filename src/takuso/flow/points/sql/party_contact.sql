-- C 連絡先: phone and mailing address of the party of each point's own contract today.
SELECT party.point, party.phone, party.mail_address
  FROM points.party
 WHERE party.point = ANY (%(points)s::bigint[])
   AND party.recorded_to = 'infinity'
   AND party.valid @> %(today)s::date
 ORDER BY party.point
