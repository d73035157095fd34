"""What was rendered is in the log, and what the log calls rendered was: compared row by row, behind the gate's back."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import make_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from takuso.accesslog.tickets import Closing, Tickets
from takuso.barrier.gate import (
    Gate,
    GateClosed,
    NotDeclared,
    PurposeNeeded,
    PurposeRefused,
    RequestConflict,
    Sight,
    SignInNeeded,
    Strayed,
    UnknownScreen,
    Visit,
    Withheld,
)
from takuso.barrier.matrix import DataClass
from takuso.barrier.query import Query
from takuso.barrier.signin import Proof
from takuso.flow.points import queries
from takuso.store.pools import Pools
from tests.area import PERSONS, RETAIL, Customer
from tests.barrier.behind import Db, Ticket, one, open_ticket, run
from tests.barrier.sights import everything, state

SCREENS = ("KF10", "CI10", "CI20", "PC10")
Pair = tuple[int, str]


class Page:
    """A render function that takes some of the rows it may, and remembers the (point, class) pairs it took."""

    def __init__(self, queries: list[Query[Any]], chance: random.Random) -> None:
        self.queries = queries
        self.chance = chance
        self.pairs: set[Pair] = set()
        self.rows = 0
        self.calls = 0

    def __call__(self, sight: Sight) -> bytes:
        self.calls += 1
        parts: list[object] = [sight.receipt]
        for query in self.queries:
            if sight.shown and not sight.withheld(query) and self.chance.random() < 0.7:
                rows = sight.rows(query)
                self.rows += len(rows)
                self.pairs |= {(row.point, c.value) for row in rows for c in query.classes}
                parts.append(rows)
        return repr(parts).encode()


def _logged(eyes: Db, receipt: str) -> dict[str, Any]:
    tickets = run(eyes, "SELECT screen, decision, kind FROM log.ticket WHERE receipt = %s", [receipt])
    subjects = run(eyes, "SELECT point, granted, refused FROM log.subject WHERE receipt = %s", [receipt])
    outcomes = run(eyes, "SELECT rows, classes, points, digest FROM log.outcome WHERE receipt = %s", [receipt])
    live = one(eyes, "SELECT count(*) FROM wall.live_ticket WHERE receipt = %s", [receipt])
    return {"tickets": tickets, "subjects": subjects, "outcomes": outcomes, "live": live}


@pytest.mark.parametrize("person", PERSONS)
def test_a_walk(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db, tmp_path: Path, person: str
) -> None:
    """Every screen, every kind of customer, each time another part of what may be shown."""
    proof = sign_in(person)
    chance = random.Random(person)
    asked = everything(tmp_path)
    came_from = None
    seen = 0
    for kind, customer in customers.items():
        if person not in RETAIL:
            state(gate, proof, customer.code)
        for screen in SCREENS if kind in ("own", "foreign", "own-past", "two-suppliers") else ("CI20",):
            page = Page(asked, chance)
            visit = Visit(proof=proof, screen=screen, came_from=came_from)
            released = gate.look(visit, asked=[customer.code], queries=asked, render=page)
            came_from = released.receipt
            _as_rendered(_logged(eyes, released.receipt), page, released.body, screen)
            seen += len(page.pairs)
    assert seen > 0 or person in ("hikari-clerk", "td-admin")


def _as_rendered(logged: dict[str, Any], page: Page, body: bytes, screen: str) -> None:
    assert [ticket[0] for ticket in logged["tickets"]] == [screen]
    assert logged["live"] == 0
    [(rows, classes, points, digest)] = logged["outcomes"]
    granted = {(point, c) for point, letters, _ in logged["subjects"] for c in letters}
    # what was rendered was granted, and is what the outcome says
    assert page.pairs <= granted
    assert page.pairs <= {(point, c) for point in points for c in classes}
    assert digest == hashlib.sha256(body).digest()
    assert rows == page.rows
    # and the other way round: nothing is called rendered that was not
    assert set(points) == {point for point, _ in page.pairs}
    assert set(classes) == {c for _, c in page.pairs}
    assert all(not set(letters) & set(refused) for _, letters, refused in logged["subjects"])


def test_a_search_names_what_it_shows(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db, tmp_path: Path
) -> None:
    page = Page(everything(tmp_path), random.Random(1))
    for how, term in (("kana", "シルシ"), ("notice", ""), ("number", customers["own"].code)):
        visit = Visit(proof=aoi, screen="KF00" if how == "notice" else "KS10")
        page = Page(everything(tmp_path), random.Random(how))
        released = gate.search(visit, how=how, term=term, after=None, queries=page.queries, render=page)  # type: ignore[arg-type]
        _as_rendered(_logged(eyes, released.receipt), page, released.body, visit.screen)
        assert page.pairs


def test_pages_of_the_product(gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db) -> None:
    """The same with the product's own queries, which carry their own conditions."""
    for screen in SCREENS:
        page = Page(list(queries.ALL), random.Random(screen))
        visit = Visit(proof=aoi, screen=screen)
        released = gate.look(visit, asked=[customers["own-past"].code], queries=page.queries, render=page)
        _as_rendered(_logged(eyes, released.receipt), page, released.body, screen)


