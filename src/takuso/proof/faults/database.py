"""Faults of the wall itself: policies, row security, rights, roles, functions.

Each really opens something (or takes a guard away); names of tables and roles are those of walls.sql.
"""

from typing import Final

from takuso.proof.faults.fault import BodyEdit, DatabaseFault

_FIND: Final = "search.find(text,text[],integer,date,boolean,bigint,integer)"
_OPEN_SEARCH: Final = "wall.open_search(bytea,date,uuid,text,text,text,text,text,text[],text,boolean)"

POLICIES: Final = (
    DatabaseFault(
        name="ticket-policy-dropped",
        title="使用量の表から閲覧票のポリシーを消す",
        caught_by="catalogue",
        plant=("DROP POLICY ticket ON points.usage_month",),
    ),
    DatabaseFault(
        name="ticket-policy-open",
        title="応対履歴のポリシーを、閲覧票なしで全行を通すものにする",
        caught_by="catalogue",
        also=("walls",),
        plant=("ALTER POLICY ticket ON points.contact_note USING (true)",),
    ),
    DatabaseFault(
        name="holder-policy-dropped",
        title="契約容量の表から、自社の行だけに絞るポリシーを消す",
        caught_by="catalogue",
        also=("walls",),
        plant=("DROP POLICY holder ON points.contract_size",),
    ),
    DatabaseFault(
        name="late-midnight",
        title="契約名義の表で、供給を失った小売に翌日まで見せる",
        caught_by="catalogue",
        also=("walls",),
        plant=(
            (
                "ALTER POLICY holder ON points.party USING (holder_id = (SELECT wall.viewer_org())"
                " AND held_from <= (SELECT wall.today()) AND (SELECT wall.today()) < held_to + 1)"
            ),
        ),
    ),
    DatabaseFault(
        name="extra-policy",
        title="口座振替の表に、閲覧票なしで全行を通すポリシーを足す",
        caught_by="catalogue",
        also=("walls",),
        plant=("CREATE POLICY everything ON points.bank_mandate FOR SELECT TO reader_network USING (true)",),
        undo=("DROP POLICY IF EXISTS everything ON points.bank_mandate",),
    ),
    DatabaseFault(
        name="row-security-not-forced",
        title="供給者の履歴の表で、行レベルセキュリティを所有者に強制しない",
        caught_by="catalogue",
        plant=("ALTER TABLE points.supply NO FORCE ROW LEVEL SECURITY",),
        undo=("ALTER TABLE points.supply FORCE ROW LEVEL SECURITY",),
    ),
    DatabaseFault(
        name="row-security-off",
        title="契約名義の表で、行レベルセキュリティを切る",
        caught_by="catalogue",
        also=("walls",),
        plant=("ALTER TABLE points.party DISABLE ROW LEVEL SECURITY",),
        undo=("ALTER TABLE points.party ENABLE ROW LEVEL SECURITY",),
    ),
)

# Views, copies and functions that read with somebody else's rights: row security does not stand before them.
DETOURS: Final = (
    DatabaseFault(
        name="view-of-customers",
        title="名義と電話番号のビューを作り、小売の閲覧ログインに与える",
        caught_by="catalogue",
        plant=(
            "CREATE VIEW points.customer AS SELECT point, name, kana, phone FROM points.party",
            "ALTER VIEW points.customer OWNER TO effector",
            "GRANT SELECT ON points.customer TO reader_retailer",
        ),
        undo=("DROP VIEW IF EXISTS points.customer",),
    ),
    DatabaseFault(
        name="view-beside-the-wall",
        title="画面のためのスキーマ web に名義のビューを作り、画面のログインに与える",
        caught_by="catalogue",
        plant=(
            "CREATE VIEW web.recent_customer AS SELECT point, name FROM points.party",
            "ALTER VIEW web.recent_customer OWNER TO effector",
            "GRANT SELECT ON web.recent_customer TO web",
        ),
        undo=("DROP VIEW IF EXISTS web.recent_customer",),
    ),
    DatabaseFault(
        name="materialized-usage",
        title="使用量を集計したマテリアライズドビューを作り、小売の閲覧ログインに与える",
        caught_by="catalogue",
        plant=(
            (
                "CREATE MATERIALIZED VIEW points.usage_total AS"
                " SELECT point, sum(energy_wh) AS energy_wh FROM points.usage_month GROUP BY point"
            ),
            "ALTER MATERIALIZED VIEW points.usage_total OWNER TO effector",
            "GRANT SELECT ON points.usage_total TO reader_retailer",
        ),
        undo=("DROP MATERIALIZED VIEW IF EXISTS points.usage_total",),
    ),
    DatabaseFault(
        name="function-of-names",
        title="名義を答える SECURITY DEFINER の関数を作り、小売の閲覧ログインに与える",
        caught_by="catalogue",
        plant=(
            (
                "CREATE FUNCTION points.names_like(p_kana text) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER"
                " SET search_path = pg_catalog, pg_temp"
                " AS $$ SELECT name FROM points.party WHERE kana LIKE p_kana || '%' $$"
            ),
            "ALTER FUNCTION points.names_like(text) OWNER TO effector",
            "REVOKE EXECUTE ON FUNCTION points.names_like(text) FROM PUBLIC",
            "GRANT EXECUTE ON FUNCTION points.names_like(text) TO reader_retailer",
        ),
        undo=("DROP FUNCTION IF EXISTS points.names_like(text)",),
    ),
    DatabaseFault(
        name="table-without-class",
        title="名義を写した、分類のない表を作り、送配電の閲覧ログインに与える",
        caught_by="catalogue",
        plant=(
            "CREATE TABLE points.customer_memo AS SELECT point, name AS memo FROM points.party",
            "ALTER TABLE points.customer_memo OWNER TO owner",
            "GRANT SELECT ON points.customer_memo TO reader_network",
        ),
        undo=("DROP TABLE IF EXISTS points.customer_memo",),
    ),
)

