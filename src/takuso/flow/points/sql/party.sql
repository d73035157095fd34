-- C 契約名義: the party of each point's own contract today, from that point's own row and no other.
SELECT party.point, party.name, party.kana, lower(party.valid) AS since
  FROM points.party
 WHERE party.point = ANY (%(points)s::bigint[])
   AND party.recorded_to = 'infinity'
   AND party.valid @> %(today)s::date
 ORDER BY party.point
