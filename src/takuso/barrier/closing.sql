-- 締め: ended days of the log, for the files that surveys read. For the deployment login alone: no login of a serving
-- process reads the log without a ticket, and this reads whole days of it.
-- Applied whole at every deployment; every statement can be repeated.
SET LOCAL ROLE owner;
GRANT SELECT, INSERT ON log.closing TO opener;
GRANT SELECT ON log.closing TO surveyor;
GRANT SELECT ON wall.affiliation TO opener;
DROP POLICY IF EXISTS opener_select ON log.closing;
CREATE POLICY opener_select ON log.closing FOR SELECT TO opener USING (true);
DROP POLICY IF EXISTS opener_append ON log.closing;
CREATE POLICY opener_append ON log.closing FOR INSERT TO opener WITH CHECK (true);
DROP POLICY IF EXISTS compliance ON log.closing;
CREATE POLICY compliance ON log.closing FOR SELECT TO surveyor USING ((SELECT wall.log_granted()));
SET LOCAL ROLE opener;

-- The ended days: those that are tallied. `digests` has that of each writing, newest first; none = not written out.
-- Dropped first: its columns were others once.
DROP FUNCTION IF EXISTS wall.closing_days();
CREATE FUNCTION wall.closing_days() RETURNS TABLE (day date, records bigint, digests bytea[]) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT y.day, y.records, ARRAY(SELECT c.digest FROM log.closing c WHERE c.day = y.day ORDER BY c.no DESC)
    FROM log.tallied y ORDER BY y.day
$$;

-- Whole days, in the order of their instants. The days are written into the queries: then only their partitions are read.
CREATE OR REPLACE FUNCTION wall.closing_tickets(p_day date)
  RETURNS TABLE (at bigint, receipt text, business_at bigint, kind text, session bigint, terminal text, person text,
                 appointment bigint, employer text, organisation text, duty text, screen text, screen_version int,
                 came_from text, came_screen text, action text, purpose_code text, purpose_reference text,
                 purpose_verified boolean, purpose_receipt text, decision text, reason text, rule_version int,
                 argument_hash text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT (extract(epoch FROM t.at) * 1000000)::bigint, t.receipt, (extract(epoch FROM t.business_at) * 1000000)::bigint,
           t.kind, t.session, t.terminal, p.code, t.appointment, e.code, o.code, t.duty, t.screen, t.screen_version,
           t.came_from, t.came_screen, t.action, t.purpose_code, t.purpose_reference, t.purpose_verified, t.purpose_receipt,
           t.decision, t.reason, t.rule_version, encode(t.argument_hash, 'hex')
      FROM log.ticket t
      LEFT JOIN wall.person p ON p.id = t.person
      LEFT JOIN wall.org e ON e.id = t.employer
      LEFT JOIN wall.org o ON o.id = t.organisation
     WHERE t.day = %L ORDER BY t.at, t.receipt $sql$, p_day);
END $$;

CREATE OR REPLACE FUNCTION wall.closing_subjects(p_day date)
  RETURNS TABLE (receipt text, no int, supply_point text, holder text, held_from date, relation text, granted text,
                 refused text, period text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT s.receipt, s.no, s.supply_point, o.code, s.held_from, s.relation, array_to_string(s.granted, ''),
           array_to_string(s.refused, ''), s.period::text
      FROM log.subject s LEFT JOIN wall.org o ON o.id = s.holder WHERE s.day = %L ORDER BY s.receipt, s.no $sql$, p_day);
END $$;

CREATE OR REPLACE FUNCTION wall.closing_outcomes(p_day date)
  RETURNS TABLE (receipt text, at bigint, rows int, classes text, points text, digest text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT u.receipt, (extract(epoch FROM u.at) * 1000000)::bigint, u.rows, array_to_string(u.classes, ''),
           array_to_string(u.points, ' '), encode(u.digest, 'hex')
      FROM log.outcome u WHERE u.day = %L ORDER BY u.receipt $sql$, p_day);
END $$;

