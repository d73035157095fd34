"""A view that forgets everything still shows nothing foreign: the queries here have no condition at all.

The first fault of the notice: one transition forgot the barrier for 6 years and 8 months. Here every query forgets
it, and what is tried is each way in which a ticket, a sign-in and a connection may not belong together.
"""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from takuso.accesslog.tickets import Asking, Closing, RequestId, Tickets
from takuso.barrier.gate import Gate, Sight, SignInNeeded, Visit
from takuso.barrier.signin import Proof, SignIns
from takuso.store.pools import Pools
from tests.area import RETAIL, Customer
from tests.barrier.behind import TABLES, Db, Ticket, hold, open_inside, open_ticket, reads, reads_nothing, run
from tests.barrier.sights import everything, look, state

SCREENS = ("CI10", "CI20", "KF10", "PC10")


def _page(_: Sight) -> bytes:
    return b"page"


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("person", RETAIL)
def test_a_screen_without_any_filter(
    gate: Gate,
    sign_in: Callable[[str], Proof],
    customers: dict[str, Customer],
    tmp_path: Path,
    person: str,
    screen: str,
) -> None:
    """Of a stranger's customer nothing comes, though the queries select whole tables."""
    proof = sign_in(person)
    queries = everything(tmp_path)
    strange = {"aoi": "foreign", "contractor": "foreign", "asahi": "own", "hikari": "own"}[person.split("-")[0]]
    for kind in (strange, "vacant" if not person.startswith("asahi") else "ended"):
        seen = look(gate, proof, screen, customers[kind].code, queries)
        assert not seen.released.shown
        assert seen.rows == {}
        assert seen.sight.points == ()


def test_a_screen_that_ignores_the_answer(
    gate: Gate, pools: Pools, retailer: Db, aoi: Proof, customers: dict[str, Customer]
) -> None:
    """The ticket of a refused look, used all the same."""
    ticket = open_ticket(pools, aoi, "CI20", customers["foreign"].code)
    assert ticket.answer["status"] == "hidden"
    hold(retailer, ticket)
    assert reads_nothing(retailer)


def test_a_query_that_names_the_foreign_point(retailer: Db, own: Ticket, customers: dict[str, Customer]) -> None:
    hold(retailer, own)
    for point in customers["foreign"].points:
        assert run(retailer, "SELECT point FROM points.place WHERE point = %s", [point]) == []
        assert (point,) not in run(retailer, "SELECT point FROM points.supply WHERE point = %s OR true", [point])


def test_no_ticket(retailer: Db, own: Ticket) -> None:
    hold(retailer, None, own.proof)
    assert reads_nothing(retailer)


def test_anothers_ticket_with_my_proof(retailer: Db, own: Ticket, other: Ticket) -> None:
    hold(retailer, other, own.proof)
    assert reads_nothing(retailer)


def test_my_ticket_with_anothers_proof(retailer: Db, own: Ticket, other: Ticket) -> None:
    hold(retailer, own, other.proof)
    assert reads_nothing(retailer)


def test_my_ticket_without_a_proof(retailer: Db, own: Ticket) -> None:
    hold(retailer, own)
    run(retailer, "SELECT set_config('wall.proof', '', false)")
    assert reads_nothing(retailer)


def test_a_ticket_of_another_sign_in_of_mine(
    retailer: Db, own: Ticket, sign_in: Callable[[str], Proof], customers: dict[str, Customer]
) -> None:
    hold(retailer, own, sign_in("aoi-clerk"))
    assert reads_nothing(retailer)
    hold(retailer, own)
    assert reads(retailer) == set(customers["own"].points)


def test_a_colleagues_ticket(retailer: Db, own: Ticket, sign_in: Callable[[str], Proof]) -> None:
    """The same company and the same rights are not enough: the log would name the wrong person."""
    hold(retailer, own, sign_in("aoi-manager"))
    assert reads_nothing(retailer)


def test_after_rollback_of_the_opening(pools: Pools, retailer: Db, aoi: Proof, customers: dict[str, Customer]) -> None:
    with pools.pool("ticketer").connection() as ticketer, ticketer.transaction():
        with ticketer.transaction(force_rollback=True):
            ticket = open_inside(ticketer, aoi, "CI20", customers["own"].code)
        hold(retailer, ticket)
        assert reads_nothing(retailer)
    assert reads_nothing(retailer)


