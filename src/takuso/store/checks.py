"""Whether the database server is what the barrier stands on: version, durability, logins, nothing public."""

from collections.abc import Iterable
from typing import Any, Final, Literal

from psycopg import Connection

from takuso.store.findings import Finding
from takuso.store.logins import DEPLOYER, GROUP_NAMES, LOGINS, Login

Link = tuple[str, str]

# The lowest minor release of each supported major without a known hole in row security or SCRAM.
VERSION_FLOORS: Final = {15: 18, 16: 14, 17: 10, 18: 4}
# Any login could otherwise keep data in large objects, outside every table's rights.
LARGE_OBJECT_WRITERS: Final = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid,bytea)",
    "lo_put(oid,bigint,bytea)",
    "lowrite(integer,bytea)",
)
FUNCTION_OWNERS: Final = (DEPLOYER, *GROUP_NAMES)
_INIT: Final = "管理者の接続先を付けて次を実行してください: takuso store init --admin-url URL"
_NAMES: Final = [role.name for role in LOGINS]


def server_findings(conn: Connection[Any]) -> list[Finding]:
    """Check the server and database of this connection; any login but ``ticketer`` may ask.

    ``ticketer`` sees its own synchronous_commit instead of the server's, and gets a warning there.
    """
    values = dict(_rows(conn, "SELECT name, setting FROM pg_settings"))
    return [
        version_finding(conn.info.server_version),
        _must_be(values, "fsync", "on", "コミットした閲覧記録が停電で失われます。"),
        _must_be(values, "full_page_writes", "on", "書きかけのページが停電で壊れます。"),
        _synchronous_commit(conn),
        _must_be(values, "server_encoding", "UTF8", "日本語の氏名を正しく保存できません。"),
        _must_be(values, "max_prepared_transactions", "0", "閲覧票の寿命を超えて残る取引を作れます。"),
        _must_be(values, "data_checksums", "on", "ディスクの誤りに気づけません。", state="warn"),
        _verdict("logins", wrong_attributes(conn), "ログインの属性が違います"),
        _verdict("memberships", _describe(conn), "ロールの所属が違います"),
        _verdict("login_settings", _wrong_settings(conn), "ログインの設定が違います"),
        _verdict("public_database", _public_on_database(conn), "データベースの権限が広すぎます"),
        _verdict("public_schema", _public_on_schema(conn), "スキーマ public の権限が広すぎます"),
        _verdict("public_functions", _public_on_functions(conn), "関数の権限が広すぎます"),
        _transport(conn),
    ]


def version_finding(server_version: int) -> Finding:
    """The verdict on a version number as libpq gives it (180006 is 18.6)."""
    major, minor = divmod(server_version, 10_000)
    floor = VERSION_FLOORS.get(major)
    if floor is None:
        supported = f"{min(VERSION_FLOORS)} から {max(VERSION_FLOORS)}"
        return Finding(
            name="version",
            state="bad",
            what=f"PostgreSQL {major}.{minor} には対応していません。",
            cure=f"PostgreSQL {supported} のサーバーを使ってください。",
        )
    if minor < floor:
        return Finding(
            name="version",
            state="bad",
            what=f"PostgreSQL {major}.{minor} には既知の脆弱性があります。",
            cure=f"PostgreSQL {major}.{floor} 以降に更新してください。",
        )
    return Finding(name="version", state="ok", what=f"PostgreSQL {major}.{minor}")


def wrong_attributes(conn: Connection[Any]) -> list[str]:
    """One line for each role that is missing or has other attributes than logins.py states."""
    rows = _rows(
        conn,
        """SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin,
                  rolinherit
             FROM pg_roles WHERE rolname = ANY(%s)""",
        [_NAMES],
    )
    found = {name: attributes for name, *attributes in rows}
    return [line for role in LOGINS for line in _attribute_lines(role, found.get(role.name))]


