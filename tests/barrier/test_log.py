"""The access log: append-only, durable before anything is read, idempotent; and without it nothing is shown."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from takuso.accesslog.tickets import RequestId, Search, Tickets
from takuso.barrier.gate import (
    ActionRefused,
    Gate,
    PurposeRefused,
    RequestConflict,
    Sight,
    Visit,
)
from takuso.barrier.log_queries import LOG_RECORDS, LogRecord
from takuso.barrier.signin import Proof
from takuso.store.logins import GROUP_NAMES, LOGIN_NAMES
from takuso.store.pools import Pools
from tests.area import NETWORK, PERSONS, Customer
from tests.barrier.behind import Db, Ticket, asking, hold, one, open_inside, open_ticket, refused, run, wearing
from tests.barrier.sights import state

LOG = ("ticket", "subject", "outcome", "payload", "purpose", "alarm")
APPLICATION = tuple(name for name in LOGIN_NAMES if name != "migrator")


def _page(_: Sight) -> bytes:
    return b"page"


# -------------------------------------------------------------------------------------------- append-only
@pytest.mark.parametrize("table", LOG)
@pytest.mark.parametrize("login", APPLICATION)
def test_no_login_writes_the_log_itself(logins: Callable[[str], Db], login: str, table: str) -> None:
    conn = logins(login)
    for statement in (
        f"INSERT INTO log.{table} DEFAULT VALUES",
        f"UPDATE log.{table} SET receipt = receipt",
        f"DELETE FROM log.{table}",
        f"TRUNCATE log.{table}",
        f"MERGE INTO log.{table} t USING (SELECT 1) s ON false WHEN MATCHED THEN DELETE",
        f"COPY log.{table} FROM STDIN",
        f"LOCK TABLE log.{table}",
    ):
        with refused(conn):
            run(conn, statement)


@pytest.mark.parametrize("role", [*GROUP_NAMES, *LOGIN_NAMES])
def test_no_role_may_change_or_delete_a_record(eyes: Db, role: str) -> None:
    """Not even the functions' owners: what was written stays. The NOLOGIN owner of the tables is held by nobody
    but the deployment login, which no serving process has."""
    for table in LOG:
        for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"):
            has = one(eyes, "SELECT has_table_privilege(%s, %s, %s)", [role, f"log.{table}", right])
            assert has == (role in ("owner", "migrator")), (role, table, right)


def test_the_owner_itself_changes_nothing_under_forced_row_security(behind: Db, own: Ticket) -> None:
    run(behind, "SET ROLE owner")
    assert run(behind, "UPDATE log.ticket SET reason = 'changed' RETURNING receipt") == []
    assert run(behind, "DELETE FROM log.ticket RETURNING receipt") == []


@pytest.mark.parametrize("login", APPLICATION)
def test_partitions_are_nobodys(eyes: Db, logins: Callable[[str], Db], login: str) -> None:
    names = [
        name
        for (name,) in run(
            eyes,
            "SELECT i.inhrelid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent"
            " WHERE c.relnamespace = 'log'::regnamespace AND c.relkind = 'p'",
        )
    ]
    assert len(names) > 5 * 40
    conn = logins(login)
    readable = "SELECT n FROM unnest(%s::text[]) n WHERE has_any_column_privilege(%s, n, 'SELECT, INSERT, UPDATE')"
    assert run(eyes, readable, [names, login]) == []
    with refused(conn):
        run(conn, f"SELECT FROM {names[0]}")


def test_every_partition_is_guarded_by_itself(eyes: Db) -> None:
    unguarded = run(
        eyes,
        "SELECT relname FROM pg_class WHERE relnamespace = 'log'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT (relrowsecurity AND relforcerowsecurity)",
    )
    assert unguarded == []


# ---------------------------------------------------------------------------------------- reading the log
def _records(gate: Gate, proof: Proof) -> list[LogRecord]:
    taken: list[LogRecord] = []

    def render(sight: Sight) -> bytes:
        taken.extend(sight.rows(LOG_RECORDS))
        return b"log"

    parameters = dict.fromkeys(("person", "customer", "screen", "since", "until")) | {"last": 50}
    gate.read_log(Visit(proof=proof, screen="AL10"), queries=[LOG_RECORDS], parameters=parameters, render=render)
    return taken


def test_compliance_reads_the_log_and_that_is_a_record(
    gate: Gate, aoi: Proof, sign_in: Callable[[str], Proof], customers: dict[str, Customer]
) -> None:
    looked = gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=_page)
    proof = sign_in("td-compliance")
    [record] = [r for r in _records(gate, proof) if r.receipt == looked.receipt]
    assert (record.person, record.screen, record.point) == ("aoi-clerk", "CI20", customers["own"].points[0])
    assert any(r.screen == "AL10" and r.person == "td-compliance" for r in _records(gate, proof))


@pytest.mark.parametrize("person", [p for p in PERSONS if p != "td-compliance"])
def test_nobody_else_reads_the_log(gate: Gate, sign_in: Callable[[str], Proof], eyes: Db, person: str) -> None:
    with pytest.raises(ActionRefused) as refusal:
        _records(gate, sign_in(person))
    decision = "SELECT decision FROM log.ticket WHERE receipt = %s"
    assert one(eyes, decision, [refusal.value.receipt]) == "refused"


def test_the_surveyor_reads_only_under_a_ticket_for_the_log(
    pools: Pools, logins: Callable[[str], Db], own: Ticket, sign_in: Callable[[str], Proof]
) -> None:
    conn = logins("surveyor")
    readable = [table for table in LOG if table != "payload"]

    def rows() -> int:
        return sum(len(run(conn, f"SELECT FROM log.{table} LIMIT 1")) for table in readable)

    assert rows() == 0
    hold(conn, own)
    assert rows() == 0
    with refused(conn):
        run(conn, "SELECT FROM log.payload")
    proof = sign_in("td-compliance")
    log = open_ticket(pools, proof, "AL10")
    hold(conn, log)
    assert rows() >= 3
    assert one(conn, "SELECT wall.log_customer(%s)", [1]) is None
    hold(conn, log, own.proof)
    assert rows() == 0
    hold(conn, open_ticket(pools, sign_in("td-billing"), "AL10"))
    assert rows() == 0
    run(conn, "RESET ALL")


# --------------------------------------------------------------------------------------------- durability
def test_the_ticketer_commits_at_once_only_what_must_be(
    pools: Pools, aoi: Proof, customers: dict[str, Customer]
) -> None:
    """Opening waits for the disk, closing does not: shown by where the write-ahead log has been flushed to."""
    with pools.pool("ticketer").connection() as ticketer:
        assert one(ticketer, "SHOW synchronous_commit") == "off"
        lagging = 0
        for _ in range(30):
            with ticketer.transaction():
                ticket = open_inside(ticketer, aoi, "CI20", customers["own"].code)
                opened = one(ticketer, "SELECT pg_current_wal_insert_lsn()")
            assert one(ticketer, "SELECT pg_current_wal_flush_lsn() > %s::pg_lsn", [opened])
            with ticketer.transaction():
                digest = hashlib.sha256(b"").digest()
                parameters = [ticket.proof.secret, ticket.answer["day"], ticket.receipt, digest]
                run(ticketer, "SELECT wall.close(%s, %s::date, %s, 0, '{}', '{}', %s)", parameters)
                closed = one(ticketer, "SELECT pg_current_wal_insert_lsn()")
            lagging += not one(ticketer, "SELECT pg_current_wal_flush_lsn() > %s::pg_lsn", [closed])
        assert lagging > 0


def test_the_trigger_is_what_makes_it_durable(behind: Db, aoi: Proof, customers: dict[str, Customer]) -> None:
    run(behind, "SET LOCAL synchronous_commit = off")
    with wearing(behind, "ticketer"):
        open_inside(behind, aoi, "CI20", customers["own"].code)
    assert one(behind, "SHOW synchronous_commit") == "off"
    run(behind, "SET CONSTRAINTS ALL IMMEDIATE")
    assert one(behind, "SHOW synchronous_commit") == "on"


def test_without_the_trigger_it_is_not(behind: Db, aoi: Proof, customers: dict[str, Customer]) -> None:
    run(behind, "ALTER TABLE log.ticket DISABLE TRIGGER durable")
    run(behind, "SET LOCAL synchronous_commit = off")
    with wearing(behind, "ticketer"):
        open_inside(behind, aoi, "CI20", customers["own"].code)
    run(behind, "SET CONSTRAINTS ALL IMMEDIATE")
    assert one(behind, "SHOW synchronous_commit") == "off"


def test_the_trigger_stands_on_every_partition(eyes: Db) -> None:
    missing = run(
        eyes,
        "SELECT i.inhrelid::regclass FROM pg_inherits i WHERE i.inhparent = 'log.ticket'::regclass AND NOT EXISTS ("
        " SELECT FROM pg_trigger t WHERE t.tgrelid = i.inhrelid AND t.tgname = 'durable' AND t.tgenabled = 'O'"
        " AND t.tgdeferrable AND t.tginitdeferred)",
    )
    assert missing == []


# -------------------------------------------------------------------------------------------- idempotence
def test_a_repeated_request_is_one_ticket(pools: Pools, aoi: Proof, customers: dict[str, Customer], eyes: Db) -> None:
    tickets, once = Tickets(pools), asking(aoi, "CI20")
    first = tickets.open(once, [customers["own"].code])
    again = tickets.open(once, [customers["own"].code])
    assert {**first, "at": None} == {**again, "at": None}
    assert one(eyes, "SELECT count(*) FROM log.ticket WHERE request = %s", [once.request.uuid]) == 1
    assert one(eyes, "SELECT count(*) FROM log.subject WHERE receipt = %s", [first["receipt"]]) == 1


def test_a_request_repeated_with_something_else_is_refused(
    pools: Pools, aoi: Proof, sign_in: Callable[[str], Proof], customers: dict[str, Customer]
) -> None:
    tickets, once = Tickets(pools), asking(aoi, "CI20")
    own, foreign = customers["own"].code, customers["foreign"].code
    tickets.open(once, [own])
    for other, asked in (
        (once, [foreign]),
        (once, [own, foreign]),
        (once, []),
        (replace(once, screen="CI10"), [own]),
        (replace(once, proof=sign_in("aoi-clerk").secret), [own]),
        (replace(once, proof=sign_in("asahi-clerk").secret), [own]),
    ):
        with pytest.raises(RequestConflict):
            tickets.open(other, asked)
    with pytest.raises(RequestConflict):
        tickets.search(replace(once, screen="KS10"), Search(list="kana", typed="", terms=(),
                                                           after=None))  # fmt: skip


@pytest.mark.parametrize("days", [-400, -2, 1, 2, 400])
def test_a_request_of_another_day_is_refused(gate: Gate, aoi: Proof, customers: dict[str, Customer], days: int) -> None:
    request = RequestId.new()
    visit = Visit(proof=aoi, screen="CI20", request=replace(request, day=request.day + timedelta(days=days)))
    with pytest.raises(RequestConflict):
        gate.look(visit, asked=[customers["own"].code], render=_page)


def test_a_closed_request_is_not_shown_again(gate: Gate, aoi: Proof, customers: dict[str, Customer]) -> None:
    """A page that left once leaves no second time under the same record."""
    visit = Visit(proof=aoi, screen="CI20")
    gate.look(visit, asked=[customers["own"].code], render=_page)
    with pytest.raises(RequestConflict):
        gate.look(visit, asked=[customers["own"].code], render=_page)


def test_two_at_once_get_one_ticket(pools: Pools, aoi: Proof, customers: dict[str, Customer], eyes: Db) -> None:
    tickets = Tickets(pools)
    for _ in range(15):
        once, start = asking(aoi, "CI20"), Barrier(3)

        def open_it(_: int, once: object = once, start: Barrier = start) -> str:
            start.wait()
            return str(tickets.open(once, [customers["own"].code])["receipt"])  # type: ignore[arg-type]

        with ThreadPoolExecutor(3) as together:
            receipts = set(together.map(open_it, range(3)))
        assert len(receipts) == 1
        assert one(eyes, "SELECT count(*) FROM log.subject WHERE receipt = %s", [receipts.pop()]) == 1
        assert one(eyes, "SELECT count(*) FROM log.ticket WHERE request = %s", [once.request.uuid]) == 1


def test_a_purpose_is_stated_once(gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer]) -> None:
    proof, code = sign_in("td-billing"), customers["own"].code
    visit = Visit(proof=proof, screen="PU10")
    first = gate.state_purpose(visit, code="TOI", reference="TOI-1", scope=code)
    assert gate.state_purpose(visit, code="TOI", reference="TOI-1", scope=code) == first
    with pytest.raises(PurposeRefused):
        gate.state_purpose(visit, code="TOI", reference="TOI-2", scope=code)


@pytest.mark.parametrize(
    ("code", "reference", "verified"),
    [("TOI", "TOI-1", True), ("RYO", "RYO-1", True), ("RYO", "TOI-1", False), ("TOI", "no such call", False)],
)
def test_a_reference_nobody_bears_out_is_marked(
    gate: Gate,
    sign_in: Callable[[str], Proof],
    customers: dict[str, Customer],
    code: str,
    reference: str,
    verified: bool,
) -> None:
    visit = Visit(proof=sign_in("td-billing"), screen="PU10")
    stated = gate.state_purpose(visit, code=code, reference=reference, scope=customers["own"].code)
    assert stated.verified is verified


@pytest.mark.parametrize(
    ("person", "code", "reference", "scope"),
    [
        ("td-billing", "KOJ", "x", "1" * 14), ("td-admin", "TOI", "x", "1" * 14), ("aoi-clerk", "TOI", "x", "1" * 14),
        ("td-billing", "TOI", "a\nb", "1" * 14), ("td-billing", "TOI", "x" * 65, "1" * 14),
        ("td-billing", "TOI", " ", "1" * 14), ("td-billing", "TOI", "x", "1" * 13), ("td-billing", "TOI", "x", "%"),
        ("td-billing", "ZZZ", "x", "*"), ("td-billing", "TOI", "x", "**"),
    ],
)  # fmt: skip
def test_purposes_that_are_not_taken(
    gate: Gate, sign_in: Callable[[str], Proof], person: str, code: str, reference: str, scope: str
) -> None:
    with pytest.raises(PurposeRefused):
        gate.state_purpose(Visit(proof=sign_in(person), screen="PU10"), code=code, reference=reference, scope=scope)


def test_records_say_when_who_for_whom_and_why(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db
) -> None:
    proof = sign_in("contractor-clerk")
    released = gate.look(
        Visit(proof=proof, screen="CI20", terminal="窓口3"), asked=[customers["switched"].code], render=_page
    )
    [row] = run(
        eyes,
        "SELECT p.code, e.code, o.code, t.duty, t.terminal, t.purpose_code, t.rule_version > 0, t.at, t.xid::text <> ''"
        " FROM log.ticket t JOIN wall.person p ON p.id = t.person JOIN wall.org e ON e.id = t.employer"
        " JOIN wall.org o ON o.id = t.organisation WHERE t.receipt = %s",
        [released.receipt],
    )
    at = row[7]
    assert isinstance(at, datetime)
    assert row[:7] == ("contractor-clerk", "aoi-service", "aoi", "retail.contractor", "窓口3", "own-customers", True)
    [subject] = run(eyes, "SELECT relation, holder, granted FROM log.subject WHERE receipt = %s", [released.receipt])
    assert subject == ("past", 3, [])


@pytest.mark.parametrize("person", NETWORK)
def test_a_networks_record_carries_its_purpose(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db, person: str
) -> None:
    proof = sign_in(person)
    state(gate, proof, customers["own"].code)
    released = gate.look(Visit(proof=proof, screen="CI20"), asked=[customers["own"].code], render=_page)
    [row] = run(
        eyes,
        "SELECT t.purpose_reference, u.scope FROM log.ticket t JOIN log.purpose u ON u.receipt = t.purpose_receipt"
        " WHERE t.receipt = %s",
        [released.receipt],
    )
    assert row == ("TOI-1", customers["own"].code)
