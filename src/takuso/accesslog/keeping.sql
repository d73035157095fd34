-- 消去 and 保存. What was typed goes when two persons of the duty say so; a whole day goes when its rule says so. No login and
-- no role behind the functions may delete from the log: what does is the owner of the tables, who cannot log in, and row
-- security lets it at those rows alone for which the record of the erasure or of the deletion is there already.
-- Applied whole at every deployment, after walls.sql and before evidence.sql; every statement can be repeated.
SET LOCAL ROLE owner;
GRANT SELECT, INSERT ON log.erasure, log.retention, log.hold, log.deletion TO opener;
GRANT SELECT ON log.erasure, log.retention, log.hold, log.deletion TO surveyor;
GRANT CREATE ON SCHEMA log TO opener;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['erasure', 'retention', 'hold', 'deletion'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS opener_select ON log.%I', t);
    EXECUTE format('CREATE POLICY opener_select ON log.%I FOR SELECT TO opener USING (true)', t);
    EXECUTE format('DROP POLICY IF EXISTS opener_append ON log.%I', t);
    EXECUTE format('CREATE POLICY opener_append ON log.%I FOR INSERT TO opener WITH CHECK (true)', t);
    EXECUTE format('DROP POLICY IF EXISTS compliance ON log.%I', t);
    EXECUTE format('CREATE POLICY compliance ON log.%I FOR SELECT TO surveyor USING ((SELECT wall.log_granted()))', t);
  END LOOP;
END $$;
RESET ROLE;
SET LOCAL ROLE opener;

-- ------------------------------------------------------------------------------------------------------ 消去
-- Has the erasure of this text been recorded: approved by another person than asked for it, or done again after a restore?
CREATE OR REPLACE FUNCTION log.erased(p_day date, p_receipt text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM log.erasure a
                   LEFT JOIN log.erasure q ON q.erasure = a.erasure AND q.step = 'request'
                  WHERE a.target = p_receipt AND a.target_day = p_day
                    AND (a.step = 'again' OR (a.step = 'approval' AND q.person <> a.person AND q.target = a.target)))
$$;

-- A rule in force on a day: of those that began, the newest.
CREATE OR REPLACE FUNCTION log.rule_on(p_day date) RETURNS log.retention LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT r FROM log.retention r WHERE r.valid_from <= p_day ORDER BY r.valid_from DESC, r.no DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION log.deleted(p_day date) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$ SELECT EXISTS (SELECT FROM log.deletion d WHERE d.day = p_day) $$;
REVOKE EXECUTE ON FUNCTION log.erased(date, text), log.deleted(date), log.rule_on(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.erased(date, text), log.deleted(date) TO owner;
RESET ROLE;
SET LOCAL ROLE owner;
DO $$
DECLARE p record;
BEGIN
  FOR p IN SELECT * FROM (VALUES ('payload', 'log.erased(day, receipt)'), ('export', 'log.deleted(day)'),
                                 ('alarm', 'log.deleted((at AT TIME ZONE ''Asia/Tokyo'')::date)'),
                                 ('sign_in', 'log.deleted((at AT TIME ZONE ''Asia/Tokyo'')::date)')) v(tbl, cond),
                         unnest(ARRAY['SELECT', 'DELETE']) c(cmd) LOOP
    EXECUTE format('DROP POLICY IF EXISTS %I ON log.%I', 'owner_' || lower(p.cmd), p.tbl);
    EXECUTE format('CREATE POLICY %I ON log.%I FOR %s TO owner USING (%s)', 'owner_' || lower(p.cmd), p.tbl, p.cmd, p.cond);
  END LOOP;
END $$;

-- The text and its key go. Row security lets nothing go whose erasure is not recorded.
CREATE OR REPLACE FUNCTION log.destroy_typed(p_day date, p_receipt text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE gone bigint;
BEGIN
  EXECUTE format('DELETE FROM log.payload y WHERE y.day = %L AND y.receipt = $1', p_day) USING p_receipt;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

-- The records of a day go. The record of the deletion must be there, and the table keeps it from being one of a young day.
CREATE OR REPLACE FUNCTION log.drop_day(p_day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  t text;
  v_from timestamptz := p_day::timestamp AT TIME ZONE 'Asia/Tokyo';
  v_to timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo';
BEGIN
  IF NOT log.deleted(p_day) THEN
    RAISE EXCEPTION 'the deletion of % is not recorded', p_day USING ERRCODE = 'TK412';
  END IF;
  FOREACH t IN ARRAY ARRAY['subject', 'outcome', 'payload', 'purpose', 'ticket'] LOOP
    IF to_regclass(format('log.%I', t || '_' || to_char(p_day, 'YYYYMMDD'))) IS NOT NULL THEN
      EXECUTE format('DROP TABLE log.%I', t || '_' || to_char(p_day, 'YYYYMMDD'));
    END IF;
  END LOOP;
  DELETE FROM log.alarm a WHERE a.at >= v_from AND a.at < v_to;
  DELETE FROM log.sign_in i WHERE i.at >= v_from AND i.at < v_to;
  DELETE FROM log.export e WHERE e.day = p_day;
END $$;
REVOKE EXECUTE ON FUNCTION log.destroy_typed(date, text), log.drop_day(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.destroy_typed(date, text), log.drop_day(date) TO opener;
RESET ROLE;
SET LOCAL ROLE opener;

-- 消去の求め: asked for, and approved by another person of the duty within a day; the approval destroys the text. Neither may be
-- the one who typed it. Each step is a record, and so is each refusal.
CREATE OR REPLACE FUNCTION wall.erase_step(p_proof bytea, p_day date, p_request uuid, p_screen text, p_came_from text,
    p_terminal text, p_step text, p_erasure text, p_target text, p_law text, p_reason text, p_repeat boolean) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  m wall.admission;
  v_receipt text := wall.new_receipt();
  v_hash bytea := sha256(convert_to(jsonb_build_array('erase', p_step, p_erasure, p_target, p_law, p_reason)::text, 'UTF8'));
  asked log.erasure;
  v_target text := p_target;
  v_target_day date;
  v_person int;
  v_typed boolean;
  v_refused text;
BEGIN
  m := wall.admit(p_proof, p_day, p_screen, p_came_from, p_terminal);
  IF p_repeat THEN
    RETURN wall.repeat(m, p_request, v_hash);
  END IF;
  IF m.screen_kind <> 'log' OR p_step <> ALL (ARRAY['request', 'approval'])
     OR concat(p_law, p_reason) ~ '[[:cntrl:]]' OR length(p_law) > 100 OR length(p_reason) > 200
     OR (p_step = 'request' AND (btrim(p_law) = '' OR btrim(p_reason) = '')) THEN
    RAISE EXCEPTION 'malformed erasure' USING ERRCODE = 'TK400';
  END IF;
  IF p_step = 'approval' THEN
    SELECT * INTO asked FROM log.erasure e WHERE e.erasure = p_erasure AND e.step = 'request';
    v_target := asked.target;
  END IF;
  -- Only what has its place in the tree: the leaf keeps what the text was fixed to.
  SELECT l.record_day INTO v_target_day FROM log.leaf l WHERE l.key = v_target AND l.kind = 'ticket';
  EXECUTE format('SELECT t.person, EXISTS (SELECT FROM log.payload y WHERE y.day = %1$L AND y.receipt = $1)'
                 '  FROM log.ticket t WHERE t.day = %1$L AND t.receipt = $1', v_target_day)
     INTO v_person, v_typed USING v_target;
  v_refused := CASE
    WHEN 'log.erase' <> ALL (m.screen_actions)
      OR NOT EXISTS (SELECT FROM wall.action x WHERE x.code = 'log.erase' AND m.duty = ANY (x.duties)) THEN 'duty'
    WHEN p_step = 'approval' AND asked.erasure IS NULL THEN 'unknown'
    WHEN v_person IS NULL THEN 'target'
    WHEN NOT v_typed THEN 'nothing'
    WHEN v_person = m.person THEN 'own'
    WHEN p_step = 'request' THEN NULL
    WHEN m.at >= asked.expires THEN 'expired'
    WHEN asked.person = m.person OR asked.appointment = m.appointment THEN 'self' END;
  IF v_refused IS NOT NULL THEN
    PERFORM wall.write_ticket(m, p_request, v_receipt, 'log', 'log.erase', 'refused', 'erase: ' || v_refused, v_hash, NULL);
    RETURN jsonb_build_object('receipt', v_receipt, 'refused', v_refused);
  END IF;
  PERFORM wall.write_ticket(m, p_request, v_receipt, 'statement', 'log.erase', 'shown', 'erase: ' || p_step, v_hash, NULL);
  -- Two at once: the key lets one of them through.
  INSERT INTO log.erasure (erasure, step, receipt, day, at, person, appointment, target_day, target, law, reason, expires)
  VALUES (CASE p_step WHEN 'request' THEN v_receipt ELSE p_erasure END, p_step, v_receipt, m.day, m.at, m.person,
          m.appointment, v_target_day, v_target, coalesce(asked.law, p_law), coalesce(asked.reason, p_reason),
          coalesce(asked.expires, m.at + interval '24 hours'));
  IF p_step = 'approval' AND log.destroy_typed(v_target_day, v_target) <> 1 THEN
    RAISE EXCEPTION 'nothing was destroyed' USING ERRCODE = 'TK412';
  END IF;
  RETURN jsonb_build_object('receipt', v_receipt, 'day', v_target_day, 'target', v_target);
END $$;

-- What has been erased, for the list that the home keeps outside the database.
CREATE OR REPLACE FUNCTION log.erasures() RETURNS TABLE (day date, receipt text) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT e.target_day, e.target FROM log.erasure e WHERE e.step IN ('approval', 'again') ORDER BY 1, 2
$$;

-- Which of these texts, and of those that the log says were erased, are there all the same. A day at a time: then only its
-- partition is planned and locked.
CREATE OR REPLACE FUNCTION log.came_back(p_days date[], p_receipts text[]) RETURNS TABLE (day date, receipt text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE t record;
BEGIN
  FOR t IN SELECT u.day, array_agg(u.receipt) AS receipts
             FROM (SELECT * FROM unnest(p_days, p_receipts) g(day, receipt) UNION SELECT * FROM log.erasures()) u
            GROUP BY u.day ORDER BY u.day LOOP
    RETURN QUERY EXECUTE format('SELECT y.day, y.receipt FROM log.payload y WHERE y.day = %L AND y.receipt = ANY ($1)', t.day)
      USING t.receipts;
  END LOOP;
END $$;

-- What a restored backup brought back goes once more: by the deployment login, with who and why, and recorded.
CREATE OR REPLACE FUNCTION log.erase_again(p_day date, p_receipt text, p_who text, p_why text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_now timestamptz := clock_timestamp();
BEGIN
  IF NOT EXISTS (SELECT FROM log.came_back(ARRAY[p_day], ARRAY[p_receipt]) c WHERE c.receipt = p_receipt) THEN
    RETURN false;
  END IF;
  INSERT INTO log.erasure (erasure, step, receipt, day, at, target_day, target, law, reason, expires)
  VALUES (coalesce((SELECT e.erasure FROM log.erasure e WHERE e.target = p_receipt AND e.step = 'approval' LIMIT 1), ''),
          'again', wall.new_receipt(), (v_now AT TIME ZONE 'Asia/Tokyo')::date, v_now, p_day, p_receipt, p_who, p_why, v_now);
  RETURN log.destroy_typed(p_day, p_receipt) = 1;
END $$;

-- ------------------------------------------------------------------------------------------------------ 保存
-- Time that the log itself bears out: a clock that was set, or a log that stood still, for more than a week says nothing of the
-- years before until it has gone on for forty days. All that lies between checkpoints more than five minutes apart is added up, so
-- steps of hours or days are no better than one jump. Steps below five minutes are not seen: whoever sets the clock on by less than
-- that between two checkpoints, thousands of times, makes the forty days shorter. Real time: the business clock has no say in what
-- is kept.
CREATE OR REPLACE FUNCTION log.steady() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(max(c.at) BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() + interval '1 minute', false)
     AND coalesce(sum(c.at - c.before) FILTER (WHERE c.at - c.before > interval '5 minutes') <= interval '7 days', true)
    FROM (SELECT k.at, lag(k.at) OVER (ORDER BY k.size) AS before FROM log.checkpoint k
           WHERE k.size >= coalesce((SELECT max(o.size) FROM log.checkpoint o
                                      WHERE o.at < clock_timestamp() - interval '40 days'), 0)) c
$$;

-- A rule from a day on, by the deployment login. Never of a past day; a shorter one is known thirty days before it begins.
CREATE OR REPLACE FUNCTION wall.set_retention(p_from date, p_years int, p_label text, p_who text, p_reason text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_today date := (clock_timestamp() AT TIME ZONE 'Asia/Tokyo')::date;
  v_longest int;
  v_no bigint;
BEGIN
  IF p_from < v_today THEN
    RAISE EXCEPTION 'a rule begins today or later' USING ERRCODE = 'TK400';
  END IF;
  -- What is in force on that day, or comes in force later, by what is known now.
  SELECT max(r.years) INTO v_longest
    FROM (SELECT (log.rule_on(p_from)).years UNION ALL SELECT l.years FROM log.retention l WHERE l.valid_from > p_from) r;
  IF p_years < v_longest AND (p_from < v_today + 30 OR NOT log.steady()) THEN
    RAISE EXCEPTION 'a shorter rule begins thirty days from now at the earliest' USING ERRCODE = 'TK413';
  END IF;
  INSERT INTO log.retention (valid_from, years, label, who, reason) VALUES (p_from, p_years, p_label, p_who, p_reason)
  RETURNING no INTO v_no;
  RETURN v_no;
END $$;

-- Days held from deletion whatever the rule says, and their release.
CREATE OR REPLACE FUNCTION wall.hold_days(p_from date, p_to date, p_who text, p_reason text) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.hold (from_day, to_day, who, reason) VALUES (p_from, p_to, p_who, p_reason) RETURNING no
$$;

CREATE OR REPLACE FUNCTION wall.release_hold(p_no bigint, p_who text, p_reason text) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO log.hold (releases, from_day, to_day, who, reason)
  SELECT h.no, h.from_day, h.to_day, p_who, p_reason FROM log.hold h WHERE h.no = p_no AND h.releases IS NULL RETURNING no
$$;

CREATE OR REPLACE FUNCTION log.held(p_day date) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM log.hold h
                  WHERE h.releases IS NULL AND h.from_day <= p_day AND p_day < h.to_day
                    AND NOT EXISTS (SELECT FROM log.hold r WHERE r.releases = h.no))
$$;

-- Rules, holds, deletions, the ended days and what stands between each and its deletion.
CREATE OR REPLACE FUNCTION wall.retention() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  WITH now AS (SELECT clock_timestamp() AT TIME ZONE 'Asia/Tokyo' AS at, log.steady() AS steady),
       rule AS (SELECT (log.rule_on(at::date)).* FROM now)
  SELECT jsonb_build_object(
    'today', (SELECT at::date FROM now), 'steady', (SELECT steady FROM now), 'rule', (SELECT no FROM rule),
    'rules', (SELECT coalesce(jsonb_agg(jsonb_build_object('no', no, 'valid_from', valid_from, 'years', years, 'label', label,
                'who', who, 'reason', reason, 'at', at) ORDER BY valid_from, no), '[]') FROM log.retention),
    'holds', (SELECT coalesce(jsonb_agg(jsonb_build_object('no', h.no, 'from', h.from_day, 'to', h.to_day, 'who', h.who,
                'reason', h.reason, 'released', r.at) ORDER BY h.no), '[]')
                FROM log.hold h LEFT JOIN log.hold r ON r.releases = h.no WHERE h.releases IS NULL),
    'deleted', (SELECT coalesce(jsonb_agg(jsonb_build_object('no', no, 'day', day, 'rule', rule, 'years', years, 'label', label,
                  'who', who, 'at', at, 'leaves', leaves) ORDER BY day), '[]') FROM log.deletion),
    'due', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', y.day, 'records', y.records, 'held', log.held(y.day),
              'closed', EXISTS (SELECT FROM log.closing c WHERE c.day = y.day)) ORDER BY y.day), '[]')
              FROM log.tallied y, rule r, now n WHERE (y.day + 1) + make_interval(years => r.years) <= n.at))
$$;

-- One day goes: its record first, then its rows, in one transaction. Refused for whatever the rule in force does not let go, for
-- a day that is held, one that is not closed with these files, and one of which a record has no place in the tree.
CREATE OR REPLACE FUNCTION wall.delete_day(p_day date, p_digest bytea, p_who text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_rule log.retention;
  v_counts bigint[];
  v_placed bigint;
  v_here bigint;
  v_last date;
  v_leaves bigint;
  v_parts text;
  v_no bigint;
  c log.closing;
BEGIN
  v_rule := log.rule_on((v_now AT TIME ZONE 'Asia/Tokyo')::date);
  IF v_rule.no IS NULL OR (p_day + 1) + make_interval(years => v_rule.years) > v_now AT TIME ZONE 'Asia/Tokyo' THEN
    RAISE EXCEPTION 'young' USING ERRCODE = 'TK412';
  END IF;
  IF NOT log.steady() THEN
    RAISE EXCEPTION 'clock' USING ERRCODE = 'TK412';
  END IF;
  IF log.held(p_day) THEN
    RAISE EXCEPTION 'held' USING ERRCODE = 'TK412';
  END IF;
  SELECT * INTO c FROM log.closing k WHERE k.day = p_day AND k.digest = p_digest ORDER BY k.no DESC LIMIT 1;
  EXECUTE format('SELECT ARRAY[(SELECT count(*) FROM log.ticket WHERE day = %1$L), (SELECT count(*) FROM log.subject WHERE day = %1$L),'
                 ' (SELECT count(*) FROM log.outcome WHERE day = %1$L), (SELECT count(*) FROM log.purpose WHERE day = %1$L)]', p_day)
     INTO v_counts;
  IF c.no IS NULL OR NOT EXISTS (SELECT FROM log.tallied y WHERE y.day = p_day)
     OR (c.records, c.subjects, c.outcomes) IS DISTINCT FROM (v_counts[1], v_counts[2], v_counts[3]) THEN
    RAISE EXCEPTION 'closed' USING ERRCODE = 'TK412';
  END IF;
  SELECT v_counts[1] + v_counts[3] + v_counts[4] + (SELECT count(*) FROM log.export e WHERE e.day = p_day)
       + (SELECT count(*) FROM log.alarm a WHERE (a.at AT TIME ZONE 'Asia/Tokyo')::date = p_day)
       + (SELECT count(*) FROM log.sign_in i WHERE (i.at AT TIME ZONE 'Asia/Tokyo')::date = p_day) INTO v_here;
  -- Nearly all have their places within days; where not, every later day of the tree is asked.
  v_last := p_day + 7;
  LOOP
    EXECUTE format('SELECT sum(n), string_agg(first || ''-'' || last || '':'' || n || '':'' || encode(digest, ''hex''), '' '' ORDER BY first)'
                   '  FROM (SELECT min(index) AS first, max(index) AS last, count(*) AS n, sha256(string_agg(hash, '''' ORDER BY index)) AS digest'
                   '          FROM log.leaf WHERE day >= %L AND day <= %L AND record_day = $1'
                   '           AND kind IN (''ticket'', ''outcome'', ''purpose'', ''export'', ''alarm'', ''sign-in'') GROUP BY day) g',
                   p_day, v_last) INTO v_leaves, v_parts USING p_day;
    EXIT WHEN coalesce(v_leaves, 0) >= v_here OR v_last = 'infinity';
    v_last := 'infinity';
  END LOOP;
  IF coalesce(v_leaves, 0) <> v_here THEN
    RAISE EXCEPTION 'placed' USING ERRCODE = 'TK412';
  END IF;
  INSERT INTO log.deletion (day, at, rule, years, label, who, leaves, parts, digest)
  VALUES (p_day, v_now, v_rule.no, v_rule.years, v_rule.label, p_who, coalesce(v_leaves, 0), coalesce(v_parts, ''), p_digest)
  RETURNING no INTO v_no;
  PERFORM log.drop_day(p_day);
  DELETE FROM log.tally t WHERE t.day = p_day;
  DELETE FROM log.tallied y WHERE y.day = p_day;
  RETURN jsonb_build_object('no', v_no, 'day', p_day, 'leaves', coalesce(v_leaves, 0), 'rule', v_rule.no, 'years', v_rule.years);
END $$;

REVOKE EXECUTE ON FUNCTION wall.erase_step(bytea, date, uuid, text, text, text, text, text, text, text, text, boolean),
  log.erasures(), log.came_back(date[], text[]), log.erase_again(date, text, text, text), log.steady(), log.held(date),
  wall.set_retention(date, int, text, text, text), wall.hold_days(date, date, text, text),
  wall.release_hold(bigint, text, text), wall.retention(), wall.delete_day(date, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.erase_step(bytea, date, uuid, text, text, text, text, text, text, text, text, boolean)
  TO ticketer;
GRANT EXECUTE ON FUNCTION log.erasures() TO sequencer;
GRANT EXECUTE ON FUNCTION log.came_back(date[], text[]) TO ticketer, migrator;
GRANT EXECUTE ON FUNCTION log.erase_again(date, text, text, text), wall.set_retention(date, int, text, text, text),
  wall.hold_days(date, date, text, text), wall.release_hold(bigint, text, text), wall.retention(),
  wall.delete_day(date, bytea, text) TO migrator;
RESET ROLE;