def _attribute_lines(role: Login, found: list[bool] | None) -> list[str]:
    if found is None:
        return [f"{role.name} がありません"]
    words = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION", "LOGIN", "INHERIT")
    wanted = [False] * 5 + [role.can_login, bool(role.member_of)]
    return [
        f"{role.name} に {'' if has else 'NO'}{word} が付いています"
        for word, has, want in zip(words, found, wanted, strict=True)
        if has != want
    ]


def expected_memberships() -> set[Link]:
    """The (role, member) pairs that must exist, and no others."""
    return {(group, role.name) for role in LOGINS for group in role.member_of}


def memberships(conn: Connection[Any]) -> list[tuple[Link, str, bool]]:
    """Memberships touching our roles: ((role, member), grantor, whether it has exactly the right options)."""
    # The options came with PostgreSQL 16; read by name, they may be absent.
    found = _rows(
        conn,
        """SELECT r.rolname, u.rolname, g.rolname,
                  NOT m.admin_option AND coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
                  AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
              FROM pg_auth_members m
              JOIN pg_roles r ON r.oid = m.roleid
              JOIN pg_roles u ON u.oid = m.member
              LEFT JOIN pg_roles g ON g.oid = m.grantor
             WHERE r.rolname = ANY(%s) OR u.rolname = ANY(%s)""",
        [_NAMES, _NAMES],
    )
    return [((role, member), grantor, exact) for role, member, grantor, exact in found]


def _describe(conn: Connection[Any]) -> list[str]:
    found = memberships(conn)
    expected = expected_memberships()
    lines = [
        f"{member} が {role} に所属しています" + ("（オプションが違います）" if link in expected else "")
        for link, _, exact in found
        for role, member in [link]
        if link not in expected or not exact
    ]
    missing = expected - {link for link, _, _ in found}
    return lines + [f"{member} が {role} に所属していません" for role, member in sorted(missing)]


def settings_of(conn: Connection[Any]) -> dict[tuple[str, bool], dict[str, str]]:
    """ALTER ROLE settings of our roles, by (role, whether for this database alone)."""
    found = _rows(
        conn,
        """SELECT r.rolname, s.setdatabase <> 0, s.setconfig
             FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
            WHERE r.rolname = ANY(%s)
              AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))""",
        [_NAMES],
    )
    return {(name, here): dict(line.split("=", 1) for line in config) for name, here, config in found}


def _wrong_settings(conn: Connection[Any]) -> list[str]:
    found = settings_of(conn)
    return [role.name for role in LOGINS if found.get((role.name, False), {}) != dict(role.settings)] + [
        f"{name}（このデータベースだけの設定があります）" for name, here in found if here
    ]


def _synchronous_commit(conn: Connection[Any]) -> Finding:
    [[setting, source]] = _rows(conn, "SELECT setting, source FROM pg_settings WHERE name = 'synchronous_commit'")
    for_database = _rows(
        conn,
        """SELECT 1 FROM pg_db_role_setting
            WHERE setrole = 0 AND 'synchronous_commit=off' = ANY(setconfig)
              AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))""",
    )
    own = source in {"user", "database user", "session", "client"}
    if for_database or (setting == "off" and not own):
        return Finding(
            name="synchronous_commit",
            state="bad",
            what="synchronous_commit が off です。コミットした閲覧記録が停電で失われます。",
            cure="postgresql.conf と ALTER DATABASE の設定を on にし、サーバーに読み込ませてください。",
        )
    if setting == "off":
        return Finding(
            name="synchronous_commit",
            state="warn",
            what="この接続では自分の設定しか見えないため、synchronous_commit を確かめられません。",
            cure="ticketer 以外のログインで確かめてください。",
        )
    return Finding(name="synchronous_commit", state="ok", what=f"synchronous_commit = {setting}")


