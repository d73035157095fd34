"""Each way to open the wall by hand is noticed by the check that is there for it, and stops the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest

from takuso.barrier import standing as checks
from takuso.barrier.screen import Screen, ScreenKind
from takuso.barrier.standing import Standing
from takuso.doors.cli.house import House
from takuso.store.findings import Finding
from takuso.store.pools import Pools
from tests.cli.conftest import Takuso

Superuser = psycopg.Connection[Any]

# What somebody does, what undoes it, and the check that must notice.
BREAKS: list[tuple[str, LiteralString, LiteralString]] = [
    (
        "row_security",
        "ALTER TABLE points.party DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE points.party ENABLE ROW LEVEL SECURITY",
    ),
    (
        "row_security",
        "ALTER TABLE points.usage_month NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE points.usage_month FORCE ROW LEVEL SECURITY",
    ),
    (
        "row_security",
        "ALTER TABLE wall.live_ticket NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE wall.live_ticket FORCE ROW LEVEL SECURITY",
    ),
    (
        "row_security",
        "ALTER TABLE points.supply OWNER TO migrator",
        "ALTER TABLE points.supply OWNER TO owner",
    ),
    (
        "row_security",
        "CREATE VIEW points.everyone AS SELECT * FROM points.party",
        "DROP VIEW points.everyone",
    ),
    (
        "table_rights",
        "GRANT SELECT ON wall.live_ticket TO reader_retailer",
        "REVOKE SELECT ON wall.live_ticket FROM reader_retailer",
    ),
    (
        "table_rights",
        "GRANT SELECT (proof_hash) ON wall.session TO reader_network",
        "REVOKE SELECT (proof_hash) ON wall.session FROM reader_network",
    ),
    (
        "policies",
        "DROP POLICY effector ON points.party",
        "CREATE POLICY effector ON points.party FOR ALL TO effector USING (true) WITH CHECK (true)",
    ),
    ("register", "CREATE TABLE points.extra (name text)", "DROP TABLE points.extra"),
    ("register", "CREATE SCHEMA other CREATE TABLE extra (name text)", "DROP SCHEMA other CASCADE"),
    (
        "register",
        "ALTER TABLE points.place ADD COLUMN doorbell text",
        "ALTER TABLE points.place DROP COLUMN doorbell",
    ),
    (
        "policies",
        "ALTER POLICY ticket ON points.party USING (true)",
        "ALTER POLICY ticket ON points.party USING (point = ANY ((SELECT wall.granted('C'))::bigint[]))",
    ),
    (
        "policies",
        "CREATE POLICY also ON points.usage_month FOR SELECT TO reader_retailer USING (true)",
        "DROP POLICY also ON points.usage_month",
    ),
    (
        "policies",
        "DROP POLICY holder ON points.contact_note",
        (
            "CREATE POLICY holder ON points.contact_note AS RESTRICTIVE FOR SELECT TO reader_retailer USING"
            " (holder_id = (SELECT wall.viewer_org()) AND held_from <= (SELECT wall.today())"
            " AND (SELECT wall.today()) < held_to)"
        ),
    ),
    (
        "policies",
        "ALTER POLICY ticket ON points.care_note TO reader_network, reader_retailer",
        "ALTER POLICY ticket ON points.care_note TO reader_network",
    ),
    (
        "table_rights",
        "GRANT SELECT (holder_id) ON points.party TO reader_retailer",
        "REVOKE SELECT (holder_id) ON points.party FROM reader_retailer",
    ),
    ("table_rights", "GRANT SELECT ON wall.point TO web", "REVOKE SELECT ON wall.point FROM web"),
    ("table_rights", "GRANT SELECT ON points.care_note TO PUBLIC", "REVOKE SELECT ON points.care_note FROM PUBLIC"),
    ("table_rights", "GRANT UPDATE ON log.ticket TO opener", "REVOKE UPDATE ON log.ticket FROM opener"),
    ("table_rights", "GRANT DELETE ON points.supply TO writer", "REVOKE DELETE ON points.supply FROM writer"),
    (
        "table_rights",
        "GRANT SELECT (account_no) ON points.bank_mandate TO reader_network",
        "REVOKE SELECT (account_no) ON points.bank_mandate FROM reader_network",
    ),
    ("schema_rights", "GRANT USAGE ON SCHEMA points TO web", "REVOKE USAGE ON SCHEMA points FROM web"),
    ("schema_rights", "GRANT CREATE ON SCHEMA wall TO writer", "REVOKE CREATE ON SCHEMA wall FROM writer"),
    (
        "functions",
        "GRANT EXECUTE ON FUNCTION wall.sign_out(bytea) TO web",
        "REVOKE EXECUTE ON FUNCTION wall.sign_out(bytea) FROM web",
    ),
    (
        "functions",
        "ALTER FUNCTION wall.granted(text) SECURITY INVOKER",
        "ALTER FUNCTION wall.granted(text) SECURITY DEFINER",
    ),
    (
        "functions",
        "ALTER FUNCTION wall.granted(text) SET search_path = public",
        "ALTER FUNCTION wall.granted(text) SET search_path = pg_catalog, pg_temp",
    ),
    (
        "functions",
        (
            "CREATE FUNCTION points.anybody() RETURNS SETOF points.party LANGUAGE sql SECURITY DEFINER"
            " AS 'SELECT * FROM points.party'"
        ),
        "DROP FUNCTION points.anybody()",
    ),
    (
        "triggers",
        "ALTER TABLE log.ticket DISABLE TRIGGER durable",
        "ALTER TABLE log.ticket ENABLE TRIGGER durable",
    ),
    (
        "rules",
        "UPDATE wall.rule SET verdict = 'show' WHERE until IS NULL AND verdict = 'deny' AND duty = 'retail.clerk'",
        "UPDATE wall.rule SET verdict = 'deny' WHERE until IS NULL AND class = 'S' AND duty = 'retail.clerk'",
    ),
    (
        "rules",
        "UPDATE wall.screen SET classes = classes || '{H}' WHERE code = 'CI20'",
        "UPDATE wall.screen SET classes = array_remove(classes, 'H') WHERE code = 'CI20'",
    ),
    (
        "rules",
        "UPDATE wall.action SET duties = duties || '{retail.clerk}' WHERE code = 'log.read'",
        "UPDATE wall.action SET duties = array_remove(duties, 'retail.clerk') WHERE code = 'log.read'",
    ),
    ("home", "UPDATE wall.home SET kind = 'sandbox'", "UPDATE wall.home SET kind = 'demo'"),
    ("logins", "ALTER ROLE reader_retailer BYPASSRLS", "ALTER ROLE reader_retailer NOBYPASSRLS"),
    ("memberships", "GRANT owner TO reader_retailer", "REVOKE owner FROM reader_retailer"),
]


@contextmanager
def broken(superuser: Superuser, broke: LiteralString, heal: LiteralString) -> Iterator[None]:
    superuser.execute(broke)
    try:
        yield
    finally:
        superuser.execute(heal)


@pytest.fixture
def standing(takuso: Takuso, program: House) -> Iterator[Standing]:
    """The checks as a serving process makes them, with no more logins than the smallest of them."""
    with Pools(takuso.home, ["web", "ticketer"]) as pools:
        yield Standing(pools, screens=program.screens, functions=program.functions)


def _bad(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings if finding.state == "bad"}


def test_a_whole_wall_has_nothing_bad(standing: Standing) -> None:
    assert _bad(standing.findings()) == {}
    assert list(standing.faults()) == []


@pytest.mark.parametrize(("check", "broke", "heal"), BREAKS, ids=[f"{c} {b[:60]}" for c, b, _ in BREAKS])
def test_a_broken_wall_is_noticed(
    standing: Standing, superuser: Superuser, check: str, broke: LiteralString, heal: LiteralString
) -> None:
    with broken(superuser, broke, heal):
        found = _bad(standing.findings())
        assert check in found
        assert found[check].cure
        assert list(standing.faults())
    assert _bad(standing.findings()) == {}


def test_a_function_with_another_body_is_noticed(standing: Standing, superuser: Superuser) -> None:
    row = superuser.execute("SELECT pg_get_functiondef('wall.granted(text)'::regprocedure)").fetchone()
    assert row is not None
    superuser.execute(row[0].replace("t.login = session_user::text", "true"))
    try:
        assert "wall.granted" in _bad(standing.findings())["functions"].what
    finally:
        superuser.execute(row[0])
    assert _bad(standing.findings()) == {}


def test_a_screen_the_deployment_does_not_know_is_noticed(takuso: Takuso, program: House) -> None:
    more = [*program.screens, Screen(code="ZZ99", name="新しい画面", kind=ScreenKind.MENU)]
    with Pools(takuso.home, ["web", "ticketer"]) as pools:
        found = _bad(Standing(pools, screens=more, functions=program.functions).findings())
    assert found["rules"].cure


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (None, "bad"),
        (date(2026, 11, 24), "bad"),
        (date(2026, 11, 25), "warn"),
        (date(2026, 12, 23), "ok"),
    ],
)
def test_days_of_the_log(last: date | None, state: str) -> None:
    assert checks._log_days(last, date(2026, 11, 23)).state == state


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (-4, "ok"), (30, "warn"), (-61, "bad"), (3600, "bad")])
def test_two_clocks(seconds: int, state: str) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert checks._clock(now + timedelta(seconds=seconds), now).state == state


@pytest.mark.parametrize("shift", ["1 day", "-00:00:01"])
def test_production_has_no_shifted_clock(takuso: Takuso, tmp_path: Any, shift: str) -> None:
    home = takuso.on(tmp_path / "production").home
    assert home.kind == "production"
    assert checks._home(home, {"home": "production", "shift": shift, "today": "x"}).state == "bad"
    assert checks._home(home, {"home": "production", "shift": "00:00:00", "today": "x"}).state == "ok"


def test_the_server_refuses_and_says_why(takuso: Takuso, superuser: Superuser, free_port: int) -> None:
    with broken(superuser, BREAKS[0][1], BREAKS[0][2]):
        ended = takuso("serve", PORT=str(free_port))
    assert ended.code == 3
    assert "row_security" in ended.err
    assert "takuso store migrate" in ended.err


def test_migrate_mends_what_was_taken_away(takuso: Takuso, superuser: Superuser, standing: Standing) -> None:
    superuser.execute("DROP POLICY holder ON points.party")
    superuser.execute("ALTER TABLE points.place DISABLE ROW LEVEL SECURITY")
    superuser.execute("ALTER TABLE points.pending NO FORCE ROW LEVEL SECURITY")
    superuser.execute("REVOKE EXECUTE ON FUNCTION wall.sweep() FROM ticketer")
    assert {"policies", "row_security", "functions"} <= _bad(standing.findings()).keys()
    assert takuso("store", "migrate").code == 0
    assert _bad(standing.findings()) == {}


def test_a_catalogue_that_changed_under_the_server_is_noticed(standing: Standing, superuser: Superuser) -> None:
    """Even a change that no other check minds."""
    assert list(standing.faults()) == []
    assert standing.enforced()["catalogue"]
    with broken(superuser, "CREATE INDEX late ON points.party (name)", "DROP INDEX points.late"):
        assert _bad(standing.findings()) == {}, "an index is no part of the wall"
    with broken(
        superuser,
        "ALTER TABLE points.party ADD CONSTRAINT late CHECK (true)",
        "ALTER TABLE points.party DROP CONSTRAINT late",
    ):
        assert list(_bad(standing.findings())) == ["fingerprint"]
    assert _bad(standing.findings()) == {}
