-- 異動の効果: the only place that changes supply points. Every function runs as the NOLOGIN role effector and
-- changes history and stamps in one transaction. Under forced row security a missing policy would silently change
-- nothing: restamp counts its points, and the start check demands effector's policy on every table here.
SET LOCAL ROLE effector;

-- What each stamp must be, as of a JST day. The one definition: restamp writes it, doctor compares with it.
-- Present supply counts to the first day on which a change is fixed (points.planned): when its effect is late nobody holds.
CREATE OR REPLACE FUNCTION points.expected_stamps(p_points bigint[], p_today date)
  RETURNS TABLE (kind text, id bigint, holder_id int, held_from date, held_to date)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH now_held AS MATERIALIZED (
    SELECT s.point, s.retailer AS holder_id, seg * daterange(NULL, c.day) AS held
      FROM (SELECT point, retailer, range_agg(valid) AS held FROM points.supply
             WHERE recorded_to = 'infinity' AND (p_points IS NULL OR point = ANY (p_points))
             GROUP BY point, retailer) s
      LEFT JOIN (SELECT point, min(day) AS day FROM points.planned
                  WHERE p_points IS NULL OR point = ANY (p_points) GROUP BY point) c ON c.point = s.point, unnest(s.held) seg
     WHERE seg * daterange(NULL, c.day) @> p_today
  ), bounds AS MATERIALIZED (
    SELECT point, holder_id, held, coalesce(lower(held), '-infinity') AS f, coalesce(upper(held), 'infinity') AS t FROM now_held
  )
  SELECT 'place', r.id, b.holder_id, b.f, b.t FROM points.place r LEFT JOIN bounds b USING (point)
   WHERE p_points IS NULL OR r.point = ANY (p_points)
  UNION ALL
  SELECT 'equipment', r.id, b.holder_id, b.f, b.t FROM points.equipment r LEFT JOIN bounds b USING (point)
   WHERE p_points IS NULL OR r.point = ANY (p_points)
  UNION ALL
  SELECT 'meter_install', r.id, b.holder_id, b.f, b.t FROM points.meter_install r LEFT JOIN bounds b USING (point)
   WHERE p_points IS NULL OR r.point = ANY (p_points)
  UNION ALL
  -- a party is the present supplier's for as long as both last
  SELECT 'party', r.id, CASE WHEN ok THEN b.holder_id END, CASE WHEN ok THEN greatest(b.f, coalesce(lower(r.valid), '-infinity')) END,
         CASE WHEN ok THEN least(b.t, coalesce(upper(r.valid), 'infinity')) END
    FROM points.party r LEFT JOIN bounds b USING (point)
    CROSS JOIN LATERAL (SELECT r.recorded_to = 'infinity' AND r.valid && b.held AS ok) x
   WHERE p_points IS NULL OR r.point = ANY (p_points)
  UNION ALL
  SELECT 'supply', r.id, CASE WHEN r.recorded_to = 'infinity' THEN r.retailer END,
         CASE WHEN r.recorded_to = 'infinity' THEN coalesce(lower(r.valid), '-infinity') END,
         CASE WHEN r.recorded_to = 'infinity' THEN coalesce(upper(r.valid), 'infinity') END
    FROM points.supply r WHERE p_points IS NULL OR r.point = ANY (p_points)
  UNION ALL
  -- a fact of a period is whose supply contains the whole of it; what straddles two suppliers is nobody's
  SELECT v.kind, v.id, h.retailer, CASE WHEN h.retailer IS NOT NULL THEN coalesce(lower(v.valid), '-infinity') END,
         CASE WHEN h.retailer IS NOT NULL THEN coalesce(upper(v.valid), 'infinity') END
    FROM (SELECT 'contract_size' AS kind, r.id, r.point, r.valid, r.recorded_to FROM points.contract_size r
           WHERE p_points IS NULL OR r.point = ANY (p_points)
          UNION ALL
          SELECT 'usage_month', r.id, r.point, r.valid, r.recorded_to FROM points.usage_month r
           WHERE p_points IS NULL OR r.point = ANY (p_points)) v
    LEFT JOIN LATERAL (
      SELECT s.retailer FROM points.supply s
       WHERE v.recorded_to = 'infinity' AND s.point = v.point AND s.recorded_to = 'infinity' AND s.valid && v.valid
       GROUP BY s.retailer HAVING range_agg(s.valid) @> v.valid) h ON true
  UNION ALL
  SELECT 'pending', r.id, r.party, '-infinity', 'infinity' FROM points.pending r
   WHERE p_points IS NULL OR r.point = ANY (p_points)
  UNION ALL
  -- what was noted or ordered in a supplier's time is that supplier's: a successor does not inherit it
  SELECT v.kind, v.id, CASE WHEN ok THEN b.holder_id END, CASE WHEN ok THEN b.f END, CASE WHEN ok THEN b.t END
    FROM (SELECT 'bank_mandate' AS kind, r.id, r.point, lower(r.valid) AS anchor, r.recorded_to = 'infinity' AS stands
            FROM points.bank_mandate r WHERE p_points IS NULL OR r.point = ANY (p_points)
          UNION ALL
          SELECT 'mandate_notice', r.id, r.point, r.received_on, true FROM points.mandate_notice r
           WHERE p_points IS NULL OR r.point = ANY (p_points)
          UNION ALL
          SELECT 'contact_note', r.id, r.point, r.noted_on, true FROM points.contact_note r
           WHERE p_points IS NULL OR r.point = ANY (p_points)) v
    LEFT JOIN bounds b USING (point)
    CROSS JOIN LATERAL (SELECT v.stands AND b.held @> v.anchor AS ok) x
  UNION ALL
  SELECT 'care_note', r.id, NULL, NULL, NULL FROM points.care_note r WHERE p_points IS NULL OR r.point = ANY (p_points)
