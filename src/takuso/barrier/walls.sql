-- 情報遮断の壁. PostgreSQL yields only those customers, classes and periods which a committed ticket names.
--
--   open / open_search   ticketer   who, where, why, whom -> log rows + live ticket; COMMIT
--   policies             reader_*   rows of the ticket's points and classes; for retailers also the stamp
--   close                ticketer   what was rendered -> outcome; the ticket is dead
--
-- Applied whole at every deployment, after the migrations; every statement can be repeated.
-- Functions run as the NOLOGIN role opener; policies call nothing but one-row look-ups, once per statement.

-- ---------------------------------------------------------------------------------------------- grants
SET LOCAL ROLE owner;
REVOKE ALL ON ALL TABLES IN SCHEMA wall, log FROM opener, effector, authn, ticketer, reader_network, reader_retailer,
  writer, batch, bank, surveyor, sequencer, web;
GRANT SELECT ON wall.home, wall.org, wall.person, wall.appointment, wall.rule, wall.rule_version, wall.screen,
  wall.purpose, wall.action, wall.cases, wall.holding, wall.register TO opener;
GRANT SELECT (id, supply_point, customer_code, holder_id, held_from, held_to) ON wall.point TO opener;
GRANT SELECT, INSERT ON wall.session, wall.one_time_link TO opener;
GRANT UPDATE (ended) ON wall.session TO opener;
GRANT UPDATE (used) ON wall.one_time_link TO opener;
GRANT SELECT, INSERT, DELETE ON wall.live_ticket TO opener;
GRANT SELECT, INSERT, UPDATE ON wall.preference TO opener;
GRANT SELECT, INSERT, UPDATE, DELETE ON wall.stated_purpose TO opener;
GRANT INSERT ON log.ticket, log.subject, log.outcome, log.payload, log.purpose, log.alarm, log.export TO opener;
GRANT SELECT ON log.ticket, log.subject, log.outcome, log.payload, log.purpose, log.export TO opener;
GRANT SELECT (id, code, name, kind) ON wall.org TO reader_network, reader_retailer, surveyor;
GRANT SELECT ON log.ticket, log.subject, log.outcome, log.purpose, log.alarm, log.export TO surveyor;
GRANT SELECT ON wall.person, wall.appointment, wall.affiliation, wall.screen, wall.rule, wall.rule_version, wall.action
  TO surveyor;
GRANT SELECT, INSERT ON wall.org, wall.affiliation, wall.person, wall.appointment, wall.cases TO effector;
GRANT SELECT, INSERT, UPDATE ON wall.point TO effector;
GRANT SELECT, INSERT, DELETE ON wall.holding TO effector;
GRANT SELECT, INSERT, UPDATE ON wall.search_spelling TO effector;
GRANT SELECT, INSERT, UPDATE ON wall.home, wall.rule, wall.rule_version, wall.screen, wall.purpose, wall.action TO effector;
GRANT DELETE ON wall.purpose, wall.action TO effector;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA wall TO opener, effector;
GRANT UPDATE ON ALL SEQUENCES IN SCHEMA wall TO effector;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA log TO opener;

-- Listed exemptions: what the NOLOGIN roles behind the functions may touch under forced row security.
DO $$
DECLARE p record;
BEGIN
  FOR p IN SELECT * FROM (VALUES
      ('wall.point', 'opener', 'SELECT'), ('wall.holding', 'opener', 'SELECT'), ('wall.cases', 'opener', 'SELECT'),
      ('wall.session', 'opener', 'ALL'), ('wall.one_time_link', 'opener', 'ALL'), ('wall.live_ticket', 'opener', 'ALL'),
      ('wall.stated_purpose', 'opener', 'ALL'),
      ('log.ticket', 'opener', 'SELECT'), ('log.subject', 'opener', 'SELECT'), ('log.outcome', 'opener', 'SELECT'),
      ('log.payload', 'opener', 'SELECT'), ('log.export', 'opener', 'SELECT'),
      ('log.purpose', 'opener', 'SELECT'), ('wall.point', 'effector', 'ALL'), ('wall.holding', 'effector', 'ALL'),
      ('wall.cases', 'effector', 'ALL')) v(tbl, role, cmd) LOOP
    EXECUTE format('DROP POLICY IF EXISTS %I ON %s', p.role || '_' || lower(p.cmd), p.tbl);
    EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %I USING (true)%s', p.role || '_' || lower(p.cmd), p.tbl, p.cmd, p.role,
                   CASE WHEN p.cmd = 'ALL' THEN ' WITH CHECK (true)' ELSE '' END);
  END LOOP;
  FOR p IN SELECT unnest(ARRAY['ticket', 'subject', 'outcome', 'payload', 'purpose', 'alarm', 'export']) AS tbl LOOP
    EXECUTE format('DROP POLICY IF EXISTS opener_append ON log.%I', p.tbl);
    EXECUTE format('CREATE POLICY opener_append ON log.%I FOR INSERT TO opener WITH CHECK (true)', p.tbl);
  END LOOP;
END $$;
RESET ROLE;

-- ----------------------------------------------------------------------------------------------- time
SET LOCAL ROLE opener;

-- The business clock. Its shift is zero in production by a constraint; expiry never uses it.
CREATE OR REPLACE FUNCTION wall.instant() RETURNS timestamptz LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN clock_timestamp() + coalesce((SELECT shift FROM wall.home), '0');
END $$;

CREATE OR REPLACE FUNCTION wall.today() RETURNS date LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ((clock_timestamp() + coalesce((SELECT shift FROM wall.home), '0')) AT TIME ZONE 'Asia/Tokyo')::date;
END $$;

CREATE OR REPLACE FUNCTION wall.jst_day(p_at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$ SELECT (p_at AT TIME ZONE 'Asia/Tokyo')::date $$;

-- ------------------------------------------------------------------------- what the policies may ask
-- The live ticket of this connection: named by two settings, bound to sign-in, login, time and an earlier,
-- committed transaction. A setting alone gives nothing: the proof is known to the signed-in browser only.
CREATE OR REPLACE FUNCTION wall.granted(p_class text) RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer bigint[];
BEGIN
  SELECT CASE p_class WHEN 'A' THEN t.a WHEN 'B' THEN t.b WHEN 'C' THEN t.c WHEN 'D' THEN t.d WHEN 'E' THEN t.e
                      WHEN 'F' THEN t.f WHEN 'G' THEN t.g WHEN 'H' THEN t.h WHEN 'I' THEN t.i WHEN 'J' THEN t.j
                      WHEN 'S' THEN t.s END
    INTO answer
    FROM wall.live_ticket t
   WHERE t.receipt = nullif(current_setting('wall.ticket', true), '')
     AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))
     AND t.login = session_user::text
     AND t.expires > clock_timestamp()
     AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned();
  RETURN coalesce(answer, '{}');
