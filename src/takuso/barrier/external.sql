-- 会社の ID 基盤: signing in by an account of the company's identity provider (ADR 0022). `authn` alone calls these.
--
--   use_external_round    one way to the provider and back, used up
--   sign_in_by_external   the person whose account it is gets a sign-in, or nothing happens; both are recorded
--   external_failed       what went wrong before there was an account
--   link_, unlink_…       the person alone says which account is his or hers, and takes it back
--
-- Applied whole at every deployment, after signin.sql; every statement can be repeated.
SET LOCAL ROLE owner;
GRANT SELECT, INSERT ON wall.external_identity TO opener;
GRANT UPDATE (recorded_to) ON wall.external_identity TO opener;
GRANT SELECT, INSERT, DELETE ON wall.external_round TO opener;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['external_identity', 'external_round'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS opener_all ON wall.%I', t);
    EXECUTE format('CREATE POLICY opener_all ON wall.%I FOR ALL TO opener USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
RESET ROLE;

SET LOCAL ROLE opener;
-- False: it was used before, or its time is over. One clock decides both, so that nothing forgotten counts again.
CREATE OR REPLACE FUNCTION wall.use_external_round(p_round bytea, p_expires timestamptz) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_expires <= clock_timestamp() THEN
    RETURN false;
  END IF;
  DELETE FROM wall.external_round r WHERE r.expires <= clock_timestamp();
  INSERT INTO wall.external_round (round, expires) VALUES (sha256(p_round), p_expires) ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

-- p_former: the hash of the sign-in that the browser had before; it ends, as it does whichever way one comes.
CREATE OR REPLACE FUNCTION wall.sign_in_by_external(p_issuer text, p_subject text, p_claimed bytea, p_proof_hash bytea,
    p_former bytea, p_terminal text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_person int;
  v_appointment bigint;
  v_result text := 'refused';
BEGIN
  -- Locked: whoever takes the account back at this moment ends the sign-in that comes of it, or there is none.
  SELECT e.person INTO v_person FROM wall.external_identity e
   WHERE e.issuer = p_issuer AND e.subject = p_subject AND e.recorded_to = 'infinity' FOR UPDATE;
  v_appointment := wall.only_appointment(v_person);
  IF wall.sign_in_paused(v_person, p_claimed, p_terminal) THEN
    v_result := 'paused';
  ELSIF v_appointment IS NOT NULL THEN
    UPDATE wall.session SET ended = clock_timestamp() WHERE proof_hash = p_former AND ended IS NULL;
    DELETE FROM wall.live_ticket WHERE proof_hash = p_former;
    PERFORM wall.begin_session(v_appointment, p_proof_hash, 'external', p_terminal);
    RETURN true;
  END IF;
  PERFORM wall.note_sign_in('external', v_result, v_person, p_claimed, p_terminal, NULL);
  RETURN false;
END $$;

CREATE OR REPLACE FUNCTION wall.external_failed(p_result text, p_terminal text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_result NOT IN ('refused', 'unreachable') THEN
    RAISE EXCEPTION 'not a result of failing: %', p_result USING ERRCODE = 'TK400';
  END IF;
  PERFORM wall.note_sign_in('external', p_result, NULL, NULL, p_terminal, NULL);
END $$;

-- The account of an issuer that the person of this sign-in has; what has to come before another one.
CREATE OR REPLACE FUNCTION wall.external_account(p_proof bytea, p_issuer text) RETURNS jsonb
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  RETURN jsonb_build_object('must_enrol', wall.must_enrol(i.session, i.person))
      || coalesce((SELECT jsonb_build_object('subject', e.subject, 'since', e.recorded_from)
                     FROM wall.external_identity e
                    WHERE e.issuer = p_issuer AND e.person = i.person AND e.recorded_to = 'infinity'),
                  '{"subject": null, "since": null}');
END $$;

-- linked; enrol-first: a link opens nothing before enrolment; not-confirmed: the password is wrong; taken: the account
-- or the person is already linked.
CREATE OR REPLACE FUNCTION wall.link_external(p_proof bytea, p_old bytea, p_issuer text, p_subject text, p_terminal text)
  RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  IF wall.must_enrol(i.session, i.person) THEN
    RETURN 'enrol-first';
  END IF;
  IF NOT wall.owner_confirms(i.person, i.began, p_old, p_terminal) THEN
    RETURN 'not-confirmed';
  END IF;
  INSERT INTO wall.external_identity (issuer, subject, person) VALUES (p_issuer, p_subject, i.person)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    PERFORM wall.note_sign_in('external', 'refused', i.person, NULL, p_terminal, i.session);
    RETURN 'taken';
  END IF;
  PERFORM wall.note_sign_in('external', 'linked', i.person, NULL, p_terminal, i.session);
  RETURN 'linked';
END $$;

-- False: the password is wrong. Every other sign-in of the person ends.
CREATE OR REPLACE FUNCTION wall.unlink_external(p_proof bytea, p_old bytea, p_issuer text, p_terminal text)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  IF NOT wall.owner_confirms(i.person, i.began, p_old, p_terminal) THEN
    RETURN false;
  END IF;
  UPDATE wall.external_identity SET recorded_to = clock_timestamp()
   WHERE issuer = p_issuer AND person = i.person AND recorded_to = 'infinity';
  IF FOUND THEN
    PERFORM wall.close_sessions(i.person, i.session, NULL);
    PERFORM wall.note_sign_in('external', 'unlinked', i.person, NULL, p_terminal, i.session);
  END IF;
  RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION wall.use_external_round(bytea, timestamptz),
  wall.sign_in_by_external(text, text, bytea, bytea, bytea, text), wall.external_failed(text, text),
  wall.external_account(bytea, text), wall.link_external(bytea, bytea, text, text, text),
  wall.unlink_external(bytea, bytea, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.use_external_round(bytea, timestamptz),
  wall.sign_in_by_external(text, text, bytea, bytea, bytea, text), wall.external_failed(text, text),
  wall.external_account(bytea, text), wall.link_external(bytea, bytea, text, text, text),
  wall.unlink_external(bytea, bytea, text, text) TO authn;
RESET ROLE;
