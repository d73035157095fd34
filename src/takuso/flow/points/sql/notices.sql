-- H 口振異動通知, the newest first.
SELECT mandate_notice.point, mandate_notice.kind, mandate_notice.received_on, mandate_notice.applies_from,
       mandate_notice.bank_code, mandate_notice.bank_name, mandate_notice.branch_code, mandate_notice.branch_name,
       mandate_notice.account_kind, mandate_notice.account_tail, mandate_notice.holder_kana,
       mandate_notice.result_code, mandate_notice.source_file
  FROM points.mandate_notice
 WHERE mandate_notice.point = ANY (%(points)s::bigint[])
 ORDER BY mandate_notice.point, mandate_notice.received_on DESC, mandate_notice.id DESC
