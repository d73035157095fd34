-- 進行: one turn of a supply point. The job asks for a turn, lets the rules of the program decide, and hands the moves
-- back in the same transaction; the point is locked meanwhile. What a turn tells, names among it, is told to the login
-- `reception` alone, and only of a point at which an application waits.
-- Applied whole at every deployment; every statement can be repeated.
SET LOCAL ROLE effector;

-- Applications at which something may be done now, one for each point, oldest first. Those of a turn that failed wait.
CREATE OR REPLACE FUNCTION reception.due(p_limit int) RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_today date := wall.today();
BEGIN
  RETURN QUERY
    WITH waiting AS (
      SELECT a.id, a.point FROM reception.application a WHERE a.state = 'received' AND coalesce(a.retry_at <= clock_timestamp(), true)
      UNION ALL
      SELECT a.id, a.point FROM reception.application a WHERE a.wake_on <= v_today AND coalesce(a.retry_at <= clock_timestamp(), true)
      UNION ALL
      SELECT a.id, a.point FROM reception.instruction i JOIN reception.application a ON a.id = i.application
       WHERE i.done_at IS NULL AND coalesce(a.retry_at <= clock_timestamp(), true))
    SELECT min(w.id) FROM waiting w GROUP BY coalesce(w.point, -w.id) ORDER BY min(w.id) LIMIT p_limit;
END $$;

-- Whether something may be done at this application now.
CREATE OR REPLACE FUNCTION reception.waits(p_application bigint, p_today date) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM reception.application a
     WHERE a.id = p_application AND (a.state = 'received' OR coalesce(a.wake_on <= p_today, false) OR EXISTS (
       SELECT FROM reception.instruction i WHERE i.application = a.id AND i.done_at IS NULL)))
$$;

-- What is known for a turn: null where nothing waits. Keys as flow/reception/wire.py reads them.
CREATE OR REPLACE FUNCTION reception.turn(p_application bigint) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a reception.application;
  v_point bigint;
  v_today date := wall.today();
  v_ids bigint[];
BEGIN
  SELECT x.point INTO v_point FROM reception.application x WHERE x.id = p_application;
  IF v_point IS NOT NULL THEN
    -- Not of its key: whoever files about the point meanwhile waits for nothing, and learns nothing by waiting.
    PERFORM 1 FROM wall.point WHERE id = v_point FOR NO KEY UPDATE;
  END IF;
  SELECT * INTO a FROM reception.application x WHERE x.id = p_application FOR UPDATE;
  IF NOT FOUND OR NOT reception.waits(a.id, v_today) THEN
    RETURN NULL;
  END IF;
  v_ids := ARRAY(SELECT x.id FROM reception.application x WHERE x.id = a.id OR (x.point = v_point AND x.open));
  -- Those that these name, wherever they stand: a relay that is used up, the other half. Of another point there is none:
  -- a turn moves what is here and nothing else.
  v_ids := v_ids || ARRAY(
    SELECT n.id FROM reception.application x
      JOIN reception.application n ON n.number = ANY (x.named || x.partner)
     WHERE x.id = ANY (v_ids) AND n.id <> ALL (v_ids) AND n.point IS NOT DISTINCT FROM v_point
       AND (v_point IS NOT NULL OR n.sender = a.sender) GROUP BY n.id);
  RETURN jsonb_build_object(
    'at', wall.instant(), 'area', (SELECT left(p.supply_point, 2) FROM wall.point p ORDER BY p.id LIMIT 1),
    'cases', (SELECT jsonb_agg(jsonb_build_object('number', x.number, 'procedure', x.procedure, 'sender', s.code,
                'content', x.content, 'received_at', x.received_at, 'amended_at', x.amended_at, 'state', x.state,
                'since', x.since, 'due', x.due, 'refusals', x.refusals, 'partner', x.partner,
                'counterparts', ARRAY(SELECT o.code FROM wall.org o WHERE o.id = ANY (x.counterparts) ORDER BY o.code)) ORDER BY x.id)
                FROM reception.application x JOIN wall.org s ON s.id = x.sender WHERE x.id = ANY (v_ids)),
    'instructions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'number', x.number, 'event', i.event,
                'org', o.code, 'network', o.kind = 'network', 'reason', i.reason, 'at', i.at) ORDER BY i.id), '[]')
                FROM reception.instruction i JOIN reception.application x ON x.id = i.application JOIN wall.org o ON o.id = i.org
               WHERE i.application = ANY (v_ids) AND i.done_at IS NULL),
    'retailers', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', o.code, 'balancing_groups', c.balancing_groups,
                'from', lower(c.valid), 'to', upper(c.valid)) ORDER BY o.code), '[]')
                FROM reception.contract c JOIN wall.org o ON o.id = c.retailer
               WHERE c.recorded_to = 'infinity' AND c.valid @> coalesce((SELECT max(x.day) FROM reception.application x WHERE x.id = a.id), v_today)),
    'point', CASE WHEN v_point IS NOT NULL THEN reception.known(v_point) END);
