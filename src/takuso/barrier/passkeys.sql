-- パスキー: the second factor that a device keeps. The process checks the signature; what counts, and how often, is
-- decided here. `authn` alone calls these. Applied whole at every deployment, after external.sql.
SET LOCAL ROLE opener;
-- What the process checks a signature with: public, and only of the person that was named.
CREATE OR REPLACE FUNCTION wall.passkey_material(p_person text, p_credential bytea) RETURNS bytea
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT k.public_key FROM wall.passkey k JOIN wall.person p ON p.id = k.person
   WHERE p.code = p_person AND k.credential = p_credential
$$;

-- Used up: a counter that has gone on, or one of a device that does not count. A copy of the device is behind.
CREATE OR REPLACE FUNCTION wall.use_passkey(p_person int, p_credential bytea, p_count bigint) RETURNS boolean
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE wall.passkey SET count = p_count, used = clock_timestamp()
   WHERE person = p_person AND credential = p_credential AND (p_count > count OR (p_count = 0 AND count = 0));
  RETURN FOUND;
END $$;

-- p_credential null: its signature was wrong. Password and passkey in one, as with a code.
CREATE OR REPLACE FUNCTION wall.sign_in_by_passkey(p_person text, p_claimed bytea, p_derived bytea, p_credential bytea,
    p_count bigint, p_round bytea, p_expires timestamptz, p_proof_hash bytea, p_terminal text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_person int := (SELECT p.id FROM wall.person p WHERE p.code = p_person);
  v_appointment bigint;
  v_result text := 'refused';
  v_fresh boolean := wall.use_external_round(p_round, p_expires);
BEGIN
  PERFORM FROM wall.password w WHERE w.person = v_person FOR UPDATE;
  v_appointment := wall.only_appointment(v_person);
  IF wall.sign_in_paused(v_person, p_claimed, p_terminal) THEN
    v_result := 'paused';
  ELSIF v_fresh AND v_appointment IS NOT NULL AND wall.password_fits(v_person, p_derived) THEN
    IF wall.use_passkey(v_person, p_credential, p_count) THEN
      PERFORM wall.begin_session(v_appointment, p_proof_hash, 'password', p_terminal);
      RETURN true;
    END IF;
  END IF;
  PERFORM wall.note_sign_in('password', v_result, v_person, p_claimed, p_terminal, NULL);
  RETURN false;
END $$;

-- The person's own: numbers and times; what is to be kept out of a new one.
CREATE OR REPLACE FUNCTION wall.passkeys(p_proof bytea) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  RETURN coalesce((SELECT jsonb_agg(jsonb_build_object('id', k.id, 'since', k.since, 'used', k.used,
                                                       'credential', encode(k.credential, 'hex')) ORDER BY k.id)
                     FROM wall.passkey k WHERE k.person = i.person), '[]');
END $$;

-- added; added-codes: the recovery codes came with it; not-confirmed: the password is wrong; refused: the question was
-- answered before, the device is known, or there are five.
CREATE OR REPLACE FUNCTION wall.add_passkey(p_proof bytea, p_old bytea, p_round bytea, p_expires timestamptz,
    p_credential bytea, p_key bytea, p_count bigint, p_hashes bytea[], p_terminal text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  IF NOT wall.owner_confirms(i.person, i.began, p_old, p_terminal) THEN
    RETURN 'not-confirmed';
  END IF;
  IF (SELECT count(*) FROM wall.passkey k WHERE k.person = i.person) >= 5
     OR NOT wall.use_external_round(p_round, p_expires) THEN
    RETURN 'refused';
  END IF;
  INSERT INTO wall.passkey (person, credential, public_key, count, since)
  VALUES (i.person, p_credential, p_key, p_count, clock_timestamp()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN 'refused';
  END IF;
  PERFORM wall.note_sign_in('passkey', 'changed', i.person, NULL, p_terminal, i.session);
  IF EXISTS (SELECT FROM wall.recovery_code r WHERE r.person = i.person AND r.used IS NULL) THEN
    RETURN 'added';
  END IF;
  PERFORM wall.put_recovery_codes(i.person, p_hashes);
  RETURN 'added-codes';
END $$;

-- removed; gone; not-confirmed; last: without it there would be no second factor.
CREATE OR REPLACE FUNCTION wall.remove_passkey(p_proof bytea, p_old bytea, p_id bigint, p_terminal text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE i record;
BEGIN
  SELECT * INTO i FROM wall.signed_in(p_proof);
  IF NOT wall.owner_confirms(i.person, i.began, p_old, p_terminal) THEN
    RETURN 'not-confirmed';
  END IF;
  IF NOT EXISTS (SELECT FROM wall.passkey k WHERE k.person = i.person AND k.id <> p_id)
     AND NOT EXISTS (SELECT FROM wall.totp t WHERE t.person = i.person AND t.sealed IS NOT NULL) THEN
    RETURN 'last';
  END IF;
  DELETE FROM wall.passkey WHERE person = i.person AND id = p_id;
  IF NOT FOUND THEN
    RETURN 'gone';
  END IF;
  PERFORM wall.close_sessions(i.person, i.session, NULL);
  PERFORM wall.note_sign_in('passkey', 'changed', i.person, NULL, p_terminal, i.session);
  RETURN 'removed';
END $$;

REVOKE EXECUTE ON FUNCTION wall.passkey_material(text, bytea), wall.use_passkey(int, bytea, bigint),
  wall.sign_in_by_passkey(text, bytea, bytea, bytea, bigint, bytea, timestamptz, bytea, text), wall.passkeys(bytea),
  wall.add_passkey(bytea, bytea, bytea, timestamptz, bytea, bytea, bigint, bytea[], text),
  wall.remove_passkey(bytea, bytea, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.passkey_material(text, bytea),
  wall.sign_in_by_passkey(text, bytea, bytea, bytea, bigint, bytea, timestamptz, bytea, text), wall.passkeys(bytea),
  wall.add_passkey(bytea, bytea, bytea, timestamptz, bytea, bytea, bigint, bytea[], text),
  wall.remove_passkey(bytea, bytea, bigint, text) TO authn;
RESET ROLE;
