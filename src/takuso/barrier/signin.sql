-- サインイン: who one is. `authn` alone calls these functions; what they leave is a row of wall.session.
--
--   sign_in_…        a proof hash is bound to a person's one appointment, or nothing happens; both are recorded
--   account, set_…   what a signed-in person signs in with, and where he or she is signed in
--   reset_link       an administrator gives someone a new beginning
--
-- Applied whole at every deployment, after walls.sql; every statement can be repeated.

-- ---------------------------------------------------------------------------------------------- grants
SET LOCAL ROLE owner;
GRANT SELECT, INSERT ON wall.session, wall.one_time_link TO opener;
GRANT UPDATE (ended) ON wall.session TO opener;
GRANT UPDATE (used) ON wall.one_time_link TO opener;
GRANT SELECT, INSERT, UPDATE, DELETE ON wall.password, wall.totp, wall.recovery_code, wall.passkey TO opener;
GRANT SELECT ON wall.sign_in_limit TO opener;
GRANT SELECT, INSERT ON log.sign_in TO opener;
GRANT SELECT ON log.sign_in TO surveyor;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['password', 'totp', 'recovery_code', 'passkey'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS opener_all ON wall.%I', t);
    EXECUTE format('CREATE POLICY opener_all ON wall.%I FOR ALL TO opener USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
DROP POLICY IF EXISTS opener_select ON log.sign_in;
CREATE POLICY opener_select ON log.sign_in FOR SELECT TO opener USING (true);
DROP POLICY IF EXISTS opener_append ON log.sign_in;
CREATE POLICY opener_append ON log.sign_in FOR INSERT TO opener WITH CHECK (true);
DROP POLICY IF EXISTS compliance ON log.sign_in;
CREATE POLICY compliance ON log.sign_in FOR SELECT TO surveyor USING ((SELECT wall.log_granted()));
RESET ROLE;

-- -------------------------------------------------------------------------------------- what is known
SET LOCAL ROLE opener;
-- The one appointment that holds now; null if there is none, or more than one: never a union of two.
CREATE OR REPLACE FUNCTION wall.only_appointment(p_person int) RETURNS bigint LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE found_ids bigint[];
BEGIN
  SELECT array_agg(a.id) INTO found_ids
    FROM wall.appointment a
   WHERE a.person = p_person AND a.recorded_to = 'infinity' AND a.valid @> wall.instant();
  RETURN CASE WHEN cardinality(found_ids) = 1 THEN found_ids[1] END;
END $$;

CREATE OR REPLACE FUNCTION wall.current_appointment(p_person text) RETURNS bigint LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer bigint := wall.only_appointment((SELECT p.id FROM wall.person p WHERE p.code = p_person));
BEGIN
  IF answer IS NULL THEN
    RAISE EXCEPTION 'no single appointment for %', p_person USING ERRCODE = 'TK404';
  END IF;
  RETURN answer;
END $$;

-- A password counts only with a confirmed second factor.
CREATE OR REPLACE FUNCTION wall.enrolled(p_person int) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM wall.password w WHERE w.person = p_person)
     AND (EXISTS (SELECT FROM wall.totp t WHERE t.person = p_person AND t.sealed IS NOT NULL)
          OR EXISTS (SELECT FROM wall.passkey k WHERE k.person = p_person))
$$;

-- Whoever came by a link in a production home enrols before anything else is opened. Commands have no screen to do it on.
CREATE OR REPLACE FUNCTION wall.must_enrol(p_session bigint, p_person int) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM wall.session s WHERE s.id = p_session AND s.means = 'one-time-link')
     AND (SELECT kind FROM wall.home) = 'production' AND NOT wall.enrolled(p_person)
$$;

CREATE OR REPLACE FUNCTION wall.note_sign_in(p_means text, p_result text, p_person int, p_claimed bytea, p_terminal text,
    p_session bigint) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.sign_in (means, result, person, claimed, terminal, session)
  VALUES (p_means, p_result, p_person, CASE WHEN p_person IS NULL THEN p_claimed END, left(p_terminal, 64), p_session)
$$;

-- Too many failures in a row of this person (or of this name that nobody has), or lately from this terminal.
CREATE OR REPLACE FUNCTION wall.sign_in_paused(p_person int, p_claimed bytea, p_terminal text) RETURNS boolean
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l wall.sign_in_limit;
  v_at timestamptz := clock_timestamp();
  v_failures int;
  v_last timestamptz;
