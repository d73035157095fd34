"""The logins and the database: made, repaired, refused; and what each login can and cannot do."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from takuso.store.embedded import start, stop
from takuso.store.home import Home
from takuso.store.init import AnotherDeployment, DatabaseNotOurs, NotAdministrator, RolesNotOurs, init, server_findings
from takuso.store.logins import GROUP_NAMES, LOGIN_NAMES, LOGINS, login
from takuso.store.pools import dsn

from .conftest import Running, Templates


def a_home_elsewhere(shared: Running, path: Path, database: str = "takuso") -> Home:
    """A home that knows the shared server by DATABASE_URL only."""
    return Home(path, database_url=make_conninfo(shared.home.database_url, dbname=database))


@pytest.mark.parametrize("name", LOGIN_NAMES)
def test_every_login_connects_with_its_settings(shared: Running, name: str) -> None:
    with psycopg.connect(dsn(shared.home, name)) as connection:
        assert connection.execute("SELECT session_user::text, current_user::text").fetchone() == (name, name)
        for setting, value in login(name).settings.items():
            row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
            assert row == (value,), setting


def test_no_role_has_more_than_its_design(shared: Running) -> None:
    with shared.admin() as admin:
        rows = admin.execute(
            """SELECT rolname, rolcanlogin, rolinherit FROM pg_roles
                WHERE NOT rolsuper AND NOT rolbypassrls AND NOT rolcreaterole AND NOT rolcreatedb
                  AND NOT rolreplication AND rolconnlimit = -1 AND rolname !~ '^pg_'"""
        ).fetchall()
        assert set(rows) == {(role.name, role.can_login, role.name == "migrator") for role in LOGINS}
        members = admin.execute(
            """SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members
                WHERE member::regrole::text !~ '^pg_'"""
        ).fetchall()
        assert set(members) == {(name, "migrator") for name in GROUP_NAMES}


def test_passwords_are_kept_as_verifiers(shared: Running) -> None:
    with shared.admin() as admin:
        stored = dict(admin.execute("SELECT rolname, rolpassword FROM pg_authid").fetchall())
    for name in LOGIN_NAMES:
        assert str(stored[name]).startswith("SCRAM-SHA-256$")
        assert shared.home.secret(name) not in str(stored[name])
    assert {stored[name] for name in GROUP_NAMES} == {None}
    assert len({shared.home.secret(name) for name in LOGIN_NAMES}) == len(LOGIN_NAMES)


FORBIDDEN = {
    "temporary table": "CREATE TEMP TABLE t ()",
    "table in public": "CREATE TABLE public.t ()",
    "table in web": "CREATE TABLE web.t ()",
    "schema": "CREATE SCHEMA s",
    "function": "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "anonymous block": "DO $$ BEGIN NULL; END $$",
    "large object": "SELECT lo_from_bytea(0, 'x')",
    "large object by number": "SELECT lo_create(4711)",
    "becoming the owner": "SET ROLE owner",
    "becoming a superuser": "SET SESSION AUTHORIZATION postgres",
    "reading passwords": "SELECT rolpassword FROM pg_authid",
    "reading files": "SELECT pg_read_file('/etc/passwd')",
    "shared programs": "COPY (SELECT 1) TO PROGRAM 'true'",
    "giving itself rights": "ALTER ROLE web BYPASSRLS",
    "granting itself a role": "GRANT owner TO web",
    "public schema": "SELECT * FROM public.plain",
}


@pytest.mark.parametrize("name", [name for name in LOGIN_NAMES if name != "migrator"])
def test_public_has_nothing(shared: Running, name: str) -> None:
    with shared.admin() as admin:
        admin.execute("CREATE TABLE IF NOT EXISTS public.plain ()")
    allowed = []
    with psycopg.connect(dsn(shared.home, name), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for what, statement in FORBIDDEN.items():
            try:
                connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                continue
            allowed.append(what)
    assert allowed == []


def test_a_stranger_is_not_let_in(shared: Running) -> None:
    with shared.admin() as admin:
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
    url = make_conninfo(shared.home.database_url, user="stranger", password="x")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url)
    with shared.admin() as admin:
        admin.execute("DROP ROLE stranger")


def test_functions_are_nobody_s_until_granted(shared: Running) -> None:
    with psycopg.connect(dsn(shared.home, "migrator")) as migrator:
        migrator.execute("CREATE SCHEMA own; GRANT USAGE ON SCHEMA own TO PUBLIC")
        migrator.execute("CREATE FUNCTION own.f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        migrator.execute("GRANT CREATE ON SCHEMA own TO opener; SET ROLE opener")
        migrator.execute("CREATE FUNCTION own.g() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'")
        migrator.execute("RESET ROLE; GRANT EXECUTE ON FUNCTION own.g() TO web")
    with psycopg.connect(dsn(shared.home, "web"), autocommit=True) as web:
        assert web.execute("SELECT own.g()").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("SELECT own.f()")
    with shared.admin() as admin:
        admin.execute("DROP SCHEMA own CASCADE")


def test_a_second_run_changes_nothing(shared: Running) -> None:
    def picture() -> list[object]:
        with shared.admin() as admin:
            return [
                admin.execute(query).fetchall()
                for query in (
                    "SELECT rolname, rolpassword, rolvaliduntil::text, rolinherit FROM pg_authid ORDER BY 1",
                    "SELECT setdatabase, setrole, setconfig FROM pg_db_role_setting ORDER BY 1, 2",
                    "SELECT roleid, member, grantor, admin_option FROM pg_auth_members ORDER BY 1, 2",
                    "SELECT datname, datacl::text FROM pg_database ORDER BY 1",
                    "SELECT nspname, nspacl::text, nspowner FROM pg_namespace ORDER BY 1",
                    "SELECT defaclrole, defaclnamespace, defaclacl::text FROM pg_default_acl ORDER BY 1, 2, 3",
                )
            ]

    passwords = {name: shared.home.secret(name) for name in LOGIN_NAMES}
    before = picture()
    init(shared.home, shared.server.admin_url)
    assert picture() == before
    assert {name: shared.home.secret(name) for name in LOGIN_NAMES} == passwords


DAMAGE = {
    "attributes": "ALTER ROLE reader_retailer BYPASSRLS CREATEDB INHERIT",
    "superuser": "ALTER ROLE web SUPERUSER",
    "owner logs in": "ALTER ROLE owner LOGIN",
    "settings": "ALTER ROLE reader_network RESET default_transaction_read_only",
    "settings of the database": "ALTER ROLE reader_network IN DATABASE takuso SET lock_timeout = 0",
    "membership": "GRANT owner TO web; GRANT pg_read_all_data TO reader_retailer; GRANT web TO postgres",
    "membership lost": "REVOKE searcher FROM migrator",
    "membership with admin option": "GRANT searcher TO migrator WITH ADMIN OPTION",
    "rights on the database": "GRANT ALL ON DATABASE takuso TO PUBLIC, web",
    "rights on public": "GRANT ALL ON SCHEMA public TO PUBLIC",
    "anonymous blocks": "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC",
    "large objects": "GRANT EXECUTE ON FUNCTION lo_creat(int) TO PUBLIC",
    "functions to come": "ALTER DEFAULT PRIVILEGES FOR ROLE opener GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
    "a role gone": "DROP ROLE batch",
}


@pytest.mark.parametrize("case", DAMAGE)
def test_what_was_damaged_is_found_and_repaired(shared: Running, case: str) -> None:
    def bad() -> list[str]:
        with shared.admin() as admin:
            return [finding.name for finding in server_findings(admin) if finding.state != "ok"]

    assert bad() == []
    with shared.admin() as admin:
        if case == "a role gone":
            admin.execute("DROP OWNED BY batch")
        admin.execute(DAMAGE[case].encode())
    assert bad() != []
    init(shared.home, shared.server.admin_url)
    assert bad() == []
    psycopg.connect(dsn(shared.home, "batch")).close()


def test_roles_of_another_home_are_refused(shared: Running, tmp_path: Path) -> None:
    other = a_home_elsewhere(shared, tmp_path / "other")
    with pytest.raises(RolesNotOurs, match="--reset-passwords"):
        init(other, shared.server.admin_url)
    assert not other.secrets.exists()
    other.write_secret("web", "of another server")
    with pytest.raises(RolesNotOurs, match=r"\bweb\b"):
        init(other, shared.server.admin_url)
    psycopg.connect(dsn(shared.home, "web")).close()

    init(other, shared.server.admin_url, reset_passwords=True)
    for name in LOGIN_NAMES:
        psycopg.connect(dsn(other, name)).close()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(dsn(shared.home, name))
    init(other, shared.server.admin_url)
    init(shared.home, shared.server.admin_url, reset_passwords=True)


def test_a_copied_home_is_accepted(shared: Running, tmp_path: Path) -> None:
    other = a_home_elsewhere(shared, tmp_path / "other")
    for name in LOGIN_NAMES:
        other.write_secret(name, shared.home.secret(name))
    init(other, shared.server.admin_url)
    psycopg.connect(dsn(other, "web")).close()


def test_a_group_of_another_program_is_refused(templates: Templates, tmp_path: Path) -> None:
    home = templates.copy("embedded", tmp_path / "home")
    own = Running(home=home, server=start(home))
    try:
        with own.admin("postgres") as admin:
            admin.execute("DROP DATABASE takuso")
            for role in LOGINS:
                admin.execute(f"DROP ROLE {role.name}".encode())
            admin.execute("CREATE ROLE owner LOGIN PASSWORD 'theirs'")
        with pytest.raises(RolesNotOurs, match="owner"):
            init(home, own.server.admin_url)
        with own.admin("postgres") as admin:
            admin.execute("DROP ROLE owner")
        init(home, own.server.admin_url)
    finally:
        stop(home)


@pytest.mark.parametrize(
    ("made", "filled", "refused"),
    [
        (None, None, None),
        ("CREATE DATABASE other TEMPLATE template0", None, None),
        ("CREATE DATABASE other TEMPLATE template0", "CREATE TABLE theirs ()", "別の用途"),
        ("CREATE DATABASE other TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'LATIN1'", None, "LATIN1"),
    ],
)
def test_the_database_is_made_or_taken_only_if_empty(
    shared: Running, made: str | None, filled: str | None, refused: str | None
) -> None:
    with shared.admin() as admin:
        admin.execute("DROP DATABASE IF EXISTS other")
        if made:
            admin.execute(made.encode())
    if filled:
        with shared.admin("other") as admin:
            admin.execute(filled.encode())
    home = a_home_elsewhere(shared, shared.home.path, database="other")
    if refused:
        with pytest.raises(DatabaseNotOurs, match=refused):
            init(home, shared.server.admin_url)
        return
    init(home, shared.server.admin_url)
    with psycopg.connect(dsn(home, "web")) as web:
        row = web.execute(
            """SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database
                WHERE datname = current_database()"""
        ).fetchone()
        assert row == ("owner", "UTF8")
        assert [f.name for f in server_findings(web) if f.state != "ok"] == []


def test_only_a_superuser_may_init(shared: Running, tmp_path: Path) -> None:
    other = a_home_elsewhere(shared, tmp_path / "other")
    for url in (dsn(shared.home, "migrator"), make_conninfo(shared.server.admin_url, password="x"), "nonsense"):
        with pytest.raises(NotAdministrator, match="--admin-url"):
            init(other, url)
    assert not other.secrets.exists()


def test_two_different_servers_are_noticed(shared: Running, tmp_path: Path) -> None:
    other = Home(tmp_path / "other", database_url=f"host={tmp_path} dbname=takuso")
    with pytest.raises(DatabaseNotOurs, match="同じサーバー"):
        init(other, shared.server.admin_url, reset_passwords=True)
    init(shared.home, shared.server.admin_url, reset_passwords=True)


def test_two_runs_at_once_follow_each_other(shared: Running) -> None:
    with ThreadPoolExecutor(2) as together:
        list(together.map(lambda _: init(shared.home, shared.server.admin_url), range(2)))
    with psycopg.connect(dsn(shared.home, "web")) as web:
        assert [f.name for f in server_findings(web) if f.state != "ok"] == []


@pytest.mark.parametrize("name", LOGIN_NAMES)
def test_no_login_can_keep_it_waiting(shared: Running, name: str) -> None:
    with psycopg.connect(dsn(shared.home, name), autocommit=True) as login:
        login.execute("SET default_transaction_read_only = off")
        for mode in ("ACCESS SHARE", "SHARE UPDATE EXCLUSIVE", "ACCESS EXCLUSIVE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), login.transaction():
                login.execute(f"LOCK TABLE pg_catalog.pg_authid IN {mode} MODE".encode())
    url = make_conninfo(dsn(shared.home, name), dbname="postgres")
    with psycopg.connect(url, autocommit=True) as login:
        login.execute("SELECT pg_advisory_lock(1952541557)")
        init(shared.home, shared.server.admin_url, patience=2)


def test_it_does_not_wait_for_ever(shared: Running) -> None:
    with shared.admin() as other, other.transaction():
        other.execute("LOCK TABLE pg_catalog.pg_authid IN SHARE UPDATE EXCLUSIVE MODE")
        with pytest.raises(AnotherDeployment, match="対処"):
            init(shared.home, shared.server.admin_url, patience=0.2)
    init(shared.home, shared.server.admin_url, patience=0.2)


def test_names_that_need_quoting(shared: Running, tmp_path: Path) -> None:
    home = a_home_elsewhere(shared, shared.home.path, database='託送 "本番"\'s')
    init(home, shared.server.admin_url)
    with psycopg.connect(dsn(home, "web")) as web:
        assert [f.name for f in server_findings(web) if f.state != "ok"] == []


def test_the_list_is_the_design_s() -> None:
    assert GROUP_NAMES == ("owner", "opener", "searcher", "effector")
    assert set(LOGIN_NAMES) == set(
        re.findall(
            r"\w+",
            "migrator web authn ticketer reader_network reader_retailer writer batch bank reception surveyor sequencer",
        )
    )
    for name in ("reader_network", "reader_retailer", "surveyor"):
        assert login(name).settings["default_transaction_read_only"] == "on"
        assert login(name).settings["idle_in_transaction_session_timeout"] == "15s"
    assert login("surveyor").settings["statement_timeout"] == "1min"
    assert [role.name for role in LOGINS if role.settings.get("synchronous_commit")] == ["ticketer"]
    with pytest.raises(KeyError):
        login("root")
