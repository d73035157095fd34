-- What start-up, /readyz and doctor ask of the wall beside the catalogue, and what the log's readers may look up.
-- Applied whole at every deployment, after the other scripts; every statement can be repeated.
SET LOCAL ROLE opener;

-- Columns without a class, and classes without a column. Every schema counts but PostgreSQL's own and `web`,
-- where Django keeps what is not a customer's.
CREATE OR REPLACE FUNCTION wall.unclassified() RETURNS TABLE (name text, fault text) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  WITH present AS (
    SELECT n.nspname::text AS s, c.relname::text AS t, a.attname::text AS k
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
       AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'web'))
  SELECT concat_ws('.', p.s, p.t, p.k), 'unclassified' FROM present p
   WHERE NOT EXISTS (SELECT FROM wall.register r WHERE (r.schema_name, r.table_name, r.column_name) = (p.s, p.t, p.k))
  UNION ALL
  SELECT concat_ws('.', r.schema_name, r.table_name, r.column_name), 'gone' FROM wall.register r
   WHERE NOT EXISTS (SELECT FROM present p WHERE (r.schema_name, r.table_name, r.column_name) = (p.s, p.t, p.k))
$$;

-- Classes by table: what the lints of grants and policies go by.
CREATE OR REPLACE FUNCTION wall.classes() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(jsonb_object_agg(name, columns), '{}')
    FROM (SELECT r.schema_name || '.' || r.table_name AS name, jsonb_object_agg(r.column_name, r.class) AS columns
            FROM wall.register r GROUP BY r.schema_name, r.table_name) t
$$;

-- Everything a deployment brings, row for row as it is now: the digest of a version says what was loaded, this says
-- what is enforced.
CREATE OR REPLACE FUNCTION wall.in_force() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'rules', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'duty', duty, 'relation', relation, 'view', view,
                'class', class, 'verdict', verdict, 'article', article, 'note', note, 'since', lower(valid),
                'until', upper(valid))), '[]')
                FROM wall.rule WHERE until IS NULL),
    'screens', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'view', view, 'kind', kind,
                  'classes', classes, 'actions', actions)), '[]')
                  FROM wall.screen WHERE recorded_to = 'infinity'),
    'purposes', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'duties', duties,
                   'case_kinds', case_kinds)), '[]') FROM wall.purpose),
    'actions', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'duties', duties)), '[]') FROM wall.action))
$$;

-- Is there a closed ticket of this person for this action in the log, whose outcome holds this hash? Its day is that of
-- the instant, or the day before it for a ticket that was opened at midnight.
CREATE OR REPLACE FUNCTION wall.logged(p_at timestamptz, p_receipt text, p_person int, p_action text, p_digest bytea)
  RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer boolean;
BEGIN
  -- The days are written into the query: then only their partitions are planned and locked.
  EXECUTE format('SELECT EXISTS (SELECT FROM log.ticket t JOIN log.outcome o ON o.day = t.day AND o.receipt = t.receipt'
                 ' WHERE t.day IN (%1$L, %2$L) AND o.day IN (%1$L, %2$L) AND t.receipt = $1 AND t.kind = ''office'''
                 ' AND t.person = $2 AND t.action = $3 AND o.digest = $4)', wall.jst_day(p_at), wall.jst_day(p_at) - 1)
     INTO answer USING p_receipt, p_person, p_action, p_digest;
  RETURN answer;
END $$;

-- Every approved change of the rules with what must bear it out, in order of approval, and every row that ever was,
-- with the versions it came and went with: what the table was when each was proved.
CREATE OR REPLACE FUNCTION wall.approved_rules() RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  q wall.proposal;
  v_approved jsonb := '[]';
BEGIN
  FOR q IN SELECT * FROM wall.proposal WHERE place IS NOT NULL ORDER BY place LOOP
    v_approved := v_approved || jsonb_build_object('id', q.id, 'place', q.place, 'content', q.content, 'base', q.base,
      'loaded', q.loaded, 'proof', q.proof, 'proposer', q.proposer, 'decider', q.decider,
      'asked', wall.logged(q.proposed, q.receipt, q.proposer, 'rule.propose', sha256(convert_to(q.content::text, 'UTF8'))),
      'answered', wall.logged(q.decided, q.decision_receipt, q.decider, 'rule.approve',
                              sha256(convert_to(concat(q.verdict, q.id, q.proof), 'UTF8'))));
  END LOOP;
  RETURN jsonb_build_object('approved', v_approved, 'today', wall.today(), 'history',
    CASE WHEN v_approved = '[]' THEN '[]' ELSE (
      SELECT jsonb_agg(jsonb_build_object('duty', duty, 'relation', relation, 'view', view, 'class', class,
               'verdict', verdict, 'article', article, 'note', note, 'from', lower(valid), 'to', upper(valid),
               'since', since, 'until', until) ORDER BY id) FROM wall.rule) END);
