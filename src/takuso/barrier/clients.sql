-- API の資格情報: a retailer's system signs in for one person, whose one appointment decides what it may see.
-- Applied whole at every deployment, after signin.sql; every statement can be repeated.
SET LOCAL ROLE owner;
GRANT SELECT, INSERT ON wall.api_client TO opener;
GRANT UPDATE (ended) ON wall.api_client TO opener;
DROP POLICY IF EXISTS opener_all ON wall.api_client;
CREATE POLICY opener_all ON wall.api_client FOR ALL TO opener USING (true) WITH CHECK (true);
RESET ROLE;

SET LOCAL ROLE opener;
-- Only for whoever works for a retailer now: the network company's staff have screens and state purposes there.
CREATE OR REPLACE FUNCTION wall.issue_client(p_person text, p_code text, p_secret_hash bytea) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_person int;
BEGIN
  SELECT a.person INTO v_person
    FROM wall.appointment a JOIN wall.org o ON o.id = coalesce(a.principal, a.employer)
   WHERE a.id = wall.current_appointment(p_person) AND o.kind = 'retailer';
  IF v_person IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO wall.api_client (code, person, secret_hash, issued) VALUES (p_code, v_person, p_secret_hash, clock_timestamp());
  PERFORM wall.note_sign_in('api-client', 'issued', v_person, NULL, NULL, NULL);
  RETURN true;
END $$;

-- Every credential of the person ends now, and so does what was begun with them. Returns how many there were.
CREATE OR REPLACE FUNCTION wall.end_clients(p_person text) RETURNS int
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_person int := (SELECT p.id FROM wall.person p WHERE p.code = p_person);
  v_ended int;
BEGIN
  IF v_person IS NULL THEN
    RAISE EXCEPTION 'no such person' USING ERRCODE = 'TK404';
  END IF;
  UPDATE wall.api_client SET ended = clock_timestamp() WHERE person = v_person AND ended IS NULL;
  GET DIAGNOSTICS v_ended = ROW_COUNT;
  PERFORM wall.close_sessions(v_person, NULL, s.id)
     FROM wall.session s JOIN wall.appointment a ON a.id = s.appointment
    WHERE a.person = v_person AND s.means = 'api-client' AND s.ended IS NULL AND s.expires > clock_timestamp();
  IF v_ended > 0 THEN
    PERFORM wall.note_sign_in('api-client', 'ended', v_person, NULL, NULL, NULL);
  END IF;
  RETURN v_ended;
END $$;

-- One hour for a credential that holds; nothing for one that is unknown, ended or wrong, or whose person has no
-- appointment with a retailer now. Which of them is not said.
CREATE OR REPLACE FUNCTION wall.sign_in_by_client(p_code text, p_secret_hash bytea, p_claimed bytea, p_proof_hash bytea,
    p_terminal text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c wall.api_client;
  v_appointment bigint;
  v_session bigint;
BEGIN
  SELECT * INTO c FROM wall.api_client k WHERE k.code = p_code;
  SELECT a.id INTO v_appointment
    FROM wall.appointment a JOIN wall.org o ON o.id = coalesce(a.principal, a.employer)
   WHERE a.id = wall.only_appointment(c.person) AND o.kind = 'retailer';
  IF v_appointment IS NULL OR c.ended IS NOT NULL OR c.secret_hash IS DISTINCT FROM p_secret_hash THEN
    PERFORM wall.note_sign_in('api-client', 'refused', c.person, p_claimed, p_terminal, NULL);
    RETURN false;
  END IF;
  INSERT INTO wall.session (proof_hash, appointment, means, began, expires, terminal)
  VALUES (p_proof_hash, v_appointment, 'api-client', clock_timestamp(), clock_timestamp() + interval '1 hour',
          left(p_terminal, 64))
  RETURNING id INTO v_session;
  PERFORM wall.note_sign_in('api-client', 'signed-in', c.person, NULL, p_terminal, v_session);
  RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION wall.issue_client(text, text, bytea), wall.end_clients(text),
  wall.sign_in_by_client(text, bytea, bytea, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.issue_client(text, text, bytea), wall.end_clients(text),
  wall.sign_in_by_client(text, bytea, bytea, bytea, text) TO authn;
RESET ROLE;