END $$;

-- Periods point by point, on one axis: a point has 2^20 days of it, counted from 1900. The union over the points of a
-- ticket would let the period of one serve another.
CREATE OR REPLACE FUNCTION wall.granted_spans(p_class text) RETURNS int8multirange LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer int8multirange;
BEGIN
  SELECT CASE WHEN p_class IN ('D', 'E', 'F', 'J') THEN t.spans END INTO answer
    FROM wall.live_ticket t
   WHERE t.receipt = nullif(current_setting('wall.ticket', true), '')
     AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))
     AND t.login = session_user::text
     AND t.expires > clock_timestamp()
     AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned();
  RETURN coalesce(answer, '{}');
END $$;

CREATE OR REPLACE FUNCTION wall.viewer_org() RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer int;
BEGIN
  SELECT t.viewer_org INTO answer
    FROM wall.live_ticket t
   WHERE t.receipt = nullif(current_setting('wall.ticket', true), '')
     AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))
     AND t.login = session_user::text
     AND t.expires > clock_timestamp()
     AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned();
  RETURN answer;
END $$;

-- Reading the log needs a ticket as well.
CREATE OR REPLACE FUNCTION wall.log_granted() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM wall.live_ticket t
     WHERE t.receipt = nullif(current_setting('wall.ticket', true), '')
       AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))
       AND t.login = session_user::text
       AND t.kind = 'log'
       AND t.action = 'log.read'
       AND t.expires > clock_timestamp()
       AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned());
END $$;

-- 個人設定, by the sign-in they are asked or kept under: language, enter, density. Nothing without a valid sign-in.
CREATE OR REPLACE FUNCTION wall.preference(p_proof bytea) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT ARRAY[f.language, f.enter, f.density]
    FROM wall.session s
    JOIN wall.appointment a ON a.id = s.appointment
    JOIN wall.preference f ON f.person = a.person
   WHERE s.proof_hash = sha256(p_proof) AND s.ended IS NULL AND s.expires > clock_timestamp()
$$;

CREATE OR REPLACE FUNCTION wall.keep_preference(p_proof bytea, p_language text, p_enter text, p_density text)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO wall.preference (person, language, enter, density)
  SELECT a.person, p_language, p_enter, p_density
    FROM wall.session s
    JOIN wall.appointment a ON a.id = s.appointment
   WHERE s.proof_hash = sha256(p_proof) AND s.ended IS NULL AND s.expires > clock_timestamp()
  ON CONFLICT (person) DO UPDATE
    SET language = excluded.language, enter = excluded.enter, density = excluded.density;
  RETURN FOUND;
END $$;

-- --------------------------------------------------------------------------------------- opening
-- Who asks, for whom they work at this moment, on which screen, coming from where.
CREATE OR REPLACE FUNCTION wall.admit(p_proof bytea, p_day date, p_screen text, p_came_from text, p_terminal text)
  RETURNS wall.admission LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m wall.admission;
BEGIN
  m.at := clock_timestamp();
  m.business_at := wall.instant();
  m.today := wall.jst_day(m.business_at);
  m.day := p_day;
  m.terminal := left(p_terminal, 64);
  IF p_day IS NULL OR (p_day <> wall.jst_day(m.at) AND p_day <> wall.jst_day(m.at - interval '2 minutes')) THEN
    RAISE EXCEPTION 'the request is of another day' USING ERRCODE = 'TK410';
  END IF;
  SELECT s.id, s.proof_hash, a.id, a.duty, p.id, p.code, p.name, e.id, e.name, o.id, o.code, o.name, o.kind
    INTO m.session, m.proof_hash, m.appointment, m.duty, m.person, m.person_code, m.person_name, m.employer,
         m.employer_name, m.organisation, m.organisation_code, m.organisation_name, m.organisation_kind
    FROM wall.session s
    JOIN wall.appointment a ON a.id = s.appointment
    JOIN wall.person p ON p.id = a.person
    JOIN wall.org e ON e.id = a.employer
    JOIN wall.org o ON o.id = coalesce(a.principal, a.employer)
   WHERE s.proof_hash = sha256(p_proof) AND s.ended IS NULL AND s.expires > m.at
     AND a.recorded_to = 'infinity' AND a.valid @> m.business_at;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no sign-in, or its appointment has ended' USING ERRCODE = 'TK401';
  END IF;
  IF (SELECT kind FROM wall.home) = 'production' AND wall.must_enrol(m.session, m.person) THEN
    RAISE EXCEPTION 'a way to sign in must be enrolled first' USING ERRCODE = 'TK407';
  END IF;
  SELECT c.code, c.version, c.kind, c.view, c.classes, c.actions
    INTO m.screen, m.screen_version, m.screen_kind, m.screen_view, m.screen_classes, m.screen_actions
    FROM wall.screen c WHERE c.code = p_screen AND c.recorded_to = 'infinity';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown screen' USING ERRCODE = 'TK404';
  END IF;
  SELECT max(version) INTO m.rule_version FROM wall.rule_version;
  IF m.rule_version IS NULL THEN
    RAISE EXCEPTION 'no rules are loaded' USING ERRCODE = 'TK503';
  END IF;
  IF p_came_from IS NOT NULL THEN
    -- The days are written into the query: then only their partitions are planned and locked, however old the log.
    EXECUTE format('SELECT t.receipt, t.screen FROM log.ticket t WHERE t.day IN (%L, %L) AND t.receipt = $1 AND t.session = $2',
                   p_day, p_day - 1)
       INTO m.came_from, m.came_screen USING p_came_from, m.session;
  END IF;
  RETURN m;
END $$;

CREATE OR REPLACE FUNCTION wall.new_receipt() RETURNS text LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT translate(encode(substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 24), 'base64'),
                   '+/', '-_')
$$;

-- 32 random bytes for what was typed.
CREATE OR REPLACE FUNCTION wall.new_key() RETURNS bytea LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$$;

