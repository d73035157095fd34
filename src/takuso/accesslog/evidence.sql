-- 証拠. The sequencer gives every record of the log its place in a tree that only grows (RFC 9162), and keeps the signed
-- states of the tree. It sees hashes alone: what a record says is read under a ticket of the log and no other way.
--
--   take   sequencer   records below the snapshot's horizon -> log.leaf; their hashes
--   seal   sequencer   a signed checkpoint over all leaves -> log.checkpoint; COMMIT with take
--
-- Two at once: the unique keys of leaf and checkpoint let one of them through.
SET LOCAL ROLE owner;
GRANT SELECT, INSERT ON log.leaf, log.checkpoint, log.batch, log.timestamp TO opener;
GRANT SELECT ON log.leaf, log.checkpoint, log.batch, log.timestamp TO surveyor;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['leaf', 'checkpoint', 'batch', 'timestamp'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS opener_select ON log.%I', t);
    EXECUTE format('CREATE POLICY opener_select ON log.%I FOR SELECT TO opener USING (true)', t);
    EXECUTE format('DROP POLICY IF EXISTS opener_append ON log.%I', t);
    EXECUTE format('CREATE POLICY opener_append ON log.%I FOR INSERT TO opener WITH CHECK (true)', t);
    EXECUTE format('DROP POLICY IF EXISTS compliance ON log.%I', t);
    EXECUTE format('CREATE POLICY compliance ON log.%I FOR SELECT TO surveyor USING ((SELECT wall.log_granted()))', t);
  END LOOP;
END $$;
GRANT CREATE ON SCHEMA log TO opener;
RESET ROLE;
SET LOCAL ROLE opener;

-- The records of one kind and day, by their keys, as the bytes that are hashed (docs/reference/evidence.md), with the
-- places they were given. A layout is
-- never changed: a new one gets the next number, and old leaves keep theirs.
CREATE OR REPLACE FUNCTION log.texts(p_kind text, p_day date, p_keys text[], p_typed bytea[], p_places bigint[])
  RETURNS TABLE (place bigint, key text, typed bytea, record text) LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' SET jit = off AS $$
BEGIN
  -- The day is written into the query: then only its partitions are planned and locked.
  RETURN QUERY EXECUTE format(CASE p_kind
    WHEN 'ticket' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.ticket.1', r.day::text, r.receipt, r.request::text, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        to_char(r.business_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.kind, r.session::text,
        r.terminal, r.person::text, r.appointment::text, r.employer::text, r.organisation::text, r.duty, r.screen,
        r.screen_version::text, r.came_from, r.came_screen, r.action, r.purpose_code, r.purpose_reference,
        r.purpose_verified::text, r.purpose_receipt, r.decision, r.reason, r.rule_version::text,
        encode(r.argument_hash, 'hex'), encode(k.typed, 'hex'), coalesce(u.subjects, '')]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.ticket r ON r.day = %1$L AND r.receipt = k.key
        LEFT JOIN LATERAL (SELECT string_agg(octet_length(x.t) || ':' || x.t || ',', '' ORDER BY x.no) AS subjects
          FROM (SELECT s.no, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
            s.no::text, s.point::text, s.supply_point, s.holder::text, s.held_from::text, s.relation,
            array_to_string(s.granted, ' '), array_to_string(s.refused, ' '), s.period::text]) f), '') AS t
                  FROM log.subject s WHERE s.day = %1$L AND s.receipt = r.receipt) x) u ON true$q$
    WHEN 'outcome' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.outcome.1', r.day::text, r.receipt, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.rows::text,
        array_to_string(r.classes, ' '), array_to_string(r.points, ' '), encode(r.digest, 'hex')]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.outcome r ON r.day = %1$L AND r.receipt = k.key$q$
    WHEN 'purpose' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.purpose.1', r.day::text, r.receipt, r.xid::text, r.session::text, r.scope, r.code, r.reference,
        r.verified::text, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        to_char(r.expires AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.purpose r ON r.day = %1$L AND r.receipt = k.key$q$
    WHEN 'alarm' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.alarm.1', r.id::text, r.xid::text, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        r.kind, r.receipt, r.detail]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.alarm r ON r.id = k.key::bigint$q$
    WHEN 'export' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.export.1', r.export, r.step, r.receipt, r.day::text, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.person::text, r.appointment::text,
        r.filters, r.reason, to_char(r.expires AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.export r ON r.receipt = k.key$q$
    WHEN 'sign-in' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.sign-in.1', r.id::text, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.means, r.result, r.person::text,
        encode(r.claimed, 'hex'), r.terminal, r.session::text]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.sign_in r ON r.id = k.key::bigint$q$
    WHEN 'closing' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.closing.1', r.no::text, r.day::text, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.records::text, r.subjects::text,
        r.outcomes::text, r.views::text, encode(r.digest, 'hex')]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.closing r ON r.no = k.key::bigint$q$
    WHEN 'erasure' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.erasure.1', r.erasure, r.step, r.receipt, r.day::text, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.person::text, r.appointment::text,
        r.target_day::text, r.target, r.law, r.reason]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.erasure r ON r.receipt = k.key$q$
    WHEN 'retention' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.retention.1', r.no::text, r.valid_from::text, r.years::text, r.label, r.who, r.reason, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.retention r ON r.no = k.key::bigint$q$
    WHEN 'hold' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.hold.1', r.no::text, r.releases::text, r.from_day::text, r.to_day::text, r.who, r.reason, r.xid::text,
        to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.hold r ON r.no = k.key::bigint$q$
    WHEN 'deletion' THEN $q$
      SELECT k.place, k.key, k.typed, array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(ARRAY[
        'takuso.deletion.1', r.no::text, r.day::text, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        r.rule::text, r.years::text, r.label, r.who, r.leaves::text, r.parts, encode(r.digest, 'hex'), r.xid::text]) f), '')
        FROM unnest($1, $2, $3) k(key, typed, place) JOIN log.deletion r ON r.no = k.key::bigint$q$
  END, p_day) USING p_keys, p_typed, p_places;
