-- D 供給者の履歴, as now recorded, the newest first.
SELECT supply.point, org.name AS retailer, supply.balancing_group, supply.contract_no,
       lower(supply.valid) AS since, upper(supply.valid) AS until, supply.reason
  FROM points.supply
  JOIN wall.org ON org.id = supply.retailer
 WHERE supply.point = ANY (%(points)s::bigint[])
   AND supply.recorded_to = 'infinity'
 ORDER BY supply.point, lower(supply.valid) DESC NULLS LAST