def test_nothing_read_is_nothing_rendered(gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db) -> None:
    released = gate.look(
        Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], queries=queries.ALL, render=_words
    )
    [(rows, classes, points, digest)] = _logged(eyes, released.receipt)["outcomes"]
    assert (rows, classes, points) == (0, [], [])
    assert digest == hashlib.sha256(b"words").digest()


def _words(_: Sight) -> bytes:
    return b"words"


@pytest.mark.parametrize("fault", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_a_page_that_breaks_counts_as_shown(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db, fault: type[BaseException]
) -> None:
    """The rows were fetched, no byte left: the ticket stays without an outcome, which the survey counts as shown."""
    receipts = []

    def broken(sight: Sight) -> bytes:
        receipts.append(sight.receipt)
        assert sight.rows(queries.PLACE)
        raise fault

    with pytest.raises(fault):
        gate.look(
            Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], queries=[queries.PLACE], render=broken
        )
    logged = _logged(eyes, receipts[0])
    assert [decision for _, decision, _ in logged["tickets"]] == ["shown"]
    assert logged["outcomes"] == []
    assert logged["subjects"][0][0] == customers["own"].points[0]
    assert "A" in logged["subjects"][0][1]


def test_a_view_cannot_take_what_it_did_not_declare(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db
) -> None:
    def wants(query: Query[Any], screen: str, declared: list[Query[Any]]) -> None:
        gate.look(
            Visit(proof=aoi, screen=screen),
            asked=[customers["own"].code],
            queries=declared,
            render=lambda sight: repr(sight.rows(query)).encode(),
        )

    with pytest.raises(NotDeclared):
        wants(queries.USAGE, "CI20", [queries.PLACE])
    with pytest.raises(Withheld):
        wants(queries.USAGE, "KF10", [queries.USAGE])
    with pytest.raises(Withheld):
        wants(queries.CARE_NOTES, "CI10", [queries.CARE_NOTES])


# ------------------------------------------------------------------------------------ what was not shown
def test_refusals_leave_a_ticket_without_subjects_shown(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db
) -> None:
    """No purpose yet: the attempt is a record, with what was typed, and no customer is named as shown."""
    proof = sign_in("td-billing")
    with pytest.raises(PurposeNeeded) as needed:
        gate.look(Visit(proof=proof, screen="CI20"), asked=[customers["own"].code], render=_words)
    logged = _logged(eyes, needed.value.receipt)
    assert logged == {"tickets": [("CI20", "purpose-needed", "look")], "subjects": [], "outcomes": [], "live": 0}
    typed = one(eyes, "SELECT typed FROM log.payload WHERE receipt = %s", [needed.value.receipt])
    assert typed == customers["own"].code


def test_a_purpose_covers_its_own_customer_and_sign_in(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer]
) -> None:
    proof = sign_in("td-billing")
    own, foreign = customers["own"], customers["foreign"]
    state(gate, proof, own.code)
    for asked in ([own.code], [own.numbers[0]]):
        assert gate.look(Visit(proof=proof, screen="CI20"), asked=asked, render=_words).shown
    for asked in ([foreign.code], [foreign.numbers[0]], []):
        with pytest.raises(PurposeNeeded):
            gate.look(Visit(proof=proof, screen="CI20"), asked=asked, render=_words)
    # A ticket carries one purpose: two customers are two tickets.
    for asked in ([own.code, foreign.code], [foreign.code, own.code], [own.code, own.numbers[0]]):
        with pytest.raises(RequestConflict):
            gate.look(Visit(proof=proof, screen="CI20"), asked=asked, render=_words)
    with pytest.raises(PurposeNeeded):
        gate.search(
            Visit(proof=proof, screen="KS10"), how="number", term=own.code, after=None, queries=[], render=_words
        )
    with pytest.raises(PurposeNeeded):
        gate.look(Visit(proof=sign_in("td-billing"), screen="CI20"), asked=[own.code], render=_words)


def test_strangers_to_the_system_leave_no_ticket(gate: Gate, aoi: Proof, eyes: Db) -> None:
    before = one(eyes, "SELECT count(*) FROM log.ticket")
    with pytest.raises(SignInNeeded):
        gate.look(Visit(proof=Proof.new(), screen="MN00"), render=_words)
    with pytest.raises(UnknownScreen):
        gate.look(Visit(proof=aoi, screen="ZZ99"), render=_words)
    assert one(eyes, "SELECT count(*) FROM log.ticket") == before


# --------------------------------------------------------------------------------------------- closing
def _closing(ticket: Ticket, digest: bytes) -> Closing:
    points = ticket.answer["grants"]["A"]
    return Closing(
        day=ticket.answer["day"], receipt=ticket.receipt, rows=1, classes=["A"], points=points, digest=digest
    )


