-- 管理: who works for whom, which companies belong together, and what needs a second person's approval.
-- Looks and changes go under a ticket of an office screen, like any other; the login is writer, which owns nothing.
-- Applied whole at every deployment; every statement can be repeated.
SET LOCAL ROLE owner;
GRANT SELECT ON wall.affiliation, wall.contracting, wall.proposal TO opener;
GRANT SELECT, INSERT ON wall.contracting, wall.proposal TO effector;
GRANT UPDATE (recorded_to, superseded_by) ON wall.appointment, wall.affiliation, wall.contracting TO effector;
GRANT UPDATE (verdict, decider, decided, decision_receipt, comment, proof, place, base, loaded) ON wall.proposal TO effector;
GRANT UPDATE (appointment) ON wall.session, wall.one_time_link TO opener;
RESET ROLE;

-- --------------------------------------------------------------------------------------------- tickets
SET LOCAL ROLE opener;
-- For the functions that read: is a ticket of the administration open on this connection for this action?
CREATE OR REPLACE FUNCTION wall.office_granted(p_action text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM wall.live_ticket t
     WHERE t.receipt = nullif(current_setting('wall.ticket', true), '')
       AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))
       AND t.login = session_user::text
       AND t.kind = 'office'
       AND t.action = p_action
       AND t.expires > clock_timestamp()
       AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned());
END $$;

-- For the functions that change: the person whose ticket is open for this action, or nobody (null).
CREATE OR REPLACE FUNCTION wall.administering(p_proof bytea, p_receipt text, p_action text) RETURNS int
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT a.person
      FROM wall.live_ticket t
      JOIN wall.session s ON s.proof_hash = t.proof_hash
      JOIN wall.appointment a ON a.id = s.appointment
     WHERE t.receipt = p_receipt AND t.proof_hash = sha256(p_proof) AND t.login = session_user::text
       AND t.kind = 'office' AND t.action = p_action AND t.expires > clock_timestamp()
       AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned());
END $$;

-- Sign-ins of an appointment whose period alone was recorded anew go on under the row that replaced it, until the
-- new end; after any other correction they are over.
CREATE OR REPLACE FUNCTION wall.carry_sessions(p_former bigint) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  UPDATE wall.session s SET appointment = n.id
    FROM wall.appointment o JOIN wall.appointment n ON n.id = o.superseded_by
   WHERE o.id = p_former AND s.appointment = o.id AND o.recorded_to < 'infinity' AND n.recorded_to = 'infinity'
     AND (n.person, n.employer, n.duty) = (o.person, o.employer, o.duty) AND n.principal IS NOT DISTINCT FROM o.principal;
  UPDATE wall.one_time_link l SET appointment = n.id
    FROM wall.appointment o JOIN wall.appointment n ON n.id = o.superseded_by
   WHERE o.id = p_former AND l.appointment = o.id AND o.recorded_to < 'infinity' AND n.recorded_to = 'infinity'
     AND (n.person, n.employer, n.duty) = (o.person, o.employer, o.duty) AND n.principal IS NOT DISTINCT FROM o.principal;
$$;

-- --------------------------------------------------------------------------------------------- reading
-- Persons by code, with what they are appointed to at this instant; p_find is a part of the code or of the name.
CREATE OR REPLACE FUNCTION wall.office_persons(p_find text, p_after text, p_limit int)
  RETURNS TABLE (code text, name text, duty text, employer_name text, organisation_name text, more boolean)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.office_granted('office.read') THEN
    RETURN;
  END IF;
  RETURN QUERY
    WITH asked AS MATERIALIZED (
      SELECT p.id, p.code, p.name, row_number() OVER (ORDER BY p.code) AS no
        FROM wall.person p
       WHERE (p_after IS NULL OR p.code > p_after)
         AND (p_find IS NULL OR strpos(lower(p.code), lower(p_find)) > 0
              OR strpos(translate(p.name, ' 　', ''), translate(p_find, ' 　', '')) > 0)
       ORDER BY p.code LIMIT p_limit + 1)
    SELECT q.code, q.name, a.duty, e.name, o.name, EXISTS (SELECT FROM asked z WHERE z.no > p_limit)
      FROM asked q
      LEFT JOIN wall.appointment a ON a.person = q.id AND a.recorded_to = 'infinity' AND a.valid @> wall.instant()
      LEFT JOIN wall.org e ON e.id = a.employer
      LEFT JOIN wall.org o ON o.id = coalesce(a.principal, a.employer)
     WHERE q.no <= p_limit
     ORDER BY q.no, a.id;
END $$;

