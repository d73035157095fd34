-- API の資格情報: a retailer's system signs in for one person, whose one appointment decides what it may see.
-- Applied whole at every deployment, after signin.sql; every statement can be repeated.
SET LOCAL ROLE owner;
GRANT SELECT, INSERT ON wall.api_client TO opener;
GRANT UPDATE (ended) ON wall.api_client TO opener;
DROP POLICY IF EXISTS opener_all ON wall.api_client;
CREATE POLICY opener_all ON wall.api_client FOR ALL TO opener USING (true) WITH CHECK (true);
RESET ROLE;

SET LOCAL ROLE opener;
-- Whose system it is: the retailer that this person works for now. Nothing for the network company's staff, who have
-- screens and state purposes there.
CREATE OR REPLACE FUNCTION wall.retailer_of(p_person int, OUT appointment bigint, OUT org int) LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT a.id, o.id INTO appointment, org
    FROM wall.appointment a JOIN wall.org o ON o.id = coalesce(a.principal, a.employer)
   WHERE a.id = wall.only_appointment(p_person) AND o.kind = 'retailer';
END $$;

CREATE OR REPLACE FUNCTION wall.issue_client(p_person text, p_code text, p_secret_hash bytea) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_person int := (SELECT a.person FROM wall.appointment a WHERE a.id = wall.current_appointment(p_person));
  v_org int := (SELECT r.org FROM wall.retailer_of(v_person) r);
BEGIN
  IF v_org IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO wall.api_client (code, person, org, secret_hash, issued)
  VALUES (p_code, v_person, v_org, p_secret_hash, clock_timestamp());
  PERFORM wall.note_sign_in(p_code, 'issued', v_person, NULL, NULL, NULL);
  RETURN true;
END $$;

-- The credentials of a person that have not ended, the newest first.
CREATE OR REPLACE FUNCTION wall.clients(p_person text) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'company', o.code, 'issued', c.issued) ORDER BY c.id DESC), '[]')
    FROM wall.api_client c JOIN wall.person p ON p.id = c.person JOIN wall.org o ON o.id = c.org
   WHERE p.code = p_person AND c.ended IS NULL
$$;

-- One credential of the person, or every one, ends now, and so does what was begun with it. Returns how many there were.
CREATE OR REPLACE FUNCTION wall.end_clients(p_person text, p_code text) RETURNS int
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_person int := (SELECT p.id FROM wall.person p WHERE p.code = p_person);
  v_code text;
  v_ended int := 0;
BEGIN
  IF v_person IS NULL THEN
    RAISE EXCEPTION 'no such person' USING ERRCODE = 'TK404';
  END IF;
  FOR v_code IN UPDATE wall.api_client SET ended = clock_timestamp()
                 WHERE person = v_person AND ended IS NULL AND (p_code IS NULL OR code = p_code) RETURNING code LOOP
    PERFORM wall.close_client_sessions(v_code, 0);
    PERFORM wall.note_sign_in(v_code, 'ended', v_person, NULL, NULL, NULL);
    v_ended := v_ended + 1;
  END LOOP;
  RETURN v_ended;
END $$;

-- What was begun with a credential ends, but for the p_but newest.
CREATE OR REPLACE FUNCTION wall.close_client_sessions(p_code text, p_but int) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_hashes bytea[];
BEGIN
  WITH ended AS (
    UPDATE wall.session s SET ended = clock_timestamp()
     WHERE s.id IN (SELECT k.id FROM wall.session k
                     WHERE k.means = p_code AND k.ended IS NULL AND k.expires > clock_timestamp()
                     ORDER BY k.id DESC OFFSET p_but)
    RETURNING s.proof_hash)
  SELECT coalesce(array_agg(proof_hash), '{}') INTO v_hashes FROM ended;
  DELETE FROM wall.live_ticket WHERE proof_hash = ANY (v_hashes);
END $$;

-- One hour for a credential that holds; nothing for one that is unknown, ended or wrong, whose person does not work for
-- the retailer it was issued for, or from a terminal that was refused too often. Which of them is not said. At most ten
-- sign-ins of a credential stand at a time: the oldest gives way. The credential is named in the records as the means.
CREATE OR REPLACE FUNCTION wall.sign_in_by_client(p_code text, p_secret_hash bytea, p_claimed bytea, p_proof_hash bytea,
    p_terminal text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l wall.sign_in_limit;
  c wall.api_client;
  r record;
  v_session bigint;
  v_paused boolean;
BEGIN
  SELECT * INTO l FROM wall.sign_in_limit;
  v_paused := (SELECT count(*) FROM log.sign_in s
                WHERE s.terminal = left(p_terminal, 64) AND s.means LIKE 'api-%' AND s.result = 'refused'
                  AND s.at > clock_timestamp() - l.longest) >= l.per_terminal;
  -- Until this has ended or begun, nobody ends the credential: a sign-in is either before that or not at all.
  SELECT * INTO c FROM wall.api_client k WHERE k.code = p_code FOR SHARE;
  SELECT * INTO r FROM wall.retailer_of(c.person);
  IF v_paused OR r.org IS NULL OR r.org <> c.org OR c.ended IS NOT NULL OR c.secret_hash IS DISTINCT FROM p_secret_hash THEN
    PERFORM wall.note_sign_in(coalesce(c.code, 'api-client'), CASE WHEN v_paused THEN 'paused' ELSE 'refused' END, c.person,
                              p_claimed, p_terminal, NULL);
    RETURN false;
  END IF;
  INSERT INTO wall.session (proof_hash, appointment, means, began, expires, terminal)
  VALUES (p_proof_hash, r.appointment, c.code, clock_timestamp(), clock_timestamp() + interval '1 hour', left(p_terminal, 64))
  RETURNING id INTO v_session;
  PERFORM wall.close_client_sessions(c.code, 10);
  PERFORM wall.note_sign_in(c.code, 'signed-in', c.person, NULL, p_terminal, v_session);
  RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION wall.retailer_of(int), wall.issue_client(text, text, bytea), wall.clients(text),
  wall.end_clients(text, text), wall.close_client_sessions(text, int),
  wall.sign_in_by_client(text, bytea, bytea, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.issue_client(text, text, bytea), wall.clients(text), wall.end_clients(text, text),
  wall.sign_in_by_client(text, bytea, bytea, bytea, text) TO authn;
RESET ROLE;