END $$;

-- What is recorded of a point, as of now.
CREATE OR REPLACE FUNCTION reception.known(p_point bigint) RETURNS jsonb LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object('supply_point', p.supply_point,
    'place', concat(q.prefecture, q.city, q.town, q.block, CASE WHEN q.building <> '' THEN ' ' || q.building END,
                    CASE WHEN q.room <> '' THEN ' ' || q.room END),
    'voltage', e.voltage, 'power_kw', CASE WHEN z.unit = 'kW' THEN z.amount::text END,
    'kind', z.kind,
    'disconnection', CASE WHEN e.status = '廃止中' THEN e.disconnection ELSE '' END,
    'reading_days', jsonb_build_array(e.next_reading_on), 'special', false,
    'holdings', (SELECT coalesce(jsonb_agg(jsonb_build_object('retailer', o.code, 'from', lower(s.valid), 'to', upper(s.valid),
                   'customer_no', s.contract_no) ORDER BY lower(s.valid)), '[]')
                   FROM points.supply s JOIN wall.org o ON o.id = s.retailer WHERE s.point = p.id AND s.recorded_to = 'infinity'),
    'tenures', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', t.name, 'kana', t.kana, 'from', lower(t.valid),
                  'to', upper(t.valid)) ORDER BY lower(t.valid) NULLS FIRST), '[]')
                  FROM points.party t WHERE t.point = p.id AND t.recorded_to = 'infinity'))
    FROM wall.point p
    JOIN LATERAL (SELECT * FROM points.place r WHERE r.point = p.id ORDER BY r.id DESC LIMIT 1) q ON true
    JOIN LATERAL (SELECT * FROM points.equipment r WHERE r.point = p.id ORDER BY r.id DESC LIMIT 1) e ON true
    LEFT JOIN LATERAL (SELECT * FROM points.contract_size r WHERE r.point = p.id AND r.recorded_to = 'infinity'
                        ORDER BY lower(r.valid) DESC LIMIT 1) z ON true
   WHERE p.id = p_point
$$;

-- The moves of a turn, in order, all or none. p_moves: see flow/reception/turns.py; `from` must still be the state. p_wakes:
-- for every case of the turn its next day. Returns how many moves were made.
CREATE OR REPLACE FUNCTION reception.carry(p_application bigint, p_moves jsonb, p_wakes jsonb, p_done jsonb) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_move jsonb;
  v_count int := 0;
  a reception.application;
  v_point bigint;
  v_sender int;
  v_changed boolean := false;
BEGIN
  SELECT x.point, x.sender INTO v_point, v_sender FROM reception.application x WHERE x.id = p_application;
  IF v_point IS NOT NULL THEN
    PERFORM 1 FROM wall.point WHERE id = v_point FOR NO KEY UPDATE;
  END IF;
  IF NOT reception.waits(p_application, wall.today()) THEN
    RAISE EXCEPTION 'reception.carry: nothing waits at this application' USING ERRCODE = 'TK403';
  END IF;
  FOR v_move IN SELECT * FROM jsonb_array_elements(p_moves) LOOP
    UPDATE reception.application SET state = v_move ->> 'state', since = (v_move ->> 'since')::timestamptz,
        due = (v_move ->> 'due')::date, day = (v_move ->> 'day')::date, content = v_move -> 'content',
        amended_at = (v_move ->> 'amended_at')::timestamptz, partner = v_move ->> 'partner', refusals = v_move -> 'refusals',
        open = (v_move ->> 'open')::boolean,
        counterparts = ARRAY(SELECT o.id FROM wall.org o WHERE o.code IN (SELECT jsonb_array_elements_text(v_move -> 'counterparts')))
     WHERE number = v_move ->> 'number' AND state = v_move ->> 'from'
       AND point IS NOT DISTINCT FROM v_point AND (v_point IS NOT NULL OR sender = v_sender)
    RETURNING * INTO a;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'reception.carry: % is not in the state % at this point', v_move ->> 'number', v_move ->> 'from';
    END IF;
    INSERT INTO reception.move (application, event, source, target, actor, instruction, at, day, due, refusals, effect, told)
    VALUES (a.id, v_move ->> 'event', v_move ->> 'from', v_move ->> 'state', v_move ->> 'by', (v_move ->> 'instruction')::bigint,
            a.since, a.day, a.due, a.refusals, v_move ->> 'effect',
            ARRAY(SELECT jsonb_array_elements_text(v_move -> 'told')));
    PERFORM reception.copy_for(a, v_move -> 'copies');
    v_changed := reception.plan(a, (v_move ->> 'planned')::boolean, v_move -> 'pending') OR v_changed;
    IF v_move -> 'facts' <> 'null' THEN
      PERFORM points.rewrite(v_point, v_move -> 'facts', v_move ->> 'reason');
      v_changed := true;
    END IF;
    v_count := v_count + 1;
  END LOOP;
  UPDATE reception.application x SET wake_on = w.day, tries = 0, retry_at = NULL
    FROM jsonb_to_recordset(p_wakes) w(number text, day date)
   WHERE x.number = w.number AND x.point IS NOT DISTINCT FROM v_point AND (v_point IS NOT NULL OR x.sender = v_sender);
  UPDATE reception.instruction i SET done_at = clock_timestamp(), refusals = d.refusals
    FROM jsonb_to_recordset(p_done) d(id bigint, refusals jsonb)
   WHERE i.id = d.id AND i.done_at IS NULL AND EXISTS (
     SELECT FROM reception.application x WHERE x.id = i.application AND x.point IS NOT DISTINCT FROM v_point);
  IF v_changed THEN
    PERFORM points.restamp(ARRAY[v_point]);
  END IF;
  RETURN v_count;
