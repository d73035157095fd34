"""Holes that a superuser could dig in the wall: each leaks, so the wall would be worth nothing with it; and no login
of the application can dig it.

Views, copies and functions are dug in a scratch schema inside a transaction that is rolled back.
"""

from collections.abc import Callable

import psycopg
import pytest

from takuso.barrier.signin import Proof
from takuso.store.checks import server_findings
from takuso.store.home import Home
from takuso.store.logins import GROUP_NAMES, LOGIN_NAMES
from takuso.store.pools import dsn
from tests.area import Customer
from tests.barrier.behind import TABLES, Db, Ticket, hold, one, open_inside, reads, refused, run, wearing

APPLICATION = tuple(name for name in LOGIN_NAMES if name != "migrator")

# Statements of a superuser after which reader_retailer reads scratch.hole without any ticket.
HOLES = {
    "view of a superuser": ["CREATE VIEW scratch.hole AS SELECT point, town FROM points.place"],
    "materialized view": ["CREATE MATERIALIZED VIEW scratch.hole AS SELECT point, town FROM points.place"],
    "table copied without its policies": ["CREATE TABLE scratch.hole AS SELECT point, town FROM points.place"],
    "table with the columns, not the policies": [
        "CREATE TABLE scratch.hole (LIKE points.place INCLUDING ALL)",
        "INSERT INTO scratch.hole OVERRIDING SYSTEM VALUE SELECT * FROM points.place",
    ],
    "policies without row security": [
        "CREATE TABLE scratch.hole AS SELECT point, town FROM points.place",
        "CREATE POLICY ticket ON scratch.hole USING (point = ANY ((SELECT wall.granted('A'))::bigint[]))",
    ],
    "partition of a guarded parent": [
        "CREATE TABLE scratch.parent (point bigint, town text) PARTITION BY RANGE (point)",
        "ALTER TABLE scratch.parent ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE scratch.hole PARTITION OF scratch.parent DEFAULT",
        "INSERT INTO scratch.parent SELECT point, town FROM points.place",
    ],
    "view of a function of a superuser": [
        """CREATE FUNCTION scratch.f() RETURNS TABLE (point bigint, town text) LANGUAGE sql SECURITY DEFINER
           AS 'SELECT point, town FROM points.place'""",
        "CREATE VIEW scratch.hole WITH (security_invoker) AS SELECT * FROM scratch.f()",
    ],
    "rule that adds a reader's policy": [
        "CREATE POLICY everything ON points.place TO reader_retailer USING (true)",
        "DROP POLICY holder ON points.place",
        "CREATE VIEW scratch.hole WITH (security_invoker) AS SELECT point, town FROM points.place",
    ],
}


def _scratch(conn: Db) -> None:
    run(conn, "CREATE SCHEMA scratch")
    run(conn, "GRANT USAGE ON SCHEMA scratch TO reader_retailer")


def _foreign(customers: dict[str, Customer]) -> int:
    return customers["foreign"].points[0]


@pytest.mark.parametrize("hole", HOLES)
def test_the_hole_leaks(behind: Db, customers: dict[str, Customer], hole: str) -> None:
    _scratch(behind)
    for statement in HOLES[hole]:
        run(behind, statement)
    run(behind, "GRANT SELECT ON scratch.hole TO reader_retailer")
    with wearing(behind, "reader_retailer"):
        assert _foreign(customers) in {point for (point,) in run(behind, "SELECT point FROM scratch.hole")}


@pytest.mark.parametrize(
    "view",
    ["CREATE VIEW scratch.view AS SELECT point, town FROM points.place; ALTER VIEW scratch.view OWNER TO owner",
     "CREATE VIEW scratch.view WITH (security_invoker) AS SELECT point, town FROM points.place"],
    ids=["view of the forced owner", "security_invoker"],
)  # fmt: skip
def test_views_that_do_not_leak(behind: Db, own: Ticket, customers: dict[str, Customer], view: str) -> None:
    _scratch(behind)
    run(behind, "GRANT USAGE ON SCHEMA scratch TO owner")
    run(behind, view)
    run(behind, "GRANT SELECT ON scratch.view TO reader_retailer")
    with wearing(behind, "reader_retailer"):
        assert run(behind, "SELECT point FROM scratch.view") == []
        hold(behind, own)
        seen = {point for (point,) in run(behind, "SELECT point FROM scratch.view")}
    assert seen == (set(customers["own"].points) if "invoker" in view else set())