-- The stated purpose that covers every one of these scopes (customer codes; '*': lists) for this sign-in, if any.
CREATE OR REPLACE FUNCTION wall.with_purpose(m wall.admission, p_scopes text[]) RETURNS wall.admission
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF m.organisation_kind <> 'network' THEN
    m.purpose_code := 'own-customers';
    RETURN m;
  END IF;
  IF coalesce(cardinality(p_scopes), 0) = 0 OR EXISTS (
      SELECT FROM unnest(p_scopes) s WHERE NOT EXISTS (
        SELECT FROM wall.stated_purpose u WHERE u.session = m.session AND u.scope = s AND u.expires > m.at)) THEN
    RETURN m;
  END IF;
  SELECT u.code, u.reference, u.verified, u.receipt
    INTO m.purpose_code, m.purpose_reference, m.purpose_verified, m.purpose_receipt
    FROM wall.stated_purpose u WHERE u.session = m.session AND u.scope = p_scopes[1];
  RETURN m;
END $$;

-- p_key: that of what was typed. It goes into the hash of the arguments, which holds the text as well: with the key gone that
-- says nothing either.
DROP FUNCTION IF EXISTS wall.write_ticket(wall.admission, uuid, text, text, text, text, text, bytea);
CREATE OR REPLACE FUNCTION wall.write_ticket(m wall.admission, p_request uuid, p_receipt text, p_kind text, p_action text,
    p_decision text, p_reason text, p_argument_hash bytea, p_key bytea) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO log.ticket (day, receipt, request, xid, at, business_at, kind, session, terminal, person, appointment,
      employer, organisation, duty, screen, screen_version, came_from, came_screen, action, purpose_code,
      purpose_reference, purpose_verified, purpose_receipt, decision, reason, rule_version, argument_hash)
  VALUES (m.day, p_receipt, p_request, pg_current_xact_id(), m.at, m.business_at, p_kind, m.session, m.terminal,
      m.person, m.appointment, m.employer, m.organisation, m.duty, m.screen, m.screen_version, m.came_from,
      m.came_screen, p_action, m.purpose_code, m.purpose_reference, m.purpose_verified, m.purpose_receipt,
      p_decision, p_reason, m.rule_version, coalesce(sha256(p_key || p_argument_hash), p_argument_hash));
END $$;

-- The answer the gate gets. For a retailer it names granted points only: nothing tells that others exist.
CREATE OR REPLACE FUNCTION wall.answer(m wall.admission, p_receipt text, p_status text, p_login text, p_grants jsonb,
    p_next text) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object('status', p_status, 'receipt', p_receipt, 'day', m.day, 'login', p_login, 'grants', p_grants,
    'today', m.today, 'at', m.business_at, 'came_screen', m.came_screen, 'next', p_next,
    'viewer', jsonb_build_object('person_code', m.person_code, 'person_name', m.person_name,
      'employer_name', m.employer_name, 'organisation_code', m.organisation_code,
      'organisation_name', m.organisation_name, 'organisation_kind', m.organisation_kind, 'duty', m.duty))
$$;

-- A repeated request: the same sign-in with the same arguments gets the same ticket, anything else is refused.
-- Asked for after the unique index of the log refused a second ticket with the same request id.
CREATE OR REPLACE FUNCTION wall.repeat(m wall.admission, p_request uuid, p_argument_hash bytea) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t log.ticket;
  live wall.live_ticket;
  grants jsonb;
  v_key bytea;
BEGIN
  EXECUTE format('SELECT * FROM log.ticket t WHERE t.day = %L AND t.request = $1', m.day) INTO t USING p_request;
  EXECUTE format('SELECT y.key FROM log.payload y WHERE y.day = %L AND y.receipt = $1', m.day) INTO v_key USING t.receipt;
  IF t.session IS DISTINCT FROM m.session
      OR t.argument_hash IS DISTINCT FROM coalesce(sha256(v_key || p_argument_hash), p_argument_hash) THEN
    RAISE EXCEPTION 'this request id was used with other arguments' USING ERRCODE = 'TK409';
  END IF;
  SELECT * INTO live FROM wall.live_ticket WHERE receipt = t.receipt;
  EXECUTE format('SELECT coalesce(jsonb_object_agg(c, ps), ''{}'') FROM (SELECT c, jsonb_agg(s.point ORDER BY s.no) ps'
                 '  FROM log.subject s, unnest(s.granted) c WHERE s.day = %L AND s.receipt = $1 GROUP BY c) g', m.day)
     INTO grants USING t.receipt;
  RETURN wall.answer(m, t.receipt, t.decision, live.login, grants, NULL)
         || CASE WHEN live.kind = 'cases' THEN jsonb_build_object('cases', live.cases) ELSE '{}' END;
END $$;

-- Judge the points, write ticket, subjects and the live row. The same writes for shown, hidden and absent.
CREATE OR REPLACE FUNCTION wall.settle(m wall.admission, p_request uuid, p_kind text, p_action text, p_points bigint[],
    p_missing int, p_typed text, p_argument_hash bytea, p_more boolean) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_receipt text := wall.new_receipt();
  v_key bytea := wall.new_key();
  network boolean := m.organisation_kind = 'network';
  refused boolean := p_action IS NOT NULL AND NOT EXISTS (
    SELECT FROM wall.action x WHERE x.code = p_action AND m.duty = ANY (x.duties) AND p_action = ANY (m.screen_actions));
  v_login text := CASE WHEN p_kind = 'log' THEN 'surveyor' WHEN p_kind IN ('write', 'office', 'filing') THEN 'writer'
                       WHEN m.organisation_kind = 'network' THEN 'reader_network' ELSE 'reader_retailer' END;
  own_classes text[]; past_classes text[]; any_classes text[];
  v_grants jsonb; v_found boolean; v_granted boolean; v_missed text; v_decision text; v_reason text;