def test_the_same_outcome_again_is_accepted_and_another_is_an_alarm(pools: Pools, own: Ticket, eyes: Db) -> None:
    tickets, secret = Tickets(pools), own.proof.secret
    first, second = hashlib.sha256(b"1").digest(), hashlib.sha256(b"2").digest()
    assert tickets.close(secret, _closing(own, first)) == "closed"
    assert tickets.close(secret, _closing(own, first)) == "closed"
    alarms = "SELECT kind FROM log.alarm WHERE receipt = %s"
    assert run(eyes, alarms, [own.receipt]) == []
    assert tickets.close(secret, _closing(own, second)) == "conflict"
    assert run(eyes, alarms, [own.receipt]) == [("second outcome",)]
    assert [outcome[3] for outcome in _logged(eyes, own.receipt)["outcomes"]] == [first]


@pytest.mark.parametrize(
    "lie", [{"points": [-1]}, {"classes": ["S"]}, {"classes": ["A", "ZZ"]}], ids=["point", "class", "no class"]
)
def test_an_outcome_beyond_the_ticket_is_an_alarm(pools: Pools, own: Ticket, eyes: Db, lie: dict[str, Any]) -> None:
    """What the ticket does not name cannot have been shown: nothing leaves, and the ticket counts as shown."""
    closing = replace(_closing(own, hashlib.sha256(b"1").digest()), **lie)
    assert Tickets(pools).close(own.proof.secret, closing) == "conflict"
    assert run(eyes, "SELECT kind FROM log.alarm WHERE receipt = %s", [own.receipt]) == [("impossible outcome",)]
    assert _logged(eyes, own.receipt)["outcomes"] == []


@pytest.mark.parametrize("point", ["NULL::bigint", "point + 1"])
def test_a_query_cannot_hide_whose_row_it_is(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db, tmp_path: Path, point: str
) -> None:
    """A row without its point, or of another, is no row of the ticket: nothing is rendered."""
    file = tmp_path / "careless.sql"
    file.write_text(f"SELECT {point} AS point, town FROM points.place", encoding="utf-8")
    query = Query(
        name="careless", file=file, classes=frozenset({DataClass.PLACE}), row=make_dataclass("Row", ["point", "town"])
    )
    receipts = []

    def page(sight: Sight) -> bytes:
        receipts.append(sight.receipt)
        return repr(sight.rows(query)).encode()

    with pytest.raises(Strayed):
        gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], queries=[query], render=page)
    assert receipts == []


def test_a_list_needs_an_open_case(gate: Gate, sign_in: Callable[[str], Proof], eyes: Db) -> None:
    """An invented number opens one customer, marked as unverified; it opens no list. The attempt is on record."""
    proof = sign_in("td-billing")
    for reference in ("でたらめ", "RYO-1"):  # the second is a case, but not of this purpose
        with pytest.raises(PurposeRefused):
            gate.state_purpose(Visit(proof=proof, screen="PU10"), code="TOI", reference=reference, scope="*")
    refused = run(
        eyes,
        "SELECT purpose_reference, reason FROM log.ticket WHERE decision = 'refused' AND kind = 'statement'"
        " ORDER BY at DESC LIMIT 2",
    )
    assert refused == [("RYO-1", "purpose: case"), ("でたらめ", "purpose: case")]
    with pytest.raises(PurposeNeeded):
        gate.search(Visit(proof=proof, screen="KS10"), how="kana", term="シ", after=None, queries=[], render=_words)


def test_only_the_sign_in_of_the_ticket_closes_it(
    pools: Pools, own: Ticket, other: Ticket, sign_in: Callable[[str], Proof], eyes: Db
) -> None:
    tickets = Tickets(pools)
    for proof in (other.proof, sign_in("aoi-clerk"), Proof.new()):
        assert tickets.close(proof.secret, _closing(own, b"\0" * 32)) == "gone"
    assert _logged(eyes, own.receipt)["outcomes"] == []
    assert _logged(eyes, own.receipt)["live"] == 1
    assert tickets.close(own.proof.secret, _closing(own, b"\0" * 32)) == "closed"
    assert tickets.close(other.proof.secret, _closing(own, b"\0" * 32)) == "gone"


def test_a_page_that_took_too_long_does_not_leave(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db
) -> None:
    receipts = []

    def slow(sight: Sight) -> bytes:
        receipts.append(sight.receipt)
        run(eyes, "UPDATE wall.live_ticket SET expires = clock_timestamp() WHERE receipt = %s", [sight.receipt])
        return b"late"

    with pytest.raises(GateClosed):
        gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=slow)
    assert _logged(eyes, receipts[0])["outcomes"] == []


def test_the_sweep_takes_tickets_not_records(pools: Pools, own: Ticket, eyes: Db) -> None:
    run(
        eyes,
        "UPDATE wall.live_ticket SET expires = clock_timestamp() - interval '1 hour' WHERE receipt = %s",
        [own.receipt],
    )
    with pools.pool("ticketer").connection() as ticketer:
        assert one(ticketer, "SELECT wall.sweep()") >= 1
    logged = _logged(eyes, own.receipt)
    assert logged["live"] == 0
    assert len(logged["tickets"]) == len(logged["subjects"]) == 1
    assert open_ticket(pools, own.proof, "CI20").answer["status"] == "hidden"
