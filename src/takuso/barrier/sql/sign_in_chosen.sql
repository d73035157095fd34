WITH chosen AS (
  SELECT s.id, s.at, s.means, s.result, s.person, s.terminal, s.session, p.code, p.name
    FROM log.sign_in s LEFT JOIN wall.person p ON p.id = s.person
   WHERE s.at >= (%(since)s::date)::timestamp AT TIME ZONE 'Asia/Tokyo'
     AND s.at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
     AND (%(person)s::text IS NULL OR coalesce(p.code, '-') = %(person)s)
     AND (%(result)s::text IS NULL OR s.result = %(result)s)
     AND (%(terminal)s::text IS NULL OR s.terminal = %(terminal)s)
)
