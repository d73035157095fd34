"""Every known way past row security, tried on the real server by a login that holds the reader's password.

The holes that a superuser could dig are in test_holes.py. What remains, and is written in
docs/reference/barrier.md: whoever has an SQL console as a reader may EXPLAIN and read total row counts, so nobody
gets one; here it is shown that neither tells of a holder.
"""

import itertools
from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest
from psycopg import sql

from takuso.barrier.deployment import Loader
from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import Proof
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.area import AOI, ASAHI, Customer
from tests.barrier.behind import (
    RETAIL_TABLES,
    TABLES,
    Db,
    Ticket,
    hold,
    one,
    open_inside,
    open_ticket,
    reads,
    reads_nothing,
    refused,
    run,
)

_crowds = itertools.count()
STAMPS = ("holder_id", "held_from", "held_to")
HIDDEN = [(table, column) for table in TABLES for column in STAMPS] + [("bank_mandate", "account_no")]
FORMS = {
    "star": "SELECT * FROM points.{t}",
    "whole row": "SELECT t FROM points.{t} t",
    "row_to_json": "SELECT row_to_json(t) FROM points.{t} t",
    "column": "SELECT {c} FROM points.{t}",
    "expression": "SELECT 1 FROM points.{t} GROUP BY coalesce({c}::text, '')",
    "where": "SELECT point FROM points.{t} WHERE {c} IS NOT NULL",
    "order by": "SELECT point FROM points.{t} ORDER BY {c}",
    "join": "SELECT a.point FROM points.{t} a JOIN points.{t} b USING ({c})",
    "window": "SELECT rank() OVER (ORDER BY {c}) FROM points.{t}",
    "copy": "COPY (SELECT {c} FROM points.{t}) TO STDOUT",
    "copy table": "COPY points.{t} TO STDOUT",
    "explain": "EXPLAIN SELECT point FROM points.{t} WHERE {c}::text = '3'",
}


def test_the_own_ticket_yields_the_own_point_and_no_other(
    retailer: Db, own: Ticket, customers: dict[str, Customer]
) -> None:
    """Without this the tests below would pass on an empty area."""
    hold(retailer, own)
    assert {table for table in RETAIL_TABLES if reads(retailer, table)} == {
        "place", "equipment", "meter_install", "party", "supply", "contract_size", "usage_month", "contact_note",
    }  # fmt: skip
    assert set().union(*(reads(retailer, table) for table in RETAIL_TABLES)) == set(customers["own"].points)


def test_no_ticket(retailer: Db, customers: dict[str, Customer]) -> None:
    assert reads_nothing(retailer)


def test_no_ticket_as_network(network: Db, customers: dict[str, Customer]) -> None:
    assert reads_nothing(network, TABLES)


@pytest.mark.parametrize("receipt", ["A" * 32, "", " ", "%", "_" * 32, "' OR true --", "NULL"])
def test_unknown_ticket(retailer: Db, own: Ticket, receipt: str) -> None:
    hold(retailer, own)
    run(retailer, "SELECT set_config('wall.ticket', %s, false)", [receipt])
    assert reads_nothing(retailer)


def test_expired_ticket(retailer: Db, own: Ticket, admin: str) -> None:
    hold(retailer, own)
    assert not reads_nothing(retailer)
    with psycopg.connect(admin) as behind:
        run(behind, "UPDATE wall.live_ticket SET expires = clock_timestamp() WHERE receipt = %s", [own.receipt])
    assert reads_nothing(retailer)


@pytest.mark.parametrize("proof", ["zz", "abc", "\\x00", "x" * 64, "00;--"])
def test_malformed_proof_is_an_error_that_tells_only_itself(
    retailer: Db, own: Ticket, proof: str, customers: dict[str, Customer]
) -> None:
    hold(retailer, own)
    run(retailer, "SELECT set_config('wall.proof', %s, false)", [proof])
    with pytest.raises(psycopg.Error) as error:
        reads(retailer)
    assert error.value.sqlstate == "22023"
    text = str(error.value.diag.message_primary) + str(error.value.diag.message_detail)
    assert "印" not in text
    assert own.receipt not in text
    assert all(str(point) not in text for c in customers.values() for point in c.points)