END $$;

-- Classes that a duty sees of today's customers: what a search form offers.
CREATE OR REPLACE FUNCTION wall.seen(p_duty text) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT ARRAY(SELECT r.class FROM wall.rule r
                WHERE r.duty = p_duty AND r.view = 'current' AND r.until IS NULL AND r.valid @> wall.today()
                GROUP BY r.class HAVING bool_and(r.verdict = 'show'))
$$;

-- For the readers of the log, under an open ticket of it and no other way: the points of a number (14 digits: of the
-- customer; 22: that one), and the code of a point.
CREATE OR REPLACE FUNCTION wall.log_points(p_code text) RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.log_granted() THEN
    RETURN '{}';
  END IF;
  RETURN ARRAY(SELECT id FROM wall.point WHERE customer_code = p_code OR supply_point = p_code ORDER BY id);
END $$;

CREATE OR REPLACE FUNCTION wall.log_customer(p_point bigint) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.log_granted() THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT customer_code FROM wall.point WHERE id = p_point);
END $$;

-- What was typed may hold a name and is nobody's to read; a number in it (14 or 22 digits) is, for the same readers
-- and the same way: attempts at a number that does not exist, or before a purpose was stated, have no subject.
CREATE OR REPLACE FUNCTION wall.log_typed(p_number text, p_from date, p_to date) RETURNS TABLE (day date, receipt text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- A customer and its points are found by each other's number.
  v_numbers text;
BEGIN
  IF p_number !~ '^([0-9]{14}|[0-9]{22})$' OR NOT wall.log_granted() THEN
    RETURN;
  END IF;
  SELECT string_agg(n, '|') INTO v_numbers
    FROM (SELECT p_number UNION SELECT p.supply_point FROM wall.point p WHERE p.customer_code = p_number
          UNION SELECT p.customer_code FROM wall.point p WHERE p.supply_point = p_number) numbers(n);
  -- The days are written into the query: then only their partitions are planned and locked.
  RETURN QUERY EXECUTE format('SELECT y.day, y.receipt FROM log.payload y WHERE y.day >= %L AND y.day < %L'
    ' AND replace(y.typed, ''-'', '''') ~ $1', coalesce(p_from, '-infinity'), coalesce(p_to, 'infinity'))
    USING '(^|[^0-9])(' || v_numbers || ')($|[^0-9])';
END $$;

CREATE OR REPLACE FUNCTION wall.log_numbers(p_day date, p_receipt text) RETURNS text LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer text;
BEGIN
  IF p_day IS NULL OR NOT wall.log_granted() THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT string_agg(n, '' '') FROM log.payload y,'
                 ' regexp_split_to_table(replace(y.typed, ''-'', ''''), ''[^0-9]+'') n'
                 ' WHERE y.day = %L AND y.receipt = $1 AND length(n) IN (14, 22)', p_day)
     INTO answer USING p_receipt;
  RETURN answer;
END $$;

-- What was asked of the log itself. Such a ticket names no customer, and its text is the command's own words.
CREATE OR REPLACE FUNCTION wall.log_asked(p_day date, p_receipt text) RETURNS text LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer text;
BEGIN
  IF p_day IS NULL OR NOT wall.log_granted() THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT nullif(y.typed, '''') FROM log.payload y'
                 '  JOIN log.ticket t ON t.day = %L AND t.receipt = y.receipt AND t.kind = ''log'''
                 ' WHERE y.day = %L AND y.receipt = $1', p_day, p_day)
     INTO answer USING p_receipt;
  RETURN answer;
END $$;

-- 閲覧可否の説明: what the rule was asked with at a business instant (null = now), for the same readers and the same way.
-- Two answers: as recorded at that instant, and as recorded now.
CREATE OR REPLACE FUNCTION wall.log_moments(p_at timestamptz)
  RETURNS TABLE (answer text, at timestamptz, day date, recorded timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_shift interval := coalesce((SELECT shift FROM wall.home), '0');
  v_at timestamptz := coalesce(p_at, transaction_timestamp() + v_shift);
BEGIN
  IF NOT wall.log_granted() THEN
    RETURN;
  END IF;
  RETURN QUERY VALUES ('then', v_at, wall.jst_day(v_at), v_at - v_shift),
                      ('now', v_at, wall.jst_day(v_at), transaction_timestamp());
END $$;

CREATE OR REPLACE FUNCTION wall.log_appointments(p_person text, p_at timestamptz, p_recorded timestamptz)
  RETURNS TABLE (employer text, employer_name text, principal text, principal_name text, organisation int, duty text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.log_granted() THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT e.code, e.name, o.code, o.name, coalesce(a.principal, a.employer), a.duty
      FROM wall.person p
      JOIN wall.appointment a ON a.person = p.id
      JOIN wall.org e ON e.id = a.employer
      LEFT JOIN wall.org o ON o.id = a.principal
     WHERE p.code = p_person AND a.valid @> p_at AND a.recorded_from <= p_recorded AND p_recorded < a.recorded_to
     ORDER BY a.id;
END $$;

CREATE OR REPLACE FUNCTION wall.log_screen(p_code text, p_recorded timestamptz)
  RETURNS TABLE (version int, name text, view text, kind text, classes text[], actions text[])
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.log_granted() THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT c.version, c.name, c.view, c.kind, c.classes, c.actions
      FROM wall.screen c WHERE c.code = p_code AND c.recorded_from <= p_recorded AND p_recorded < c.recorded_to
     ORDER BY c.version DESC LIMIT 1;
END $$;

CREATE OR REPLACE FUNCTION wall.log_rules(p_recorded timestamptz)
  RETURNS TABLE (duty text, relation text, view text, class text, verdict text, article text, note text, since date,
                 until date)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.log_granted() THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT r.duty, r.relation, r.view, r.class, r.verdict, r.article, r.note, lower(r.valid), upper(r.valid)
      FROM wall.rule r WHERE r.recorded_from <= p_recorded AND p_recorded < r.recorded_to
     ORDER BY r.id;
END $$;

-- How many alarms: what they say is for the readers of the log.
CREATE OR REPLACE FUNCTION wall.alarms_since(p_since timestamptz) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$ SELECT count(*) FROM log.alarm WHERE at >= p_since $$;

-- A company by its code, null for null: companies are public.
CREATE OR REPLACE FUNCTION wall.company(p_code text) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE found_id int;
BEGIN
  IF p_code IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT id INTO found_id FROM wall.org WHERE code = p_code;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such company' USING ERRCODE = 'TK400';
  END IF;
  RETURN found_id;
END $$;

SET LOCAL ROLE owner;
GRANT SELECT ON log.alarm TO opener;
DROP POLICY IF EXISTS opener_select ON log.alarm;
CREATE POLICY opener_select ON log.alarm FOR SELECT TO opener USING (true);

-- Row security that was switched off by hand comes back with a deployment.
DO $$
DECLARE t record;
BEGIN
  FOR t IN SELECT c.oid::regclass AS name
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE (c.relkind = 'p' OR c.relkind = 'r') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
              AND pg_get_userbyid(c.relowner) = 'owner'
              AND EXISTS (SELECT FROM wall.register r
                           WHERE (r.schema_name, r.table_name) = (n.nspname, c.relname) AND r.class <> 'open') LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t.name);
  END LOOP;
END $$;
SET LOCAL ROLE opener;

REVOKE EXECUTE ON FUNCTION wall.unclassified(), wall.classes(), wall.in_force(), wall.approved_rules(),
  wall.logged(timestamptz, text, int, text, bytea), wall.seen(text), wall.log_points(text),
  wall.log_customer(bigint), wall.log_typed(text, date, date), wall.log_numbers(date, text),
  wall.log_asked(date, text), wall.log_moments(timestamptz), wall.log_screen(text, timestamptz),
  wall.log_appointments(text, timestamptz, timestamptz), wall.log_rules(timestamptz),
  wall.alarms_since(timestamptz), wall.company(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.unclassified(), wall.classes(), wall.in_force(), wall.alarms_since(timestamptz)
  TO ticketer;
GRANT EXECUTE ON FUNCTION wall.log_points(text), wall.log_customer(bigint), wall.log_typed(text, date, date),
  wall.log_numbers(date, text), wall.log_asked(date, text), wall.log_moments(timestamptz),
  wall.log_screen(text, timestamptz), wall.log_appointments(text, timestamptz, timestamptz),
  wall.log_rules(timestamptz) TO surveyor;
GRANT EXECUTE ON FUNCTION wall.company(text) TO writer;
GRANT EXECUTE ON FUNCTION wall.approved_rules() TO ticketer, migrator;
GRANT EXECUTE ON FUNCTION wall.seen(text) TO authn;
RESET ROLE;