def test_within_a_savepoint_and_after_it(retailer: Db, own: Ticket, customers: dict[str, Customer]) -> None:
    """Settings made in a savepoint that is rolled back are gone with it."""
    with retailer.transaction():
        with retailer.transaction(force_rollback=True):
            hold(retailer, own, local=True)
            assert reads(retailer) == set(customers["own"].points)
        assert reads_nothing(retailer)


def test_after_expiry(retailer: Db, own: Ticket, admin: str) -> None:
    """Also within a transaction that began before it: expiry goes by the clock, not by the transaction's start."""
    with retailer.transaction():
        hold(retailer, own)
        assert not reads_nothing(retailer)
        with psycopg.connect(admin) as behind:
            run(behind, "UPDATE wall.live_ticket SET expires = clock_timestamp() WHERE receipt = %s", [own.receipt])
        assert reads_nothing(retailer)


def test_after_closing(pools: Pools, retailer: Db, own: Ticket, customers: dict[str, Customer]) -> None:
    hold(retailer, own)
    assert reads(retailer) == set(customers["own"].points)
    closing = Closing(day=own.answer["day"], receipt=own.receipt, rows=0, classes=[], points=[], digest=b"\0" * 32)
    assert Tickets(pools).close(own.proof.secret, closing) == "closed"
    assert reads_nothing(retailer)


def test_the_gates_own_ticket_is_dead_when_the_bytes_leave(
    gate: Gate, retailer: Db, aoi: Proof, customers: dict[str, Customer]
) -> None:
    released = gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=_page)
    run(retailer, "SELECT set_config('wall.ticket', %s, false), set_config('wall.proof', %s, false)",
        [released.receipt, aoi.secret.hex()])  # fmt: skip
    assert reads_nothing(retailer)


def test_after_sign_out_no_ticket_opens(
    gate: Gate, signins: SignIns, aoi: Proof, customers: dict[str, Customer]
) -> None:
    signins.end(aoi)
    with pytest.raises(SignInNeeded):
        gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=_page)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue", "America/New_York"])
@pytest.mark.parametrize("kind", ["own", "outgoing", "gained-today", "switched", "incoming", "ended"])
def test_the_time_zone_of_the_connection(
    pools: Pools, retailer: Db, aoi: Proof, customers: dict[str, Customer], zone: str, kind: str
) -> None:
    hold(retailer, open_ticket(pools, aoi, "CI20", customers[kind].code))
    before = {table: reads(retailer, table) for table in ("place", "supply", "usage_month")}
    run(retailer, "SELECT set_config('TimeZone', %s, false), set_config('DateStyle', 'SQL, DMY', false)", [zone])
    assert {table: reads(retailer, table) for table in before} == before
    assert bool(before["place"]) == (kind in {"own", "outgoing", "gained-today"})


def test_the_networks_ticket_on_the_retailers_login(
    gate: Gate, pools: Pools, retailer: Db, network: Db, sign_in: Callable[[str], Proof], customers: dict[str, Customer]
) -> None:
    proof = sign_in("td-contact")
    code = customers["foreign"].code
    state(gate, proof, code)
    ticket = open_ticket(pools, proof, "CI20", code)
    hold(retailer, ticket)
    assert reads_nothing(retailer)
    hold(network, ticket)
    assert reads(network) == set(customers["foreign"].points)


def test_a_retailers_ticket_on_the_networks_login(network: Db, own: Ticket) -> None:
    hold(network, own)
    assert reads_nothing(network, TABLES)


@pytest.mark.parametrize("login", ["bank", "batch", "writer", "web", "authn", "surveyor", "sequencer", "ticketer"])
def test_a_ticket_on_any_other_login(logins: Callable[[str], Db], own: Ticket, login: str) -> None:
    conn = logins(login)
    hold(conn, own)
    for table in TABLES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reads(conn, table)


