-- D 供給者: the segment of supply that today lies in.
SELECT supply.point, org.name AS retailer, supply.balancing_group, supply.contract_no,
       lower(supply.valid) AS since, upper(supply.valid) AS until, supply.reason
  FROM points.supply
  JOIN wall.org ON org.id = supply.retailer
 WHERE supply.point = ANY (%(points)s::bigint[])
   AND supply.recorded_to = 'infinity'
   AND supply.valid @> %(today)s::date
 ORDER BY supply.point
