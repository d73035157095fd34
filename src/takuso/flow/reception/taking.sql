-- 次へ: the next case that nobody else has in hand. Two at once never get the same one.
-- Applied whole at every deployment; every statement can be repeated.
SET LOCAL ROLE effector;

-- What this sign-in had is free again, and it takes the first open case behind p_after (null: from the start), in the order
-- of the inbox, that no other sign-in has; for a quarter of an hour. Returns its 受付番号, or '' where none is left.
CREATE OR REPLACE FUNCTION reception.take_next(p_proof bytea, p_day date, p_receipt text, p_action text, p_after text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f record;
  v_session bytea := sha256(p_proof);
  v_due date;
  v_after bigint;
  v_id bigint;
  v_number text := '';
BEGIN
  IF p_action IS DISTINCT FROM 'reception.handle' THEN
    RAISE EXCEPTION 'no such action' USING ERRCODE = 'TK403';
  END IF;
  SELECT * INTO f FROM wall.filing(p_proof, p_receipt, p_action);
  IF NOT FOUND OR f.kind <> 'network' THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  DELETE FROM reception.taken t WHERE t.session = v_session;
  SELECT a.id, coalesce(a.due, 'infinity') INTO v_after, v_due FROM reception.application a WHERE a.number = p_after;
  LOOP
    -- A case that another takes at this moment is locked, and passed over without waiting.
    SELECT a.id, a.number INTO v_id, v_number FROM reception.application a
     WHERE a.open AND (v_after IS NULL OR (coalesce(a.due, 'infinity'), a.id) > (v_due, v_after))
       AND NOT EXISTS (SELECT FROM reception.taken t WHERE t.application = a.id AND t.until > clock_timestamp())
     ORDER BY coalesce(a.due, 'infinity'), a.id LIMIT 1
       FOR UPDATE OF a SKIP LOCKED;
    EXIT WHEN v_id IS NULL;
    -- One that was taken since this statement began is not seen above; here it is.
    INSERT INTO reception.taken AS t (application, person, session, until)
    VALUES (v_id, f.person, v_session, clock_timestamp() + interval '15 minutes')
    ON CONFLICT (application) DO UPDATE SET person = excluded.person, session = excluded.session, until = excluded.until
      WHERE t.until <= clock_timestamp();
    EXIT WHEN FOUND;
  END LOOP;
  v_number := coalesce(v_number, '');
  PERFORM reception.close(p_proof, p_day, p_receipt, v_number);
  RETURN v_number;
END $$;

REVOKE EXECUTE ON FUNCTION reception.take_next(bytea, date, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reception.take_next(bytea, date, text, text, text) TO writer;
RESET ROLE;

-- --------------------------------------------------------------------------------------------- rights
SET LOCAL ROLE owner;
DROP POLICY IF EXISTS effector ON reception.taken;
CREATE POLICY effector ON reception.taken FOR ALL TO effector USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS ticket ON reception.taken;
CREATE POLICY ticket ON reception.taken FOR SELECT TO reader_network
  USING (application = ANY ((SELECT wall.granted_cases())::bigint[]));
REVOKE ALL ON reception.taken FROM reader_network, reader_retailer, effector;
GRANT SELECT, INSERT, UPDATE, DELETE ON reception.taken TO effector;
GRANT SELECT (application, session, until) ON reception.taken TO reader_network;
RESET ROLE;
