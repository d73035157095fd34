, page AS MATERIALIZED (
  SELECT t.* FROM chosen t
   WHERE %(after_day)s::date IS NULL
      OR (t.day <= %(after_day)s
          AND (t.day, t.at, t.receipt) < (%(after_day)s, %(after_at)s::timestamptz, %(after_receipt)s::text))
   ORDER BY t.day DESC, t.at DESC, t.receipt DESC
   LIMIT %(last)s
)
SELECT t.day, t.at, t.receipt, p.code AS person, p.name AS person_name, e.code AS employer, e.name AS employer_name,
       t.screen, c.name AS screen_name, t.came_screen, t.kind, t.decision, t.purpose_code, t.purpose_reference,
       t.purpose_verified, t.rule_version, coalesce(s.subjects, 0)::int AS subjects,
       ARRAY(SELECT DISTINCT wall.log_customer(k) FROM unnest(s.points) k WHERE k IS NOT NULL) AS customers,
       CASE WHEN t.kind = 'log' THEN wall.log_asked(t.day, t.receipt)
            WHEN s.points[1] IS NULL THEN wall.log_numbers(t.day, t.receipt) END AS typed,
       coalesce(s.relations, '{}') AS relations,
       ARRAY(SELECT h.name FROM wall.org h WHERE h.id = ANY (s.holders) ORDER BY h.id) AS holders,
       CASE WHEN t.decision IN ('purpose-needed', 'refused') OR t.kind = 'statement' THEN false
            WHEN u.receipt IS NOT NULL THEN u.rows > 0 END AS rendered,
       coalesce(u.classes, '{}') AS classes
  FROM page t
  JOIN wall.person p ON p.id = t.person
  JOIN wall.org e ON e.id = t.employer
  LEFT JOIN wall.screen c ON c.code = t.screen AND c.version = t.screen_version
  LEFT JOIN LATERAL (
    SELECT count(*) AS subjects, (array_agg(s.point ORDER BY s.no))[1:3] AS points,
           array_agg(DISTINCT s.relation) AS relations, array_agg(DISTINCT s.holder) AS holders
      FROM log.subject s WHERE s.day = t.day AND s.receipt = t.receipt HAVING count(*) > 0) s ON true
  LEFT JOIN LATERAL (
    SELECT u.receipt, u.rows, u.classes FROM log.outcome u WHERE u.day = t.day AND u.receipt = t.receipt) u ON true
 ORDER BY t.day DESC, t.at DESC, t.receipt DESC