def _public_on_database(conn: Connection[Any]) -> list[str]:
    found = _rows(
        conn,
        """SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type
             FROM pg_database d
             CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
             LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE d.datname = current_database() AND a.grantee <> d.datdba""",
    )
    return [
        f"{grantee} に {privilege}" for grantee, privilege in found if (grantee, privilege) not in database_rights()
    ]


def database_rights() -> set[tuple[str, str]]:
    """The (grantee, privilege) pairs that may exist on the database, beside its owner's."""
    may_connect = {(role.name, "CONNECT") for role in LOGINS if role.can_login}
    return may_connect | {(role.name, "CREATE") for role in LOGINS if role.member_of}


def _public_on_schema(conn: Connection[Any]) -> list[str]:
    found = _rows(
        conn,
        """SELECT a.privilege_type
             FROM pg_namespace n
             CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
            WHERE n.nspname = 'public' AND a.grantee = 0""",
    )
    return [f"PUBLIC に {privilege}" for (privilege,) in found]


def _public_on_functions(conn: Connection[Any]) -> list[str]:
    callable_by_all = _rows(
        conn,
        """SELECT f FROM unnest(%s::text[]) f
             JOIN pg_proc p ON p.oid = to_regprocedure('pg_catalog.' || f)
            CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            WHERE a.grantee = 0""",
        [list(LARGE_OBJECT_WRITERS)],
    )
    usable_by_all = _rows(
        conn,
        """SELECT l.lanname FROM pg_language l
            CROSS JOIN aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) a
            WHERE l.lanname = 'plpgsql' AND a.grantee = 0""",
    )
    given_away = _rows(
        conn,
        """SELECT r.rolname FROM pg_roles r
             LEFT JOIN pg_default_acl d
               ON d.defaclrole = r.oid AND d.defaclobjtype = 'f' AND d.defaclnamespace = 0
            WHERE r.rolname = ANY(%s)
              AND EXISTS (SELECT FROM aclexplode(coalesce(d.defaclacl, acldefault('f', r.oid))) a
                           WHERE a.grantee = 0)""",
        [list(FUNCTION_OWNERS)],
    )
    return (
        [f"PUBLIC が {name} を実行できます" for (name,) in callable_by_all]
        + [f"PUBLIC が言語 {name} を使えます" for (name,) in usable_by_all]
        + [f"{name} の作る関数を PUBLIC が実行できます" for (name,) in sorted(given_away)]
    )


def _transport(conn: Connection[Any]) -> Finding:
    [[encrypted, here]] = _rows(
        conn,
        """SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
                  coalesce(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', true)""",
    )
    if here or encrypted:
        return Finding(
            name="transport", state="ok", what="同じ機械の中の接続です。" if here else "暗号化されています。"
        )
    return Finding(
        name="transport",
        state="warn",
        what="データベースとの通信が暗号化されていません。",
        cure="サーバーで TLS を有効にし、DATABASE_URL に ?sslmode=verify-full を付けてください。",
    )


def _must_be(values: dict[str, str], name: str, want: str, harm: str, state: Literal["warn", "bad"] = "bad") -> Finding:
    if values[name] == want:
        return Finding(name=name, state="ok", what=f"{name} = {want}")
    cures = {
        "server_encoding": "文字コード UTF8 で作ったデータベースを DATABASE_URL に指定してください。",
        "data_checksums": "サーバーを止めて pg_checksums --enable を実行してください。",
    }
    return Finding(
        name=name,
        state=state,
        what=f"{name} が {values[name]} です。{harm}",
        cure=cures.get(name, f"postgresql.conf に {name} = {want} と書き、サーバーを再起動してください。"),
    )


def _verdict(name: str, wrong: Iterable[str], headline: str) -> Finding:
    lines = list(wrong)
    if not lines:
        return Finding(name=name, state="ok", what="設計どおりです。")
    return Finding(name=name, state="bad", what=f"{headline}: {'、'.join(lines)}。", cure=_INIT)


def _rows(conn: Connection[Any], query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with conn.cursor() as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()
