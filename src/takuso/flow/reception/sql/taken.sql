-- 手元の案件 among the applications that the ticket names: taken by whom it matters not, but whether by this sign-in.
SELECT t.application, NULL::bigint AS point, t.until,
       t.session = sha256(decode(current_setting('wall.proof', true), 'hex')) AS own
  FROM reception.taken t
 WHERE t.application = ANY (%(cases)s::bigint[])
   AND t.until > clock_timestamp()
