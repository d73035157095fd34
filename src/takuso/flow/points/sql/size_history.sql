-- E 契約容量・契約種別の履歴, as now recorded, the newest first.
SELECT contract_size.point, contract_size.menu, contract_size.kind, contract_size.basis, contract_size.amount,
       contract_size.unit, lower(contract_size.valid) AS since, upper(contract_size.valid) AS until
  FROM points.contract_size
 WHERE contract_size.point = ANY (%(points)s::bigint[])
   AND contract_size.recorded_to = 'infinity'
 ORDER BY contract_size.point, lower(contract_size.valid) DESC NULLS LAST