END $$;

-- A record of the sequencer itself: fields with their lengths.
CREATE OR REPLACE FUNCTION log.record(p_fields text[]) RETURNS text LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_to_string(ARRAY(SELECT coalesce(octet_length(f) || ':' || f || ',', '-,') FROM unnest(p_fields) f), '')
$$;

-- Give the next records their places: all that was written below the horizon and has none, at least p_least if there
-- are so many, whole transactions only. p_beat: a heartbeat if the last leaf is older. p_gap: fields of a gap record; then
-- every record without a place is looked for, whatever transaction wrote it, from the day on that the last checkpoint
-- names: a backup has both as they were together. p_key: the record of a change of the key, made for the index p_place.
-- Returns the new hashes in order.
DROP FUNCTION IF EXISTS log.take(int, interval, text[]);
CREATE OR REPLACE FUNCTION log.take(p_least int, p_beat interval, p_gap text[], p_key text DEFAULT NULL,
    p_place bigint DEFAULT NULL) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
  -- First of all: what this horizon leaves below is finished, and every later statement sees it.
  v_horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_next xid8 := pg_snapshot_xmax(pg_current_snapshot());
  v_last log.checkpoint;
  v_now timestamptz := clock_timestamp();
  v_since date;
  v_pending text;
  v_cut xid8;
  v_day date;
  v_index bigint;
  v_kind text;
  v_body text;