BEGIN
  SELECT * INTO l FROM wall.sign_in_limit;
  IF p_person IS NOT NULL THEN
    SELECT count(*), max(s.at) INTO v_failures, v_last FROM log.sign_in s
     WHERE s.person = p_person AND s.means = 'password' AND s.result = 'refused' AND s.at > v_at - l.remembered
       AND s.at > coalesce((SELECT max(o.at) FROM log.sign_in o
                             WHERE o.person = p_person AND o.means = 'password' AND o.result IN ('signed-in', 'reset')),
                           '-infinity');
  ELSE
    SELECT count(*), max(s.at) INTO v_failures, v_last FROM log.sign_in s
     WHERE s.claimed = p_claimed AND s.means = 'password' AND s.result = 'refused' AND s.at > v_at - l.remembered;
  END IF;
  IF v_failures >= l.per_person
     AND v_at < v_last + least(l.pause * (2 ^ least(v_failures - l.per_person, 20)), l.longest) THEN
    RETURN true;
  END IF;
  RETURN (SELECT count(*) FROM log.sign_in s
           WHERE s.terminal = left(p_terminal, 64) AND s.means = 'password' AND s.result = 'refused'
             AND s.at > v_at - l.longest) >= l.per_terminal;
END $$;

CREATE OR REPLACE FUNCTION wall.password_fits(p_person int, p_derived bytea) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT w.verifier = sha256(p_derived) FROM wall.password w WHERE w.person = p_person), false)
$$;

-- The second factor, used up: a step of the clock after the last one that counted, or an unused recovery code.
CREATE OR REPLACE FUNCTION wall.use_second(p_person int, p_step bigint, p_recovery bytea) RETURNS boolean
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE wall.totp SET last_step = p_step WHERE person = p_person AND sealed IS NOT NULL AND last_step < p_step;
  IF FOUND THEN
    RETURN true;
  END IF;
  UPDATE wall.recovery_code SET used = clock_timestamp()
   WHERE person = p_person AND hash = p_recovery AND used IS NULL
     AND wall.enrolled(p_person);
  RETURN FOUND;
END $$;

-- ---------------------------------------------------------------------------------------- signing in
CREATE OR REPLACE FUNCTION wall.begin_session(p_appointment bigint, p_proof_hash bytea, p_means text, p_terminal text)
  RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_session bigint;
BEGIN
  INSERT INTO wall.session (proof_hash, appointment, means, began, expires, terminal)
  VALUES (p_proof_hash, p_appointment, p_means, clock_timestamp(), clock_timestamp() + interval '12 hours',
          left(p_terminal, 64))
  RETURNING id INTO v_session;
  PERFORM wall.note_sign_in(p_means, 'signed-in', (SELECT a.person FROM wall.appointment a WHERE a.id = p_appointment),
                            NULL, p_terminal, v_session);
END $$;

CREATE OR REPLACE FUNCTION wall.issue_link(p_person text, p_token_hash bytea, p_hours int) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO wall.one_time_link (token_hash, appointment, issued, expires)
  VALUES (p_token_hash, wall.current_appointment(p_person), clock_timestamp(),
          clock_timestamp() + make_interval(hours => least(greatest(p_hours, 1), 72)));
  PERFORM wall.note_sign_in('one-time-link', 'issued', (SELECT p.id FROM wall.person p WHERE p.code = p_person), NULL, NULL, NULL);
END $$;

-- p_means: 'command' for a command's own short sign-in, which has no screen to enrol on.
CREATE OR REPLACE FUNCTION wall.sign_in_by_link(p_token bytea, p_proof_hash bytea, p_terminal text DEFAULT NULL,
    p_means text DEFAULT 'one-time-link') RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE link_appointment bigint;