BEGIN
  SELECT coalesce(array_agg(class) FILTER (WHERE relation = 'own'), '{}'),
         coalesce(array_agg(class) FILTER (WHERE relation = 'past'), '{}'),
         coalesce(array_agg(class) FILTER (WHERE relation = 'any'), '{}')
    INTO own_classes, past_classes, any_classes
    FROM (SELECT r.relation, r.class FROM wall.rule r
           WHERE NOT refused AND r.duty = m.duty AND r.view = m.screen_view AND r.until IS NULL AND r.valid @> m.today
             AND r.class = ANY (m.screen_classes)
           GROUP BY r.relation, r.class HAVING bool_and(r.verdict = 'show')
           ORDER BY r.class) ok;

  WITH judged AS MATERIALIZED (
    SELECT u.no::int AS no, p.id, p.supply_point,
           CASE WHEN p.held_from <= m.today AND m.today < p.held_to THEN p.holder_id END AS holder,
           CASE WHEN p.held_from <= m.today AND m.today < p.held_to THEN p.held_from END AS held_from,
           own.period AS own_period,
           CASE WHEN network THEN 'any'
                WHEN m.screen_view = 'past' AND own.period IS NOT NULL THEN 'past'
                WHEN p.holder_id = m.organisation AND p.held_from <= m.today AND m.today < p.held_to THEN 'own'
                WHEN own.ended THEN 'past'
                WHEN p.held_from <= m.today AND m.today < p.held_to THEN 'foreign'
                ELSE 'vacant' END AS relation
      FROM unnest(p_points) WITH ORDINALITY u(point, no)
      JOIN wall.point p ON p.id = u.point
      LEFT JOIN LATERAL (
        SELECT range_agg(h.held) FILTER (WHERE m.screen_view = 'current' OR upper(h.held) <= m.today) AS period,
               bool_or(upper(h.held) <= m.today) AS ended
          FROM wall.holding h
         WHERE NOT network AND h.point = p.id AND h.holder_id = m.organisation
           AND coalesce(lower(h.held) <= m.today, true)) own ON true
  ), granted AS MATERIALIZED (
    SELECT j.*, CASE j.relation WHEN 'any' THEN any_classes WHEN 'own' THEN own_classes
                                WHEN 'past' THEN past_classes ELSE '{}' END AS classes
      FROM judged j ORDER BY j.no
  ), logged AS (
    INSERT INTO log.subject (day, receipt, no, point, supply_point, holder, held_from, relation, granted, refused, period)
    SELECT m.day, v_receipt, g.no, g.id, g.supply_point, g.holder, g.held_from, g.relation, g.classes,
           ARRAY(SELECT c FROM unnest(m.screen_classes) c WHERE c <> ALL (g.classes) ORDER BY c),
           CASE WHEN g.classes && ARRAY['D', 'E', 'F', 'J'] THEN CASE WHEN network THEN '{(,)}' ELSE g.own_period END END
      FROM granted g
    UNION ALL
    SELECT m.day, v_receipt, cardinality(p_points) + n, NULL, NULL, NULL, NULL, 'absent', '{}',
           ARRAY(SELECT c FROM unnest(m.screen_classes) c ORDER BY c), NULL
      FROM generate_series(1, p_missing) n
  ), by_class AS MATERIALIZED (
    SELECT array_agg(g.id) FILTER (WHERE 'A' = ANY (g.classes)) AS a,
           array_agg(g.id) FILTER (WHERE 'B' = ANY (g.classes)) AS b,
           array_agg(g.id) FILTER (WHERE 'C' = ANY (g.classes)) AS c,
           array_agg(g.id) FILTER (WHERE 'D' = ANY (g.classes)) AS d,
           array_agg(g.id) FILTER (WHERE 'E' = ANY (g.classes)) AS e,
           array_agg(g.id) FILTER (WHERE 'F' = ANY (g.classes)) AS f,
           array_agg(g.id) FILTER (WHERE 'G' = ANY (g.classes)) AS g,
           array_agg(g.id) FILTER (WHERE 'H' = ANY (g.classes)) AS h,
           array_agg(g.id) FILTER (WHERE 'I' = ANY (g.classes)) AS i,
           array_agg(g.id) FILTER (WHERE 'J' = ANY (g.classes)) AS j,
           array_agg(g.id) FILTER (WHERE 'S' = ANY (g.classes)) AS s,
           count(*) > 0 AS found, coalesce(bool_or(g.classes <> '{}'), false) AS any_granted,
           string_agg(DISTINCT g.relation, ',') FILTER (WHERE g.classes = '{}') AS missed
      FROM granted g
  ), live AS (
    INSERT INTO wall.live_ticket (receipt, day, xid, proof_hash, login, viewer_org, opened, expires, kind, action,
                                  a, b, c, d, e, f, g, h, i, j, s, spans)
    SELECT v_receipt, m.day, pg_current_xact_id(), m.proof_hash, v_login, m.organisation, m.at,
           m.at + interval '60 seconds', p_kind, CASE WHEN NOT refused THEN p_action END,
           k.a, k.b, k.c, k.d, k.e, k.f, k.g, k.h, k.i, k.j, k.s,
           CASE WHEN network THEN '{(,)}'::int8multirange
                ELSE coalesce((
                  SELECT range_agg(int8range(
                           g.id * 1048576 + greatest(coalesce(lower(r) - DATE '1900-01-01', 0), 0),
                           g.id * 1048576 + least(coalesce(upper(r) - DATE '1900-01-01', 1048575), 1048575)))
                    FROM granted g, unnest(g.own_period) r WHERE g.classes <> '{}'), '{}') END
      FROM by_class k
  )
  SELECT jsonb_strip_nulls(jsonb_build_object('A', to_jsonb(k.a), 'B', to_jsonb(k.b), 'C', to_jsonb(k.c), 'D', to_jsonb(k.d),
           'E', to_jsonb(k.e), 'F', to_jsonb(k.f), 'G', to_jsonb(k.g), 'H', to_jsonb(k.h), 'I', to_jsonb(k.i),
           'J', to_jsonb(k.j), 'S', to_jsonb(k.s))), k.found, k.any_granted, k.missed
    INTO v_grants, v_found, v_granted, v_missed
    FROM by_class k;

  v_decision := CASE WHEN refused THEN 'refused'
                     WHEN m.screen_kind IN ('menu', 'log', 'write', 'office', 'cases') OR p_kind = 'search' OR v_granted OR (network AND v_found)
                     THEN 'shown' ELSE 'hidden' END;
  v_reason := CASE WHEN refused THEN 'the duty may not do this'
                   ELSE coalesce(v_missed, CASE WHEN p_missing > 0 THEN 'absent' ELSE '' END) END;
  PERFORM wall.write_ticket(m, p_request, v_receipt, p_kind, p_action, v_decision, v_reason, p_argument_hash,
                            CASE WHEN p_typed IS NOT NULL THEN v_key END);
  IF p_typed IS NOT NULL THEN
    INSERT INTO log.payload (day, receipt, typed, key) VALUES (m.day, v_receipt, p_typed, v_key);
  END IF;
  RETURN wall.answer(m, v_receipt, v_decision, v_login, v_grants, CASE WHEN p_more THEN v_receipt END);
END $$;

