-- E 契約容量・契約種別 in force today.
SELECT contract_size.point, contract_size.menu, contract_size.kind, contract_size.basis, contract_size.amount,
       contract_size.unit, lower(contract_size.valid) AS since, upper(contract_size.valid) AS until
  FROM points.contract_size
 WHERE contract_size.point = ANY (%(points)s::bigint[])
   AND contract_size.recorded_to = 'infinity'
   AND contract_size.valid @> %(today)s::date
 ORDER BY contract_size.point