RIGHTS: Final = (
    DatabaseFault(
        name="log-partition-open",
        title="閲覧記録の今日の分を、閲覧票なしで読めるようにする",
        caught_by="catalogue",
        choose="SELECT 'ticket_' || to_char(clock_timestamp() AT TIME ZONE 'Asia/Tokyo', 'YYYYMMDD')",
        plant=(
            (
                "DO $$ BEGIN"
                " EXECUTE format('ALTER TABLE log.%I DISABLE ROW LEVEL SECURITY', current_setting('drill.chosen'));"
                " EXECUTE format('GRANT SELECT ON log.%I TO surveyor', current_setting('drill.chosen')); END $$"
            ),
        ),
        undo=(
            (
                "DO $$ BEGIN"
                " EXECUTE format('ALTER TABLE log.%I ENABLE ROW LEVEL SECURITY', current_setting('drill.chosen'));"
                " EXECUTE format('REVOKE ALL ON log.%I FROM surveyor', current_setting('drill.chosen')); END $$"
            ),
        ),
    ),
    DatabaseFault(
        name="stamp-readable",
        title="需要場所の表の刻印（供給者）の列を、小売の閲覧ログインに読ませる",
        caught_by="catalogue",
        also=("walls",),
        plant=("GRANT SELECT (holder_id, held_from) ON points.place TO reader_retailer",),
        undo=("REVOKE SELECT (holder_id, held_from) ON points.place FROM reader_retailer",),
    ),
    DatabaseFault(
        name="reader-writes",
        title="閲覧ログインに、応対履歴の表への追加と全消去を許す",
        caught_by="catalogue",
        plant=("GRANT INSERT, TRUNCATE ON points.contact_note TO reader_network",),
        undo=("REVOKE INSERT, TRUNCATE ON points.contact_note FROM reader_network",),
    ),
    DatabaseFault(
        name="search-keys-readable",
        title="検索用の表を、小売の閲覧ログインに直接読ませる",
        caught_by="catalogue",
        plant=(
            "GRANT USAGE ON SCHEMA search TO reader_retailer",
            "GRANT SELECT ON search.entry TO reader_retailer",
        ),
        undo=(
            "REVOKE ALL ON search.entry FROM reader_retailer",
            "REVOKE ALL ON SCHEMA search FROM reader_retailer",
        ),
    ),
    DatabaseFault(
        name="default-rights",
        title="これから作る表を、小売の閲覧ログインが自動的に読めるようにする",
        caught_by="catalogue",
        plant=("ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA points GRANT SELECT ON TABLES TO reader_retailer",),
        undo=("ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA points REVOKE ALL ON TABLES FROM reader_retailer",),
    ),
    DatabaseFault(
        name="reader-bypasses-row-security",
        title="小売の閲覧ログインに BYPASSRLS を付ける",
        caught_by="catalogue",
        also=("walls",),
        plant=("ALTER ROLE reader_retailer BYPASSRLS",),
        undo=("ALTER ROLE reader_retailer NOBYPASSRLS",),
    ),
    DatabaseFault(
        name="reader-becomes-owner",
        title="送配電の閲覧ログインを、業務の関数の所有者の一員にする",
        caught_by="catalogue",
        plant=("GRANT effector TO reader_network",),
        undo=("REVOKE effector FROM reader_network",),
    ),
    DatabaseFault(
        name="log-erasable",
        title="閲覧記録の消去を、閲覧票の関数の持ち主に許す",
        caught_by="tampering",
        also=("catalogue",),
        plant=("GRANT UPDATE, DELETE ON log.ticket, log.subject, log.outcome TO opener",),
        undo=("REVOKE UPDATE, DELETE ON log.ticket, log.subject, log.outcome FROM opener",),
    ),
)