-- Every appointment of a person that was ever recorded, newest period first. `stands`: as recorded now; `held_then` and
-- `held_now`: whether it was held at the business instant p_at (null: now), as recorded then and as recorded now.
CREATE OR REPLACE FUNCTION wall.office_appointments(p_person text, p_at timestamptz)
  RETURNS TABLE (code text, name text, own boolean, id bigint, employer text, employer_name text, principal text,
                 principal_name text, duty text, since timestamptz, until timestamptz, recorded_from timestamptz,
                 recorded_to timestamptz, superseded_by bigint, reason text, receipt text, stands boolean,
                 held_then boolean, held_now boolean)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_shift interval := coalesce((SELECT shift FROM wall.home), '0');
  v_at timestamptz := coalesce(p_at, transaction_timestamp() + v_shift);
  v_recorded timestamptz := least(v_at - v_shift, transaction_timestamp());
  v_reader int;
BEGIN
  IF NOT wall.office_granted('office.read') THEN
    RETURN;
  END IF;
  SELECT a.person INTO v_reader FROM wall.session s JOIN wall.appointment a ON a.id = s.appointment
   WHERE s.proof_hash = sha256(decode(current_setting('wall.proof'), 'hex'));
  RETURN QUERY
    SELECT p.code, p.name, p.id = v_reader, a.id, e.code, e.name, o.code, o.name, a.duty, lower(a.valid), upper(a.valid),
           a.recorded_from, nullif(a.recorded_to, 'infinity'), a.superseded_by, a.reason, a.receipt,
           a.recorded_to = 'infinity',
           a.valid @> v_at AND a.recorded_from <= v_recorded AND v_recorded < a.recorded_to,
           a.valid @> v_at AND a.recorded_to = 'infinity'
      FROM wall.person p
      LEFT JOIN wall.appointment a ON a.person = p.id
      LEFT JOIN wall.org e ON e.id = a.employer
      LEFT JOIN wall.org o ON o.id = a.principal
     WHERE p.code = p_person
     ORDER BY lower(a.valid) DESC NULLS LAST, a.id DESC;
END $$;