END $$;

-- Each party's copy as it is after the move; a party that may not know of the case any more has none.
CREATE OR REPLACE FUNCTION reception.copy_for(a reception.application, p_copies jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM reception.copy c WHERE c.application = a.id AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(p_copies) n(party text) JOIN wall.org o ON o.code = n.party WHERE o.id = c.party);
  INSERT INTO reception.copy (application, party, role, confidential, number, procedure, point, supply_point, content, day,
      received_at, state, since, due, refusals)
  SELECT a.id, o.id, c.role, c.confidential, a.number, a.procedure, a.point, a.supply_point, c.content, c.day, a.received_at,
         c.state, c.since, c.due, c.refusals
    FROM jsonb_to_recordset(p_copies) c(party text, role text, confidential boolean, content jsonb, day date, state text,
                                        since timestamptz, due date, refusals jsonb)
    JOIN wall.org o ON o.code = c.party
  ON CONFLICT (application, party) DO UPDATE SET confidential = excluded.confidential, content = excluded.content,
    day = excluded.day, state = excluded.state, since = excluded.since, due = excluded.due, refusals = excluded.refusals;
END $$;

-- 決まった異動 and 申込中の異動 of the point, and the case that bears out a purpose; true if a stamp depends on it.
CREATE OR REPLACE FUNCTION reception.plan(a reception.application, p_planned boolean, p_pending jsonb) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_changed boolean := false;
BEGIN
  IF a.point IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO wall.cases (reference, kind, customer_code, opened_at, closed_at)
  SELECT a.number, 'application', p.customer_code, a.received_at, CASE WHEN NOT a.open THEN a.since END
    FROM wall.point p WHERE p.id = a.point
  ON CONFLICT (reference) DO UPDATE SET closed_at = excluded.closed_at;
  IF p_planned THEN
    INSERT INTO points.planned (application, point, day) VALUES (a.id, a.point, a.day)
    ON CONFLICT (application) DO UPDATE SET day = excluded.day;
    v_changed := true;
  ELSE
    DELETE FROM points.planned WHERE application = a.id;
    v_changed := FOUND;
  END IF;
  UPDATE points.pending SET effective_on = (p_pending ->> 'day')::date, state = p_pending ->> 'state'
   WHERE point = a.point AND application_no = a.number AND p_pending <> 'null';
  IF p_pending <> 'null' AND NOT FOUND THEN
    INSERT INTO points.pending (point, party, procedure, application_no, effective_on, state)
    VALUES (a.point, a.sender, p_pending ->> 'procedure', a.number, (p_pending ->> 'day')::date, p_pending ->> 'state');
    RETURN true;
  END IF;
  IF p_pending = 'null' THEN
    DELETE FROM points.pending WHERE point = a.point AND application_no = a.number;
  END IF;
  RETURN v_changed;
END $$;

-- A turn that could not be made: it waits, longer each time, and is counted for doctor and the inbox. Nothing is lost.
CREATE OR REPLACE FUNCTION reception.stumbled(p_application bigint) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  UPDATE reception.application SET tries = tries + 1,
    retry_at = clock_timestamp() + least(interval '15 seconds' * 2 ^ least(tries, 8), interval '30 minutes')
   WHERE id = p_application
$$;

-- For doctor: applications whose turn has failed, and those that wait. Counts only.
CREATE OR REPLACE FUNCTION reception.standing() RETURNS TABLE (waiting bigint, stumbling bigint) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FILTER (WHERE state = 'received'), count(*) FILTER (WHERE tries > 0) FROM reception.application WHERE open
$$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'reception'::regnamespace AND pg_get_userbyid(proowner) = 'effector' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION reception.due(int), reception.turn(bigint), reception.carry(bigint, jsonb, jsonb, jsonb),
  reception.stumbled(bigint), reception.standing() TO reception;
RESET ROLE;
SET LOCAL ROLE owner;
GRANT SELECT, INSERT, UPDATE ON wall.cases TO effector;
GRANT DELETE ON points.pending, reception.copy TO effector;
RESET ROLE;