def test_a_partition_of_the_log_shows_nothing_even_when_granted(behind: Db, own: Ticket) -> None:
    """Partitions have row security of their own and no policy at all."""
    child = f"log.ticket_{own.answer['day'].replace('-', '')}"
    run(behind, f"GRANT SELECT ON {child} TO reader_retailer")
    run(behind, "GRANT USAGE ON SCHEMA log TO reader_retailer")
    assert one(behind, f"SELECT count(*) FROM {child}") > 0
    with wearing(behind, "reader_retailer"):
        assert run(behind, f"SELECT FROM {child}") == []


def test_a_cheap_leaky_function_sees_only_the_tickets_rows(
    behind: Db, own: Ticket, customers: dict[str, Customer]
) -> None:
    """The policy runs first, whatever the function costs; on a table without policies it would see every row."""
    told: list[str] = []
    behind.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
    _scratch(behind)
    run(
        behind,
        "CREATE FUNCTION scratch.leak(p text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS"
        " $$ BEGIN RAISE NOTICE '%', p; RETURN false; END $$",
    )
    run(behind, "GRANT EXECUTE ON FUNCTION scratch.leak(text) TO reader_retailer")
    run(behind, "CREATE TABLE scratch.open AS SELECT town FROM points.place")
    run(behind, "GRANT SELECT ON scratch.open TO reader_retailer")
    run(behind, "SET client_min_messages = notice")
    hidden = f"梅田印{_foreign(customers)}"
    with wearing(behind, "reader_retailer"):
        hold(behind, own)
        run(behind, "SELECT point FROM points.place WHERE scratch.leak(town)")
        assert told == [f"梅田印{point}" for point in customers["own"].points]
        run(behind, "SELECT town FROM scratch.open WHERE scratch.leak(town)")
    assert hidden in told


# ------------------------------------------------------------------ superuser, BYPASSRLS, owner without FORCE
def test_a_superuser_bypasses_and_no_login_is_one(behind: Db, customers: dict[str, Customer]) -> None:
    assert _foreign(customers) in reads(behind)
    rows = run(
        behind,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname = ANY (%s)",
        [[*LOGIN_NAMES, *GROUP_NAMES]],
    )
    assert len(rows) == len(LOGIN_NAMES) + len(GROUP_NAMES)
    assert not [row for row in rows if any(row[1:])]


@pytest.mark.parametrize("attribute", ["BYPASSRLS", "SUPERUSER"])
def test_a_bypassing_login_reads_all_and_the_start_check_refuses_it(
    behind: Db, customers: dict[str, Customer], attribute: str
) -> None:
    assert _verdict(behind, "logins") == "ok"
    with wearing(behind, "reader_retailer"):
        assert reads(behind) == set()
    run(behind, f"ALTER ROLE reader_retailer {attribute}")
    assert _verdict(behind, "logins") == "bad"
    with wearing(behind, "reader_retailer"):
        assert _foreign(customers) in reads(behind)


def test_a_member_of_the_owner_is_found_by_the_start_check(behind: Db) -> None:
    assert _verdict(behind, "memberships") == "ok"
    run(behind, "GRANT owner TO reader_retailer")
    assert _verdict(behind, "memberships") == "bad"


def test_the_owner_reads_nothing_unless_force_is_taken_off(behind: Db, customers: dict[str, Customer]) -> None:
    run(behind, "SET ROLE owner")
    assert [table for table in TABLES if reads(behind, table)] == []
    run(behind, "RESET ROLE")
    run(behind, "ALTER TABLE points.place NO FORCE ROW LEVEL SECURITY")
    run(behind, "SET ROLE owner")
    assert _foreign(customers) in reads(behind)


