-- 検索: how names, addresses and numbers are spelled as search keys, and the one function that looks them up.
-- Applied whole at every deployment. The spelling of typed terms is kernel/kana.py and kernel/finding.py; a test holds
-- both to one answer. Who changes a spelling here raises SPELLING in barrier/deployment.py: entries are made anew.
SET LOCAL ROLE searcher;

-- ------------------------------------------------------------------------------------------- spelling
-- As kana.search_key.
CREATE OR REPLACE FUNCTION search.name_key(p_text text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key text := upper(normalize(translate(p_text, '゛゜ﾞﾟ', E'\u3099\u309A\u3099\u309A'), NFKC));
  v_spelled text := '';
  v_sign text;
BEGIN
  v_key := translate(v_key,
    '髙﨑𠮷栁桺濵濱邊邉齊齋嶋嶌澤廣國櫻眞惠龍嶽峯條檜籠曾壽榮圓德瀨冨舘桒會學實藏豐關邨鐵驛ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖゝゞァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿヰヱヷヸヹヺ-˗‐‑‒–—―⁃⁻−─━﹘﹣－ーｰ',
    '高崎吉柳柳浜浜辺辺斉斎島島沢広国桜真恵竜岳峰条桧篭曽寿栄円徳瀬富館桑会学実蔵豊関村鉄駅アアイイウウエエオオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモヤヤユユヨヨラリルレロワワイエヲンヴカケヽヾアイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロイエバビベボーーーーーーーーーーーーーーーーーー');
  v_key := regexp_replace(v_key,
    '[\u0009-\u000D\u001C-\u0020\u0085\u00A0\u00AD\u00B7\u1680\u180E\u2000-\u200F\u2022\u2027-\u202F\u205F-\u2064\u2066-\u2069\u2219\u22C5\u3000\u3099-\u309A\u30FB\uFE00-\uFE0F\uFEFF\U000E0100-\U000E01EF]+',
    '', 'g');
  IF v_key ~ '[ヽヾ]' THEN
    FOREACH v_sign IN ARRAY string_to_array(v_key, NULL) LOOP
      IF v_sign NOT IN ('ヽ', 'ヾ') THEN
        v_spelled := v_spelled || v_sign;
      ELSIF v_sign = 'ヽ' OR v_spelled = '' THEN
        v_spelled := v_spelled || right(v_spelled, 1);
      ELSE
        v_sign := normalize(right(v_spelled, 1) || E'\u3099', NFC);
        v_spelled := v_spelled || translate(v_sign, E'ヷヸヹヺ\u3099', 'バビベボ');
      END IF;
    END LOOP;
    v_key := v_spelled;
  END IF;
  IF position('ヴ' IN v_key) > 0 THEN
    v_key := replace(replace(replace(replace(v_key, 'ヴア', 'バ'), 'ヴイ', 'ビ'), 'ヴエ', 'ベ'), 'ヴオ', 'ボ');
    v_key := replace(replace(replace(replace(v_key, 'ヴヤ', 'ビヤ'), 'ヴユ', 'ビユ'), 'ヴヨ', 'ビヨ'), 'ヴ', 'ブ');
  END IF;
  -- Taking a sign out can bring two others together that compose.
  RETURN CASE WHEN v_key IS NFKC NORMALIZED AND v_key = upper(v_key) THEN v_key ELSE search.name_key(v_key) END;
END $$;

-- As finding.name_terms: the written name, short forms of companies written out.
CREATE OR REPLACE FUNCTION search.written_key(p_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN position('(' IN k) = 0 THEN k
              ELSE replace(replace(replace(replace(replace(k, '(株)', '株式会社'), '(有)', '有限会社'), '(同)', '合同会社'),
                                   '(資)', '合資会社'), '(名)', '合名会社') END
    FROM search.name_key(p_text) k
$$;

-- As finding.address_key: every number is one sign in angle brackets, whatever stands around it.
CREATE OR REPLACE FUNCTION search.address_key(p_text text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key text := translate(replace(search.name_key(translate(p_text, 'ヵ', 'ヶ')), '大字', ''), 'ガ〒<>、,', 'ケ');
  v_found text[];
BEGIN
  IF v_key ~ '[〇一二三四五六七八九十](丁|番|号)' THEN
    v_key := regexp_replace(v_key, '([一二三四五六七八九])十(?=[一二三四五六七八九](丁|番|号))', '\1', 'g');
    v_key := regexp_replace(v_key, '([一二三四五六七八九])十(?=丁|番|号)', '\1〇', 'g');
    v_key := regexp_replace(v_key, '十(?=[一二三四五六七八九](丁|番|号))', '一', 'g');
    v_key := regexp_replace(v_key, '十(?=丁|番|号)', '一〇', 'g');
    LOOP
      v_found := regexp_match(v_key, '([〇一二三四五六七八九]+)(丁|番|号)');
      EXIT WHEN v_found IS NULL;
      v_key := regexp_replace(v_key, v_found[1] || v_found[2], translate(v_found[1], '〇一二三四五六七八九', '0123456789') || v_found[2]);
    END LOOP;
  END IF;
  RETURN regexp_replace(v_key, '0*([0-9]+)(?:丁目|丁|番地|番|号室|号棟|号館|号|棟|室)?(?:[ーノ]+(?=[0-9]|$))?', '<\1>', 'g');
END $$;

-- As finding.phone_digits: digits alone, the country code as the leading zero.
CREATE OR REPLACE FUNCTION search.phone_key(p_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT regexp_replace(regexp_replace(normalize(p_text, NFKC), '^\s*\+81', '0'), '[^0-9]', '', 'g')
$$;

-- As finding.meter_key: letters and digits without the signs between them.
CREATE OR REPLACE FUNCTION search.meter_key(p_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT translate(search.name_key(p_text), 'ー!"#$%&''()*+,./:;<=>?@[\]^_`{|}~', '')
$$;

-- What an entry is found by in the index: pairs of neighbours (of written names single characters as well), of an
-- address also its numbers, of phones and meters their ends.
CREATE OR REPLACE FUNCTION search.grams(p_list text, p_words text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  with_numbers boolean := p_list IN ('address', 'pole');
  v_grams text[] := '{}';
  v_sign text;
  v_before text;
  v_number text;
BEGIN
  IF p_list = 'notice' THEN
    RETURN '{}';
  ELSIF p_list IN ('phone', 'meter') THEN
    RETURN ARRAY[right(p_words, 4) || '$']
      || (ARRAY['^' || left(p_words, 6), '^' || left(p_words, 7), '^' || left(p_words, 8)])[1 : least(length(p_words), 8) - 5];
  END IF;
  FOREACH v_sign IN ARRAY string_to_array(p_words, NULL) LOOP
    IF with_numbers AND v_sign = '<' THEN
      v_number := v_sign;
      v_before := NULL;
    ELSIF v_number IS NOT NULL THEN
      v_number := v_number || v_sign;
      IF v_sign = '>' THEN
        v_grams := array_append(v_grams, v_number);
        v_number := NULL;
      END IF;
    ELSE
      IF v_before IS NOT NULL THEN v_grams := array_append(v_grams, v_before || v_sign); END IF;
      IF p_list = 'name' THEN v_grams := array_append(v_grams, v_sign); END IF;
      v_before := v_sign;
    END IF;
  END LOOP;
  RETURN v_grams;
END $$;

-- -------------------------------------------------------------------------------------------- finding
-- p_org NULL: the network company, which sees any point. Otherwise the stamp is part of the search itself.
-- The order is the kana of the name, or the supply point number where p_by_number; then the point.
-- What is common is met among the first of the order; what is rare is few, found by the index of terms and sorted. The
-- planner would take names that begin with ワ for evenly spread and read the whole order up to them.
CREATE OR REPLACE FUNCTION search.find(p_list text, p_terms text[], p_org int, p_today date, p_by_number boolean,
    p_after bigint, p_limit int)
  RETURNS TABLE (no bigint, point bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
  first_ones CONSTANT int := 2000;
  v_order text := CASE WHEN p_by_number THEN 'f.number' ELSE 'f.sort_key' END;
  v_words text := CASE p_list WHEN 'kana' THEN 'f.sort_key' ELSE 'f.words' END;
  v_where text := 'f.list = $1';
  v_match text := 'true';
  v_after text;
  v_grams text[] := '{}';
  v_prefix text;
  v_points bigint[];
BEGIN
  IF p_org IS NOT NULL THEN v_where := v_where || ' AND f.holder_id = $7 AND f.held_from <= $8 AND $8 < f.held_to'; END IF;
  IF p_after IS NOT NULL THEN
    v_after := search.key_of(p_list, p_after, p_by_number);
    v_where := v_where || format(' AND (%s, f.point) > ($4, $5)', v_order);
  END IF;
  IF p_list IN ('phone', 'meter') THEN
    -- one number: its end of four or more, or its beginning of six or more
    IF coalesce(length(p_terms[1]), 0) < 4 THEN
      RETURN;
    END IF;
    v_grams := ARRAY[right(p_terms[1], 4) || '$']
      || CASE WHEN length(p_terms[1]) >= 6 THEN ARRAY['^' || left(p_terms[1], 8)] ELSE '{}' END;
    v_match := 'f.grams && $2 AND (right(f.words, length($3[1])) = $3[1]'
      || CASE WHEN length(p_terms[1]) >= 6 THEN ' OR starts_with(f.words, $3[1]))' ELSE ')' END;
  ELSIF p_list = 'kana' AND length(p_terms[1]) = 1 AND cardinality(p_terms) = 1 THEN
    -- one kana: the names that begin with it
    v_prefix := p_terms[1];
    v_match := 'f.sort_key >= $6 AND f.sort_key < $6 || chr(1114111)';
  ELSIF p_list <> 'notice' THEN
    IF p_list <> 'kana' AND coalesce(cardinality(p_terms), 0) = 0 THEN
      RETURN;
    END IF;
    FOR i IN 1 .. coalesce(cardinality(p_terms), 0) LOOP
      v_match := v_match || format(' AND strpos(%s, $3[%s]) > 0', v_words, i);
    END LOOP;
    v_grams := ARRAY(SELECT DISTINCT g FROM unnest(p_terms) t, unnest(search.grams(p_list, t)) g);
    IF cardinality(v_grams) > 0 THEN
      EXECUTE format('SELECT array_agg(h.point ORDER BY h.key, h.point) FROM ('
                     ' SELECT f.point, %1$s AS key FROM ('
                     '  SELECT * FROM search.entry f WHERE %2$s ORDER BY %1$s, f.point LIMIT $9) f'
                     ' WHERE %3$s ORDER BY %1$s, f.point LIMIT $10) h', v_order, v_where, v_match)
         INTO v_points
        USING p_list, v_grams, p_terms, v_after COLLATE "C", p_after, v_prefix COLLATE "C", p_org, p_today, first_ones, p_limit;
      IF cardinality(v_points) = p_limit THEN
        RETURN QUERY SELECT u.no, u.found FROM unnest(v_points) WITH ORDINALITY u(found, no);
        RETURN;
      END IF;
      v_match := v_match || ' AND f.grams @> $2';
    END IF;
  END IF;
  RETURN QUERY EXECUTE format('WITH h AS %4$s (SELECT f.point, %1$s AS key FROM search.entry f WHERE %2$s AND %3$s)'
                              ' SELECT row_number() OVER (ORDER BY h.key, h.point), h.point FROM h ORDER BY h.key, h.point LIMIT $9',
                              v_order, v_where, v_match, CASE WHEN v_grams = '{}' THEN 'NOT MATERIALIZED' ELSE 'MATERIALIZED' END)
    USING p_list, v_grams, p_terms, v_after COLLATE "C", p_after, v_prefix COLLATE "C", p_org, p_today, p_limit;
END $$;

CREATE OR REPLACE FUNCTION search.key_of(p_list text, p_point bigint, p_by_number boolean) RETURNS text LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN p_by_number THEN number ELSE sort_key END FROM search.entry WHERE list = p_list AND point = p_point
$$;

-- ------------------------------------------------------------------------------------------- entries
-- The entries of these points on this list become exactly the given ones. Returns how many were written or taken out.
CREATE OR REPLACE FUNCTION search.put_entries(p_list text, p_among bigint[], p_points bigint[], p_sort_keys text[],
    p_numbers text[], p_words text[], p_holders int[], p_from date[], p_to date[])
  RETURNS int LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_gone int;
  v_put int;
BEGIN
  DELETE FROM search.entry f WHERE f.list = p_list AND f.point = ANY (p_among) AND f.point <> ALL (array_remove(p_points, NULL));
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  INSERT INTO search.entry AS f (list, point, sort_key, number, words, grams, holder_id, held_from, held_to)
  SELECT p_list, e.point, e.sort_key, e.number, e.words, search.grams(p_list, coalesce(e.words, e.sort_key)),
         e.holder_id, e.held_from, e.held_to
    FROM unnest(p_points, p_sort_keys, p_numbers, p_words, p_holders, p_from, p_to)
         e(point, sort_key, number, words, holder_id, held_from, held_to)
   WHERE e.point IS NOT NULL
  ON CONFLICT (list, point) DO UPDATE
    SET sort_key = excluded.sort_key, number = excluded.number, words = excluded.words, grams = excluded.grams,
        holder_id = excluded.holder_id, held_from = excluded.held_from, held_to = excluded.held_to
    WHERE (f.sort_key, f.number, f.words, f.grams, f.holder_id, f.held_from, f.held_to) IS DISTINCT FROM
          (excluded.sort_key, excluded.number, excluded.words, excluded.grams, excluded.holder_id, excluded.held_from, excluded.held_to);
  GET DIAGNOSTICS v_put = ROW_COUNT;
  RETURN v_gone + v_put;
END $$;

-- For the comparison with history: what stands in the lists about these points (NULL: all).
CREATE OR REPLACE FUNCTION search.entries(p_points bigint[])
  RETURNS TABLE (list text, point bigint, sort_key text, number text, words text, grams text[], holder_id int, held_from date, held_to date)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT f.list, f.point, f.sort_key, f.number, f.words, f.grams, f.holder_id, f.held_from, f.held_to
    FROM search.entry f WHERE p_points IS NULL OR f.point = ANY (p_points)
$$;

-- After a load the planner must know what is rare and what is common.
CREATE OR REPLACE FUNCTION search.analyze() RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  ANALYZE search.entry;
END $$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'search'::regnamespace AND pg_get_userbyid(proowner) = 'searcher' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION search.find(text, text[], int, date, boolean, bigint, int), search.key_of(text, bigint, boolean)
  TO opener;
GRANT EXECUTE ON FUNCTION search.name_key(text), search.written_key(text), search.address_key(text), search.phone_key(text),
  search.meter_key(text), search.grams(text, text), search.entries(bigint[]),
  search.put_entries(text, bigint[], bigint[], text[], text[], text[], int[], date[], date[]) TO effector;
GRANT EXECUTE ON FUNCTION search.analyze() TO migrator;
RESET ROLE;