BEGIN
  SELECT * INTO v_last FROM log.checkpoint ORDER BY size DESC LIMIT 1;
  v_index := coalesce(v_last.size, 0);
  v_day := greatest((v_now AT TIME ZONE 'Asia/Tokyo')::date, v_last.day);
  IF p_gap IS NULL AND v_last.horizon > v_next THEN
    RAISE EXCEPTION 'this database is older than its own log' USING ERRCODE = 'TK411';
  END IF;
  -- A clock that ran ahead for a while must not hide the days that come after it.
  v_since := least(coalesce(v_last.since, '-infinity'), (v_now AT TIME ZONE 'Asia/Tokyo')::date - 2);
  v_pending := format($q$
    SELECT 1 AS rank, 'ticket' AS kind, day, receipt AS key, xid FROM log.ticket WHERE day >= %1$L AND %2$s
    UNION ALL SELECT 2, 'purpose', day, receipt, xid FROM log.purpose WHERE day >= %1$L AND %2$s
    UNION ALL SELECT 3, 'export', day, receipt, xid FROM log.export WHERE day >= %1$L AND %2$s
    UNION ALL SELECT 4, 'outcome', day, receipt, xid FROM log.outcome WHERE day >= %1$L AND %2$s
    UNION ALL SELECT 5, 'alarm', (at AT TIME ZONE 'Asia/Tokyo')::date, id::text, xid FROM log.alarm
      WHERE at >= %3$L AND %2$s
    UNION ALL SELECT 6, 'sign-in', (at AT TIME ZONE 'Asia/Tokyo')::date, id::text, xid FROM log.sign_in
      WHERE at >= %3$L AND %2$s
    UNION ALL SELECT 7, 'closing', (at AT TIME ZONE 'Asia/Tokyo')::date, no::text, xid FROM log.closing
      WHERE at >= %3$L AND %2$s
    UNION ALL SELECT 8, 'erasure', day, receipt, xid FROM log.erasure WHERE day >= %1$L AND %2$s
    UNION ALL SELECT 9, 'retention', (at AT TIME ZONE 'Asia/Tokyo')::date, no::text, xid FROM log.retention
      WHERE at >= %3$L AND %2$s
    UNION ALL SELECT 10, 'hold', (at AT TIME ZONE 'Asia/Tokyo')::date, no::text, xid FROM log.hold
      WHERE at >= %3$L AND %2$s
    UNION ALL SELECT 11, 'deletion', (at AT TIME ZONE 'Asia/Tokyo')::date, no::text, xid FROM log.deletion
      WHERE at >= %3$L AND %2$s
    $q$, v_since, CASE WHEN p_gap IS NULL THEN format('xid >= %L AND xid < %L', coalesce(v_last.horizon, '0'), v_horizon)
                       ELSE format('(xid < %L OR xid >= %L)', v_horizon, v_next) END,
    v_since::timestamp AT TIME ZONE 'Asia/Tokyo');
  -- A database that was made anew from a dump has numbers of transactions that come by once more.
  v_pending := format('SELECT * FROM (%s) p WHERE NOT EXISTS ('
                      '  SELECT FROM log.leaf l WHERE l.day >= %L AND l.key = p.key AND l.kind = p.kind)', v_pending, v_since);
  IF p_gap IS NULL THEN
    EXECUTE format('SELECT xid FROM (%s) p ORDER BY xid OFFSET $1 - 1 LIMIT 1', v_pending) INTO v_cut USING p_least;
    -- The next one after it: a transaction that wrote more than a batch is taken whole.
    EXECUTE format('SELECT xid FROM (%s) p WHERE xid > $1 ORDER BY xid LIMIT 1', v_pending) INTO v_cut USING v_cut;
    v_horizon := coalesce(v_cut, v_horizon);
    v_pending := format('SELECT * FROM (%s) p WHERE xid < %L', v_pending, v_horizon);
  ELSE
    v_kind := 'gap';
    v_body := log.record(ARRAY['takuso.gap.1', to_char(v_now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')] || p_gap);
  END IF;
  IF p_key IS NOT NULL THEN
    IF p_place IS DISTINCT FROM v_index THEN
      RAISE EXCEPTION 'another sequencer was first' USING ERRCODE = '23505';
    END IF;
    INSERT INTO log.leaf (day, index, kind, record_day, key, body, hash)
    VALUES (v_day, v_index, 'key', v_day, '', p_key, sha256('\x00'::bytea || convert_to(p_key, 'UTF8')));
    v_index := v_index + 1;
  END IF;
  IF v_kind IS NOT NULL THEN
    INSERT INTO log.leaf (day, index, kind, record_day, key, body, hash)
    VALUES (v_day, v_index, v_kind, v_day, '', v_body, sha256('\x00'::bytea || convert_to(v_body, 'UTF8')));
    v_index := v_index + 1;
  END IF;
  EXECUTE format($q$
    WITH pending AS MATERIALIZED (
      SELECT p.*, row_number() OVER (ORDER BY xid, rank, day, key) - 1 AS n,
             CASE kind WHEN 'ticket' THEN (SELECT sha256(y.key || convert_to(y.typed, 'UTF8')) FROM log.payload y
                                            WHERE y.day = p.day AND y.receipt = p.key) END AS typed
        FROM (%s) p)
    INSERT INTO log.leaf (day, index, kind, record_day, key, typed, hash)
    SELECT $1, t.place, g.kind, g.day, t.key, t.typed, sha256('\x00'::bytea || convert_to(t.record, 'UTF8'))
      FROM (SELECT kind, day, array_agg(key) AS keys, array_agg(typed) AS typed, array_agg($2 + n) AS places
              FROM pending GROUP BY kind, day) g
     CROSS JOIN LATERAL log.texts(g.kind, g.day, g.keys, g.typed, g.places) t$q$, v_pending) USING v_day, v_index;
  IF v_kind IS NULL AND p_key IS NULL AND NOT EXISTS (SELECT FROM log.leaf WHERE day = v_day AND index >= v_index)
      AND coalesce(v_last.at < v_now - p_beat, true) THEN
    v_body := log.record(ARRAY['takuso.heartbeat.1', to_char(v_now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]);
    INSERT INTO log.leaf (day, index, kind, record_day, key, body, hash)
    VALUES (v_day, v_index, 'heartbeat', v_day, '', v_body, sha256('\x00'::bytea || convert_to(v_body, 'UTF8')));
  END IF;
  IF EXISTS (SELECT FROM log.checkpoint WHERE size > coalesce(v_last.size, 0)) THEN
    RAISE EXCEPTION 'another sequencer was first' USING ERRCODE = '23505';
  END IF;
  -- What seal goes by: not what its caller says. A transaction ends long before two days have passed; a batch that was cut
  -- short may have left anything.
  INSERT INTO log.batch (xid, day, at, horizon, since)
  SELECT pg_current_xact_id(), v_day, v_now, v_horizon,
         CASE WHEN v_cut IS NULL THEN (v_now AT TIME ZONE 'Asia/Tokyo')::date - 2 ELSE v_since END
   WHERE EXISTS (SELECT FROM log.leaf WHERE day = v_day AND index >= coalesce(v_last.size, 0));
  RETURN jsonb_build_object('from', coalesce(v_last.size, 0), 'peaks', encode(coalesce(v_last.peaks, ''), 'hex'),
    'previous', v_last.body, 'day', v_day, 'at', to_char(v_now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'more', v_cut IS NOT NULL,
    'rules', coalesce((SELECT encode(digest, 'hex') FROM wall.rule_version ORDER BY version DESC LIMIT 1), ''),
    'hashes', coalesce((SELECT encode(string_agg(hash, '' ORDER BY index), 'hex') FROM log.leaf
                         WHERE day = v_day AND index >= coalesce(v_last.size, 0)), ''));
END $$;

-- Keep a signed checkpoint of what take gave in the same transaction: it must cover every leaf of its day and name the one
-- before as it was signed, so that of two at once one is refused. Another key than before's signs only where a change of the
-- key is the batch's first leaf, and then that one does.
CREATE OR REPLACE FUNCTION log.seal(p_size bigint, p_peaks bytea, p_body text, p_signature bytea) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_last log.checkpoint;
  v_batch log.batch;
  v_key text := substring(p_body FROM '^takuso log checkpoint 1\nkey: ([0-9a-f]{64})\n');
  v_former text;
  v_change text;
BEGIN
  SELECT * INTO v_batch FROM log.batch WHERE xid = pg_current_xact_id_if_assigned();
  SELECT * INTO v_last FROM log.checkpoint ORDER BY size DESC LIMIT 1;
  IF p_size <= v_last.size AND v_batch.xid IS NOT NULL THEN
    RAISE EXCEPTION 'another sequencer was first' USING ERRCODE = '23505';
  END IF;
  IF v_batch.xid IS NULL OR p_size IS DISTINCT FROM (SELECT max(index) + 1 FROM log.leaf WHERE day = v_batch.day)
      OR length(p_peaks) IS DISTINCT FROM 32 * length(replace(p_size::bit(64)::text, '0', '')) THEN
    RAISE EXCEPTION 'a checkpoint covers every leaf of its batch and more than the one before' USING ERRCODE = 'TK400';
  END IF;
  v_former := substring(v_last.body FROM '^takuso log checkpoint 1\nkey: ([0-9a-f]{64})\n');
  SELECT l.body INTO v_change FROM log.leaf l
   WHERE l.day = v_batch.day AND l.index = coalesce(v_last.size, 0) AND l.kind = 'key';
  IF (v_change IS NULL AND v_key IS DISTINCT FROM coalesce(v_former, v_key))
      OR (v_change IS NOT NULL AND (v_key IS NULL OR v_key IS NOT DISTINCT FROM v_former
                                    OR position(',64:' || v_key || ',' IN v_change) = 0)) THEN
    RAISE EXCEPTION 'signed by another key than the one before' USING ERRCODE = 'TK411';
  END IF;
  INSERT INTO log.checkpoint (size, previous, day, at, horizon, since, peaks, body, signature)
  VALUES (p_size, decode(substring(p_body FROM 'previous: ([0-9a-f]{64})\n$'), 'hex'), v_batch.day, v_batch.at,
          v_batch.horizon, v_batch.since, p_peaks, p_body, p_signature);
END $$;

-- What doctor, the start check and the gap record need to know: the last checkpoint, the one of a size, and the lag.
CREATE OR REPLACE FUNCTION log.sealed(p_size bigint) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_last log.checkpoint;
  v_waiting timestamptz;
  v_loose boolean;
BEGIN
  SELECT * INTO v_last FROM log.checkpoint ORDER BY size DESC LIMIT 1;
  EXECUTE format('SELECT at FROM log.ticket WHERE day >= %L AND xid >= %L ORDER BY xid LIMIT 1',
                 least(coalesce(v_last.since, '-infinity'), (clock_timestamp() AT TIME ZONE 'Asia/Tokyo')::date - 2),
                 coalesce(v_last.horizon, '0')) INTO v_waiting;
  EXECUTE format('SELECT EXISTS (SELECT FROM log.leaf WHERE day = %1$L AND index >= $1)'
                 '    OR EXISTS (SELECT FROM log.leaf WHERE day > %1$L)', coalesce(v_last.day, '-infinity'))
     INTO v_loose USING coalesce(v_last.size, 0);
  RETURN jsonb_build_object('size', v_last.size, 'at', v_last.at, 'body', v_last.body,
    'signature', encode(v_last.signature, 'hex'), 'waiting', v_waiting, 'loose', v_loose,
    'behind', v_last.horizon > pg_snapshot_xmax(pg_current_snapshot()),
    'known', (SELECT body FROM log.checkpoint WHERE size = p_size));
END $$;

-- The changes of the key, oldest first: who said so and why, no customers.
CREATE OR REPLACE FUNCTION log.keys() RETURNS TABLE (index bigint, record text) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT l.index, l.body FROM log.leaf l WHERE l.kind = 'key' ORDER BY l.index
$$;

-- RFC 3161: the newest checkpoint, if it has no timestamp younger than so long; and to keep one.
CREATE OR REPLACE FUNCTION log.unstamped(p_every interval) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object('size', c.size, 'body', c.body)
    FROM (SELECT * FROM log.checkpoint ORDER BY size DESC LIMIT 1) c
   WHERE NOT EXISTS (SELECT FROM log.timestamp s WHERE s.at > clock_timestamp() - p_every OR s.size = c.size)
$$;

CREATE OR REPLACE FUNCTION log.stamp(p_size bigint, p_token bytea) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.timestamp (size, token) VALUES (p_size, p_token)
$$;

-- For the readers of the log, under an open ticket of it and no other way: the records of some leaves, as they are now.
-- One that is no longer there comes as null, with the number of the deletion of its day if there was one.
-- Dropped first: its columns were others once.
DROP FUNCTION IF EXISTS log.evidence(date, bigint, bigint);
CREATE FUNCTION log.evidence(p_day date, p_from bigint, p_to bigint)
  RETURNS TABLE (index bigint, hash bytea, record text, gone bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
  IF NOT wall.log_granted() THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format($q$
    WITH chosen AS MATERIALIZED (
      SELECT * FROM log.leaf WHERE day = %L AND index >= $1 AND index < $2)
    SELECT u.index, (array_agg(u.hash) FILTER (WHERE u.hash IS NOT NULL))[1], max(u.record),
           CASE WHEN max(u.record) IS NULL THEN max(u.gone) END FROM (
      SELECT c.index, c.hash, c.body AS record, d.no AS gone FROM chosen c
        LEFT JOIN log.deletion d ON d.day = c.record_day
                                AND c.kind IN ('ticket', 'outcome', 'purpose', 'export', 'alarm', 'sign-in')
      UNION ALL
      SELECT t.place, NULL, t.record, NULL
        FROM (SELECT c.kind, c.record_day, array_agg(c.key) AS keys, array_agg(index) AS places,
                     -- As it is typed now; only what was erased, on record, is told by the leaf alone. Where leaf and
                     -- text differ, or one is there without the other, neither is right.
                     array_agg(CASE c.kind WHEN 'ticket' THEN
                       CASE WHEN n.typed IS NOT DISTINCT FROM c.typed
                              OR n.typed IS NULL AND log.erased(c.record_day, c.key) THEN c.typed
                            ELSE sha256(coalesce(n.typed, '') || coalesce(c.typed, '')) END END) AS typed
                FROM chosen c
                LEFT JOIN LATERAL (SELECT sha256(y.key || convert_to(y.typed, 'UTF8')) AS typed FROM log.payload y
                                    WHERE c.kind = 'ticket' AND y.day = c.record_day AND y.receipt = c.key) n ON true
               WHERE c.body IS NULL GROUP BY c.kind, c.record_day) g
       CROSS JOIN LATERAL log.texts(g.kind, g.record_day, g.keys, g.typed, g.places) t) u
     GROUP BY u.index ORDER BY u.index$q$, p_day) USING p_from, p_to;
END $$;

REVOKE EXECUTE ON FUNCTION log.texts(text, date, text[], bytea[], bigint[]), log.record(text[]), log.take(int, interval, text[], text, bigint),
  log.seal(bigint, bytea, text, bytea), log.sealed(bigint), log.unstamped(interval),
  log.stamp(bigint, bytea), log.evidence(date, bigint, bigint), log.keys() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.take(int, interval, text[], text, bigint),
  log.seal(bigint, bytea, text, bytea), log.unstamped(interval),
  log.stamp(bigint, bytea), log.keys() TO sequencer;
GRANT EXECUTE ON FUNCTION log.sealed(bigint) TO sequencer, ticketer;
GRANT EXECUTE ON FUNCTION log.evidence(date, bigint, bigint) TO surveyor;
RESET ROLE;