FUNCTIONS: Final = (
    DatabaseFault(
        name="search-path-loose",
        title="ポリシーの使う関数から search_path の固定を外す",
        caught_by="catalogue",
        plant=("ALTER FUNCTION wall.granted(text) RESET search_path",),
        undo=("ALTER FUNCTION wall.granted(text) SET search_path = pg_catalog, pg_temp",),
    ),
    DatabaseFault(
        name="ticket-never-expires",
        title="閲覧票の期限を見ない",
        caught_by="catalogue",
        also=("walls",),
        bodies=(
            BodyEdit(
                function="wall.granted(text)",
                old="AND t.expires > clock_timestamp()",
                new="AND t.expires IS NOT NULL",
            ),
        ),
    ),
    DatabaseFault(
        name="sign-in-never-pauses",
        title="パスワードを何度まちがえても、休止しない",
        caught_by="catalogue",
        bodies=(
            BodyEdit(
                function="wall.sign_in_paused(int, bytea, text)",
                old="IF v_failures >= l.per_person",
                new="IF v_failures >= 1000000",
            ),
        ),
    ),
    DatabaseFault(
        name="code-used-twice",
        title="認証アプリの同じコードを、二度使わせる",
        caught_by="catalogue",
        bodies=(
            BodyEdit(
                function="wall.use_second(int, bigint, bytea)",
                old="AND last_step < p_step",
                new="AND p_step IS NOT NULL",
            ),
        ),
    ),
    DatabaseFault(
        name="ticket-of-anyone",
        title="閲覧票が本人のサインインのものかを見ない",
        caught_by="catalogue",
        also=("walls",),
        bodies=(
            BodyEdit(
                function="wall.granted(text)",
                old="AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))",
                new="AND t.proof_hash IS NOT NULL",
            ),
        ),
    ),
    DatabaseFault(
        name="search-finds-everyone",
        title="小売の検索と一覧で、他社のお客さまも見つける",
        caught_by="catalogue",
        also=("two-run",),
        bodies=(BodyEdit(function=_FIND, old="IF p_org IS NOT NULL THEN", new="IF p_org < 0 THEN"),),
    ),
    DatabaseFault(
        name="search-kind-without-stamp",
        title="電話番号の検索だけ、供給者の刻印を見ない",
        caught_by="catalogue",
        also=("two-run",),
        bodies=(
            BodyEdit(
                function=_FIND, old="IF p_org IS NOT NULL THEN", new="IF p_org IS NOT NULL AND p_list <> 'phone' THEN"
            ),
        ),
    ),
    DatabaseFault(
        name="search-by-what-is-hidden",
        title="名義や口座振替を見られない職務にも、カナの検索と異動通知の一覧を使わせる",
        caught_by="catalogue",
        also=("walk",),
        bodies=(BodyEdit(function=_OPEN_SEARCH, old="AND k.class = ANY (v_seen)", new="AND k.class IS NOT NULL"),),
    ),
    DatabaseFault(
        name="search-kind-of-another-class",
        title="電話番号の検索を、需要場所の区分で許す",
        caught_by="catalogue",
        also=("walk",),
        bodies=(BodyEdit(function=_OPEN_SEARCH, old="('phone', 'C', false)", new="('phone', 'A', false)"),),
    ),
    DatabaseFault(
        name="poles-for-everyone",
        title="引込柱番号の検索を、小売にも許す",
        caught_by="catalogue",
        also=("walk",),
        bodies=(BodyEdit(function=_OPEN_SEARCH, old="('pole', 'B', true)", new="('pole', 'B', false)"),),
    ),
    DatabaseFault(
        name="order-tells-of-names",
        title="名義を見られない職務の住所の検索も、カナの順に並べる",
        caught_by="catalogue",
        also=("walk",),
        bodies=(BodyEdit(function=_OPEN_SEARCH, old="AND 'C' <> ALL (v_seen)", new="AND 'C' = ''"),),
    ),
    DatabaseFault(
        name="former-supplier-is-owner",
        title="供給を失った小売を、いまの供給者として扱う",
        caught_by="catalogue",
        also=("agreement",),
        bodies=(
            BodyEdit(
                function="wall.settle(wall.admission,uuid,text,text,bigint[],integer,text,bytea,boolean)",
                old="WHEN own.ended THEN 'past'",
                new="WHEN own.ended THEN 'own'",
            ),
        ),
    ),
    DatabaseFault(
        name="log-without-ticket",
        title="閲覧記録の対象の表を、閲覧票なしで読ませる",
        caught_by="catalogue",
        plant=("ALTER POLICY compliance ON log.subject USING (true)",),
    ),
    DatabaseFault(
        name="ticket-not-durable-trigger",
        title="閲覧票を確実に残すトリガーを切る",
        caught_by="tampering",
        also=("catalogue",),
        plant=("ALTER TABLE log.ticket DISABLE TRIGGER durable",),
        undo=("ALTER TABLE log.ticket ENABLE TRIGGER durable",),
    ),
    DatabaseFault(
        name="ticket-not-durable-commit",
        title="閲覧票を、ディスクに届く前に記録済みとする",
        caught_by="tampering",
        also=("catalogue",),
        bodies=(
            BodyEdit(
                function="log.make_durable()",
                old="set_config('synchronous_commit', 'on', true)",
                new="set_config('synchronous_commit', 'off', true)",
            ),
        ),
    ),
)

FAULTS: Final = (*POLICIES, *DETOURS, *RIGHTS, *FUNCTIONS)
