-- 集計: ended days of the log, counted once. A histogram over ten million records reads some thousand rows of these
-- instead; the days that have none yet are counted as before.
-- Applied whole at every deployment; every statement can be repeated.
SET LOCAL ROLE owner;
GRANT SELECT, INSERT, DELETE ON log.tally TO opener;
GRANT SELECT, INSERT, UPDATE, DELETE ON log.tallied TO opener;
GRANT SELECT ON log.tally, log.tallied TO surveyor;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tally', 'tallied'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS opener ON log.%I', t);
    EXECUTE format('CREATE POLICY opener ON log.%I FOR ALL TO opener USING (true) WITH CHECK (true)', t);
    EXECUTE format('DROP POLICY IF EXISTS compliance ON log.%I', t);
    EXECUTE format('CREATE POLICY compliance ON log.%I FOR SELECT TO surveyor USING ((SELECT wall.log_granted()))', t);
  END LOOP;
END $$;
SET LOCAL ROLE opener;

-- The records of one day under each value of each filter, and per value and hour: records, persons, contracts (supply
-- points that a record names). A record's stretch of time is that of its instant, within its day: the clock may have
-- turned between the two.
CREATE OR REPLACE FUNCTION wall.tally_of(p_day date)
  RETURNS TABLE (width text, dim text, value text, at timestamptz, records int, persons int, contracts int)
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$
DECLARE
  v_start timestamptz := p_day::timestamp AT TIME ZONE 'Asia/Tokyo';
  -- The day is written into the query: then only its partitions are planned and locked.
  v_sql text := $sql$
  WITH met AS MATERIALIZED (
    SELECT date_bin('1 hour', least(t.at, %2$L::timestamptz + interval '86399 seconds'), %2$L) AS hour, t.receipt, t.person,
           t.employer, t.screen, coalesce(t.came_screen, '-') AS came, t.decision, coalesce(t.purpose_code, '-') AS purpose,
           t.rule_version
      FROM log.ticket t WHERE t.day = %1$L
  ), named AS MATERIALIZED (
    SELECT s.receipt, s.point, s.relation, s.holder FROM log.subject s WHERE s.day = %1$L
  ), marked AS (
    SELECT v.dim, v.value, m.hour, m.receipt, m.person
      FROM met m
     CROSS JOIN LATERAL (VALUES ('', ''), ('employer', (SELECT o.code FROM wall.org o WHERE o.id = m.employer)),
             ('screen', m.screen), ('came', m.came), ('decision', m.decision), ('purpose', m.purpose),
             ('rule', m.rule_version::text)) v(dim, value)
    UNION ALL
    SELECT DISTINCT 'relation', n.relation, m.hour, m.receipt, m.person FROM named n JOIN met m ON m.receipt = n.receipt
    UNION ALL
    SELECT DISTINCT 'holder', o.code, m.hour, m.receipt, m.person
      FROM named n JOIN met m ON m.receipt = n.receipt JOIN wall.org o ON o.id = n.holder
  ), person AS MATERIALIZED (
    SELECT k.dim, k.value, k.hour, k.person, count(*) AS records FROM marked k GROUP BY k.dim, k.value, k.hour, k.person
  ), contract AS MATERIALIZED (
    SELECT DISTINCT k.dim, k.value, k.hour, n.point
      FROM marked k JOIN named n ON n.receipt = k.receipt WHERE n.point IS NOT NULL
  ), counted AS (
    SELECT 'hour' AS width, p.dim, p.value, p.hour AS at, sum(p.records) AS records, count(*) AS persons
      FROM person p GROUP BY p.dim, p.value, p.hour
    UNION ALL
    SELECT 'day', p.dim, p.value, %2$L, sum(p.records), count(DISTINCT p.person) FROM person p GROUP BY p.dim, p.value
  ), points AS (
    SELECT 'hour' AS width, c.dim, c.value, c.hour AS at, count(*) AS contracts FROM contract c GROUP BY c.dim, c.value, c.hour
    UNION ALL
    SELECT 'day', d.dim, d.value, %2$L, count(*)
      FROM (SELECT DISTINCT c.dim, c.value, c.point FROM contract c) d GROUP BY d.dim, d.value
  )
  SELECT c.width, c.dim, c.value, c.at, c.records::int, c.persons::int, coalesce(p.contracts, 0)::int
    FROM counted c LEFT JOIN points p ON (p.width, p.dim, p.value, p.at) = (c.width, c.dim, c.value, c.at)
  $sql$;