def test_every_guarded_table_is_forced_and_none_belongs_to_a_login(behind: Db) -> None:
    rows = run(
        behind,
        "SELECT n.nspname || '.' || c.relname, c.relrowsecurity AND c.relforcerowsecurity, pg_get_userbyid(c.relowner)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('points', 'log') AND c.relkind IN ('r', 'p')",
    )
    assert len(rows) > len(TABLES)
    assert [name for name, forced, owner in rows if not forced or owner != "owner"] == []
    views = """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('v', 'm') AND n.nspname IN ('points', 'wall', 'log', 'search')"""
    assert run(behind, views) == []


@pytest.mark.parametrize("role", GROUP_NAMES)
def test_the_roles_behind_the_functions_cannot_log_in(home: Home, behind: Db, role: str) -> None:
    assert (
        one(behind, "SELECT rolcanlogin OR rolpassword IS NOT NULL FROM pg_authid WHERE rolname = %s", [role]) is False
    )
    login = dsn(home, "web").replace("user=web", f"user={role}")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(login)


def _verdict(conn: Db, name: str) -> str:
    [finding] = [f for f in server_findings(conn) if f.name == name]
    return finding.state


# ------------------------------------------------------------------------------ who could dig them: nobody
DIGGING = [
    "CREATE SCHEMA dug",
    "CREATE TEMP TABLE dug (x int)",
    "CREATE TEMP VIEW dug AS SELECT 1",
    "CREATE FUNCTION pg_temp.dug() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    *(f"CREATE TABLE {s}.dug (x int)" for s in ("public", "web", "points", "wall", "log", "search")),
    *(f"CREATE VIEW {s}.dug AS SELECT 1" for s in ("public", "web", "points", "wall", "log", "search")),
    "CREATE MATERIALIZED VIEW public.dug AS SELECT 1",
    "CREATE FUNCTION public.dug() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION points.dug() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "DO $$ BEGIN NULL; END $$",
    "CREATE POLICY dug ON points.place USING (true)",
    "DROP POLICY holder ON points.place",
    "ALTER POLICY ticket ON points.place USING (true)",
    "ALTER TABLE points.place DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE points.place NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE points.place OWNER TO web",
    "ALTER TABLE log.ticket DISABLE TRIGGER durable",
    "DROP TRIGGER durable ON log.ticket",
    "CREATE TRIGGER dug BEFORE INSERT ON log.ticket EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE dug AS ON INSERT TO points.place DO INSTEAD NOTHING",
    "CREATE INDEX dug ON points.place (town)",
    "CREATE STATISTICS dug ON point, town FROM points.place",
    "GRANT SELECT ON points.place TO PUBLIC",
    "GRANT owner TO web",
    "CREATE ROLE dug",
    "ALTER ROLE web BYPASSRLS",
    "ALTER ROLE reader_retailer SUPERUSER",
    "ALTER ROLE ALL SET row_security = off",
    "ALTER DATABASE takuso SET synchronous_commit = off",
    "CREATE EXTENSION IF NOT EXISTS file_fdw",
    "CREATE PUBLICATION dug FOR ALL TABLES",
    "CREATE SUBSCRIPTION dug CONNECTION 'host=127.0.0.1' PUBLICATION dug WITH (connect = false)",
    "CREATE EVENT TRIGGER dug ON ddl_command_end EXECUTE FUNCTION log.make_durable()",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/dev/null'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_create_logical_replication_slot('dug', 'pgoutput')",
    "SET session_replication_role = replica",
    "SET zero_damaged_pages = on",
    "SET ROLE owner",
    "SELECT points.load('wall.org', '[]')",
    "SELECT wall.deploy('', '[]', '[]', '[]', '[]', '{}')",
    "SELECT wall.declare_home('demo', '1 day')",
    "SELECT points.restamp('{}')",
    "SELECT search.find('kana', '{}', NULL, '2026-01-01', false, NULL, 50)",
    "SELECT search.put_entries('kana', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
    "SELECT search.entries(NULL)",
    "SELECT points.renew_all_entries(2)",
    "UPDATE wall.live_ticket SET expires = 'infinity'",
    "INSERT INTO wall.live_ticket DEFAULT VALUES",
    "UPDATE wall.home SET shift = '1 day'",
    "INSERT INTO wall.rule DEFAULT VALUES",
    "UPDATE wall.session SET ended = NULL",
    "DELETE FROM wall.register",
    "UPDATE wall.point SET holder_id = 2",
    "INSERT INTO wall.holding VALUES (1, 2, '[,)')",
]