CREATE OR REPLACE FUNCTION wall.open(p_proof bytea, p_day date, p_request uuid, p_screen text, p_came_from text,
    p_terminal text, p_asked text[], p_action text, p_repeat boolean) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m wall.admission;
  v_hash bytea := sha256(convert_to(jsonb_build_array('open', p_screen, p_came_from, p_asked, p_action)::text, 'UTF8'));
  v_points bigint[];
  v_missing int;
  v_receipt text;
  v_kind text;
  v_key bytea := wall.new_key();
BEGIN
  IF coalesce(cardinality(p_asked), 0) > 50 THEN
    RAISE EXCEPTION 'at most 50 subjects' USING ERRCODE = 'TK400';
  END IF;
  m := wall.admit(p_proof, p_day, p_screen, p_came_from, p_terminal);
  -- A ticket of the network company carries one purpose, so it is for one customer.
  IF m.organisation_kind = 'network' AND cardinality(p_asked) > 1 THEN
    RAISE EXCEPTION 'one customer a ticket' USING ERRCODE = 'TK400';
  END IF;
  IF p_repeat THEN
    RETURN wall.repeat(m, p_request, v_hash);
  END IF;
  v_kind := CASE WHEN m.screen_kind IN ('log', 'office') THEN m.screen_kind WHEN m.screen_kind = 'cases' THEN 'filing' WHEN p_action IS NOT NULL THEN 'write' ELSE 'look' END;
  IF m.screen_kind IN ('customer', 'write') THEN
    -- a purpose is stated for a customer code; a supply point stands under its own
    m := wall.with_purpose(m, ARRAY(
      SELECT coalesce((SELECT p.customer_code FROM wall.point p WHERE length(u.asked) = 22 AND p.supply_point = u.asked), u.asked)
        FROM unnest(p_asked) WITH ORDINALITY u(asked, no) ORDER BY u.no));
    IF m.purpose_code IS NULL THEN
      v_receipt := wall.new_receipt();
      PERFORM wall.write_ticket(m, p_request, v_receipt, v_kind, p_action, 'purpose-needed', 'no purpose stated', v_hash, v_key);
      INSERT INTO log.payload (day, receipt, typed, key) VALUES (m.day, v_receipt, array_to_string(p_asked, ' '), v_key);
      RETURN wall.answer(m, v_receipt, 'purpose-needed', NULL, '{}', NULL);
    END IF;
  END IF;
  SELECT coalesce(array_agg(p.id ORDER BY u.no, p.id), '{}'), count(DISTINCT u.no) FILTER (WHERE p.id IS NULL)
    INTO v_points, v_missing
    FROM unnest(CASE WHEN m.screen_kind IN ('customer', 'write') THEN p_asked ELSE '{}' END) WITH ORDINALITY u(asked, no)
    LEFT JOIN wall.point p ON (length(u.asked) = 14 AND p.customer_code = u.asked)
                           OR (length(u.asked) = 22 AND p.supply_point = u.asked);
  v_points := array_remove(v_points, NULL);
  RETURN wall.settle(m, p_request, v_kind, coalesce(p_action, CASE v_kind WHEN 'log' THEN 'log.read' WHEN 'office' THEN 'office.read' END), v_points,
                     v_missing, array_to_string(p_asked, ' '), v_hash, false);
END $$;

-- Search, numbers and lists: finds at most 50 points and names them as subjects before a byte is read.
-- p_terms: what was typed, spelled as search keys are; each must be found.
CREATE OR REPLACE FUNCTION wall.open_search(p_proof bytea, p_day date, p_request uuid, p_screen text, p_came_from text,
    p_terminal text, p_list text, p_typed text, p_terms text[], p_after text, p_repeat boolean)
  RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m wall.admission;
  v_hash bytea := sha256(convert_to(jsonb_build_array('search', p_screen, p_came_from, p_list, p_typed, p_terms,
                                                      p_after)::text, 'UTF8'));
  network boolean;
  v_points bigint[];
  v_receipt text;
  v_key bytea := wall.new_key();
  v_after_point bigint;
  v_seen text[];
  v_by_number boolean;
BEGIN
  m := wall.admit(p_proof, p_day, p_screen, p_came_from, p_terminal);
  IF m.screen_kind <> 'list' THEN
    RAISE EXCEPTION 'this screen does not search' USING ERRCODE = 'TK400';
  END IF;
  IF p_repeat THEN
    RETURN wall.repeat(m, p_request, v_hash);
  END IF;
  m := wall.with_purpose(m, ARRAY['*']);
  IF m.purpose_code IS NULL THEN
    v_receipt := wall.new_receipt();
    PERFORM wall.write_ticket(m, p_request, v_receipt, 'search', NULL, 'purpose-needed', 'no purpose stated', v_hash, v_key);
    INSERT INTO log.payload (day, receipt, typed, key) VALUES (m.day, v_receipt, coalesce(p_typed, ''), v_key);
    RETURN wall.answer(m, v_receipt, 'purpose-needed', NULL, '{}', NULL);
  END IF;
  network := m.organisation_kind = 'network';
  v_seen := ARRAY(SELECT r.class FROM wall.rule r
                   WHERE r.duty = m.duty AND r.view = m.screen_view AND r.until IS NULL AND r.valid @> m.today
                     AND r.class = ANY (m.screen_classes)
                   GROUP BY r.relation, r.class HAVING bool_and(r.verdict = 'show'));
  -- An order tells of what it orders by: for whom names are hidden, places and equipment stand by their number.
  v_by_number := p_list IN ('address', 'meter', 'pole') AND 'C' <> ALL (v_seen);
  -- A page goes on after the last point of the page before, which its receipt names: no key of ours leaves.
  IF p_after IS NOT NULL THEN
    EXECUTE format('SELECT s.point FROM log.ticket t JOIN log.subject s ON s.day = t.day AND s.receipt = t.receipt'
                   ' WHERE t.day IN (%L, %L) AND t.receipt = $1 AND t.session = $2 AND t.kind = ''search'' AND t.screen = $3'
                   ' ORDER BY s.no DESC LIMIT 1', m.day, m.day - 1)
       INTO v_after_point USING p_after, m.session, m.screen;
    IF search.key_of(p_list, v_after_point, v_by_number) IS NULL THEN
      RAISE EXCEPTION 'no such page' USING ERRCODE = 'TK400';
    END IF;
  END IF;
  IF p_list = 'number' THEN
    SELECT coalesce(array_agg(p.id ORDER BY p.supply_point), '{}') INTO v_points
      FROM wall.point p
     WHERE ((length(p_typed) = 14 AND p.customer_code = p_typed) OR (length(p_typed) = 22 AND p.supply_point = p_typed))
       AND (network OR (p.holder_id = m.organisation AND p.held_from <= m.today AND m.today < p.held_to));
  -- What a duty may not see it may not search by. A kind that is not listed here finds nothing.
  ELSIF EXISTS (
      SELECT FROM (VALUES ('kana', 'C', false), ('name', 'C', false), ('phone', 'C', false), ('address', 'A', false),
                          ('meter', 'B', false), ('pole', 'B', true), ('notice', 'H', false))
                  k(list, class, network_only)
       WHERE k.list = p_list AND k.class = ANY (v_seen) AND (network OR NOT k.network_only)) THEN
    SELECT coalesce(array_agg(f.point ORDER BY f.no), '{}') INTO v_points
      FROM search.find(p_list, p_terms, CASE WHEN network THEN NULL ELSE m.organisation END, m.today, v_by_number,
                       v_after_point, 51) f;
  END IF;
  v_points := coalesce(v_points, '{}');
  RETURN wall.settle(m, p_request, 'search', NULL, v_points[1:50], 0, coalesce(p_typed, ''), v_hash,
                     cardinality(v_points) > 50);