def test_the_ticket_changed_within_a_transaction(
    retailer: Db, own: Ticket, other: Ticket, customers: dict[str, Customer]
) -> None:
    """Each statement goes by the settings it finds: never by a mixture of two."""
    mine, theirs = set(customers["own"].points), set(customers["foreign"].points)
    with retailer.transaction():
        hold(retailer, own, local=True)
        assert reads(retailer) == mine
        hold(retailer, other, local=True)
        assert reads(retailer) == theirs
        hold(retailer, other, own.proof, local=True)
        assert reads_nothing(retailer)


def test_the_ticket_changed_by_the_statement_itself(
    retailer: Db, own: Ticket, other: Ticket, customers: dict[str, Customer]
) -> None:
    """A statement that sets the ticket while it runs gets one ticket's rows for each table, never a mixed one's."""
    hold(retailer, own)
    allowed = [set(customers["own"].points), set(customers["foreign"].points), set()]
    rows = run(
        retailer,
        "SELECT p.point FROM (SELECT set_config('wall.ticket', %s, false), set_config('wall.proof', %s, false)) s,"
        " points.place p",
        [other.receipt, other.proof.secret.hex()],
    )
    assert {point for (point,) in rows} in allowed


def test_a_statement_prepared_under_anothers_ticket(
    retailer: Db, own: Ticket, other: Ticket, customers: dict[str, Customer]
) -> None:
    hold(retailer, other)
    run(retailer, "PREPARE forgotten AS SELECT point FROM points.place")
    for _ in range(7):
        assert {point for (point,) in run(retailer, "EXECUTE forgotten")} == set(customers["foreign"].points)
    hold(retailer, own)
    assert {point for (point,) in run(retailer, "EXECUTE forgotten")} == set(customers["own"].points)
    hold(retailer, own, other.proof)
    assert run(retailer, "EXECUTE forgotten") == []


def test_a_ticket_of_one_class_shows_no_other(
    gate: Gate, pools: Pools, network: Db, sign_in: Callable[[str], Proof], customers: dict[str, Customer]
) -> None:
    """計量 may see A, B, C, F, S: on お客さま情報Ⅱ that leaves A, B, C, F, however the query is written."""
    proof = sign_in("td-metering")
    code = customers["own"].code
    state(gate, proof, code)
    hold(network, open_ticket(pools, proof, "CI20", code))
    assert {table for table in TABLES if reads(network, table)} == {
        "place", "equipment", "meter_install", "party", "usage_month",
    }  # fmt: skip


def test_a_ticket_forged_in_the_settings(retailer: Db, own: Ticket) -> None:
    """Settings of other names and of other forms are not read."""
    hold(retailer, own, local=True)
    for name in ("app.ticket", "wall.org", "wall.viewer_org", "wall.login", "wall.today", "wall.granted"):
        run(retailer, "SELECT set_config(%s, %s, false)", [name, "2"])
    assert reads_nothing(retailer)


def test_a_ticket_of_a_sign_in_that_ended(
    gate: Gate, pools: Pools, signins: SignIns, retailer: Db, customers: dict[str, Customer]
) -> None:
    """Signing out ends the open tickets with it."""
    proof = signins.by_demo("aoi-clerk")
    ticket = open_ticket(pools, proof, "CI20", customers["own"].code)
    hold(retailer, ticket)
    assert reads(retailer, "place") == set(customers["own"].points)
    signins.end(proof)
    assert reads_nothing(retailer)
    with pytest.raises(SignInNeeded):
        gate.look(Visit(proof=proof, screen="MN00"), render=_page)


def test_a_purpose_lasts_a_day_at_most(
    pools: Pools, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db
) -> None:
    """However long a caller asks for."""
    asking = Asking(
        proof=sign_in("td-contact").secret, request=RequestId.new(), screen="PU10", came_from=None, terminal=None
    )
    stated = Tickets(pools).state_purpose(
        asking, scope=customers["own"].code, code="TOI", reference="TOI-1", hours=10_000
    )
    hours = run(
        eyes, "SELECT extract(epoch FROM expires - at) / 3600 FROM log.purpose WHERE receipt = %s", [stated["receipt"]]
    )
    assert hours == [(24,)]