CREATE OR REPLACE FUNCTION wall.office_companies() RETURNS TABLE (code text, name text, kind text, registered text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.office_granted('office.read') THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT o.code, o.name, o.kind, o.registered FROM wall.org o ORDER BY o.id;
END $$;

-- 特定関係事業者 and 委託関係, every row that was ever recorded.
CREATE OR REPLACE FUNCTION wall.office_relations()
  RETURNS TABLE (kind text, id bigint, one text, one_name text, other text, other_name text, since date, until date,
                 recorded_from timestamptz, recorded_to timestamptz, superseded_by bigint, reason text, receipt text,
                 stands boolean)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.office_granted('office.read') THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT r.kind, r.id, x.code, x.name, y.code, y.name, lower(r.valid), upper(r.valid), r.recorded_from,
           nullif(r.recorded_to, 'infinity'), r.superseded_by, r.reason, r.receipt, r.recorded_to = 'infinity'
      FROM (SELECT 'affiliation' AS kind, f.id, f.network AS one, f.affiliate AS other, f.valid, f.recorded_from,
                   f.recorded_to, f.superseded_by, f.reason, f.receipt FROM wall.affiliation f
            UNION ALL
            SELECT 'contracting', c.id, c.contractor, c.principal, c.valid, c.recorded_from, c.recorded_to,
                   c.superseded_by, c.reason, c.receipt FROM wall.contracting c) r
      JOIN wall.org x ON x.id = r.one
      JOIN wall.org y ON y.id = r.other
     ORDER BY 1, x.code, y.code, lower(r.valid) DESC NULLS LAST, r.id DESC;
END $$;

CREATE OR REPLACE FUNCTION wall.office_screens()
  RETURNS TABLE (code text, version int, name text, view text, kind text, classes text[], actions text[],
                 recorded_from timestamptz, recorded_to timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.office_granted('office.read') THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT c.code, c.version, c.name, c.view, c.kind, c.classes, c.actions, c.recorded_from, nullif(c.recorded_to, 'infinity')
      FROM wall.screen c ORDER BY c.code, c.version DESC;
END $$;
RESET ROLE;

-- ----------------------------------------------------------------------------------------------- changing
SET LOCAL ROLE effector;
-- A refusal in words the office knows, with what it is about.
CREATE OR REPLACE FUNCTION wall.refuse(p_why text, p_about jsonb) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '%', p_why USING ERRCODE = 'TK400', DETAIL = coalesce(p_about, '{}')::text;
END $$;

-- Outcome of a change, in the same transaction: without it nothing was changed.
CREATE OR REPLACE FUNCTION wall.changed(p_proof bytea, p_day date, p_receipt text, p_rows int, p_what text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF wall.close(p_proof, p_day, p_receipt, p_rows, '{}', '{}', sha256(convert_to(p_what, 'UTF8'))) <> 'closed' THEN
    RAISE EXCEPTION 'the ticket ended meanwhile' USING ERRCODE = 'TK403';
  END IF;
END $$;

-- Duties that administer, approve or read the log: nobody is appointed to one, or taken out of it, by one person alone.
CREATE OR REPLACE FUNCTION wall.needs_approval(p_duty text) RETURNS boolean LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM wall.action x
                  WHERE p_duty = ANY (x.duties) AND (x.code ~ '^(office|rule)\.' OR x.code = 'log.read'))
$$;

-- The days on which people of a contractor may work in the name of a principal, over at most five rows.
CREATE OR REPLACE FUNCTION wall.contracted(p_contractor int, p_principal int) RETURNS datemultirange LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE chain(org, valid, depth) AS (
    SELECT c.principal, c.valid, 1 FROM wall.contracting c WHERE c.contractor = p_contractor AND c.recorded_to = 'infinity'
    UNION
    SELECT c.principal, c.valid * h.valid, h.depth + 1
      FROM chain h JOIN wall.contracting c ON c.contractor = h.org AND c.recorded_to = 'infinity' AND c.valid && h.valid
     WHERE h.depth < 5)
  SELECT coalesce(range_agg(valid), '{}') FROM chain WHERE org = p_principal
$$;

-- The JST days of an instant range.
CREATE OR REPLACE FUNCTION wall.days_of(p_valid tstzrange) RETURNS daterange LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT daterange((lower(p_valid) AT TIME ZONE 'Asia/Tokyo')::date,
                   ((upper(p_valid) - interval '1 microsecond') AT TIME ZONE 'Asia/Tokyo')::date, '[]')
$$;

-- Whether an appointment may be, whoever wants it; says why not.
CREATE OR REPLACE FUNCTION wall.check_appointment(p_content jsonb) RETURNS void LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  v_valid tstzrange;
  v_employer text;
  v_organisation text;
  v_other record;
BEGIN
  SELECT * INTO c FROM jsonb_to_record(p_content)
    x(person int, employer int, principal int, duty text, since timestamptz, until timestamptz, retires bigint);
  IF c.since IS NULL OR c.since < '1900-01-01 00:00+09' OR c.since > '4699-12-31 00:00+09' THEN
    PERFORM wall.refuse('since', '{}');
  END IF;
  IF c.until <= c.since OR c.until > '4699-12-31 00:00+09' THEN
    PERFORM wall.refuse('until', '{}');
  END IF;
  v_valid := tstzrange(c.since, c.until);
  SELECT kind INTO v_employer FROM wall.org WHERE id = c.employer;
  SELECT kind INTO v_organisation FROM wall.org WHERE id = coalesce(c.principal, c.employer);
  IF NOT EXISTS (SELECT FROM wall.rule WHERE duty = c.duty UNION ALL SELECT FROM wall.action WHERE c.duty = ANY (duties)) THEN
    PERFORM wall.refuse('duty', '{}');
  END IF;
  IF c.principal IS NOT NULL AND v_employer <> 'contractor' THEN
    PERFORM wall.refuse('principal', '{}');
  END IF;
  IF c.principal IS NULL AND v_employer = 'contractor' THEN
    PERFORM wall.refuse('no-principal', '{}');
  END IF;
  IF NOT (CASE WHEN c.duty LIKE 'network.%' THEN v_organisation = 'network'
               WHEN c.duty = 'retail.contractor' THEN v_organisation = 'retailer' AND c.principal IS NOT NULL
               ELSE v_organisation = 'retailer' AND c.principal IS NULL END) THEN
    PERFORM wall.refuse('duty-company', '{}');
  END IF;
  IF c.principal IS NOT NULL AND NOT wall.contracted(c.employer, c.principal) @> wall.days_of(v_valid) THEN
    PERFORM wall.refuse('chain', jsonb_build_object('days', wall.contracted(c.employer, c.principal)::text));
  END IF;
  SELECT lower(a.valid) AS since, upper(a.valid) AS until, a.duty INTO v_other
    FROM wall.appointment a
   WHERE a.person = c.person AND coalesce(a.principal, a.employer) = coalesce(c.principal, c.employer)
     AND a.recorded_to = 'infinity' AND a.id IS DISTINCT FROM c.retires AND a.valid && v_valid
   ORDER BY lower(a.valid) LIMIT 1;
  IF FOUND THEN
    PERFORM wall.refuse('overlap', to_jsonb(v_other));
  END IF;
END $$;

-- Record an appointment that was checked; one that it corrects is retired and points on to it.
CREATE OR REPLACE FUNCTION wall.record_appointment(p_content jsonb, p_reason text, p_receipt text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c record;
  v_id bigint := nextval('wall.appointment_id_seq');
BEGIN
  SELECT * INTO c FROM jsonb_to_record(p_content)
    x(person int, employer int, principal int, duty text, since timestamptz, until timestamptz, retires bigint);
  PERFORM wall.check_appointment(p_content);
  IF c.retires IS NOT NULL THEN
    UPDATE wall.appointment SET recorded_to = clock_timestamp() WHERE id = c.retires AND recorded_to = 'infinity';
    IF NOT FOUND THEN
      PERFORM wall.refuse('stale', '{}');
    END IF;
  END IF;
  INSERT INTO wall.appointment (id, person, employer, principal, duty, valid, reason, receipt)
  OVERRIDING SYSTEM VALUE
  VALUES (v_id, c.person, c.employer, c.principal, c.duty, tstzrange(c.since, c.until), p_reason, p_receipt);
  IF c.retires IS NOT NULL THEN
    UPDATE wall.appointment SET superseded_by = v_id WHERE id = c.retires;
    PERFORM wall.carry_sessions(c.retires);
  END IF;
  RETURN v_id;
EXCEPTION WHEN exclusion_violation THEN
  -- Two people at once: the constraint of the table decides.
  PERFORM wall.refuse('overlap', '{}');
END $$;

CREATE OR REPLACE FUNCTION wall.company_id(p_code text, p_field text) RETURNS int LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE found_id int;
BEGIN
  SELECT id INTO found_id FROM wall.org WHERE code = p_code;
  IF NOT FOUND THEN
    PERFORM wall.refuse('company', jsonb_build_object('field', p_field));
  END IF;
  RETURN found_id;
END $$;

-- 発令, its correction and its end. Nobody appoints themselves or touches their own appointment; where a second person
-- must approve, the change becomes a proposal. Returns 'recorded' or 'proposed'.
CREATE OR REPLACE FUNCTION wall.appoint(p_proof bytea, p_day date, p_receipt text, p_person text, p_employer text,
    p_principal text, p_duty text, p_since timestamptz, p_until timestamptz, p_retires bigint, p_reason text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actor int := wall.administering(p_proof, p_receipt, 'office.write');
  v_person int;
  v_former wall.appointment;
  v_content jsonb;
  v_done text;
BEGIN
  IF v_actor IS NULL THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  IF coalesce(p_reason, '') = '' OR length(p_reason) > 200 THEN
    PERFORM wall.refuse('reason', '{}');
  END IF;
  SELECT id INTO v_person FROM wall.person WHERE code = p_person;
  IF NOT FOUND THEN
    PERFORM wall.refuse('person', '{}');
  END IF;
  IF v_person = v_actor THEN
    PERFORM wall.refuse('self', '{}');
  END IF;
  IF p_retires IS NOT NULL THEN
    SELECT * INTO v_former FROM wall.appointment WHERE id = p_retires AND person = v_person AND recorded_to = 'infinity';
    IF NOT FOUND THEN
      PERFORM wall.refuse('stale', '{}');
    END IF;
  END IF;
  IF p_retires IS NOT NULL AND p_employer IS NULL THEN
    -- 終了: all stays as it was but the end
    IF p_until IS NULL THEN
      PERFORM wall.refuse('until', '{}');
    END IF;
    v_content := jsonb_build_object('employer', v_former.employer, 'principal', v_former.principal,
                                    'duty', v_former.duty, 'since', lower(v_former.valid));
  ELSE
    v_content := jsonb_build_object('employer', wall.company_id(p_employer, 'employer'),
      'principal', CASE WHEN p_principal IS NOT NULL THEN wall.company_id(p_principal, 'principal') END,
      'duty', p_duty, 'since', p_since);
  END IF;
  v_content := v_content || jsonb_build_object('person', v_person, 'until', p_until, 'retires', p_retires);
  IF wall.needs_approval(v_content ->> 'duty') OR wall.needs_approval(v_former.duty) THEN
    PERFORM wall.check_appointment(v_content);
    INSERT INTO wall.proposal (kind, content, reason, proposer, receipt)
    VALUES ('appointment', v_content, p_reason, v_actor, p_receipt);
    v_done := 'proposed';
  ELSE
    PERFORM wall.record_appointment(v_content, p_reason, p_receipt);
    v_done := 'recorded';
  END IF;
  PERFORM wall.changed(p_proof, p_day, p_receipt, 1, v_done || v_content::text);
  RETURN v_done;
END $$;

CREATE OR REPLACE FUNCTION wall.add_person(p_proof bytea, p_day date, p_receipt text, p_code text, p_name text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF wall.administering(p_proof, p_receipt, 'office.write') IS NULL THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  IF coalesce(p_code, '') !~ '^[a-z][a-z0-9-]{1,31}$' THEN
    PERFORM wall.refuse('code', '{}');
  END IF;
  IF coalesce(p_name, '') = '' OR length(p_name) > 64 OR p_name ~ '[[:cntrl:]]' THEN
    PERFORM wall.refuse('name', '{}');
  END IF;
  IF EXISTS (SELECT FROM wall.person WHERE code = p_code) THEN
    PERFORM wall.refuse('taken', '{}');
  END IF;
  INSERT INTO wall.person (id, code, name, receipt)
  SELECT coalesce(max(id), 0) + 1, p_code, p_name, p_receipt FROM wall.person;
  PERFORM wall.changed(p_proof, p_day, p_receipt, 1, p_code);
  RETURN 'recorded';
EXCEPTION WHEN unique_violation THEN
  -- Two people at once: the second one tries again.
  PERFORM wall.refuse('stale', '{}');
END $$;
RESET ROLE;

-- ------------------------------------------------------------------------------------- who may call what
SET LOCAL ROLE opener;
REVOKE EXECUTE ON FUNCTION wall.office_granted(text), wall.administering(bytea, text, text), wall.carry_sessions(bigint),
  wall.office_persons(text, text, int), wall.office_appointments(text, timestamptz), wall.office_companies(),
  wall.office_relations(), wall.office_screens() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.administering(bytea, text, text), wall.carry_sessions(bigint) TO effector;
GRANT EXECUTE ON FUNCTION wall.office_persons(text, text, int), wall.office_appointments(text, timestamptz),
  wall.office_companies(), wall.office_relations(), wall.office_screens() TO writer;
SET LOCAL ROLE effector;
REVOKE EXECUTE ON FUNCTION wall.refuse(text, jsonb), wall.changed(bytea, date, text, int, text),
  wall.needs_approval(text), wall.contracted(int, int), wall.days_of(tstzrange), wall.check_appointment(jsonb),
  wall.record_appointment(jsonb, text, text), wall.company_id(text, text), wall.add_person(bytea, date, text, text, text),
  wall.appoint(bytea, date, text, text, text, text, text, timestamptz, timestamptz, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.add_person(bytea, date, text, text, text),
  wall.appoint(bytea, date, text, text, text, text, text, timestamptz, timestamptz, bigint, text) TO writer;
RESET ROLE;

-- ---------------------------------------------------------------------------------- companies and relations
SET LOCAL ROLE effector;
CREATE OR REPLACE FUNCTION wall.add_company(p_proof bytea, p_day date, p_receipt text, p_code text, p_name text,
    p_kind text, p_registered text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF wall.administering(p_proof, p_receipt, 'office.write') IS NULL THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  IF coalesce(p_code, '') !~ '^[a-z][a-z0-9-]{1,31}$' THEN
    PERFORM wall.refuse('company-code', '{}');
  END IF;
  IF coalesce(p_name, '') = '' OR length(p_name) > 64 OR p_name ~ '[[:cntrl:]]' THEN
    PERFORM wall.refuse('company-name', '{}');
  END IF;
  -- The network company is one, and came with the home.
  IF p_kind IS NULL OR p_kind <> ALL (ARRAY['retailer', 'contractor']) THEN
    PERFORM wall.refuse('company-kind', '{}');
  END IF;
  IF (p_kind = 'retailer') <> (coalesce(p_registered, '') ~ '^[A-Z][0-9]{4}$') OR (p_kind <> 'retailer' AND p_registered <> '') THEN
    PERFORM wall.refuse('registered', '{}');
  END IF;
  IF EXISTS (SELECT FROM wall.org WHERE code = p_code) THEN
    PERFORM wall.refuse('company-taken', '{}');
  END IF;
  IF EXISTS (SELECT FROM wall.org WHERE registered = p_registered) THEN
    PERFORM wall.refuse('registered-taken', '{}');
  END IF;
  INSERT INTO wall.org (id, code, name, kind, registered, receipt)
  SELECT coalesce(max(id), 0) + 1, p_code, p_name, p_kind, nullif(p_registered, ''), p_receipt FROM wall.org;
  PERFORM wall.changed(p_proof, p_day, p_receipt, 1, p_code);
  RETURN 'recorded';
EXCEPTION WHEN unique_violation THEN
  PERFORM wall.refuse('company-stale', '{}');
END $$;

-- 特定関係事業者 (affiliation: network, affiliate) or 委託関係 (contracting: contractor, principal), by JST days.
CREATE OR REPLACE FUNCTION wall.relate(p_proof bytea, p_day date, p_receipt text, p_kind text, p_one text, p_other text,
    p_since date, p_until date, p_reason text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_one wall.org;
  v_other wall.org;
  v_valid daterange;
  v_held daterange;
BEGIN
  IF wall.administering(p_proof, p_receipt, 'office.write') IS NULL THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  SELECT * INTO v_one FROM wall.org WHERE code = p_one;
  SELECT * INTO v_other FROM wall.org WHERE code = p_other;
  IF p_kind IS NULL OR p_kind <> ALL (ARRAY['affiliation', 'contracting']) THEN
    PERFORM wall.refuse('kind', '{}');
  END IF;
  IF v_one.id IS NULL OR v_other.id IS NULL OR v_one.id = v_other.id OR (CASE p_kind
       WHEN 'affiliation' THEN v_one.kind <> 'network' OR v_other.kind = 'network' ELSE v_one.kind <> 'contractor' END) THEN
    PERFORM wall.refuse(p_kind || '-companies', '{}');
  END IF;
  IF p_since IS NULL OR p_since NOT BETWEEN DATE '1900-01-01' AND DATE '4699-12-30' THEN
    PERFORM wall.refuse('since-day', '{}');
  END IF;
  IF p_until <= p_since OR p_until > DATE '4699-12-31' THEN
    PERFORM wall.refuse('until-day', '{}');
  END IF;
  IF coalesce(p_reason, '') = '' OR length(p_reason) > 200 THEN
    PERFORM wall.refuse('reason', '{}');
  END IF;
  v_valid := daterange(p_since, p_until);
  IF p_kind = 'affiliation' THEN
    SELECT valid INTO v_held FROM wall.affiliation
     WHERE network = v_one.id AND affiliate = v_other.id AND recorded_to = 'infinity' AND valid && v_valid LIMIT 1;
  ELSE
    SELECT valid INTO v_held FROM wall.contracting
     WHERE contractor = v_one.id AND principal = v_other.id AND recorded_to = 'infinity' AND valid && v_valid LIMIT 1;
  END IF;
  IF FOUND THEN
    PERFORM wall.refuse('relation-overlap', jsonb_build_object('since', lower(v_held), 'until', upper(v_held)));
  END IF;
  IF p_kind = 'affiliation' THEN
    INSERT INTO wall.affiliation (network, affiliate, valid, reason, receipt)
    VALUES (v_one.id, v_other.id, v_valid, p_reason, p_receipt);
  ELSE
    INSERT INTO wall.contracting (contractor, principal, valid, reason, receipt)
    VALUES (v_one.id, v_other.id, v_valid, p_reason, p_receipt);
  END IF;
  PERFORM wall.changed(p_proof, p_day, p_receipt, 1, p_kind || p_one || p_other || v_valid::text);
  RETURN 'recorded';
EXCEPTION WHEN exclusion_violation THEN
  PERFORM wall.refuse('relation-overlap', '{}');
END $$;

-- The end of a relation, or another end: the row is retired and points on. An appointment that needs the chain keeps it.
CREATE OR REPLACE FUNCTION wall.end_relation(p_proof bytea, p_day date, p_receipt text, p_kind text, p_id bigint,
    p_until date, p_reason text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_table text := CASE p_kind WHEN 'affiliation' THEN 'wall.affiliation' WHEN 'contracting' THEN 'wall.contracting' END;
  v_pair text := CASE p_kind WHEN 'affiliation' THEN 'network, affiliate' ELSE 'contractor, principal' END;
  v_since date;
  v_new bigint;
  v_needed text;
BEGIN
  IF wall.administering(p_proof, p_receipt, 'office.write') IS NULL THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  IF v_table IS NULL THEN
    PERFORM wall.refuse('kind', '{}');
  END IF;
  IF coalesce(p_reason, '') = '' OR length(p_reason) > 200 THEN
    PERFORM wall.refuse('reason', '{}');
  END IF;
  EXECUTE format('UPDATE %s SET recorded_to = clock_timestamp() WHERE id = $1 AND recorded_to = ''infinity'''
                 ' RETURNING lower(valid)', v_table) INTO v_since USING p_id;
  IF v_since IS NULL THEN
    PERFORM wall.refuse('relation-stale', '{}');
  END IF;
  IF p_until IS NULL OR p_until <= v_since OR p_until > DATE '4699-12-31' THEN
    PERFORM wall.refuse('until-day', '{}');
  END IF;
  EXECUTE format('INSERT INTO %s (%s, valid, reason, receipt) SELECT %2$s, daterange(lower(valid), $2), $3, $4 FROM %1$s'
                 ' WHERE id = $1 RETURNING id', v_table, v_pair) INTO v_new USING p_id, p_until, p_reason, p_receipt;
  EXECUTE format('UPDATE %s SET superseded_by = $2 WHERE id = $1', v_table) USING p_id, v_new;
  IF p_kind = 'contracting' THEN
    SELECT string_agg(DISTINCT p.code, ', ' ORDER BY p.code) INTO v_needed
      FROM wall.appointment a JOIN wall.person p ON p.id = a.person
     WHERE a.recorded_to = 'infinity' AND a.principal IS NOT NULL AND coalesce(upper(a.valid) > wall.instant(), true)
       AND NOT wall.contracted(a.employer, a.principal)
               @> (wall.days_of(a.valid) * daterange(wall.today(), NULL));
    IF v_needed IS NOT NULL THEN
      PERFORM wall.refuse('needed', jsonb_build_object('persons', v_needed));
    END IF;
  END IF;
  PERFORM wall.changed(p_proof, p_day, p_receipt, 1, p_kind || p_id || p_until);
  RETURN 'recorded';
EXCEPTION WHEN exclusion_violation THEN
  PERFORM wall.refuse('relation-overlap', '{}');
END $$;
REVOKE EXECUTE ON FUNCTION wall.add_company(bytea, date, text, text, text, text, text),
  wall.relate(bytea, date, text, text, text, text, date, date, text),
  wall.end_relation(bytea, date, text, text, bigint, date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.add_company(bytea, date, text, text, text, text, text),
  wall.relate(bytea, date, text, text, text, text, date, date, text),
  wall.end_relation(bytea, date, text, text, bigint, date, text) TO writer;
RESET ROLE;

-- ------------------------------------------------------------------------------------ proposals and approval
SET LOCAL ROLE opener;
-- Every proposal, open ones first, in codes and names. `own`: the reader proposed it; `subject`: it is about the reader.
CREATE OR REPLACE FUNCTION wall.office_proposals()
  RETURNS TABLE (id bigint, kind text, content jsonb, reason text, proposer text, proposer_name text,
                 proposed timestamptz, receipt text, verdict text, decider text, decider_name text, decided timestamptz,
                 decision_receipt text, comment text, proof text, person text, person_name text, employer_name text,
                 principal_name text, own boolean, subject boolean, place int, base int, loaded int, loaded_on date)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_reader int;
BEGIN
  IF NOT wall.office_granted('rule.read') THEN
    RETURN;
  END IF;
  SELECT a.person INTO v_reader FROM wall.session s JOIN wall.appointment a ON a.id = s.appointment
   WHERE s.proof_hash = sha256(decode(current_setting('wall.proof'), 'hex'));
  RETURN QUERY
    SELECT q.id, q.kind, q.content, q.reason, w.code, w.name, q.proposed, q.receipt, q.verdict, d.code, d.name,
           q.decided, q.decision_receipt, q.comment, q.proof, p.code, p.name, e.name, o.name, q.proposer = v_reader,
           coalesce(p.id = v_reader, false), q.place, q.base, q.loaded,
           wall.jst_day(v.loaded + coalesce((SELECT shift FROM wall.home), '0'))
      FROM wall.proposal q
      JOIN wall.person w ON w.id = q.proposer
      LEFT JOIN wall.person d ON d.id = q.decider
      LEFT JOIN wall.person p ON p.id = (q.content ->> 'person')::int
      LEFT JOIN wall.org e ON e.id = (q.content ->> 'employer')::int
      LEFT JOIN wall.org o ON o.id = (q.content ->> 'principal')::int
      LEFT JOIN wall.rule_version v ON v.version = q.loaded
     ORDER BY q.verdict IS NOT NULL, q.id DESC;
END $$;

-- The rows of the table as they are enforced, each with the version of the whole.
CREATE OR REPLACE FUNCTION wall.office_rules()
  RETURNS TABLE (duty text, relation text, view text, class text, verdict text, article text, note text, since date,
                 until date, version int)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT wall.office_granted('rule.read') THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT r.duty, r.relation, r.view, r.class, r.verdict, r.article, r.note, lower(r.valid), upper(r.valid),
           (SELECT max(v.version) FROM wall.rule_version v)
      FROM wall.rule r WHERE r.until IS NULL ORDER BY r.duty, r.view DESC, r.relation, r.class, r.verdict;
END $$;
REVOKE EXECUTE ON FUNCTION wall.office_proposals(), wall.office_rules() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.office_proposals(), wall.office_rules() TO writer;
SET LOCAL ROLE effector;

-- A change of the table, proposed. The ticket's outcome holds the hash of what was proposed: the start check compares.
CREATE OR REPLACE FUNCTION wall.propose_rule(p_proof bytea, p_day date, p_receipt text, p_content jsonb, p_reason text)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actor int := wall.administering(p_proof, p_receipt, 'rule.propose');
BEGIN
  IF v_actor IS NULL THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  IF coalesce(p_reason, '') = '' OR length(p_reason) > 200 THEN
    PERFORM wall.refuse('reason', '{}');
  END IF;
  IF (p_content ->> 'on')::date IS NULL OR (p_content ->> 'on')::date <= wall.today()
     OR (p_content ->> 'on')::date > DATE '4699-12-31' THEN
    PERFORM wall.refuse('on', '{}');
  END IF;
  IF coalesce(p_content ->> 'do', '') <> ALL (ARRAY['add', 'end']) OR length(p_content::text) > 4000 THEN
    PERFORM wall.refuse('do', '{}');
  END IF;
  IF p_content ->> 'do' = 'end' AND NOT EXISTS (
       SELECT FROM wall.rule r WHERE r.until IS NULL AND r.key = p_content ->> 'key' AND r.valid @> (p_content ->> 'on')::date) THEN
    PERFORM wall.refuse('no-row', '{}');
  END IF;
  IF p_content ->> 'do' = 'add' AND EXISTS (
       SELECT FROM wall.rule r
        WHERE r.until IS NULL AND coalesce(upper(r.valid) > (p_content ->> 'on')::date, true)
          AND (r.duty, r.relation, r.view, r.class, r.verdict) = (p_content ->> 'duty', p_content ->> 'relation',
               p_content ->> 'view', p_content ->> 'class', p_content ->> 'verdict')) THEN
    PERFORM wall.refuse('row-stands', '{}');
  END IF;
  IF EXISTS (SELECT FROM wall.proposal q WHERE q.verdict IS NULL AND q.kind = 'rule' AND q.content = p_content) THEN
    PERFORM wall.refuse('proposed-already', '{}');
  END IF;
  INSERT INTO wall.proposal (kind, content, reason, proposer, receipt)
  VALUES ('rule', p_content - 'person', p_reason, v_actor, p_receipt);
  PERFORM wall.changed(p_proof, p_day, p_receipt, 1, (p_content - 'person')::text);
  RETURN 'proposed';
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
  PERFORM wall.refuse('on', '{}');
END $$;

-- Approval or refusal by a second person, who is not the subject either; withdrawal by the proposer. p_proof_text is
-- the hash of the proof of the proposed table, made over version p_base with every approval before place p_place: if a
-- deployment or another approval came between, the proof is of another table. An approved appointment is recorded here
-- and now, after the same checks; an approved change of the rules comes with the next deployment.
CREATE OR REPLACE FUNCTION wall.decide_proposal(p_proof bytea, p_day date, p_receipt text, p_id bigint, p_verdict text,
    p_comment text, p_proof_text text, p_place int, p_base int)
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actor int := wall.administering(p_proof, p_receipt, CASE WHEN p_verdict = 'withdrawn' THEN 'rule.propose' ELSE 'rule.approve' END);
  q wall.proposal;
  v_proof text;
BEGIN
  IF v_actor IS NULL OR p_verdict IS NULL OR p_verdict <> ALL (ARRAY['approved', 'refused', 'withdrawn']) THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  SELECT * INTO q FROM wall.proposal WHERE id = p_id AND verdict IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM wall.refuse('decided', '{}');
  END IF;
  IF (q.proposer = v_actor) <> (p_verdict = 'withdrawn') THEN
    PERFORM wall.refuse(CASE p_verdict WHEN 'withdrawn' THEN 'not-yours' ELSE 'own-proposal' END, '{}');
  END IF;
  IF q.kind = 'appointment' AND p_verdict <> 'withdrawn' AND (q.content ->> 'person')::int = v_actor THEN
    PERFORM wall.refuse('own-appointment', '{}');
  END IF;
  IF length(p_comment) > 200 OR (p_verdict <> 'approved' AND coalesce(p_comment, '') = '') THEN
    PERFORM wall.refuse('comment', '{}');
  END IF;
  IF q.kind = 'rule' AND p_verdict = 'approved' THEN
    IF coalesce(p_proof_text, '') !~ '^[0-9a-f]{64}$' THEN
      PERFORM wall.refuse('unproved', '{}');
    END IF;
    IF (q.content ->> 'on')::date <= wall.today() THEN
      PERFORM wall.refuse('late', '{}');
    END IF;
    LOCK TABLE wall.rule_version IN SHARE ROW EXCLUSIVE MODE;
    IF (p_place, p_base) IS DISTINCT FROM ((SELECT coalesce(max(place), 0) + 1 FROM wall.proposal),
                                           (SELECT max(version) FROM wall.rule_version)) THEN
      PERFORM wall.refuse('moved', '{}');
    END IF;
    v_proof := p_proof_text;
  END IF;
  UPDATE wall.proposal SET verdict = p_verdict, decider = v_actor, decided = clock_timestamp(),
         decision_receipt = p_receipt, comment = nullif(p_comment, ''), proof = v_proof,
         place = CASE WHEN v_proof IS NOT NULL THEN p_place END, base = CASE WHEN v_proof IS NOT NULL THEN p_base END
   WHERE id = p_id;
  IF q.kind = 'appointment' AND p_verdict = 'approved' THEN
    PERFORM wall.record_appointment(q.content, q.reason, q.receipt);
  END IF;
  PERFORM wall.changed(p_proof, p_day, p_receipt, 1, concat(p_verdict, p_id, v_proof));
  RETURN p_verdict;
END $$;
REVOKE EXECUTE ON FUNCTION wall.propose_rule(bytea, date, text, jsonb, text),
  wall.decide_proposal(bytea, date, text, bigint, text, text, text, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.propose_rule(bytea, date, text, jsonb, text),
  wall.decide_proposal(bytea, date, text, bigint, text, text, text, int, int) TO writer;
RESET ROLE;