END $$;

-- 利用目的の申告: for one customer code ('*' = lists and searches) and this sign-in. A reference that no open
-- case bears out is taken and marked as such: whether it was true is a matter for the compliance desk.
CREATE OR REPLACE FUNCTION wall.state_purpose(p_proof bytea, p_day date, p_request uuid, p_screen text, p_terminal text,
    p_scope text, p_code text, p_reference text, p_hours int, p_repeat boolean) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m wall.admission;
  v_receipt text := wall.new_receipt();
  v_hash bytea := sha256(convert_to(jsonb_build_array('purpose', p_scope, p_code, p_reference)::text, 'UTF8'));
  v_kinds text[];
  v_verified boolean;
  v_refused text;
BEGIN
  m := wall.admit(p_proof, p_day, p_screen, NULL, p_terminal);
  p_hours := least(greatest(p_hours, 1), 24);
  IF p_repeat THEN
    RETURN (SELECT jsonb_build_object('receipt', r.answer ->> 'receipt', 'verified', u.verified,
                                      'refused', CASE WHEN u.receipt IS NULL THEN 'repeated' END)
              FROM (SELECT wall.repeat(m, p_request, v_hash) AS answer) r
              LEFT JOIN wall.stated_purpose u ON u.receipt = r.answer ->> 'receipt');
  END IF;
  -- A case is known by its 受付番号 before its customer is: the purpose is for the customer of its point.
  IF p_scope ~ '^[0-9]{6}-[0-9A-Z]{10}$' THEN
    p_scope := wall.scope_of_case(p_scope);
  END IF;
  IF p_scope !~ '^([0-9]{14}|\*)$' OR length(p_reference) NOT BETWEEN 1 AND 64 OR p_reference ~ '[[:cntrl:]]' THEN
    RAISE EXCEPTION 'malformed purpose' USING ERRCODE = 'TK400';
  END IF;
  SELECT u.case_kinds INTO v_kinds FROM wall.purpose u WHERE u.code = p_code AND m.duty = ANY (u.duties);
  v_verified := EXISTS (
    SELECT FROM wall.cases c
     WHERE c.reference = p_reference AND c.kind = ANY (v_kinds)
       AND (c.customer_code IS NULL OR c.customer_code = p_scope)
       AND c.opened_at <= m.business_at AND coalesce(c.closed_at > m.business_at, true));
  m.purpose_code := p_code;
  m.purpose_reference := p_reference;
  m.purpose_verified := v_verified;
  -- A list opens many customers at once: an invented number is not enough for it.
  v_refused := CASE WHEN v_kinds IS NULL THEN 'duty' WHEN p_scope = '*' AND NOT v_verified THEN 'case' END;
  IF v_refused IS NOT NULL THEN
    PERFORM wall.write_ticket(m, p_request, v_receipt, 'statement', NULL, 'refused', 'purpose: ' || v_refused, v_hash, NULL);
    RETURN jsonb_build_object('receipt', v_receipt, 'refused', v_refused);
  END IF;
  m.purpose_receipt := v_receipt;
  PERFORM wall.write_ticket(m, p_request, v_receipt, 'statement', NULL, 'shown', '', v_hash, NULL);
  INSERT INTO log.purpose (day, receipt, session, scope, code, reference, verified, at, expires)
  VALUES (m.day, v_receipt, m.session, p_scope, p_code, p_reference, v_verified, m.at, m.at + make_interval(hours => p_hours));
  INSERT INTO wall.stated_purpose (session, scope, code, reference, verified, receipt, expires)
  VALUES (m.session, p_scope, p_code, p_reference, v_verified, v_receipt, m.at + make_interval(hours => p_hours))
  ON CONFLICT (session, scope) DO UPDATE SET code = excluded.code, reference = excluded.reference,
    verified = excluded.verified, receipt = excluded.receipt, expires = excluded.expires;
  RETURN jsonb_build_object('receipt', v_receipt, 'verified', v_verified);
END $$;

-- 閲覧記録の持出し: asked for, approved by another person of the duty within a day, taken once by whoever asked, with the
-- filters that were approved. Each step is a record, and so is each refusal.
CREATE OR REPLACE FUNCTION wall.export_step(p_proof bytea, p_day date, p_request uuid, p_screen text, p_came_from text,
    p_terminal text, p_step text, p_export text, p_filters text, p_reason text, p_repeat boolean) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m wall.admission;
  v_receipt text := wall.new_receipt();
  v_hash bytea := sha256(convert_to(jsonb_build_array('export', p_step, p_export, p_filters, p_reason)::text, 'UTF8'));
  v_key bytea := wall.new_key();
  asked log.export;
  approved log.export;
  v_refused text;
  v_answer jsonb;