BEGIN
  IF p_means NOT IN ('one-time-link', 'command') THEN
    RAISE EXCEPTION 'not a means of a link: %', p_means USING ERRCODE = 'TK400';
  END IF;
  UPDATE wall.one_time_link SET used = clock_timestamp()
   WHERE token_hash = sha256(p_token) AND used IS NULL AND expires > clock_timestamp()
  RETURNING appointment INTO link_appointment;
  IF NOT FOUND THEN
    PERFORM wall.note_sign_in(p_means, 'refused', NULL, NULL, p_terminal, NULL);
    RETURN false;
  END IF;
  PERFORM wall.begin_session(link_appointment, p_proof_hash, p_means, p_terminal);
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION wall.sign_in_demo(p_person text, p_proof_hash bytea, p_terminal text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (SELECT kind FROM wall.home) IS DISTINCT FROM 'demo' THEN
    RAISE EXCEPTION 'not a demo home' USING ERRCODE = 'TK404';
  END IF;
  PERFORM wall.begin_session(wall.current_appointment(p_person), p_proof_hash, 'demo', p_terminal);
END $$;

-- What the web process needs to derive a key from a password and to know a code: salts and a sealed secret, never the
-- verifier. Null for whoever is not there: the process then invents them, and does the same work.
CREATE OR REPLACE FUNCTION wall.sign_in_material(p_person text) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object('salt', encode(w.salt, 'hex'), 'recipe', w.recipe, 'sealed', encode(t.sealed, 'hex'),
                            'pending', encode(t.pending, 'hex'), 'person', p.code)
    FROM (SELECT p_person AS typed) asked
    LEFT JOIN wall.person p ON p.code = asked.typed
    LEFT JOIN wall.password w ON w.person = p.id
    LEFT JOIN wall.totp t ON t.person = p.id
$$;

-- Password and second factor in one: false says nothing of which was wrong, nor whether there is such a person.
CREATE OR REPLACE FUNCTION wall.sign_in_by_password(p_person text, p_claimed bytea, p_derived bytea, p_step bigint,
    p_recovery bytea, p_proof_hash bytea, p_terminal text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_person int := (SELECT p.id FROM wall.person p WHERE p.code = p_person);
  v_appointment bigint;
  v_result text := 'refused';
BEGIN
  -- One after the other: else a hundred guesses at once all find no failure before them.
  PERFORM FROM wall.password w WHERE w.person = v_person FOR UPDATE;
  v_appointment := wall.only_appointment(v_person);
  IF wall.sign_in_paused(v_person, p_claimed, p_terminal) THEN
    v_result := 'paused';
  ELSIF v_appointment IS NOT NULL AND wall.password_fits(v_person, p_derived) THEN
    IF wall.use_second(v_person, p_step, p_recovery) THEN
      PERFORM wall.begin_session(v_appointment, p_proof_hash, 'password', p_terminal);
      RETURN true;
    END IF;
  END IF;
  PERFORM wall.note_sign_in('password', v_result, v_person, p_claimed, p_terminal, NULL);
  RETURN false;
END $$;

CREATE OR REPLACE FUNCTION wall.sign_out(p_proof bytea) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE wall.session SET ended = clock_timestamp() WHERE proof_hash = sha256(p_proof) AND ended IS NULL;
  DELETE FROM wall.live_ticket WHERE proof_hash = sha256(p_proof);
$$;

CREATE OR REPLACE FUNCTION wall.who(p_proof bytea) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object('person_code', p.code, 'person_name', p.name, 'employer_name', e.name, 'duty', a.duty,
                            'organisation_code', o.code, 'organisation_name', o.name, 'organisation_kind', o.kind)
    FROM wall.session s
    JOIN wall.appointment a ON a.id = s.appointment
    JOIN wall.person p ON p.id = a.person
    JOIN wall.org e ON e.id = a.employer
    JOIN wall.org o ON o.id = coalesce(a.principal, a.employer)
   WHERE s.proof_hash = sha256(p_proof) AND s.ended IS NULL AND s.expires > clock_timestamp()
     AND a.recorded_to = 'infinity' AND a.valid @> wall.instant()
$$;

-- ------------------------------------------------------------------------------------------- account
-- The valid sign-in behind a proof, and whose it is.
CREATE OR REPLACE FUNCTION wall.signed_in(p_proof bytea, OUT session bigint, OUT person int, OUT began timestamptz)
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT s.id, a.person, s.began INTO session, person, began
    FROM wall.session s JOIN wall.appointment a ON a.id = s.appointment
   WHERE s.proof_hash = sha256(p_proof) AND s.ended IS NULL AND s.expires > clock_timestamp()
     AND a.recorded_to = 'infinity' AND a.valid @> wall.instant();
  IF session IS NULL THEN
    RAISE EXCEPTION 'no sign-in, or its appointment has ended' USING ERRCODE = 'TK401';
  END IF;
END $$;

-- Before a person who can already sign in changes how: the password, or a sign-in of this quarter of an hour for whoever
-- has none. Wrong passwords count as failures to sign in.
CREATE OR REPLACE FUNCTION wall.owner_confirms(p_person int, p_began timestamptz, p_derived bytea, p_terminal text)
  RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_paused boolean;
BEGIN
  IF NOT wall.enrolled(p_person) THEN
    RETURN true;
  END IF;
  PERFORM FROM wall.password w WHERE w.person = p_person FOR UPDATE;
  IF NOT FOUND THEN
    RETURN p_began > clock_timestamp() - interval '15 minutes';
  END IF;
  v_paused := wall.sign_in_paused(p_person, NULL, p_terminal);
  IF NOT v_paused AND wall.password_fits(p_person, p_derived) THEN
    RETURN true;
  END IF;
  PERFORM wall.note_sign_in('password', CASE WHEN v_paused THEN 'paused' ELSE 'refused' END, p_person, NULL, p_terminal, NULL);
  RETURN false;
END $$;

CREATE OR REPLACE FUNCTION wall.close_sessions(p_person int, p_but bigint, p_only bigint) RETURNS int LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_hashes bytea[];
BEGIN
  WITH ended AS (
    UPDATE wall.session s SET ended = clock_timestamp()
     WHERE s.appointment IN (SELECT a.id FROM wall.appointment a WHERE a.person = p_person)
       AND s.ended IS NULL AND s.expires > clock_timestamp()
       AND (p_but IS NULL OR s.id <> p_but) AND (p_only IS NULL OR s.id = p_only)
    RETURNING s.proof_hash)
  SELECT coalesce(array_agg(proof_hash), '{}') INTO v_hashes FROM ended;
  DELETE FROM wall.live_ticket WHERE proof_hash = ANY (v_hashes);
  RETURN cardinality(v_hashes);
END $$;

-- What a person signs in with and where, for nobody but that person.
CREATE OR REPLACE FUNCTION wall.account(p_proof bytea) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  i record;
  v_ids bigint[];
  v_used jsonb;
  v_day date := wall.jst_day(clock_timestamp());
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  v_ids := ARRAY(SELECT s.id FROM wall.session s JOIN wall.appointment a ON a.id = s.appointment
                  WHERE a.person = i.person AND s.ended IS NULL AND s.expires > clock_timestamp());
  -- A sign-in lasts twelve hours: two days hold all that was opened under it.
  EXECUTE format('SELECT coalesce(jsonb_object_agg(u.session, u.at), ''{}'') FROM (SELECT t.session, max(t.at) AS at'
                 '  FROM log.ticket t WHERE t.day IN (%L, %L) AND t.session = ANY ($1) GROUP BY t.session) u', v_day, v_day - 1)
     INTO v_used USING v_ids;
  RETURN jsonb_build_object(
    'enrolled', wall.enrolled(i.person), 'must_enrol', wall.must_enrol(i.session, i.person),
    'password_since', (SELECT w.since FROM wall.password w WHERE w.person = i.person),
    'totp_since', (SELECT t.since FROM wall.totp t WHERE t.person = i.person),
    'recovery_left', (SELECT count(*) FROM wall.recovery_code r WHERE r.person = i.person AND r.used IS NULL),
    'sessions', (SELECT jsonb_agg(jsonb_build_object('id', s.id, 'began', s.began, 'used', v_used -> s.id::text,
                          'means', s.means, 'terminal', s.terminal, 'mine', s.id = i.session) ORDER BY s.began DESC, s.id DESC)
                   FROM wall.session s WHERE s.id = ANY (v_ids)));
END $$;

-- The same as sign_in_material, for the person who is signed in.
CREATE OR REPLACE FUNCTION wall.account_material(p_proof bytea) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  RETURN wall.sign_in_material((SELECT p.code FROM wall.person p WHERE p.id = i.person));
END $$;

-- False: the password that was asked for is wrong. Every other sign-in of the person ends.
CREATE OR REPLACE FUNCTION wall.set_password(p_proof bytea, p_old bytea, p_salt bytea, p_recipe text, p_new bytea,
    p_terminal text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  IF NOT wall.owner_confirms(i.person, i.began, p_old, p_terminal) THEN
    RETURN false;
  END IF;
  INSERT INTO wall.password (person, salt, recipe, verifier, since)
  VALUES (i.person, p_salt, p_recipe, sha256(p_new), clock_timestamp())
  ON CONFLICT (person) DO UPDATE SET salt = excluded.salt, recipe = excluded.recipe, verifier = excluded.verifier,
    since = excluded.since;
  PERFORM wall.close_sessions(i.person, i.session, NULL);
  PERFORM wall.note_sign_in('password', 'changed', i.person, NULL, p_terminal, i.session);
  RETURN true;
END $$;

-- A secret for the authenticator app; it counts from its first right code on, until then the former one does.
CREATE OR REPLACE FUNCTION wall.begin_totp(p_proof bytea, p_old bytea, p_sealed bytea, p_terminal text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  IF NOT wall.owner_confirms(i.person, i.began, p_old, p_terminal) THEN
    RETURN false;
  END IF;
  INSERT INTO wall.totp (person, pending, pending_since) VALUES (i.person, p_sealed, clock_timestamp())
  ON CONFLICT (person) DO UPDATE SET pending = excluded.pending, pending_since = excluded.pending_since;
  RETURN true;
END $$;

-- p_sealed is what the code was compared with: not what another window has begun in the meantime.
CREATE OR REPLACE FUNCTION wall.confirm_totp(p_proof bytea, p_sealed bytea, p_step bigint, p_hashes bytea[], p_terminal text)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  UPDATE wall.totp SET sealed = pending, last_step = p_step, since = clock_timestamp(), pending = NULL, pending_since = NULL
   WHERE person = i.person AND pending = p_sealed AND pending_since > clock_timestamp() - interval '30 minutes';
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM wall.put_recovery_codes(i.person, p_hashes);
  PERFORM wall.note_sign_in('totp', 'changed', i.person, NULL, p_terminal, i.session);
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION wall.put_recovery_codes(p_person int, p_hashes bytea[]) RETURNS void LANGUAGE sql
  SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM wall.recovery_code WHERE person = p_person;
  INSERT INTO wall.recovery_code (person, hash) SELECT p_person, h FROM unnest(p_hashes) h;
$$;

CREATE OR REPLACE FUNCTION wall.renew_recovery_codes(p_proof bytea, p_old bytea, p_hashes bytea[], p_terminal text)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  IF NOT wall.enrolled(i.person) OR NOT wall.owner_confirms(i.person, i.began, p_old, p_terminal) THEN
    RETURN false;
  END IF;
  PERFORM wall.put_recovery_codes(i.person, p_hashes);
  PERFORM wall.note_sign_in('recovery-code', 'changed', i.person, NULL, p_terminal, i.session);
  RETURN true;
END $$;

-- p_session null: all but the one that asks. How many ended; of other people's none ever does.
CREATE OR REPLACE FUNCTION wall.end_sessions(p_proof bytea, p_session bigint, p_terminal text) RETURNS int
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  i record;
  v_ended int;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  v_ended := wall.close_sessions(i.person, CASE WHEN p_session IS NULL THEN i.session END, p_session);
  IF v_ended > 0 THEN
    PERFORM wall.note_sign_in('session', 'ended', i.person, NULL, p_terminal, i.session);
  END IF;
  RETURN v_ended;
END $$;

-- A new beginning: nothing that the person signed in with counts any more, every sign-in ends, earlier links are void.
CREATE OR REPLACE FUNCTION wall.reset_link(p_person text, p_token_hash bytea, p_hours int) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_person int := (SELECT p.id FROM wall.person p WHERE p.code = p_person);
BEGIN
  PERFORM wall.current_appointment(p_person);
  DELETE FROM wall.password WHERE person = v_person;
  DELETE FROM wall.totp WHERE person = v_person;
  DELETE FROM wall.recovery_code WHERE person = v_person;
  DELETE FROM wall.passkey WHERE person = v_person;
  PERFORM wall.end_clients(p_person, NULL);
  UPDATE wall.external_identity SET recorded_to = clock_timestamp() WHERE person = v_person AND recorded_to = 'infinity';
  UPDATE wall.one_time_link l SET used = clock_timestamp()
   WHERE l.used IS NULL AND l.appointment IN (SELECT a.id FROM wall.appointment a WHERE a.person = v_person);
  PERFORM wall.close_sessions(v_person, NULL, NULL);
  INSERT INTO wall.one_time_link (token_hash, appointment, issued, expires, reset)
  VALUES (p_token_hash, wall.current_appointment(p_person), clock_timestamp(),
          clock_timestamp() + make_interval(hours => least(greatest(p_hours, 1), 72)), true);
  PERFORM wall.note_sign_in('password', 'reset', v_person, NULL, NULL, NULL);
END $$;

-- The first one to come: 'empty' while nobody is here, 'waiting' with the administrators' codes while nobody has
-- enrolled yet, else 'settled'.
CREATE OR REPLACE FUNCTION wall.beginning() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN NOT EXISTS (SELECT FROM wall.person) THEN jsonb_build_object('state', 'empty', 'persons', '[]'::jsonb)
              WHEN EXISTS (SELECT FROM wall.person p WHERE wall.enrolled(p.id))
                THEN jsonb_build_object('state', 'settled', 'persons', '[]'::jsonb)
              ELSE jsonb_build_object('state', 'waiting', 'persons', coalesce((
                     SELECT jsonb_agg(p.code ORDER BY p.code) FROM wall.person p JOIN wall.appointment a
                       ON a.id = wall.only_appointment(p.id) WHERE a.duty = 'network.admin'), '[]')) END
         || jsonb_build_object('watched', EXISTS (
              SELECT FROM wall.appointment WHERE duty = 'network.compliance' AND recorded_to = 'infinity'
                                             AND valid @> clock_timestamp()))
$$;

-- ------------------------------------------------------------------------------- who may call what
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'wall'::regnamespace AND pg_get_userbyid(proowner) = 'opener' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION wall.issue_link(text, bytea, int), wall.sign_in_by_link(bytea, bytea, text, text),
  wall.sign_in_demo(text, bytea, text), wall.sign_out(bytea), wall.who(bytea), wall.sign_in_material(text),
  wall.sign_in_by_password(text, bytea, bytea, bigint, bytea, bytea, text), wall.account(bytea),
  wall.account_material(bytea), wall.set_password(bytea, bytea, bytea, text, bytea, text),
  wall.begin_totp(bytea, bytea, bytea, text), wall.confirm_totp(bytea, bytea, bigint, bytea[], text),
  wall.renew_recovery_codes(bytea, bytea, bytea[], text), wall.end_sessions(bytea, bigint, text),
  wall.reset_link(text, bytea, int), wall.beginning() TO authn;
RESET ROLE;

-- ------------------------------------------------------------------------------ the first administrator
SET LOCAL ROLE effector;
-- Into a home where nobody is yet: the network company and one person, who has no password and gets a link.
CREATE OR REPLACE FUNCTION wall.first_administrator(p_person text, p_name text, p_company text, p_company_name text)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_org int;
BEGIN
  -- Of two at once the second one fails at the number 1.
  IF EXISTS (SELECT FROM wall.person) THEN
    RETURN false;
  END IF;
  SELECT o.id INTO v_org FROM wall.org o WHERE o.code = p_company AND o.kind = 'network';
  IF v_org IS NULL THEN
    INSERT INTO wall.org (id, code, name, kind)
    VALUES (coalesce((SELECT max(id) FROM wall.org), 0) + 1, p_company, p_company_name, 'network') RETURNING id INTO v_org;
  END IF;
  INSERT INTO wall.person (id, code, name) VALUES (1, p_person, p_name);
  INSERT INTO wall.appointment (person, employer, duty, valid)
  VALUES (1, v_org, 'network.admin', tstzrange(clock_timestamp(), NULL));
  RETURN true;
END $$;

-- The first person who reads the log and approves, once in the life of a home: such a duty is given by proposal only, and
-- somebody must be there to approve the first one. Not the administrator, who would then approve alone.
CREATE OR REPLACE FUNCTION wall.first_compliance(p_person text, p_name text)
  RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_orgs int[] := ARRAY(SELECT DISTINCT employer FROM wall.appointment
                         WHERE duty = 'network.admin' AND recorded_to = 'infinity' AND valid @> clock_timestamp());
  v_id int;
BEGIN
  IF EXISTS (SELECT FROM wall.appointment WHERE duty = 'network.compliance') THEN
    RETURN 'watched';
  END IF;
  IF cardinality(v_orgs) <> 1 THEN
    RETURN 'nobody';
  END IF;
  IF EXISTS (SELECT FROM wall.person WHERE code = p_person) THEN
    RETURN 'taken';
  END IF;
  -- Of two at once the second one fails at this number.
  INSERT INTO wall.person (id, code, name) SELECT max(id) + 1, p_person, p_name FROM wall.person RETURNING id INTO v_id;
  INSERT INTO wall.appointment (person, employer, duty, valid, reason)
  VALUES (v_id, v_orgs[1], 'network.compliance', tstzrange(clock_timestamp(), NULL), '最初の情報管理・監査');
  RETURN 'settled';
END $$;
REVOKE EXECUTE ON FUNCTION wall.first_administrator(text, text, text, text), wall.first_compliance(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.first_administrator(text, text, text, text), wall.first_compliance(text, text) TO migrator;
RESET ROLE;
