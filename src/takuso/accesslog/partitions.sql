-- Daily partitions of the log, made ahead of time. A day without a partition refuses its tickets: nothing is
-- shown that cannot be recorded. Partitions carry no grants and no policies: only the parents can be read.
SET LOCAL ROLE owner;

CREATE OR REPLACE FUNCTION log.extend(p_ahead int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '300ms' AS $$
DECLARE
  first date := (clock_timestamp() AT TIME ZONE 'Asia/Tokyo')::date - 1;
  t text;
  d date;
  part text;
  made int := 0;
BEGIN
  IF p_ahead NOT BETWEEN 1 AND 400 THEN
    RAISE EXCEPTION 'log.extend: 1 to 400 days ahead, not %', p_ahead;
  END IF;
  FOR d IN SELECT g::date FROM generate_series(first, first + p_ahead + 1, interval '1 day') g LOOP
    FOREACH t IN ARRAY ARRAY['ticket', 'subject', 'outcome', 'payload', 'purpose', 'leaf'] LOOP
      part := t || '_' || to_char(d, 'YYYYMMDD');
      IF to_regclass('log.' || part) IS NULL THEN
        -- Made apart and attached: that does not wait for readers of the log, and nobody waits behind it.
        EXECUTE format('CREATE TABLE log.%I (LIKE log.%I INCLUDING ALL)', part, t);
        EXECUTE format('ALTER TABLE log.%I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('ALTER TABLE log.%I FORCE ROW LEVEL SECURITY', part);
        EXECUTE format('ALTER TABLE log.%I ATTACH PARTITION log.%I FOR VALUES FROM (%L) TO (%L)', t, part, d, d + 1);
        made := made + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
REVOKE EXECUTE ON FUNCTION log.extend(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.extend(int) TO sequencer, migrator;

-- The last day that can be recorded: doctor and /readyz compare it with today.
CREATE OR REPLACE FUNCTION log.last_day() RETURNS date LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT max(to_date(right(c.relname, 8), 'YYYYMMDD'))
    FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = 'log.ticket'::regclass
$$;
REVOKE EXECUTE ON FUNCTION log.last_day() FROM PUBLIC;
GRANT USAGE ON SCHEMA log TO ticketer, migrator;
GRANT EXECUTE ON FUNCTION log.last_day() TO sequencer, ticketer, migrator;
RESET ROLE;
