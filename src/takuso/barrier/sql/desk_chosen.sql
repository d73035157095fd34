, chosen AS (
  SELECT t.* FROM candidate t
   WHERE (%(person)s::text IS NULL OR t.person = (SELECT p.id FROM wall.person p WHERE p.code = %(person)s))
     AND (%(employer)s::text IS NULL OR t.employer = (SELECT o.id FROM wall.org o WHERE o.code = %(employer)s))
     AND (%(screen)s::text IS NULL OR t.screen = %(screen)s)
     AND (%(came)s::text IS NULL OR coalesce(t.came_screen, '-') = %(came)s)
     AND (%(decision)s::text IS NULL OR t.decision = %(decision)s)
     AND (%(purpose)s::text IS NULL OR coalesce(t.purpose_code, '-') = %(purpose)s)
     AND (%(rule)s::int IS NULL OR t.rule_version = %(rule)s)
     AND ((%(relation)s::text IS NULL AND %(holder)s::text IS NULL) OR EXISTS (
       SELECT FROM log.subject s
        WHERE s.day = t.day AND s.receipt = t.receipt AND (%(relation)s::text IS NULL OR s.relation = %(relation)s)
          AND (%(holder)s::text IS NULL OR s.holder = (SELECT o.id FROM wall.org o WHERE o.code = %(holder)s))))
     -- A refusal, a purpose that was missing and a statement of purpose show nothing and so have no outcome.
     AND (%(rendered)s::text IS NULL OR %(rendered)s = CASE
       WHEN t.decision IN ('purpose-needed', 'refused') OR t.kind = 'statement' THEN 'no'
       ELSE coalesce((SELECT CASE WHEN u.rows > 0 THEN 'yes' ELSE 'no' END FROM log.outcome u
                       WHERE u.day = t.day AND u.receipt = t.receipt), 'none') END)
)
