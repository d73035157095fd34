-- H 口座振替 in force today; of the account number only its last three digits.
SELECT bank_mandate.point, bank_mandate.bank_code, bank_mandate.bank_name, bank_mandate.branch_code,
       bank_mandate.branch_name, bank_mandate.account_kind, bank_mandate.account_tail, bank_mandate.holder_kana,
       lower(bank_mandate.valid) AS since
  FROM points.bank_mandate
 WHERE bank_mandate.point = ANY (%(points)s::bigint[])
   AND bank_mandate.recorded_to = 'infinity'
   AND bank_mandate.valid @> %(today)s::date
 ORDER BY bank_mandate.point
