-- 異動受付の登録: filing, answers and orders. Each is durable when its function returns and is carried out by the next
-- turn (turns.sql), so whoever files learns nothing here of what is recorded at the point.
-- Applied whole at every deployment; every statement can be repeated.
SET LOCAL ROLE effector;

-- 受付番号: the day it was received and fifty bits of chance, so that it tells nothing of how many others there are.
CREATE OR REPLACE FUNCTION reception.new_number(p_today date) RETURNS text LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_bits bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  v_text text := '';
BEGIN
  FOR i IN 0..9 LOOP
    v_text := v_text || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', get_byte(v_bits, i) % 32 + 1, 1);
  END LOOP;
  RETURN to_char(p_today, 'YYMMDD') || '-' || v_text;
END $$;

-- 申込 in the name of the company that the ticket is for, or, by the network company's intake, of the retailer p_sender
-- that filed it otherwise. p_named: applications that the content names. The same key with the same content gives the same
-- number again; with another content it is refused. Returns the 受付番号.
CREATE OR REPLACE FUNCTION reception.file(p_proof bytea, p_day date, p_receipt text, p_action text, p_sender text,
    p_procedure text, p_supply_point text, p_content jsonb, p_wanted date, p_named text[], p_via text, p_key text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f record;
  v_sender int;
  v_point bigint;
  v_number text;
  v_former bytea;
  v_hash bytea := sha256(convert_to(jsonb_build_array(p_sender, p_procedure, p_supply_point, p_content, p_wanted, p_named)::text, 'UTF8'));
  v_id bigint;
BEGIN
  IF p_action IS NULL OR p_action <> ALL (ARRAY['reception.apply', 'reception.enter']) THEN
    RAISE EXCEPTION 'no such action' USING ERRCODE = 'TK403';
  END IF;
  SELECT * INTO f FROM wall.filing(p_proof, p_receipt, p_action);
  IF NOT FOUND OR (f.kind = 'network') <> (p_action = 'reception.enter') THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  v_sender := CASE WHEN f.kind = 'network' THEN (SELECT id FROM wall.org WHERE code = p_sender AND kind = 'retailer')
                   WHEN p_sender IS NULL THEN f.org END;
  IF v_sender IS NULL THEN
    RAISE EXCEPTION 'sender' USING ERRCODE = 'TK400';
  END IF;
  IF p_supply_point !~ '^[0-9]{22}$' OR length(p_content::text) > 20000 OR cardinality(p_named) > 4
     OR length(p_key) NOT BETWEEN 1 AND 255 THEN
    RAISE EXCEPTION 'malformed' USING ERRCODE = 'TK400';
  END IF;
  IF p_key IS NOT NULL THEN
    -- Two at once with one key: the second waits here and finds the first.
    PERFORM pg_advisory_xact_lock(hashtextextended(v_sender || ' ' || p_key, 0));
    SELECT a.number, a.request_hash INTO v_number, v_former FROM reception.application a
     WHERE a.sender = v_sender AND a.request_key = p_key;
    IF v_number IS NOT NULL AND v_former <> v_hash THEN
      RAISE EXCEPTION 'key-used' USING ERRCODE = 'TK400';
    END IF;
  END IF;
  IF v_number IS NULL THEN
    v_number := reception.new_number(wall.today());
    -- A change is about the point of the application that it names, where that is the sender's own.
    SELECT coalesce((SELECT p.id FROM wall.point p WHERE p.supply_point = p_supply_point),
                    (SELECT a.point FROM reception.application a WHERE p_supply_point IS NULL AND a.sender = v_sender
                        AND a.number = ANY (p_named) LIMIT 1)) INTO v_point;
    INSERT INTO reception.application (number, procedure, sender, point, supply_point, content, day, received_at, since,
        named, via, person, receipt, request_key, request_hash)
    VALUES (v_number, p_procedure, v_sender, v_point, p_supply_point, p_content, p_wanted, f.at, f.at, p_named, p_via, f.person,
        p_receipt, p_key, v_hash) RETURNING id INTO v_id;
    INSERT INTO reception.copy (application, party, role, confidential, number, procedure, point, supply_point, content, day,
        received_at, state, since)
    VALUES (v_id, v_sender, 'sender', p_procedure = 'switch-end', v_number, p_procedure, v_point, p_supply_point, p_content,
        p_wanted, f.at, 'received', f.at);
  END IF;
  PERFORM reception.close(p_proof, p_day, p_receipt, v_number);
  RETURN v_number;
END $$;

-- 回答 of a holder to a relay that is addressed to it; 指示 of the network company's staff on any case. What is not the
-- holder's to answer is refused as what does not exist.
CREATE OR REPLACE FUNCTION reception.instruct(p_proof bytea, p_day date, p_receipt text, p_action text, p_number text,
    p_event text, p_reason jsonb) RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f record;
  v_id bigint;
BEGIN
  IF p_action IS NULL OR p_action <> ALL (ARRAY['reception.answer', 'reception.handle']) THEN
    RAISE EXCEPTION 'no such action' USING ERRCODE = 'TK403';
  END IF;
  SELECT * INTO f FROM wall.filing(p_proof, p_receipt, p_action);
  IF NOT FOUND OR (f.kind = 'network') <> (p_action = 'reception.handle') THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  IF p_event IS NULL OR p_event <> ALL (CASE WHEN f.kind = 'network'
       THEN ARRAY['issue', 'refuse', 'revoke', 'order-work', 'work-done', 'work-impossible', 'correct'] ELSE ARRAY['agree', 'decline'] END)
     OR length(p_reason::text) > 2000 THEN
    RAISE EXCEPTION 'event' USING ERRCODE = 'TK400';
  END IF;
  SELECT a.id INTO v_id FROM reception.application a
   WHERE a.number = p_number
     AND (f.kind = 'network' OR EXISTS (
       SELECT FROM reception.copy c WHERE c.application = a.id AND c.party = f.org AND c.role = 'holder'))
     FOR UPDATE;
  IF v_id IS NULL THEN
    RAISE EXCEPTION 'unknown' USING ERRCODE = 'TK400';
  END IF;
  IF EXISTS (SELECT FROM reception.instruction i WHERE i.application = v_id AND i.org = f.org AND i.done_at IS NULL) THEN
    RAISE EXCEPTION 'waiting' USING ERRCODE = 'TK400';
  END IF;
  INSERT INTO reception.instruction (application, event, org, person, receipt, reason, at)
  VALUES (v_id, p_event, f.org, f.person, p_receipt, p_reason, f.at);
  PERFORM reception.close(p_proof, p_day, p_receipt, p_number || ' ' || p_event);
  RETURN p_number;
END $$;

-- The outcome of a filing: one row, no customer shown. A ticket that ended meanwhile takes the filing with it.
CREATE OR REPLACE FUNCTION reception.close(p_proof bytea, p_day date, p_receipt text, p_said text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF wall.close(p_proof, p_day, p_receipt, 1, '{}', '{}', sha256(convert_to(p_said, 'UTF8'))) <> 'closed' THEN
    RAISE EXCEPTION 'the ticket ended meanwhile' USING ERRCODE = 'TK403';
  END IF;
END $$;

-- ------------------------------------------------------------------------------------------ finding
-- Which applications a look names, for wall.open_cases alone. p_org null: the network company. A retailer finds its own
-- copies; what is confidential only with p_answers. A number that is not its own, and one that does not exist, find nothing.
CREATE OR REPLACE FUNCTION reception.find(p_list text, p_org int, p_answers boolean, p_number text, p_after text, p_limit int)
  RETURNS TABLE (no int, application bigint, point bigint, supply_point text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_after bigint := (SELECT a.id FROM reception.application a WHERE a.number = p_after);
  v_due date := (SELECT coalesce(a.due, 'infinity') FROM reception.application a WHERE a.id = v_after);
BEGIN
  IF p_after IS NOT NULL AND (v_after IS NULL OR (p_org IS NOT NULL AND NOT EXISTS (
      SELECT FROM reception.copy c WHERE c.application = v_after AND c.party = p_org AND (p_answers OR NOT c.confidential)))) THEN
    RETURN;
  ELSIF p_number IS NOT NULL THEN
    RETURN QUERY SELECT 1, a.id, a.point, a.supply_point FROM reception.application a
     WHERE a.number = p_number AND (p_org IS NULL OR EXISTS (
       SELECT FROM reception.copy c WHERE c.application = a.id AND c.party = p_org AND (p_answers OR NOT c.confidential)));
  ELSIF p_org IS NOT NULL AND p_list = 'own' THEN
    RETURN QUERY SELECT row_number() OVER (ORDER BY c.application DESC)::int, c.application, c.point, c.supply_point
      FROM reception.copy c
     WHERE c.party = p_org AND c.role = 'sender' AND (p_answers OR NOT c.confidential)
       AND (v_after IS NULL OR c.application < v_after)
     ORDER BY c.application DESC LIMIT p_limit;
  ELSIF p_org IS NOT NULL AND p_list = 'relays' AND p_answers THEN
    RETURN QUERY SELECT row_number() OVER (ORDER BY coalesce(c.due, 'infinity'), c.application)::int, c.application, c.point,
           c.supply_point
      FROM reception.copy c
     WHERE c.party = p_org AND c.role = 'holder' AND c.state = 'awaiting-answer'
       AND (v_after IS NULL OR (coalesce(c.due, 'infinity'), c.application) > (v_due, v_after))
     ORDER BY coalesce(c.due, 'infinity'), c.application LIMIT p_limit;
  ELSIF p_org IS NULL AND p_list IN ('inbox', 'matching') THEN
    RETURN QUERY SELECT row_number() OVER (ORDER BY coalesce(a.due, 'infinity'), a.id)::int, a.id, a.point, a.supply_point
      FROM reception.application a
     WHERE a.open AND (p_list = 'inbox' OR a.state = 'awaiting-counterpart')
       AND (v_after IS NULL OR (coalesce(a.due, 'infinity'), a.id) > (v_due, v_after))
     ORDER BY coalesce(a.due, 'infinity'), a.id LIMIT p_limit;
  ELSIF p_org IS NULL AND p_list = 'all' THEN
    RETURN QUERY SELECT row_number() OVER (ORDER BY a.id DESC)::int, a.id, a.point, a.supply_point
      FROM reception.application a WHERE v_after IS NULL OR a.id < v_after ORDER BY a.id DESC LIMIT p_limit;
  END IF;
END $$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'reception'::regnamespace AND pg_get_userbyid(proowner) = 'effector' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION reception.file(bytea, date, text, text, text, text, text, jsonb, date, text[], text, text),
  reception.instruct(bytea, date, text, text, text, text, jsonb) TO writer;
GRANT EXECUTE ON FUNCTION reception.find(text, int, boolean, text, text, int) TO opener;
RESET ROLE;

-- --------------------------------------------------------------------------------------------- rights
SET LOCAL ROLE owner;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['application', 'move', 'instruction', 'copy'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS effector ON reception.%I', t);
    EXECUTE format('CREATE POLICY effector ON reception.%I FOR ALL TO effector USING (true) WITH CHECK (true)', t);
    EXECUTE format('DROP POLICY IF EXISTS ticket ON reception.%I', t);
    EXECUTE format('REVOKE ALL ON reception.%I FROM reader_network, reader_retailer, effector', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON reception.%I TO effector', t);
  END LOOP;
END $$;
-- The network company reads the whole, a retailer its own copies, both only what the ticket names.
CREATE POLICY ticket ON reception.application FOR SELECT TO reader_network
  USING (id = ANY ((SELECT wall.granted_cases())::bigint[]));
CREATE POLICY ticket ON reception.move FOR SELECT TO reader_network
  USING (application = ANY ((SELECT wall.granted_cases())::bigint[]));
CREATE POLICY ticket ON reception.instruction FOR SELECT TO reader_network
  USING (application = ANY ((SELECT wall.granted_cases())::bigint[]));
CREATE POLICY ticket ON reception.copy FOR SELECT TO reader_retailer
  USING (application = ANY ((SELECT wall.granted_cases())::bigint[]));
DROP POLICY IF EXISTS party ON reception.copy;
CREATE POLICY party ON reception.copy AS RESTRICTIVE FOR SELECT TO reader_retailer
  USING (party = (SELECT wall.viewer_org()));
GRANT SELECT (id, number, procedure, sender, point, supply_point, content, day, received_at, amended_at, state, since, due,
  partner, counterparts, refusals, via, person, open) ON reception.application TO reader_network;
GRANT SELECT ON reception.move TO reader_network;
GRANT SELECT (id, application, event, org, at, done_at, refusals) ON reception.instruction TO reader_network;
GRANT SELECT ON reception.copy TO reader_retailer;
GRANT SELECT, INSERT, UPDATE ON reception.contract TO effector;
GRANT SELECT, INSERT, UPDATE, DELETE ON points.planned TO effector;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA reception TO effector;
DROP POLICY IF EXISTS effector ON points.planned;
CREATE POLICY effector ON points.planned FOR ALL TO effector USING (true) WITH CHECK (true);
RESET ROLE;