def test_short_proof_is_nobodys(retailer: Db, own: Ticket) -> None:
    hold(retailer, own)
    for proof in ("", "00", own.proof.secret.hex()[:-2], own.proof.secret.hex() + "00"):
        run(retailer, "SELECT set_config('wall.proof', %s, false)", [proof])
        assert reads_nothing(retailer)


@pytest.mark.parametrize(("table", "column"), HIDDEN)
def test_ungranted_columns(logins: Callable[[str], Db], own: Ticket, table: str, column: str) -> None:
    """The stamp tells the supplier, the whole number belongs to the login bank: neither can be used in any way."""
    for login in ("reader_retailer", "reader_network"):
        conn = logins(login)
        hold(conn, own)
        for form in FORMS.values():
            with refused(conn):
                run(conn, form.format(t=table, c=column))


@pytest.mark.parametrize("column", ["ctid", "xmin", "tableoid"])
def test_system_columns(retailer: Db, own: Ticket, column: str) -> None:
    hold(retailer, own)
    with refused(retailer):
        run(retailer, f"SELECT {column} FROM points.place")


@pytest.mark.parametrize(
    "name",
    [
        "wall.live_ticket", "wall.point", "wall.holding", "wall.session", "wall.one_time_link", "wall.person",
        "wall.appointment", "wall.stated_purpose", "wall.cases", "wall.register", "wall.home", "wall.rule",
        "log.ticket", "log.subject",
        "log.outcome", "log.payload", "log.purpose", "log.alarm", "search.entry", "points.care_note",
    ],
)  # fmt: skip
def test_tables_that_are_not_a_retailers(retailer: Db, own: Ticket, name: str) -> None:
    hold(retailer, own)
    with refused(retailer):
        run(retailer, f"SELECT FROM {name}")


def test_row_security_off_is_an_error(retailer: Db, own: Ticket) -> None:
    hold(retailer, own)
    run(retailer, "SET row_security = off")
    with refused(retailer):
        reads(retailer)


@pytest.mark.parametrize(
    "statement",
    ["SET ROLE owner", "SET ROLE opener", "SET ROLE postgres", "SET ROLE reader_network",
     "SET SESSION AUTHORIZATION postgres", "SET SESSION AUTHORIZATION reader_network",
     "SELECT set_config('role', 'owner', false)", "SELECT set_config('session_authorization', 'postgres', false)"],
)  # fmt: skip
def test_another_identity_is_refused(logins: Callable[[str], Db], statement: str) -> None:
    for login in ("reader_retailer", "ticketer", "web", "authn", "writer", "batch", "surveyor", "sequencer", "bank"):
        with refused(logins(login)):
            run(logins(login), statement)


@pytest.mark.parametrize("statement", ["RESET ALL", "DISCARD ALL", "RESET SESSION AUTHORIZATION", "RESET ROLE"])
def test_resetting_gives_no_more(retailer: Db, own: Ticket, customers: dict[str, Customer], statement: str) -> None:
    hold(retailer, own)
    run(retailer, statement)
    assert reads(retailer) <= set(customers["own"].points)
    if statement in {"RESET ALL", "DISCARD ALL"}:
        assert reads_nothing(retailer)
    assert one(retailer, "SELECT session_user || current_user") == "reader_retailer" * 2


@pytest.mark.parametrize("mode", ["auto", "force_generic_plan", "force_custom_plan"])
def test_a_prepared_statement_follows_the_ticket(
    retailer: Db, own: Ticket, other: Ticket, customers: dict[str, Customer], mode: str
) -> None:
    """CVE-2016-2193, CVE-2023-2455: a plan made for one viewer must not serve another."""
    run(retailer, f"SET plan_cache_mode = {mode}")
    run(retailer, "PREPARE q AS SELECT point FROM points.usage_month")
    mine, theirs = ({(p,) for p in customers[kind].points} for kind in ("own", "foreign"))
    hold(retailer, own)
    for _ in range(7):
        assert set(run(retailer, "EXECUTE q")) == mine
    hold(retailer, other)
    assert set(run(retailer, "EXECUTE q")) == theirs
    for n in range(500):
        hold(retailer, own if n % 2 else other)
        assert set(run(retailer, "EXECUTE q")) == (mine if n % 2 else theirs)
    hold(retailer, None)
    assert run(retailer, "EXECUTE q") == []


