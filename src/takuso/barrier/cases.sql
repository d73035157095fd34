-- 申込の閲覧票: a look at applications names each of them before a row is read. For a retailer that is its own copies;
-- for the network company an application together with its supply point, under a purpose like any customer.
-- Applied whole at every deployment; every statement can be repeated.
SET LOCAL ROLE opener;

-- The applications of the live ticket of this connection, as wall.granted has the points.
CREATE OR REPLACE FUNCTION wall.granted_cases() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer bigint[];
BEGIN
  SELECT t.cases INTO answer
    FROM wall.live_ticket t
   WHERE t.receipt = nullif(current_setting('wall.ticket', true), '')
     AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))
     AND t.login = session_user::text
     AND t.kind = 'cases'
     AND t.expires > clock_timestamp()
     AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned();
  RETURN coalesce(answer, '{}');
END $$;

-- For the functions that file and answer: who does it, under the ticket that is open for this action; no row otherwise.
CREATE OR REPLACE FUNCTION wall.filing(p_proof bytea, p_receipt text, p_action text)
  RETURNS TABLE (org int, kind text, person int, at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT t.viewer_org, o.kind, a.person, wall.instant()
      FROM wall.live_ticket t
      JOIN wall.org o ON o.id = t.viewer_org
      JOIN wall.session s ON s.proof_hash = t.proof_hash
      JOIN wall.appointment a ON a.id = s.appointment
     WHERE t.receipt = p_receipt AND t.proof_hash = sha256(p_proof) AND t.login = session_user::text
       AND t.kind = 'filing' AND t.action = p_action AND t.expires > clock_timestamp()
       AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned();
END $$;

-- At most 50 applications: a list (p_list), or the one of a number. p_after: the number of the last one of the page before.
CREATE OR REPLACE FUNCTION wall.open_cases(p_proof bytea, p_day date, p_request uuid, p_screen text, p_came_from text,
    p_terminal text, p_list text, p_number text, p_after text, p_repeat boolean) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m wall.admission;
  v_hash bytea := sha256(convert_to(jsonb_build_array('cases', p_screen, p_came_from, p_list, p_number, p_after)::text, 'UTF8'));
  v_typed text := concat_ws(' ', p_list, p_number, p_after);
  v_receipt text := wall.new_receipt();
  v_key bytea := wall.new_key();
  network boolean;
  v_answers boolean;
  v_may boolean;
  v_cases bigint[]; v_points bigint[]; v_numbers text[];
BEGIN
  m := wall.admit(p_proof, p_day, p_screen, p_came_from, p_terminal);
  IF m.screen_kind <> 'cases' OR length(v_typed) > 200 OR v_typed ~ '[[:cntrl:]]' THEN
    RAISE EXCEPTION 'this screen shows no applications' USING ERRCODE = 'TK400';
  END IF;
  IF p_repeat THEN
    RETURN wall.repeat(m, p_request, v_hash);
  END IF;
  network := m.organisation_kind = 'network';
  v_may := EXISTS (SELECT FROM wall.action x WHERE x.code = ANY (m.screen_actions) AND m.duty = ANY (x.duties));
  v_answers := EXISTS (SELECT FROM wall.action x WHERE x.code = 'reception.answer' AND m.duty = ANY (x.duties));
  IF NOT v_may THEN
    PERFORM wall.write_ticket(m, p_request, v_receipt, 'cases', NULL, 'refused', 'the duty may not do this', v_hash, v_key);
    INSERT INTO log.payload (day, receipt, typed, key) VALUES (m.day, v_receipt, v_typed, v_key);
    RETURN wall.answer(m, v_receipt, 'refused', NULL, '{}', NULL);
  END IF;
  SELECT coalesce(array_agg(f.application ORDER BY f.no), '{}'), coalesce(array_agg(f.point ORDER BY f.no), '{}'),
         coalesce(array_agg(f.supply_point ORDER BY f.no), '{}')
    INTO v_cases, v_points, v_numbers
    FROM reception.find(p_list, CASE WHEN network THEN NULL ELSE m.organisation END, v_answers, p_number, p_after, 51) f;
  -- Many at once need the purpose of lists; one alone that of its customer, as on every other screen.
  m := wall.with_purpose(m, CASE WHEN NOT network THEN '{}'::text[]
                                 WHEN p_number IS NULL OR cardinality(v_cases) <> 1 OR v_points[1] IS NULL THEN ARRAY['*']
                                 ELSE ARRAY(SELECT p.customer_code FROM wall.point p WHERE p.id = v_points[1]) END);
  IF m.purpose_code IS NULL THEN
    PERFORM wall.write_ticket(m, p_request, v_receipt, 'cases', NULL, 'purpose-needed', 'no purpose stated', v_hash, v_key);
    INSERT INTO log.payload (day, receipt, typed, key) VALUES (m.day, v_receipt, v_typed, v_key);
    RETURN wall.answer(m, v_receipt, 'purpose-needed', NULL, '{}', NULL);
  END IF;
  RETURN wall.settle_cases(m, p_request, v_receipt, v_cases[1:50], v_points[1:50], v_numbers[1:50], v_typed, v_hash, v_key,
                           p_number IS NOT NULL, cardinality(v_cases) > 50);
END $$;

-- Ticket, a subject for each application, and the live row. The network company's one application opens the classes of its
-- point as well; a list, and every retailer's look, opens the applications alone.
CREATE OR REPLACE FUNCTION wall.settle_cases(m wall.admission, p_request uuid, p_receipt text, p_cases bigint[],
    p_points bigint[], p_numbers text[], p_typed text, p_hash bytea, p_key bytea, p_one boolean, p_more boolean) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  network boolean := m.organisation_kind = 'network';
  v_relation text := CASE WHEN network THEN 'any' ELSE 'applicant' END;
  v_login text := CASE WHEN network THEN 'reader_network' ELSE 'reader_retailer' END;
  v_classes text[];
  v_points bigint[];
  v_grants jsonb;
BEGIN
  v_classes := ARRAY(
    SELECT r.class FROM wall.rule r
     WHERE r.duty = m.duty AND r.relation = v_relation AND r.view = m.screen_view AND r.until IS NULL AND r.valid @> m.today
       AND r.class = ANY (m.screen_classes) AND (r.class = 'G' OR (network AND p_one))
     GROUP BY r.class HAVING bool_and(r.verdict = 'show') ORDER BY r.class);
  IF NOT 'G' = ANY (v_classes) THEN
    p_cases := '{}'; p_points := '{}'; p_numbers := '{}';
  END IF;
  v_points := ARRAY(SELECT DISTINCT u FROM unnest(p_points) u WHERE u IS NOT NULL ORDER BY u);
  INSERT INTO log.subject (day, receipt, no, point, supply_point, holder, held_from, relation, granted, refused, period)
  SELECT m.day, p_receipt, c.no, p.id, coalesce(p.supply_point, p_numbers[c.no]),
         CASE WHEN p.held_from <= m.today AND m.today < p.held_to THEN p.holder_id END,
         CASE WHEN p.held_from <= m.today AND m.today < p.held_to THEN p.held_from END,
         v_relation, v_classes, ARRAY(SELECT k FROM unnest(m.screen_classes) k WHERE k <> ALL (v_classes) ORDER BY k),
         CASE WHEN v_classes && ARRAY['D', 'E', 'F', 'J'] THEN '{(,)}'::datemultirange END
    FROM unnest(p_cases) WITH ORDINALITY c(application, no)
    LEFT JOIN wall.point p ON p.id = p_points[c.no];
  INSERT INTO wall.live_ticket (receipt, day, xid, proof_hash, login, viewer_org, opened, expires, kind, cases,
                                a, b, c, d, e, f, g, h, i, j, s, spans)
  SELECT p_receipt, m.day, pg_current_xact_id(), m.proof_hash, v_login, m.organisation, m.at, m.at + interval '60 seconds',
         'cases', p_cases,
         CASE WHEN 'A' = ANY (v_classes) THEN v_points END, CASE WHEN 'B' = ANY (v_classes) THEN v_points END,
         CASE WHEN 'C' = ANY (v_classes) THEN v_points END, CASE WHEN 'D' = ANY (v_classes) THEN v_points END,
         CASE WHEN 'E' = ANY (v_classes) THEN v_points END, CASE WHEN 'F' = ANY (v_classes) THEN v_points END,
         CASE WHEN 'G' = ANY (v_classes) THEN v_points END, CASE WHEN 'H' = ANY (v_classes) THEN v_points END,
         CASE WHEN 'I' = ANY (v_classes) THEN v_points END, CASE WHEN 'J' = ANY (v_classes) THEN v_points END,
         CASE WHEN 'S' = ANY (v_classes) THEN v_points END,
         CASE WHEN network THEN '{(,)}'::int8multirange ELSE '{}'::int8multirange END;
  SELECT coalesce(jsonb_object_agg(k, to_jsonb(v_points)), '{}') INTO v_grants FROM unnest(v_classes) k WHERE v_points <> '{}';
  PERFORM wall.write_ticket(m, p_request, p_receipt, 'cases', NULL,
                            CASE WHEN p_one AND p_cases = '{}' THEN 'hidden' ELSE 'shown' END,
                            CASE WHEN p_one AND p_cases = '{}' THEN 'absent' ELSE '' END, p_hash, p_key);
  INSERT INTO log.payload (day, receipt, typed, key) VALUES (m.day, p_receipt, p_typed, p_key);
  RETURN wall.answer(m, p_receipt, CASE WHEN p_one AND p_cases = '{}' THEN 'hidden' ELSE 'shown' END, v_login, v_grants,
                     CASE WHEN p_more THEN p_receipt END)
         || jsonb_build_object('cases', p_cases);
END $$;

-- For what a purpose is stated, of a case by its 受付番号: the customer of its point, and lists where there is none. It is
-- told to nobody. (As open_cases asks for it.)
CREATE OR REPLACE FUNCTION wall.scope_of_case(p_number text) RETURNS text LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN coalesce((SELECT p.customer_code FROM reception.find(NULL, NULL, false, p_number, NULL, 1) f
                     JOIN wall.point p ON p.id = f.point), '*');
END $$;

REVOKE EXECUTE ON FUNCTION wall.granted_cases(), wall.filing(bytea, text, text), wall.scope_of_case(text),
  wall.open_cases(bytea, date, uuid, text, text, text, text, text, text, boolean),
  wall.settle_cases(wall.admission, uuid, text, bigint[], bigint[], text[], text, bytea, bytea, boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.granted_cases() TO reader_network, reader_retailer;
GRANT EXECUTE ON FUNCTION wall.filing(bytea, text, text) TO effector;
GRANT EXECUTE ON FUNCTION wall.open_cases(bytea, date, uuid, text, text, text, text, text, text, boolean) TO ticketer;
RESET ROLE;