@pytest.mark.parametrize("statement", DIGGING)
def test_no_login_of_the_application_can_dig(logins: Callable[[str], Db], statement: str) -> None:
    for login in APPLICATION:
        conn = logins(login)
        with refused(conn):
            run(conn, statement)


@pytest.mark.parametrize("statement", ["ALTER SYSTEM SET fsync = off", "CREATE DATABASE dug", "DROP DATABASE takuso"])
def test_no_login_of_the_application_changes_the_server(logins: Callable[[str], Db], statement: str) -> None:
    """These cannot stand in a transaction, so they are tried as they are."""
    for login in APPLICATION:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(logins(login), statement)


# Functions a login may call at all: the whole list, so that a new one is a decision.
CALLABLE = {
    "authn": {
        "issue_link",
        "sign_in_by_link",
        "sign_in_demo",
        "sign_out",
        "who",
        "sign_in_material",
        "sign_in_by_password",
        "account",
        "account_material",
        "set_password",
        "begin_totp",
        "confirm_totp",
        "renew_recovery_codes",
        "end_sessions",
        "use_external_round",
        "sign_in_by_external",
        "external_failed",
        "external_account",
        "link_external",
        "unlink_external",
        "passkey_material",
        "sign_in_by_passkey",
        "passkeys",
        "issue_client",
        "clients",
        "end_clients",
        "sign_in_by_client",
        "add_passkey",
        "remove_passkey",
        "reset_link",
        "beginning",
        "preference",
        "keep_preference",
        "seen",
    },
    "reader_network": {"granted", "granted_cases", "granted_spans", "viewer_org", "today"},
    "reader_retailer": {"granted", "granted_cases", "granted_spans", "viewer_org", "today"},
    "reception": {"due", "turn", "carry", "stumbled", "standing"},
    "web": set(),
    "bank": set(),
}


@pytest.mark.parametrize("login", CALLABLE)
def test_functions_a_login_may_call(behind: Db, login: str) -> None:
    rows = run(
        behind,
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'"
        " AND has_schema_privilege(%s, n.oid, 'USAGE') AND has_function_privilege(%s, p.oid, 'EXECUTE')",
        [login, login],
    )
    assert {name for (name,) in rows} == CALLABLE[login]


def test_a_ticket_opened_in_the_same_transaction_gives_nothing(
    behind: Db, aoi: Proof, customers: dict[str, Customer]
) -> None:
    """Rollback attack: take a ticket, read, roll back. Also within savepoints, kept or rolled back."""
    code = customers["own"].code
    with wearing(behind, "ticketer"):
        ticket = open_inside(behind, aoi, "CI20", code)
    assert ticket.answer["status"] == "shown"
    _reads_nothing_wearing(behind, ticket)
    for command in ("RELEASE", "ROLLBACK TO"):
        run(behind, "SAVEPOINT s")
        with wearing(behind, "ticketer"):
            ticket = open_inside(behind, aoi, "CI20", code)
        _reads_nothing_wearing(behind, ticket)
        run(behind, f"{command} SAVEPOINT s")
        _reads_nothing_wearing(behind, ticket)


def _reads_nothing_wearing(conn: Db, ticket: Ticket) -> None:
    with wearing(conn, "reader_retailer"):
        hold(conn, ticket)
        assert reads(conn) == set()