BEGIN
  m := wall.admit(p_proof, p_day, p_screen, p_came_from, p_terminal);
  IF p_repeat THEN
    RETURN wall.repeat(m, p_request, v_hash);
  END IF;
  IF m.screen_kind <> 'log' OR p_step <> ALL (ARRAY['request', 'approval', 'taking'])
     OR length(p_filters) NOT BETWEEN 1 AND 1000 OR p_filters ~ '[[:cntrl:]]'
     OR length(p_reason) > 200 OR p_reason ~ '[[:cntrl:]]' OR (p_step = 'request' AND btrim(p_reason) = '') THEN
    RAISE EXCEPTION 'malformed export' USING ERRCODE = 'TK400';
  END IF;
  SELECT * INTO asked FROM log.export e WHERE e.export = p_export AND e.step = 'request';
  SELECT * INTO approved FROM log.export e WHERE e.export = p_export AND e.step = 'approval';
  v_refused := CASE
    WHEN 'log.export' <> ALL (m.screen_actions)
      OR NOT EXISTS (SELECT FROM wall.action x WHERE x.code = 'log.export' AND m.duty = ANY (x.duties)) THEN 'duty'
    WHEN p_step = 'request' THEN NULL
    WHEN asked.export IS NULL THEN 'unknown'
    WHEN p_filters <> asked.filters THEN 'changed'
    WHEN m.at >= asked.expires THEN 'expired'
    WHEN p_step = 'approval' AND (asked.person = m.person OR asked.appointment = m.appointment) THEN 'self'
    WHEN p_step = 'taking' AND (asked.person <> m.person OR asked.appointment <> m.appointment) THEN 'other'
    WHEN p_step = 'taking' AND approved.export IS NULL THEN 'unapproved'
    WHEN EXISTS (SELECT FROM log.export e WHERE e.export = p_export AND e.step = p_step) THEN 'repeated' END;
  IF v_refused IS NOT NULL THEN
    PERFORM wall.write_ticket(m, p_request, v_receipt, 'log', 'log.export', 'refused', 'export: ' || v_refused, v_hash, NULL);
    RETURN jsonb_build_object('receipt', v_receipt, 'refused', v_refused);
  END IF;
  IF p_step = 'taking' THEN
    v_answer := wall.settle(m, p_request, 'log', 'log.read', '{}', 0, 'export=' || p_export || ' ' || p_filters, v_hash, false);
    IF v_answer ->> 'status' <> 'shown' THEN
      RETURN jsonb_build_object('receipt', v_answer ->> 'receipt', 'refused', 'duty');
    END IF;
    v_receipt := v_answer ->> 'receipt';
  ELSE
    PERFORM wall.write_ticket(m, p_request, v_receipt, 'statement', 'log.export', 'shown', 'export: ' || p_step, v_hash, v_key);
    INSERT INTO log.payload (day, receipt, typed, key) VALUES (m.day, v_receipt, p_filters, v_key);
    v_answer := jsonb_build_object('receipt', v_receipt);
  END IF;
  -- Two at once: the key lets one of them through.
  INSERT INTO log.export (export, step, receipt, day, at, person, appointment, filters, reason, expires)
  VALUES (CASE WHEN p_step = 'request' THEN v_receipt ELSE p_export END, p_step, v_receipt, m.day, m.at, m.person,
          m.appointment, p_filters, p_reason, coalesce(asked.expires, m.at + interval '24 hours'));
  RETURN v_answer;
END $$;

-- ---------------------------------------------------------------------------------------- closing
-- What was rendered. 'closed' also for a repetition of the same; 'conflict' is an alarm; 'gone' is too late:
-- the ticket has expired or was never this sign-in's, and the bytes must not leave.
CREATE OR REPLACE FUNCTION wall.close(p_proof bytea, p_day date, p_receipt text, p_rows int, p_classes text[],
    p_points bigint[], p_digest bytea) RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  t wall.live_ticket;
  v_digest bytea;
BEGIN
  DELETE FROM wall.live_ticket
   WHERE receipt = p_receipt AND day = p_day AND proof_hash = sha256(p_proof)
  RETURNING * INTO t;
  IF FOUND THEN
    IF t.expires <= clock_timestamp() THEN
      RETURN 'gone';
    END IF;
    -- What the ticket does not name cannot have been rendered: whoever says so is wrong, and says it once.
    IF NOT (p_points <@ (coalesce(t.a, '{}') || t.b || t.c || t.d || t.e || t.f || t.g || t.h || t.i || t.j || t.s)
            AND p_classes <@ array_remove(ARRAY[
              CASE WHEN t.a <> '{}' THEN 'A' END, CASE WHEN t.b <> '{}' THEN 'B' END, CASE WHEN t.c <> '{}' THEN 'C' END,
              CASE WHEN t.d <> '{}' THEN 'D' END, CASE WHEN t.e <> '{}' THEN 'E' END, CASE WHEN t.f <> '{}' THEN 'F' END,
              CASE WHEN t.g <> '{}' OR t.cases <> '{}' THEN 'G' END, CASE WHEN t.h <> '{}' THEN 'H' END, CASE WHEN t.i <> '{}' THEN 'I' END,
              CASE WHEN t.j <> '{}' THEN 'J' END, CASE WHEN t.s <> '{}' THEN 'S' END], NULL)) THEN
      INSERT INTO log.alarm (kind, receipt, detail)
      VALUES ('impossible outcome', p_receipt, 'an outcome named points or classes that the ticket does not');
      RETURN 'conflict';
    END IF;
    INSERT INTO log.outcome (day, receipt, at, rows, classes, points, digest)
    VALUES (p_day, p_receipt, clock_timestamp(), p_rows, p_classes, p_points, p_digest);
    RETURN 'closed';
  END IF;
  EXECUTE format('SELECT o.digest FROM log.outcome o JOIN log.ticket t ON t.day = %L AND t.receipt = o.receipt'
                 '  JOIN wall.session s ON s.id = t.session AND s.proof_hash = sha256($1) WHERE o.day = %L AND o.receipt = $2',
                 p_day, p_day)
     INTO v_digest USING p_proof, p_receipt;
  IF v_digest IS NULL THEN
    RETURN 'gone';
  END IF;
  IF v_digest = p_digest THEN
    RETURN 'closed';
  END IF;
  INSERT INTO log.alarm (kind, receipt, detail) VALUES ('second outcome', p_receipt, 'another outcome was sent for a closed ticket');
  RETURN 'conflict';
END $$;

-- For the functions that change something: is this ticket open for this action on this point?
CREATE OR REPLACE FUNCTION wall.may_write(p_proof bytea, p_receipt text, p_action text, p_class text, p_point bigint)
  RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM wall.live_ticket t
     WHERE t.receipt = p_receipt AND t.proof_hash = sha256(p_proof) AND t.login = session_user::text
       AND t.kind = 'write' AND t.action = p_action AND t.expires > clock_timestamp()
       AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
       AND p_point = ANY (CASE p_class WHEN 'A' THEN t.a WHEN 'B' THEN t.b WHEN 'C' THEN t.c WHEN 'D' THEN t.d
                          WHEN 'E' THEN t.e WHEN 'F' THEN t.f WHEN 'G' THEN t.g WHEN 'H' THEN t.h WHEN 'I' THEN t.i
                          WHEN 'J' THEN t.j WHEN 'S' THEN t.s END));