BEGIN
  RETURN QUERY EXECUTE format(v_sql, p_day, v_start);
END $$;

CREATE OR REPLACE FUNCTION wall.records_of(p_day date) RETURNS bigint LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE answer bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM log.ticket t WHERE t.day = %L', p_day) INTO answer;
  RETURN answer;
END $$;

-- Two at once: the keys of the tallies let one of them through.
-- One ended day that has no tally, or whose number of records is no longer what it was; null when there is none.
-- A day has ended an hour after midnight: a ticket takes its day and is committed within the time limits of its login.
-- One old day an hour is counted again: a record that came late, or went, is an alarm, and the day is tallied anew.
CREATE OR REPLACE FUNCTION wall.tally_next() RETURNS date LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_ended date := ((v_now - interval '1 hour') AT TIME ZONE 'Asia/Tokyo')::date;
  v_day date;
  v_known bigint;
  v_records bigint;
  v_loose bigint;
BEGIN
  SELECT d.day INTO v_day
    FROM (SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'log.ticket'::regclass) d
   WHERE d.day < v_ended AND NOT EXISTS (SELECT FROM log.tallied y WHERE y.day = d.day) ORDER BY d.day LIMIT 1;
  IF v_day IS NULL THEN
    SELECT y.day, y.records INTO v_day, v_known FROM log.tallied y
     WHERE NOT EXISTS (SELECT FROM log.tallied z WHERE z.checked > v_now - interval '1 hour')
     ORDER BY y.checked, y.day LIMIT 1;
    IF v_day IS NULL THEN
      RETURN NULL;
    END IF;
  END IF;
  v_records := wall.records_of(v_day);
  IF v_known IS NOT DISTINCT FROM v_records THEN
    UPDATE log.tallied SET checked = v_now WHERE day = v_day;
    RETURN NULL;
  END IF;
  IF v_known IS NOT NULL THEN
    INSERT INTO log.alarm (kind, detail) VALUES ('tally', format('%s: %s -> %s', v_day, v_known, v_records));
  END IF;
  DELETE FROM log.tally WHERE day = v_day;
  DELETE FROM log.tallied WHERE day = v_day;
  INSERT INTO log.tally (day, width, dim, value, at, records, persons, contracts)
  SELECT v_day, t.width, t.dim, t.value, t.at, t.records, t.persons, t.contracts FROM wall.tally_of(v_day) t;
  -- Every ticket that the sequencer has passed has its leaf (evidence.sql).
  SELECT count(*) INTO v_loose FROM log.ticket t
   WHERE t.day = v_day AND t.xid < (SELECT c.horizon FROM log.checkpoint c ORDER BY c.size DESC LIMIT 1)
     AND NOT EXISTS (SELECT FROM log.leaf l WHERE l.day >= v_day AND l.key = t.receipt AND l.kind = 'ticket');
  IF v_loose > 0 THEN
    INSERT INTO log.alarm (kind, detail) VALUES ('leaf', format('%s: %s', v_day, v_loose));
  END IF;
  INSERT INTO log.tallied (day, records, made, checked) VALUES (v_day, v_records, v_now, v_now);
  RETURN v_day;
END $$;

-- For doctor: ended days with records that were never counted, and counted days that were never written out
-- (closing.sql), those before the days given. Numbers and days alone.
CREATE OR REPLACE FUNCTION wall.days_behind(p_ended date, p_counted date)
  RETURNS TABLE (uncounted bigint, first_uncounted date, unclosed bigint, first_unclosed date) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM
    (SELECT count(*), min(d.day)
       FROM (SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
               FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'log.ticket'::regclass) d
      WHERE d.day < p_ended AND NOT EXISTS (SELECT FROM log.tallied y WHERE y.day = d.day)
        AND EXISTS (SELECT FROM log.ticket t WHERE t.day = d.day)) uncounted,
    (SELECT count(*), min(y.day) FROM log.tallied y
      WHERE y.day < p_counted AND NOT EXISTS (SELECT FROM log.closing c WHERE c.day = y.day)) unclosed
$$;

REVOKE EXECUTE ON FUNCTION wall.tally_of(date), wall.records_of(date), wall.tally_next(), wall.days_behind(date, date)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.tally_next() TO sequencer;
GRANT EXECUTE ON FUNCTION wall.days_behind(date, date) TO ticketer;
RESET ROLE;