def test_a_ticket_counts_from_its_commit_on(
    pools: Pools, retailer: Db, aoi: Proof, customers: dict[str, Customer]
) -> None:
    """Opened by another connection: nothing until it is committed."""
    with pools.pool("ticketer").connection() as ticketer, ticketer.transaction():
        ticket = open_inside(ticketer, aoi, "CI20", customers["own"].code)
        hold(retailer, ticket)
        assert reads_nothing(retailer)
    assert reads(retailer) == set(customers["own"].points)


def test_a_ticket_rolled_back_gives_nothing(
    pools: Pools, retailer: Db, aoi: Proof, customers: dict[str, Customer]
) -> None:
    with pools.pool("ticketer").connection() as ticketer, ticketer.transaction(force_rollback=True):
        ticket = open_inside(ticketer, aoi, "CI20", customers["own"].code)
    hold(retailer, ticket)
    assert reads_nothing(retailer)


def test_prepared_transactions_do_not_exist(logins: Callable[[str], Db]) -> None:
    for login in ("ticketer", "reader_retailer", "writer"):
        conn = logins(login)
        assert one(conn, "SHOW max_prepared_transactions") == "0"
        with refused(conn, "55000"):
            run(conn, "SELECT pg_current_xact_id()")
            run(conn, "PREPARE TRANSACTION 'held'")


def test_a_reused_connection_has_no_ticket(retailer: Db, own: Ticket, customers: dict[str, Customer]) -> None:
    with retailer.transaction():
        hold(retailer, own, local=True)
        assert reads(retailer) == set(customers["own"].points)
    assert reads_nothing(retailer)


def test_the_gate_leaves_nothing_on_its_connections(
    gate: Gate, pools: Pools, aoi: Proof, customers: dict[str, Customer]
) -> None:
    gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=lambda s: s.receipt.encode())
    with pools.pool("reader_retailer").connection() as conn:
        assert one(conn, "SELECT coalesce(current_setting('wall.ticket', true), '')") == ""
        assert one(conn, "SELECT coalesce(current_setting('wall.proof', true), '')") == ""
        assert one(conn, "SELECT count(*) FROM pg_cursors") == 0


def test_no_secret_stands_in_the_text_of_a_statement(
    gate: Gate, pools: Pools, aoi: Proof, customers: dict[str, Customer], admin: str
) -> None:
    """Other connections of the same login may read its last statement: proofs are bound, never written into it."""
    texts: list[str] = []

    def render(sight: object) -> bytes:
        with psycopg.connect(admin) as behind:
            texts.extend(text for (text,) in run(behind, "SELECT query FROM pg_stat_activity") if text)
        return b""

    gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=render)
    assert any("wall.open" in text for text in texts)
    secrets = (aoi.secret.hex(), aoi.cookie, customers["own"].code)
    assert not [text for text in texts for secret in secrets if secret in text]


def test_a_ticket_of_subjects_over_many_rows(home: Home, retailer: Db, pools: Pools, aoi: Proof, today: date) -> None:
    """25 own and 25 foreign numbers named, among 2,000 points half of which are own: exactly the 25 own come."""
    base = 7 * 10**12 + next(_crowds) * 10**6
    numbers = {base + n: f"07{base + n:020d}" for n in range(2000)}
    valid = f"[{today - timedelta(days=400)},)"
    place = dict.fromkeys(("postal_code", "prefecture", "city", "town", "block"), "")
    with Loader(home) as loader:
        loader.load("wall.point", [{"id": p, "supply_point": n, "customer_code": n[-14:]} for p, n in numbers.items()])
        loader.load(
            "points.place",
            [{"point": p, "supply_point": n, "customer_code": n[-14:], **place} for p, n in numbers.items()],
        )
        loader.load(
            "points.supply", [{"point": p, "retailer": ASAHI if p % 2 else AOI, "valid": valid} for p in numbers]
        )
        loader.restamp(list(numbers))
    named = list(numbers)[400:450]
    hold(retailer, open_ticket(pools, aoi, "CI20", *(numbers[p] for p in named)))
    mine = {p for p in named if p % 2 == 0}
    assert len(mine) == 25
    assert reads(retailer, "place") == reads(retailer, "supply") == mine