END $$;

-- Expired tickets leave the hot table; what they asked for stays in the log, without an outcome: counts as shown.
CREATE OR REPLACE FUNCTION wall.sweep() RETURNS int LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE gone int;
BEGIN
  DELETE FROM wall.stated_purpose WHERE expires < clock_timestamp();
  DELETE FROM wall.live_ticket WHERE expires < clock_timestamp() - interval '1 minute';
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

-- What start-up and doctor compare with the program: rules, kind of home, clock.
CREATE OR REPLACE FUNCTION wall.standing() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'rule_version', (SELECT max(version) FROM wall.rule_version),
    'rule_digest', (SELECT encode(digest, 'hex') FROM wall.rule_version ORDER BY version DESC LIMIT 1),
    'rules', (SELECT coalesce(jsonb_agg(key ORDER BY key), '[]') FROM wall.rule WHERE until IS NULL),
    'screens', (SELECT coalesce(jsonb_agg(code ORDER BY code), '[]') FROM wall.screen WHERE recorded_to = 'infinity'),
    'home', (SELECT kind FROM wall.home), 'shift', (SELECT shift::text FROM wall.home),
    'today', wall.today())
$$;
RESET ROLE;

-- ------------------------------------------------------------------------------ who may call what
SET LOCAL ROLE opener;
-- One by one: a later deployment finds functions of effector in this schema, which opener may not touch.
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'wall'::regnamespace AND pg_get_userbyid(proowner) = 'opener' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION wall.granted(text), wall.granted_spans(text), wall.viewer_org(), wall.today()
  TO reader_network, reader_retailer;
GRANT EXECUTE ON FUNCTION wall.log_granted() TO surveyor, effector;
GRANT EXECUTE ON FUNCTION wall.preference(bytea), wall.keep_preference(bytea, text, text, text) TO authn;
GRANT EXECUTE ON FUNCTION wall.open(bytea, date, uuid, text, text, text, text[], text, boolean),
  wall.open_search(bytea, date, uuid, text, text, text, text, text, text[], text, boolean),
  wall.state_purpose(bytea, date, uuid, text, text, text, text, text, int, boolean),
  wall.export_step(bytea, date, uuid, text, text, text, text, text, text, text, boolean),
  wall.close(bytea, date, text, int, text[], bigint[], bytea), wall.standing(), wall.sweep() TO ticketer;
GRANT EXECUTE ON FUNCTION wall.close(bytea, date, text, int, text[], bigint[], bytea),
  wall.may_write(bytea, text, text, text, bigint), wall.instant(), wall.today() TO effector;
RESET ROLE;
-- ---------------------------------------------------------------------------------- row security
-- kind state: needs today's holder. kind period: the row's own segment. kind party: the applicant's own row.
-- kind network: no retailer at all. The restrictive policy is a second, independent wall: a wrong ticket
-- cannot show a retailer a row whose stamp names another.
SET LOCAL ROLE owner;
DO $$
DECLARE
  t record;
  readers text;
  point_is_granted text;
BEGIN
  FOR t IN SELECT * FROM (VALUES
      ('place', 'A', 'state'), ('equipment', 'B', 'state'), ('meter_install', 'B', 'state'), ('party', 'C', 'state'),
      ('supply', 'D', 'period'), ('contract_size', 'E', 'period'), ('usage_month', 'F', 'period'),
      ('pending', 'G', 'party'), ('bank_mandate', 'H', 'state'), ('mandate_notice', 'H', 'state'),
      ('contact_note', 'I', 'state'), ('care_note', 'S', 'network')) v(name, class, kind) LOOP
    readers := CASE t.kind WHEN 'network' THEN 'reader_network' ELSE 'reader_network, reader_retailer' END;
    point_is_granted := format('point = ANY ((SELECT wall.granted(%L))::bigint[])', t.class);
    IF t.kind = 'period' THEN
      point_is_granted := point_is_granted || format(
        ' AND int8range(point * 1048576 + greatest(coalesce(lower(valid) - DATE %L, 0), 0),'
        ' point * 1048576 + least(coalesce(upper(valid) - DATE %L, 1048575), 1048575)) <@ (SELECT wall.granted_spans(%L))',
        '1900-01-01', '1900-01-01', t.class);
    END IF;
    EXECUTE format('DROP POLICY IF EXISTS ticket ON points.%I', t.name);
    EXECUTE format('CREATE POLICY ticket ON points.%I FOR SELECT TO %s USING (%s)', t.name, readers, point_is_granted);
    EXECUTE format('DROP POLICY IF EXISTS holder ON points.%I', t.name);
    IF t.kind <> 'network' THEN
      EXECUTE format('CREATE POLICY holder ON points.%I AS RESTRICTIVE FOR SELECT TO reader_retailer USING (%s)', t.name,
        CASE t.kind WHEN 'period' THEN 'holder_id = (SELECT wall.viewer_org())'
                    WHEN 'party' THEN 'party = (SELECT wall.viewer_org())'
                    ELSE 'holder_id = (SELECT wall.viewer_org()) AND held_from <= (SELECT wall.today())'
                         ' AND (SELECT wall.today()) < held_to' END);
    END IF;
    EXECUTE format('DROP POLICY IF EXISTS effector ON points.%I', t.name);
    EXECUTE format('CREATE POLICY effector ON points.%I FOR ALL TO effector USING (true) WITH CHECK (true)', t.name);
    EXECUTE format('REVOKE ALL ON points.%I FROM reader_network, reader_retailer, effector', t.name);
    EXECUTE format('GRANT SELECT (%s) ON points.%I TO %s',
      (SELECT string_agg(quote_ident(r.column_name), ', ') FROM wall.register r
        WHERE r.schema_name = 'points' AND r.table_name = t.name AND r.class <> 'stamp' AND r.column_name <> 'account_no'),
      t.name, readers);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON points.%I TO effector', t.name);
  END LOOP;
END $$;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ticket', 'subject', 'outcome', 'purpose', 'alarm', 'export'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS compliance ON log.%I', t);
    EXECUTE format('CREATE POLICY compliance ON log.%I FOR SELECT TO surveyor USING ((SELECT wall.log_granted()))', t);
  END LOOP;
END $$;
GRANT USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA points TO effector;
RESET ROLE;