$$;

CREATE OR REPLACE FUNCTION points.expected_points(p_points bigint[], p_today date)
  RETURNS TABLE (id bigint, holder_id int, held_from date, held_to date, due_on date)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.id, s.holder_id, coalesce(lower(s.held), CASE WHEN s.held IS NOT NULL THEN '-infinity'::date END),
         coalesce(upper(s.held), CASE WHEN s.held IS NOT NULL THEN 'infinity'::date END),
         least(coalesce(upper(s.held), n.next_from), t.next_day)
    FROM wall.point p
    LEFT JOIN LATERAL (
      SELECT a.retailer AS holder_id, seg * daterange(NULL, c.day) AS held
        FROM (SELECT retailer, range_agg(valid) AS held FROM points.supply
               WHERE point = p.id AND recorded_to = 'infinity' GROUP BY retailer) a,
             (SELECT min(day) AS day FROM points.planned WHERE point = p.id) c, unnest(a.held) seg
       WHERE seg * daterange(NULL, c.day) @> p_today) s ON true
    LEFT JOIN LATERAL (
      SELECT min(lower(valid)) AS next_from FROM points.supply
       WHERE s.held IS NULL AND point = p.id AND recorded_to = 'infinity' AND lower(valid) > p_today) n ON true
    LEFT JOIN LATERAL (  -- a party moves in or out: search keys name who lives there
      SELECT min(CASE WHEN lower(valid) > p_today THEN lower(valid) ELSE upper(valid) END) AS next_day FROM points.party
       WHERE point = p.id AND recorded_to = 'infinity' AND coalesce(upper(valid) > p_today, true)) t ON true
   WHERE p_points IS NULL OR p.id = ANY (p_points)
$$;

-- Rewrite holdings and stamps of these points as of the business day. Returns the number of points.
CREATE OR REPLACE FUNCTION points.restamp(p_points bigint[]) RETURNS int LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_today date := wall.today();
  v_count int;