def test_insert_is_no_oracle(logins: Callable[[str], Db], own: Ticket, customers: dict[str, Customer]) -> None:
    """A key conflict would tell a hidden row from an absent one: nobody who reads may insert, and the answer is one."""
    hidden, absent = customers["foreign"].points[0], 999_999_999_999
    for login in ("reader_retailer", "reader_network", "surveyor", "bank", "batch", "writer", "web", "ticketer"):
        conn = logins(login)
        answers = set()
        for point in (hidden, absent):
            for tail in ("", " ON CONFLICT DO NOTHING", " RETURNING point"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege) as error:
                    run(conn, f"INSERT INTO points.care_note (point, kind, body) VALUES ({point}, '', ''){tail}")
                answers.add(error.value.diag.message_primary)
        assert len(answers) == 1, login


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE points.place SET town = town RETURNING town",
        "DELETE FROM points.place RETURNING town",
        "MERGE INTO points.place p USING points.place q ON p.id = q.id WHEN MATCHED THEN UPDATE SET town = ''",
        "SELECT point FROM points.place FOR UPDATE",
        "SELECT point FROM points.place FOR KEY SHARE",
        "TRUNCATE points.place",
        "LOCK TABLE points.place IN ACCESS EXCLUSIVE MODE",
        "COPY points.place (town) FROM STDIN",
    ],
)
def test_readers_change_and_lock_nothing(logins: Callable[[str], Db], own: Ticket, statement: str) -> None:
    for login in ("reader_retailer", "reader_network"):
        hold(logins(login), own)
        with refused(logins(login)):
            run(logins(login), statement)


@pytest.mark.parametrize(
    "expression", ["1 / (length(town) - length(town))", "town::int", "town::date", "(town || '0')::bigint"]
)
def test_an_error_quotes_no_hidden_value(
    retailer: Db, own: Ticket, customers: dict[str, Customer], expression: str
) -> None:
    """The condition runs after the policy: it can only fail on rows the ticket grants."""
    hold(retailer, own)
    hidden = [p for kind, c in customers.items() if kind != "own" for p in c.points]
    where = sql.SQL("SELECT point FROM points.place WHERE point = ANY (%s) AND ({}) IS NOT NULL").format(
        sql.SQL(expression)
    )
    assert retailer.execute(where, [hidden]).fetchall() == []
    with pytest.raises(psycopg.Error) as error:
        retailer.execute(where, [hidden + list(customers["own"].points)])
    assert all(str(point) not in str(error.value) for point in hidden)


def test_plans_do_not_tell_hidden_from_absent(
    retailer: Db, own: Ticket, customers: dict[str, Customer], admin: str
) -> None:
    """EXPLAIN's estimates come from statistics of all rows. For a table with one row a point they are the same for
    any number; for the others they tell how many rows a number has, which is why no door takes SQL."""
    hidden = customers["foreign"].points[0]
    with psycopg.connect(admin, autocommit=True) as behind:
        run(behind, "ANALYZE points.place, points.equipment")
    hold(retailer, own)
    for table in ("place", "equipment"):
        plans = set()
        for point in (hidden, hidden + 7):
            lines = run(retailer, f"EXPLAIN SELECT point FROM points.{table} WHERE point = {point}")
            plans.add("\n".join(line for (line,) in lines).replace(str(point), "POINT"))
        assert len(plans) == 1, plans


def test_statistics_are_hidden(retailer: Db, network: Db, admin: str) -> None:
    seen = "SELECT count(*) FROM pg_stats WHERE schemaname IN ('points', 'wall', 'log', 'search')"
    with psycopg.connect(admin, autocommit=True) as behind:
        run(behind, "ANALYZE points.place")
        assert one(behind, seen) > 0
    for conn in (retailer, network):
        assert one(conn, seen) == 0
        assert one(conn, "SELECT count(*) FROM pg_stats_ext") == 0
        for table in ("pg_statistic", "pg_statistic_ext_data", "pg_authid"):
            with refused(conn):
                run(conn, f"SELECT * FROM {table}")


def test_sequences_and_large_objects_tell_nothing(retailer: Db, own: Ticket) -> None:
    hold(retailer, own)
    assert run(retailer, "SELECT FROM pg_largeobject_metadata") == []
    for statement in ("SELECT last_value FROM points.place_id_seq", "SELECT nextval('points.place_id_seq')",
                      "SELECT pg_sequence_last_value('points.place_id_seq'::regclass)", "SELECT lo_creat(-1)",
                      "SELECT * FROM pg_largeobject"):  # fmt: skip
        with refused(retailer):
            value = one(retailer, statement)
            assert value is None, statement
            raise psycopg.errors.InsufficientPrivilege(statement)
