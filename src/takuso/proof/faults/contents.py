"""Faults of what the wall goes by: rules, screens, purposes, the register of columns, stamps."""

from typing import Final

from takuso.proof.faults.fault import DatabaseFault

FAULTS: Final = (
    DatabaseFault(
        name="rule-inverted",
        title="小売の担当に、注意情報を見せないとする規則を、見せる規則に変える",
        caught_by="rule",
        plant=(
            (
                "UPDATE wall.rule SET verdict = 'show' WHERE until IS NULL AND verdict = 'deny'"
                " AND (duty, relation, view, class) = ('retail.clerk', 'own', 'current', 'S')"
            ),
        ),
        undo=(
            (
                "UPDATE wall.rule SET verdict = 'deny' WHERE until IS NULL AND verdict = 'show'"
                " AND (duty, relation, view, class) = ('retail.clerk', 'own', 'current', 'S')"
            ),
        ),
    ),
    DatabaseFault(
        name="rule-for-former-supplier",
        title="かつての供給者に、いまのお客さまの使用量を見せる規則を足す",
        caught_by="rule",
        plant=(
            (
                "INSERT INTO wall.rule (key, duty, relation, view, class, verdict, article, note, valid, since)"
                " SELECT d || '/past/current/F/show/2016-04-01', d, 'past', 'current', 'F', 'show', '', '',"
                "        '[2016-04-01,)', (SELECT max(version) FROM wall.rule_version)"
                "   FROM unnest(ARRAY['retail.clerk', 'retail.manager']) d"
            ),
        ),
        undo=("DELETE FROM wall.rule WHERE relation = 'past' AND view = 'current' AND class = 'F' AND article = ''",),
    ),
    DatabaseFault(
        name="rule-for-accounting",
        title="経理の職務に、契約名義・連絡先を見せる規則を足す",
        caught_by="rule",
        plant=(
            (
                "INSERT INTO wall.rule (key, duty, relation, view, class, verdict, article, note, valid, since)"
                " SELECT 'network.accounting/any/current/C/show/2016-04-01', 'network.accounting', 'any', 'current',"
                "        'C', 'show', '', '', '[2016-04-01,)', max(version) FROM wall.rule_version"
            ),
        ),
        undo=("DELETE FROM wall.rule WHERE duty = 'network.accounting' AND class = 'C' AND article = ''",),
    ),
    DatabaseFault(
        name="approval-forged",
        title="だれも申請も承認もしていない規則の変更を、承認したものとして書き込む",
        caught_by="rule",
        plant=(
            (
                "INSERT INTO wall.proposal (kind, content, reason, proposer, receipt, verdict, decider, decided,"
                " decision_receipt, proof, place, base)"
                " SELECT 'rule', jsonb_build_object('do', 'add', 'on', '2099-04-01', 'duty', 'network.accounting',"
                "        'relation', 'any', 'view', 'current', 'class', 'C', 'verdict', 'show',"
                "        'article', '電気事業法', 'note', '', 'since', '2099-04-01'), 'drill', min(id), 'drill',"
                "        'approved', max(id), clock_timestamp(), 'drill-approval', repeat('0', 64),"
                "        (SELECT coalesce(max(place), 0) + 1 FROM wall.proposal),"
                "        (SELECT max(version) FROM wall.rule_version) FROM wall.person"
            ),
        ),
        undo=("DELETE FROM wall.proposal WHERE receipt = 'drill'",),
    ),
    DatabaseFault(
        name="screen-widened",
        title="お客さま情報Ⅱの画面定義に、口座振替の区分を足す",
        caught_by="rule",
        plant=("UPDATE wall.screen SET classes = classes || '{H}' WHERE code = 'CI20' AND recorded_to = 'infinity'",),
        undo=(
            (
                "UPDATE wall.screen SET classes = array_remove(classes, 'H')"
                " WHERE code = 'CI20' AND recorded_to = 'infinity'"
            ),
        ),
    ),
    DatabaseFault(
        name="purpose-widened",
        title="料金・請求の目的を、計量の職務にも許す",
        caught_by="rule",
        plant=("UPDATE wall.purpose SET duties = duties || '{network.metering}' WHERE code = 'RYO'",),
        undo=("UPDATE wall.purpose SET duties = array_remove(duties, 'network.metering') WHERE code = 'RYO'",),
    ),
    DatabaseFault(
        name="action-widened",
        title="閲覧記録を読むことを、システム管理の職務にも許す",
        caught_by="rule",
        plant=("UPDATE wall.action SET duties = duties || '{network.admin}' WHERE code = 'log.read'",),
        undo=("UPDATE wall.action SET duties = array_remove(duties, 'network.admin') WHERE code = 'log.read'",),
    ),
    DatabaseFault(
        name="register-lies",
        title="契約名義の表の刻印を、登録簿で「鍵」と偽り、小売の閲覧ログインに読ませる",
        caught_by="catalogue",
        plant=(
            (
                "UPDATE wall.register SET class = 'key'"
                " WHERE (schema_name, table_name, column_name) = ('points', 'party', 'holder_id')"
            ),
            "GRANT SELECT (holder_id) ON points.party TO reader_retailer",
        ),
        undo=(
            (
                "UPDATE wall.register SET class = 'stamp'"
                " WHERE (schema_name, table_name, column_name) = ('points', 'party', 'holder_id')"
            ),
            "REVOKE SELECT (holder_id) ON points.party FROM reader_retailer",
        ),
    ),
    # One point of one retailer, stamped as another's: both walls then take the other for its supplier.
    DatabaseFault(
        name="stale-stamp",
        title="供給地点 1 つの刻印を、供給したことのない小売のものに書き換える",
        caught_by="stamps",
        choose="SELECT min(s.point)::text FROM points.supply s WHERE s.recorded_to = 'infinity'"
        " AND s.valid @> wall.today() AND upper(s.valid) IS NULL AND EXISTS (SELECT FROM wall.org o"
        " WHERE o.kind = 'retailer' AND NOT EXISTS (SELECT FROM points.supply x WHERE x.point = s.point"
        " AND x.retailer = o.id))",
        plant=(
            (
                "DO $$ DECLARE t text; v_point bigint := current_setting('drill.chosen')::bigint; v_other int; BEGIN"
                " SELECT min(o.id) INTO STRICT v_other FROM wall.org o WHERE o.kind = 'retailer' AND NOT EXISTS"
                "  (SELECT FROM points.supply s WHERE s.point = v_point AND s.retailer = o.id);"
                " UPDATE wall.point SET holder_id = v_other WHERE id = v_point;"
                " UPDATE search.entry SET holder_id = v_other WHERE point = v_point AND holder_id IS NOT NULL;"
                " FOREACH t IN ARRAY ARRAY['place', 'equipment', 'meter_install', 'party',"
                "   'contact_note', 'bank_mandate'] LOOP"
                "  EXECUTE format('UPDATE points.%I SET holder_id = $1 WHERE point = $2 AND holder_id IS NOT NULL', t)"
                "    USING v_other, v_point;"
                " END LOOP; END $$"
            ),
        ),
        undo=("SELECT points.restamp(ARRAY[current_setting('drill.chosen')::bigint])",),
    ),
)
