-- C 契約名義 of each stay at the points, as now recorded, oldest first: what a correction starts from.
SELECT party.point, party.name, party.kana, lower(party.valid) AS since, upper(party.valid) AS until
  FROM points.party
 WHERE party.point = ANY (%(points)s::bigint[])
   AND party.recorded_to = 'infinity'
 ORDER BY party.point, lower(party.valid) NULLS FIRST