BEGIN
  PERFORM 1 FROM wall.point WHERE id = ANY (p_points) ORDER BY id FOR UPDATE;
  DELETE FROM wall.holding WHERE point = ANY (p_points);
  INSERT INTO wall.holding (point, holder_id, held)
  SELECT s.point, s.retailer, seg
    FROM (SELECT point, retailer, range_agg(valid) AS held FROM points.supply
           WHERE point = ANY (p_points) AND recorded_to = 'infinity' GROUP BY point, retailer) s, unnest(s.held) seg;
  UPDATE wall.point p SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to, due_on = e.due_on
    FROM points.expected_points(p_points, v_today) e WHERE e.id = p.id;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count <> (SELECT count(DISTINCT u) FROM unnest(p_points) u) THEN
    RAISE EXCEPTION 'points.restamp: % points were to be stamped, % were', cardinality(p_points), v_count;
  END IF;
  WITH e AS MATERIALIZED (SELECT * FROM points.expected_stamps(p_points, v_today)),
    u1 AS (UPDATE points.place t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'place' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u2 AS (UPDATE points.equipment t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'equipment' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u3 AS (UPDATE points.meter_install t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'meter_install' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u4 AS (UPDATE points.party t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'party' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u5 AS (UPDATE points.supply t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'supply' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u6 AS (UPDATE points.contract_size t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'contract_size' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u7 AS (UPDATE points.usage_month t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'usage_month' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u8 AS (UPDATE points.pending t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'pending' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u9 AS (UPDATE points.bank_mandate t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'bank_mandate' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u10 AS (UPDATE points.mandate_notice t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'mandate_notice' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u11 AS (UPDATE points.contact_note t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'contact_note' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)),
    u12 AS (UPDATE points.care_note t SET holder_id = e.holder_id, held_from = e.held_from, held_to = e.held_to FROM e
            WHERE e.kind = 'care_note' AND e.id = t.id AND (t.holder_id, t.held_from, t.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to))
  SELECT 1 INTO v_count;
  PERFORM points.renew_entries(p_points, v_today);
  RETURN cardinality(p_points);
END $$;

-- What each search key must be, as of a JST day. The one definition: renew_entries writes it, doctor compares with it.
-- Names are the present party's, or the last one's where nobody lives; the stamp is the present party's alone. Places and
-- equipment stand by the kana of the present party and no other: the name of who left is not the new holder's to infer.
CREATE OR REPLACE FUNCTION points.expected_entries(p_points bigint[], p_today date)
  RETURNS TABLE (list text, point bigint, sort_key text, number text, words text, holder_id int, held_from date, held_to date)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH named AS MATERIALIZED (
    SELECT p.id, p.supply_point, t.name, t.phone, search.name_key(t.kana) AS kana,
           CASE WHEN t.present THEN search.name_key(t.kana) ELSE U&'\FFFC' END AS beside,
           CASE WHEN t.present THEN t.holder_id END AS holder_id, CASE WHEN t.present THEN t.held_from END AS held_from,
           CASE WHEN t.present THEN t.held_to END AS held_to
      FROM wall.point p
      LEFT JOIN LATERAL (
        SELECT r.name, r.kana, r.phone, r.valid @> p_today AS present, r.holder_id, r.held_from, r.held_to FROM points.party r
         WHERE r.point = p.id AND r.recorded_to = 'infinity' AND coalesce(lower(r.valid) <= p_today, true)
         ORDER BY lower(r.valid) DESC NULLS LAST LIMIT 1) t ON true
     WHERE p_points IS NULL OR p.id = ANY (p_points)
  ), listed AS (
    SELECT 'kana' AS list, n.id, n.kana AS sort_key, NULL AS number, NULL AS words, n.holder_id, n.held_from, n.held_to FROM named n
    UNION ALL
    SELECT 'name', n.id, n.kana, NULL, search.written_key(n.name), n.holder_id, n.held_from, n.held_to FROM named n
    UNION ALL
    SELECT 'phone', n.id, n.kana, NULL, search.phone_key(n.phone), n.holder_id, n.held_from, n.held_to FROM named n
    UNION ALL
    SELECT 'address', n.id, n.beside, n.supply_point,
           search.address_key(q.postal_code) || search.address_key(q.prefecture) || search.address_key(q.city)
             || search.address_key(q.town) || search.address_key(q.block) || search.address_key(q.building)
             || search.address_key(q.room), q.holder_id, q.held_from, q.held_to
      FROM named n CROSS JOIN LATERAL (SELECT * FROM points.place r WHERE r.point = n.id ORDER BY r.id DESC LIMIT 1) q
    UNION ALL
    SELECT v.list, n.id, n.beside, n.supply_point, v.words, q.holder_id, q.held_from, q.held_to
      FROM named n CROSS JOIN LATERAL (SELECT * FROM points.equipment r WHERE r.point = n.id ORDER BY r.id DESC LIMIT 1) q
     CROSS JOIN LATERAL (VALUES ('meter', search.meter_key(q.meter_number)), ('pole', search.address_key(q.service_pole))) v(list, words)
    UNION ALL
    SELECT 'notice', n.id, lpad((99999999 - to_char(q.received_on, 'YYYYMMDD')::int)::text, 8, '0') || '-' || lpad(q.id::text, 12, '0'),
           NULL, NULL, q.holder_id, q.held_from, q.held_to
      FROM named n
     CROSS JOIN LATERAL (SELECT * FROM points.mandate_notice r WHERE r.point = n.id ORDER BY r.received_on DESC, r.id DESC LIMIT 1) q
  )
  SELECT l.list, l.id, l.sort_key, l.number, l.words, l.holder_id, l.held_from, l.held_to
    FROM listed l WHERE coalesce(l.words, l.sort_key) <> ''
$$;

CREATE OR REPLACE FUNCTION points.renew_entries(p_points bigint[], p_today date) RETURNS void LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE e record;
BEGIN
  FOR e IN SELECT u.list, array_agg(x.point) AS ps, array_agg(x.sort_key) AS keys,
                  array_agg(x.number) AS numbers, array_agg(x.words) AS words, array_agg(x.holder_id) AS hs,
                  array_agg(x.held_from) AS fs, array_agg(x.held_to) AS ts
             FROM unnest(ARRAY['kana', 'name', 'phone', 'address', 'meter', 'pole', 'notice']) u(list)
             LEFT JOIN points.expected_entries(p_points, p_today) x ON x.list = u.list GROUP BY u.list LOOP
    PERFORM search.put_entries(e.list, p_points, e.ps, e.keys, e.numbers, e.words, e.hs, e.fs, e.ts);
  END LOOP;
END $$;

-- All entries anew, if they were made by another spelling of the keys. Returns the number of points.
CREATE OR REPLACE FUNCTION points.renew_all_entries(p_spelling int) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_today date := wall.today();
  v_points bigint[];
  v_count bigint := 0;
BEGIN
  IF EXISTS (SELECT FROM wall.search_spelling WHERE version = p_spelling) THEN
    RETURN 0;
  END IF;
  LOOP
    v_points := ARRAY(SELECT id FROM wall.point WHERE id > coalesce(v_points[cardinality(v_points)], -9223372036854775808)
                       ORDER BY id LIMIT 5000);
    EXIT WHEN cardinality(v_points) = 0;
    PERFORM points.renew_entries(v_points, v_today);
    v_count := v_count + cardinality(v_points);
  END LOOP;
  INSERT INTO wall.search_spelling (version) VALUES (p_spelling) ON CONFLICT (one) DO UPDATE SET version = excluded.version;
  RETURN v_count;
END $$;

-- Midnight: the points whose stamp is no longer today's, and the effect on one of them. A late job hides, never shows.
CREATE OR REPLACE FUNCTION points.due(p_limit int) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT id FROM wall.point WHERE due_on <= wall.today() ORDER BY due_on, id LIMIT p_limit
$$;

CREATE OR REPLACE FUNCTION points.take_effect(p_point bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM 1 FROM wall.point WHERE id = p_point AND due_on <= wall.today() FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM points.restamp(ARRAY[p_point]);
  RETURN true;
END $$;

-- 供給者の記録・訂正: from the first to before the last day (null = open) the supplier is p_retailer (null = none).
-- What was recorded of that period is retired and points to its successor; the rest of a cut row is recorded anew.
CREATE OR REPLACE FUNCTION points.record_supply(p_proof bytea, p_day date, p_receipt text, p_point bigint, p_retailer int,
    p_from date, p_to date, p_reason text) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_span daterange;
  v_new bigint;
  v_changed int;
BEGIN
  IF NOT wall.may_write(p_proof, p_receipt, 'points.record_supply', 'D', p_point) THEN
    RAISE EXCEPTION 'the ticket is not open for this' USING ERRCODE = 'TK403';
  END IF;
  IF p_from IS NULL OR p_from NOT BETWEEN DATE '1900-01-01' AND DATE '4699-12-30' OR p_to > DATE '4699-12-31'
     OR p_to <= p_from OR coalesce(p_reason, '') = '' THEN
    RAISE EXCEPTION 'a period from a day, and a reason, are needed' USING ERRCODE = 'TK400';
  END IF;
  IF p_retailer IS NOT NULL AND NOT EXISTS (SELECT FROM wall.org WHERE id = p_retailer AND kind = 'retailer') THEN
    RAISE EXCEPTION 'no such retailer' USING ERRCODE = 'TK400';
  END IF;
  v_span := daterange(p_from, p_to);
  PERFORM 1 FROM wall.point WHERE id = p_point FOR UPDATE;
  v_changed := points.replace_supply(p_point, v_span, p_retailer, p_reason);
  PERFORM points.cut_sizes(p_point, v_span);
  PERFORM points.restamp(ARRAY[p_point]);
  IF wall.close(p_proof, p_day, p_receipt, v_changed, ARRAY['D'], ARRAY[p_point], sha256(convert_to(v_span::text, 'UTF8'))) <> 'closed' THEN
    RAISE EXCEPTION 'the ticket ended meanwhile' USING ERRCODE = 'TK403';
  END IF;
  RETURN v_changed;
END $$;

CREATE OR REPLACE FUNCTION points.replace_supply(p_point bigint, p_span daterange, p_retailer int, p_reason text) RETURNS int
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old points.supply;
  v_now timestamptz := clock_timestamp();
  v_rest daterange;
  v_new bigint;
  v_next bigint := nextval(pg_get_serial_sequence('points.supply', 'id'));
  v_changed int := 0;
BEGIN
  FOR old IN SELECT * FROM points.supply WHERE point = p_point AND recorded_to = 'infinity' AND valid && p_span ORDER BY id LOOP
    UPDATE points.supply SET recorded_to = v_now WHERE id = old.id;
    v_new := NULL;
    FOR v_rest IN SELECT unnest(datemultirange(old.valid) - datemultirange(p_span)) LOOP
      INSERT INTO points.supply (point, retailer, balancing_group, contract_no, valid, reason, recorded_from)
      VALUES (old.point, old.retailer, old.balancing_group, old.contract_no, v_rest, old.reason, v_now) RETURNING id INTO v_new;
    END LOOP;
    IF p_retailer IS NULL THEN
      UPDATE points.supply SET superseded_by = v_new WHERE id = old.id AND v_new IS NOT NULL;
    END IF;
    v_changed := v_changed + 1;
  END LOOP;
  IF p_retailer IS NOT NULL THEN
    INSERT INTO points.supply (id, point, retailer, valid, reason, recorded_from) OVERRIDING SYSTEM VALUE
    VALUES (v_next, p_point, p_retailer, p_span, p_reason, v_now);
    UPDATE points.supply SET superseded_by = v_next
     WHERE point = p_point AND recorded_to = v_now AND superseded_by IS NULL;
    v_changed := v_changed + 1;
  END IF;
  RETURN v_changed;
END $$;

-- A contract size belongs to one supplier: rows that straddle the ends of the span are cut there.
CREATE OR REPLACE FUNCTION points.cut_sizes(p_point bigint, p_span daterange) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old points.contract_size;
  v_now timestamptz := clock_timestamp();
  v_part daterange;
  v_new bigint;
BEGIN
  FOR old IN SELECT * FROM points.contract_size WHERE point = p_point AND recorded_to = 'infinity' AND valid && p_span
                AND NOT valid <@ p_span LOOP
    UPDATE points.contract_size SET recorded_to = v_now WHERE id = old.id;
    FOR v_part IN SELECT old.valid * p_span UNION ALL SELECT unnest(datemultirange(old.valid) - datemultirange(p_span)) LOOP
      INSERT INTO points.contract_size (point, menu, kind, basis, amount, unit, valid, recorded_from)
      VALUES (old.point, old.menu, old.kind, old.basis, old.amount, old.unit, v_part, v_now) RETURNING id INTO v_new;
    END LOOP;
    UPDATE points.contract_size SET superseded_by = v_new WHERE id = old.id;
  END LOOP;
END $$;

-- 異動の効果: the history of a point as the rules of the reception made it. What is not wanted as it stands is retired and
-- points to its successor; what is wanted and not there is recorded anew. p_facts: holdings [{retailer, from, to,
-- customer_no, balancing_group}], tenures [{name, kana, phone, from, to}], day (from which it differs), status,
-- disconnection, menu (null: as it was).
CREATE OR REPLACE FUNCTION points.rewrite(p_point bigint, p_facts jsonb, p_reason text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  w record;
  v_new bigint;
BEGIN
  UPDATE points.supply s SET recorded_to = v_now
   WHERE s.point = p_point AND s.recorded_to = 'infinity' AND NOT EXISTS (
     SELECT FROM jsonb_to_recordset(p_facts -> 'holdings') h(retailer text, "from" date, "to" date)
       JOIN wall.org o ON o.code = h.retailer WHERE o.id = s.retailer AND daterange(h."from", h."to") = s.valid);
  FOR w IN SELECT o.id AS retailer, daterange(h."from", h."to") AS valid, h.customer_no, h.balancing_group
             FROM jsonb_to_recordset(p_facts -> 'holdings') h(retailer text, "from" date, "to" date, customer_no text, balancing_group text)
             JOIN wall.org o ON o.code = h.retailer
            WHERE NOT EXISTS (SELECT FROM points.supply s WHERE s.point = p_point AND s.recorded_to = 'infinity'
                                 AND s.retailer = o.id AND s.valid = daterange(h."from", h."to")) LOOP
    INSERT INTO points.supply (point, retailer, balancing_group, contract_no, valid, reason, recorded_from)
    SELECT p_point, w.retailer, coalesce(w.balancing_group, f.balancing_group, ''), coalesce(nullif(w.customer_no, ''), f.contract_no, ''),
           w.valid, p_reason, v_now
      FROM (SELECT) one
      LEFT JOIN LATERAL (SELECT s.balancing_group, s.contract_no FROM points.supply s
                          WHERE s.point = p_point AND s.recorded_to = v_now AND s.retailer = w.retailer AND s.valid && w.valid
                          ORDER BY lower(s.valid) LIMIT 1) f ON true
    RETURNING id INTO v_new;
    UPDATE points.supply s SET superseded_by = v_new
     WHERE s.point = p_point AND s.recorded_to = v_now AND s.superseded_by IS NULL AND s.valid && w.valid;
  END LOOP;
  UPDATE points.party t SET recorded_to = v_now
   WHERE t.point = p_point AND t.recorded_to = 'infinity' AND NOT EXISTS (
     SELECT FROM jsonb_to_recordset(p_facts -> 'tenures') h(name text, kana text, phone text, "from" date, "to" date)
      WHERE (h.name, h.kana, coalesce(h.phone, t.phone)) = (t.name, t.kana, t.phone) AND daterange(h."from", h."to") = t.valid);
  FOR w IN SELECT h.name, h.kana, h.phone, daterange(h."from", h."to") AS valid
             FROM jsonb_to_recordset(p_facts -> 'tenures') h(name text, kana text, phone text, "from" date, "to" date)
            WHERE NOT EXISTS (SELECT FROM points.party t WHERE t.point = p_point AND t.recorded_to = 'infinity'
                                 AND (t.name, t.kana) = (h.name, h.kana) AND t.valid = daterange(h."from", h."to")) LOOP
    INSERT INTO points.party (point, name, kana, phone, mail_address, valid, recorded_from)
    SELECT p_point, w.name, w.kana, coalesce(w.phone, f.phone, ''), coalesce(f.mail_address, ''), w.valid, v_now
      FROM (SELECT) one
      LEFT JOIN LATERAL (SELECT t.phone, t.mail_address FROM points.party t
                          WHERE t.point = p_point AND t.recorded_to = v_now AND t.valid && w.valid
                            AND (t.kana = w.kana OR t.valid = w.valid)
                          ORDER BY lower(t.valid) NULLS FIRST LIMIT 1) f ON true
    RETURNING id INTO v_new;
    UPDATE points.party t SET superseded_by = v_new
     WHERE t.point = p_point AND t.recorded_to = v_now AND t.superseded_by IS NULL AND t.valid && w.valid;
  END LOOP;
  PERFORM points.rewrite_sizes(p_point, (p_facts ->> 'day')::date, p_facts ->> 'menu');
  UPDATE points.equipment SET status = p_facts ->> 'status', disconnection = p_facts ->> 'disconnection' WHERE point = p_point;
END $$;

-- Contract sizes after the history was rewritten from a day on: cut there, ended where nobody supplies, gone on with where
-- somebody does, of the menu that was applied for.
CREATE OR REPLACE FUNCTION points.rewrite_sizes(p_point bigint, p_day date, p_menu text) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old points.contract_size;
  v_now timestamptz := clock_timestamp();
  v_held datemultirange := coalesce((SELECT range_agg(valid) FROM points.supply WHERE point = p_point AND recorded_to = 'infinity'), '{}');
  v_part daterange;
  v_new bigint;
BEGIN
  PERFORM points.cut_sizes(p_point, daterange(p_day, NULL));
  FOR old IN SELECT * FROM points.contract_size WHERE point = p_point AND recorded_to = 'infinity' AND lower(valid) >= p_day
                AND (NOT valid <@ v_held OR menu <> p_menu) LOOP
    UPDATE points.contract_size SET recorded_to = v_now WHERE id = old.id;
    v_new := NULL;
    FOR v_part IN SELECT unnest(datemultirange(old.valid) * v_held) LOOP
      INSERT INTO points.contract_size (point, menu, kind, basis, amount, unit, valid, recorded_from)
      VALUES (old.point, coalesce(p_menu, old.menu), old.kind, old.basis, old.amount, old.unit, v_part, v_now) RETURNING id INTO v_new;
    END LOOP;
    UPDATE points.contract_size SET superseded_by = v_new WHERE id = old.id AND v_new IS NOT NULL;
  END LOOP;
  FOR v_part IN SELECT unnest(v_held * datemultirange(daterange(p_day, NULL)) - coalesce((
                  SELECT range_agg(valid) FROM points.contract_size WHERE point = p_point AND recorded_to = 'infinity'), '{}')) LOOP
    INSERT INTO points.contract_size (point, menu, kind, basis, amount, unit, valid, recorded_from)
    SELECT z.point, coalesce(p_menu, z.menu), z.kind, z.basis, z.amount, z.unit, v_part, v_now FROM points.contract_size z
     WHERE z.point = p_point ORDER BY z.recorded_to DESC, lower(z.valid) DESC LIMIT 1;
  END LOOP;
END $$;

-- How many search keys of these points (NULL: all) are missing, too many, or other than history makes them.
CREATE OR REPLACE FUNCTION points.entry_differences(p_points bigint[], p_today date) RETURNS bigint LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*)
    FROM points.expected_entries(p_points, p_today) e
    FULL JOIN search.entries(p_points) f ON f.list = e.list AND f.point = e.point
   WHERE e.point IS NULL OR f.point IS NULL
      OR (f.sort_key, f.number, f.words, f.grams, f.holder_id, f.held_from, f.held_to) IS DISTINCT FROM
         (e.sort_key, e.number, e.words, search.grams(e.list, coalesce(e.words, e.sort_key)), e.holder_id, e.held_from, e.held_to)
$$;

-- For doctor: how many stamps differ from history, per table. Counts only.
CREATE OR REPLACE FUNCTION points.stamp_differences() RETURNS TABLE (table_name text, differing bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_today date := wall.today();
  t text;
BEGIN
  RETURN QUERY SELECT 'wall.point', count(*) FROM wall.point p JOIN points.expected_points(NULL, v_today) e ON e.id = p.id
    WHERE (p.holder_id, p.held_from, p.held_to, p.due_on) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to, e.due_on);
  RETURN QUERY
    WITH h AS (SELECT s.point, s.retailer AS holder_id, seg AS held
                 FROM (SELECT point, retailer, range_agg(valid) AS held FROM points.supply WHERE recorded_to = 'infinity'
                        GROUP BY point, retailer) s, unnest(s.held) seg)
    SELECT 'wall.holding', count(*) FROM (
      (SELECT h.point, h.holder_id, h.held FROM h EXCEPT SELECT w.point, w.holder_id, w.held FROM wall.holding w)
      UNION ALL (SELECT w.point, w.holder_id, w.held FROM wall.holding w EXCEPT SELECT h.point, h.holder_id, h.held FROM h)) d;
  RETURN QUERY SELECT 'search.entry', points.entry_differences(NULL, v_today);
  FOREACH t IN ARRAY ARRAY['place', 'equipment', 'meter_install', 'party', 'supply', 'contract_size', 'usage_month',
                           'pending', 'bank_mandate', 'mandate_notice', 'contact_note', 'care_note'] LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L::text, count(*) FROM points.%I r JOIN points.expected_stamps(NULL, $1) e ON e.kind = %L AND e.id = r.id'
      ' WHERE (r.holder_id, r.held_from, r.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)',
      'points.' || t, t, t) USING v_today;
  END LOOP;
END $$;

-- For the running server: the same comparison for a few points after this one, in turn. Counts only. Points whose day
-- has come are left out: their stamps hide, and the job is on its way.
CREATE OR REPLACE FUNCTION wall.stamps_in_turn(p_after bigint, p_limit int)
  RETURNS TABLE (last_point bigint, differing bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_today date := wall.today();
  v_points bigint[] := ARRAY(SELECT id FROM wall.point WHERE id > p_after ORDER BY id LIMIT p_limit);
  v_judged bigint[] := ARRAY(SELECT id FROM wall.point WHERE id = ANY (v_points) AND (due_on IS NULL OR due_on > v_today));
  v_stamped text;
  v_first bigint;
BEGIN
  SELECT count(*) INTO v_first FROM wall.point p JOIN points.expected_points(v_judged, v_today) e ON e.id = p.id
   WHERE (p.holder_id, p.held_from, p.held_to, p.due_on) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to, e.due_on);
  SELECT string_agg(format('SELECT %L AS kind, id, holder_id, held_from, held_to FROM points.%I WHERE point = ANY ($1)', t, t),
                    ' UNION ALL ') INTO v_stamped
    FROM unnest(ARRAY['place', 'equipment', 'meter_install', 'party', 'supply', 'contract_size', 'usage_month', 'pending',
                      'bank_mandate', 'mandate_notice', 'contact_note', 'care_note']) t;
  last_point := (SELECT max(u) FROM unnest(v_points) u);
  EXECUTE 'WITH r AS MATERIALIZED (' || v_stamped || ') SELECT count(*) FROM r JOIN points.expected_stamps($1, $2) e'
    ' ON e.kind = r.kind AND e.id = r.id'
    ' WHERE (r.holder_id, r.held_from, r.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)'
     INTO differing USING v_judged, v_today;
  differing := differing + v_first + points.entry_differences(v_judged, v_today);
  RETURN NEXT;
END $$;

-- 閲覧可否の説明: who supplies, supplied or will supply each point of this customer (14 digits) or this one point (22) on
-- a day, as recorded at an instant, for the readers of the log under an open ticket of it and no other way. No number and
-- no date is given back: points by their place in the order in which tickets name them. Segments are joined as restamp
-- joins them. A point that never had a supplier has one row without one.
CREATE OR REPLACE FUNCTION wall.log_suppliers(p_number text, p_day date, p_recorded timestamptz)
  RETURNS TABLE (no int, retailer int, retailer_code text, stands text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_number !~ '^([0-9]{14}|[0-9]{22})$' OR NOT wall.log_granted() THEN
    RETURN;
  END IF;
  RETURN QUERY
    WITH asked AS MATERIALIZED (
      SELECT p.id, row_number() OVER (ORDER BY p.id)::int AS place FROM wall.point p
       WHERE (length(p_number) = 14 AND p.customer_code = p_number) OR (length(p_number) = 22 AND p.supply_point = p_number)
    ), segments AS (
      SELECT DISTINCT s.point, s.supplier,
             CASE WHEN seg @> p_day THEN 'present' WHEN upper(seg) <= p_day THEN 'ended' ELSE 'coming' END AS at_day
        FROM (SELECT f.point, f.retailer AS supplier, range_agg(f.valid) AS spans FROM points.supply f
               WHERE f.point IN (SELECT a.id FROM asked a) AND f.recorded_from <= p_recorded AND p_recorded < f.recorded_to
               GROUP BY f.point, f.retailer) s, unnest(s.spans) seg)
    SELECT a.place, s.supplier, o.code, s.at_day
      FROM asked a
      LEFT JOIN segments s ON s.point = a.id
      LEFT JOIN wall.org o ON o.id = s.supplier
     ORDER BY a.place, s.supplier, s.at_day;
END $$;

-- -------------------------------------------------------------------------------------------- loading
-- 移行: the first load of a home, by the deployment login alone. Tables and columns are checked against the catalogue.
CREATE OR REPLACE FUNCTION points.load(p_table text, p_rows jsonb) RETURNS int LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_columns text;
  v_count int;
  v_sequence text;
BEGIN
  IF p_table <> ALL (ARRAY['wall.org', 'wall.affiliation', 'wall.contracting', 'wall.person', 'wall.appointment', 'wall.cases', 'wall.point',
      'points.place', 'points.equipment', 'points.meter_install', 'points.party', 'points.supply', 'points.contract_size',
      'points.usage_month', 'points.pending', 'points.bank_mandate', 'points.mandate_notice', 'points.contact_note',
      'points.care_note', 'reception.contract']) THEN
    RAISE EXCEPTION 'points.load: % is not a table to load', p_table;
  END IF;
  IF jsonb_array_length(p_rows) = 0 THEN
    RETURN 0;
  END IF;
  SELECT string_agg(quote_ident(k), ', ' ORDER BY k) INTO v_columns FROM jsonb_object_keys(p_rows -> 0) k
   WHERE k <> ALL (ARRAY['holder_id', 'held_from', 'held_to', 'due_on']);
  EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM jsonb_populate_recordset(NULL::%s, $1)',
                 p_table, v_columns, v_columns, p_table) USING p_rows;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  v_sequence := CASE WHEN p_table LIKE 'points.%' OR p_table IN ('wall.affiliation', 'wall.contracting', 'wall.appointment')
                     THEN pg_get_serial_sequence(p_table, 'id') END;
  IF v_sequence IS NOT NULL THEN
    EXECUTE format('SELECT setval(%L, greatest((SELECT max(id) FROM %s), 1))', v_sequence, p_table);
  END IF;
  RETURN v_count;
END $$;

-- The rules (the program's, with the approved changes p_approved folded in), screens, purposes and actions, at
-- deployment. A rule that is no longer there is retired with the version that dropped it; a screen that changed gets a new version. Nothing is deleted but the
-- two look-up lists, which carry no history.
CREATE OR REPLACE FUNCTION wall.deploy(p_digest bytea, p_rules jsonb, p_screens jsonb, p_purposes jsonb, p_actions jsonb,
    p_approved bigint[])
  RETURNS int LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_version int;
BEGIN
  LOCK TABLE wall.rule_version IN SHARE ROW EXCLUSIVE MODE;
  SELECT version INTO v_version FROM wall.rule_version WHERE version = (SELECT max(version) FROM wall.rule_version) AND digest = p_digest;
  IF NOT FOUND THEN
    INSERT INTO wall.rule_version (version, digest, loaded)
    SELECT coalesce(max(version), 0) + 1, p_digest, clock_timestamp() FROM wall.rule_version RETURNING version INTO v_version;
    UPDATE wall.rule r SET until = v_version, recorded_to = clock_timestamp()
     WHERE until IS NULL AND NOT EXISTS (
       SELECT FROM jsonb_to_recordset(p_rules) n(key text, article text, note text, valid daterange)
        WHERE n.key = r.key AND n.article = r.article AND n.note = r.note AND n.valid = r.valid);
    INSERT INTO wall.rule (key, duty, relation, view, class, verdict, article, note, valid, since)
    SELECT n.key, n.duty, n.relation, n.view, n.class, n.verdict, n.article, n.note, n.valid, v_version
      FROM jsonb_to_recordset(p_rules) n(key text, duty text, relation text, view text, class text, verdict text,
                                         article text, note text, valid daterange)
     WHERE NOT EXISTS (SELECT FROM wall.rule r WHERE r.until IS NULL AND r.key = n.key);
  END IF;
  UPDATE wall.proposal SET loaded = v_version WHERE id = ANY (p_approved) AND place IS NOT NULL AND loaded IS NULL;
  UPDATE wall.screen s SET recorded_to = clock_timestamp()
   WHERE recorded_to = 'infinity' AND NOT EXISTS (
     SELECT FROM jsonb_to_recordset(p_screens) n(code text, name text, view text, kind text, classes text[], actions text[])
      WHERE n.code = s.code AND n.name = s.name AND n.view = s.view AND n.kind = s.kind AND n.classes = s.classes AND n.actions = s.actions);
  INSERT INTO wall.screen (code, version, name, view, kind, classes, actions)
  SELECT n.code, coalesce((SELECT max(version) FROM wall.screen o WHERE o.code = n.code), 0) + 1, n.name, n.view, n.kind, n.classes, n.actions
    FROM jsonb_to_recordset(p_screens) n(code text, name text, view text, kind text, classes text[], actions text[])
   WHERE NOT EXISTS (SELECT FROM wall.screen s WHERE s.code = n.code AND s.recorded_to = 'infinity');
  DELETE FROM wall.purpose;
  INSERT INTO wall.purpose (code, name, duties, case_kinds)
  SELECT code, name, duties, case_kinds FROM jsonb_to_recordset(p_purposes) n(code text, name text, duties text[], case_kinds text[]);
  DELETE FROM wall.action;
  INSERT INTO wall.action (code, duties) SELECT code, duties FROM jsonb_to_recordset(p_actions) n(code text, duties text[]);
  RETURN v_version;
END $$;

-- Kind of home, once: a production home can never be made a demo.
CREATE OR REPLACE FUNCTION wall.declare_home(p_kind text, p_shift interval) RETURNS void LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_kind text;
BEGIN
  SELECT kind INTO v_kind FROM wall.home;
  IF NOT FOUND THEN
    INSERT INTO wall.home (kind, shift) VALUES (p_kind, p_shift);
  ELSIF v_kind <> p_kind THEN
    RAISE EXCEPTION 'this home is %, it cannot become %', v_kind, p_kind USING ERRCODE = 'TK403';
  ELSIF p_kind <> 'production' THEN
    UPDATE wall.home SET shift = p_shift;
  END IF;
END $$;

-- One by one: a later deployment finds a function of owner in this schema, which effector may not touch.
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'points'::regnamespace AND pg_get_userbyid(proowner) = 'effector' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION wall.deploy(bytea, jsonb, jsonb, jsonb, jsonb, bigint[]), wall.declare_home(text, interval),
  wall.stamps_in_turn(bigint, int), wall.log_suppliers(text, date, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall.stamps_in_turn(bigint, int) TO ticketer;
GRANT EXECUTE ON FUNCTION wall.log_suppliers(text, date, timestamptz) TO surveyor;
GRANT EXECUTE ON FUNCTION points.load(text, jsonb), points.renew_all_entries(int), points.restamp(bigint[]),
  points.stamp_differences(), wall.deploy(bytea, jsonb, jsonb, jsonb, jsonb, bigint[]), wall.declare_home(text, interval) TO migrator;
GRANT EXECUTE ON FUNCTION points.due(int), points.take_effect(bigint), points.stamp_differences() TO batch;
GRANT EXECUTE ON FUNCTION points.record_supply(bytea, date, text, bigint, int, date, date, text) TO writer;
RESET ROLE;

-- A first load stamps thousands of points in the transaction that brought them; the planner must know of them.
SET LOCAL ROLE owner;
CREATE OR REPLACE FUNCTION points.analyze() RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  ANALYZE wall.point, wall.holding, points.place, points.equipment, points.meter_install, points.party, points.supply,
    points.contract_size, points.usage_month, points.pending, points.bank_mandate, points.mandate_notice,
    points.contact_note, points.care_note;
END $$;
REVOKE EXECUTE ON FUNCTION points.analyze() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION points.analyze() TO migrator;
RESET ROLE;