-- What a survey asks about: each supply point of which something was shown, or may have been (no outcome was recorded).
-- The user is the appointment of that moment, so that who somebody worked for is exact to the instant. `-` is no screen:
-- null would be a screen that was not recorded, and a survey would look for one.
CREATE OR REPLACE FUNCTION wall.closing_views(p_day date)
  RETURNS TABLE (at bigint, user_id text, session_id text, screen text, came_from text, customer text, action text,
                 terminal text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($sql$
    SELECT (extract(epoch FROM t.at) * 1000000)::bigint, 'A' || t.appointment, 'S' || t.session, t.screen, coalesce(t.came_screen, '-'),
           s.supply_point, coalesce(t.action, t.kind), coalesce(t.terminal, '-')
      FROM log.ticket t
      JOIN log.subject s ON s.day = %1$L AND s.receipt = t.receipt
      LEFT JOIN log.outcome u ON u.day = %1$L AND u.receipt = t.receipt
     WHERE t.day = %1$L AND s.point IS NOT NULL
       AND CASE WHEN u.receipt IS NULL THEN t.decision = 'shown' AND s.granted <> '{}' ELSE s.point = ANY (u.points) END
     ORDER BY t.at, t.receipt, s.no $sql$, p_day);
END $$;

-- Every appointment there ever was, a user each: persons and companies by their codes, days half-open.
CREATE OR REPLACE FUNCTION wall.closing_people()
  RETURNS TABLE (user_id text, person_id text, org text, contractor_of text, from_day date, to_day date)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'A' || a.id, p.code, e.code, o.code, wall.jst_day(lower(a.valid)),
         CASE WHEN upper_inf(a.valid) THEN NULL ELSE wall.jst_day(upper(a.valid) - interval '1 microsecond') + 1 END
    FROM wall.appointment a
    JOIN wall.person p ON p.id = a.person
    JOIN wall.org e ON e.id = a.employer
    LEFT JOIN wall.org o ON o.id = a.principal
   WHERE NOT isempty(a.valid) ORDER BY a.id
$$;

CREATE OR REPLACE FUNCTION wall.closing_meta() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'networks', (SELECT coalesce(jsonb_agg(o.code ORDER BY o.id), '[]') FROM wall.org o WHERE o.kind = 'network'),
    'affiliates', (SELECT coalesce(jsonb_agg(DISTINCT o.code), '[]') FROM wall.affiliation a JOIN wall.org o ON o.id = a.affiliate
                    WHERE a.recorded_to = 'infinity' AND a.valid @> wall.today()),
    'screens', (SELECT coalesce(jsonb_object_agg(s.code, s.name), '{}') || '{"-": "なし"}' FROM wall.screen s WHERE s.recorded_to = 'infinity'))
$$;

-- The files of a day are written; the row ties them to the log. Numbers that the log does not have are refused.
CREATE OR REPLACE FUNCTION wall.close_day(p_day date, p_records bigint, p_subjects bigint, p_outcomes bigint, p_views bigint,
                                          p_digest bytea)
  RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_subjects bigint;
  v_outcomes bigint;
  v_no bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM log.tallied y WHERE y.day = p_day) THEN
    RAISE EXCEPTION 'log.closing: % has not ended', p_day USING ERRCODE = 'TK400';
  END IF;
  EXECUTE format('SELECT count(*) FROM log.subject s WHERE s.day = %L', p_day) INTO v_subjects;
  EXECUTE format('SELECT count(*) FROM log.outcome u WHERE u.day = %L', p_day) INTO v_outcomes;
  IF (p_records, p_subjects, p_outcomes) IS DISTINCT FROM (wall.records_of(p_day), v_subjects, v_outcomes) THEN
    RAISE EXCEPTION 'log.closing: the files of % have other numbers than the log', p_day USING ERRCODE = 'TK409';
  END IF;
  INSERT INTO log.closing (day, records, subjects, outcomes, views, digest)
  VALUES (p_day, p_records, p_subjects, p_outcomes, p_views, p_digest) RETURNING no INTO v_no;
  RETURN v_no;
END $$;

REVOKE EXECUTE ON FUNCTION wall.closing_days(), wall.closing_tickets(date), wall.closing_subjects(date),
  wall.closing_outcomes(date), wall.closing_views(date), wall.closing_people(), wall.closing_meta(),
  wall.close_day(date, bigint, bigint, bigint, bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.closing_days(), wall.closing_tickets(date), wall.closing_subjects(date),
  wall.closing_outcomes(date), wall.closing_views(date), wall.closing_people(), wall.closing_meta(),
  wall.close_day(date, bigint, bigint, bigint, bigint, bytea) TO migrator;

-- Supplier histories as recorded at every time, for the same login.
SET LOCAL ROLE effector;
CREATE OR REPLACE FUNCTION points.closing_supply()
  RETURNS TABLE (customer text, retailer text, from_day date, to_day date, known_from bigint, known_to bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.supply_point, o.code, lower(s.valid), upper(s.valid), (extract(epoch FROM s.recorded_from) * 1000000)::bigint,
         CASE WHEN s.recorded_to < 'infinity' THEN (extract(epoch FROM s.recorded_to) * 1000000)::bigint END
    FROM points.supply s JOIN wall.point p ON p.id = s.point JOIN wall.org o ON o.id = s.retailer
   WHERE NOT isempty(s.valid) ORDER BY p.supply_point, lower(s.valid), s.id
$$;
REVOKE EXECUTE ON FUNCTION points.closing_supply() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION points.closing_supply() TO migrator;
RESET ROLE;
