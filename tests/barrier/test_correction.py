"""供給者の訂正: what was recorded is retired and points to its successor, and who sees what changes in that instant."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from takuso.accesslog.tickets import Tickets
from takuso.barrier.gate import ActionRefused, Gate, GateClosed, Visit
from takuso.barrier.signin import Proof
from takuso.flow.points.operations import RECORD_SUPPLY, RECORD_SUPPLY_ACTION
from takuso.store.pools import Pools
from tests.area import AOI, ASAHI, PERSONS, Area, Customer, Span
from tests.barrier.behind import Db, Ticket, asking, hold, one, open_ticket, reads, reads_nothing, run
from tests.barrier.sights import everything, look, state

SCREEN = "SP10"


def _record(gate: Gate, proof: Proof, asked: str, **values: object) -> int:
    parameters = {"until": None, "reason": "訂正の試験", **values}
    visit = Visit(proof=proof, screen=SCREEN)
    return gate.act(visit, asked=asked, action=RECORD_SUPPLY_ACTION, statement=RECORD_SUPPLY, parameters=parameters)


@pytest.fixture
def correct(gate: Gate, sign_in: Callable[[str], Proof]) -> Callable[..., int]:
    """Corrects the supplier of a customer's single point as td-intake, with a stated purpose."""
    proof = sign_in("td-intake")

    def do(customer: Customer, retailer: str | None, since: date, until: date | None = None) -> int:
        state(gate, proof, customer.code)
        return _record(gate, proof, customer.code, retailer=retailer, since=since, until=until)

    return do


@pytest.fixture
def sees(
    gate: Gate, sign_in: Callable[[str], Proof], tmp_path: Path
) -> Callable[[str, str, str], Mapping[str, object]]:
    """Rows by table of a person on a screen; empty for the neutral page."""
    asked = everything(tmp_path)

    def rows(person: str, screen: str, code: str) -> Mapping[str, object]:
        return look(gate, sign_in(person), screen, code, asked).rows

    return rows


def _supply(eyes: Db, point: int) -> list[tuple[object, ...]]:
    return run(
        eyes,
        "SELECT id, retailer, lower(valid), upper(valid), recorded_to = 'infinity', superseded_by"
        " FROM points.supply WHERE point = %s ORDER BY id",
        [point],
    )


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(1850, 1, 1), date(1870, 1, 1)),
        (date(1850, 1, 1), None),
        (date(1899, 12, 31), date(1900, 1, 1)),
        (date(4800, 1, 1), None),
        (date(2020, 1, 1), date(4800, 1, 1)),
        (date(2020, 1, 2), date(2020, 1, 1)),
    ],
)
def test_periods_off_the_axis_are_refused(
    area: Area, eyes: Db, correct: Callable[..., int], today: date, since: date, until: date | None
) -> None:
    """Outside 1900 to 4699 a period cannot be compared: it is not recorded, and the customer stays as it was."""
    customer = area.add("own")
    before = _supply(eyes, customer.points[0])
    with pytest.raises(psycopg.Error, match="a period"):
        correct(customer, "aoi", since, until)
    assert _supply(eyes, customer.points[0]) == before


@pytest.mark.parametrize("table", ["supply", "contract_size", "usage_month"])
@pytest.mark.parametrize(
    "valid", ["(,1900-01-01)", "[1850-01-01,1870-01-01)", "(,)", "[4800-01-01,)", "[2000-01-01,4800-01-01)"]
)
def test_no_table_takes_a_period_off_the_axis(area: Area, eyes: Db, table: str, valid: str) -> None:
    """By a constraint, whoever writes."""
    point = area.add("never-supplied").points[0]
    values = {
        "supply": "(point, retailer, valid) VALUES (%(p)s, 2, %(v)s)",
        "contract_size": "(point, menu, kind, basis, amount, unit, valid)"
        " VALUES (%(p)s, 'x', '電灯', '実量契約', 1, 'kVA', %(v)s)",
        "usage_month": "(point, month, energy_wh, quality, valid) VALUES (%(p)s, '2000-01-01', 1, '確定', %(v)s)",
    }[table]
    with pytest.raises(psycopg.errors.CheckViolation, match="on_axis"):
        run(eyes, f"INSERT INTO points.{table} {values}", {"p": point, "v": valid})  # type: ignore[arg-type]


def test_a_switch_recorded_late(
    area: Area, eyes: Db, correct: Callable[..., int], sees: Callable[..., Mapping[str, list[object]]], today: date
) -> None:
    customer = area.add("own")
    cut = today - timedelta(days=10)
    assert sees("aoi-clerk", "CI20", customer.code)
    assert not sees("asahi-clerk", "CI20", customer.code)
    assert correct(customer, "asahi", cut) == 2
    # today's screens at once; of its own time the former supplier keeps what is of a period, no state
    assert not sees("aoi-clerk", "CI20", customer.code)
    assert not sees("aoi-clerk", "KF10", customer.code)
    past = sees("aoi-clerk", "PC10", customer.code)
    assert {t for t, rows in past.items() if rows} == {"supply", "contract_size", "usage_month"}
    present = sees("asahi-clerk", "CI20", customer.code)
    assert {t for t, rows in present.items() if rows} == {
        "place", "equipment", "meter_install", "party", "supply", "contract_size",
    }  # fmt: skip
    # a month that straddles the two suppliers is neither's, a successor inherits neither notes nor mandates
    months = [row.valid for row in past["usage_month"]]  # type: ignore[attr-defined]
    assert months
    assert all(month.upper <= cut for month in months)
    assert present["usage_month"] == present["contact_note"] == []
    assert not sees("asahi-clerk", "KF10", customer.code)["bank_mandate"]


def test_what_was_recorded_is_retired_and_points_on(
    area: Area, eyes: Db, correct: Callable[..., int], today: date
) -> None:
    customer = area.add("own")
    [point] = customer.points
    [(first, *_)] = _supply(eyes, point)
    start, cut, end = (today + timedelta(days=n) for n in (-2000, -300, -100))
    assert correct(customer, "asahi", cut, end) == 2
    rows = {row[0]: row[1:] for row in _supply(eyes, point)}
    assert len(rows) == 4
    retailer, since, until, current, successor = rows.pop(first)
    assert (retailer, since, until, current) == (AOI, start, None, False)
    assert rows[successor][0] == ASAHI
    assert sorted(row[:4] for row in rows.values()) == [
        (AOI, start, cut, True), (AOI, end, None, True), (ASAHI, cut, end, True),
    ]  # fmt: skip


def test_history_and_stamps_change_in_one_transaction(
    area: Area, eyes: Db, correct: Callable[..., int], today: date
) -> None:
    customer = area.add("own")
    [point] = customer.points
    correct(customer, "asahi", today - timedelta(days=10))
    transactions = {
        str(one(eyes, f"SELECT DISTINCT xmin::text FROM {table} WHERE {column} = %s", [point]))
        for table, column in (
            ("wall.point", "id"), ("points.place", "point"), ("points.equipment", "point"),
            ("points.party", "point"), ("points.supply", "point"), ("points.contact_note", "point"),
        )
    }  # fmt: skip
    transactions |= {xmin for (xmin,) in run(eyes, "SELECT xmin::text FROM wall.holding WHERE point = %s", [point])}
    outcome = run(
        eyes,
        "SELECT o.xmin::text, o.points, o.rows FROM log.outcome o JOIN log.ticket t USING (day, receipt)"
        " WHERE t.kind = 'write' AND %s = ANY (o.points)",
        [point],
    )
    assert len(transactions) == 1
    assert outcome == [(transactions.pop(), [point], 2)]


def test_an_open_ticket_yields_nothing_more(
    area: Area, pools: Pools, retailer: Db, aoi: Proof, correct: Callable[..., int], today: date
) -> None:
    """The ticket still names the point; the stamp no longer does. The second wall is not the first one's copy."""
    customer = area.add("own")
    hold(retailer, open_ticket(pools, aoi, "CI20", customer.code))
    assert reads(retailer, "place") == set(customer.points)
    correct(customer, "asahi", today - timedelta(days=2500))
    assert reads_nothing(retailer)


def test_a_segment_found_in_the_past(
    area: Area, correct: Callable[..., int], sees: Callable[..., Mapping[str, list[object]]], today: date
) -> None:
    customer = area.add("foreign")
    since, until = today - timedelta(days=300), today - timedelta(days=100)
    assert not sees("aoi-clerk", "PC10", customer.code)
    correct(customer, "aoi", since, until)
    rows = sees("aoi-clerk", "PC10", customer.code)
    assert [(r.valid.lower, r.valid.upper) for r in rows["supply"]] == [(since, until)]  # type: ignore[attr-defined]
    assert rows["usage_month"]
    for row in rows["usage_month"]:
        assert since <= row.valid.lower  # type: ignore[attr-defined]
        assert row.valid.upper <= until  # type: ignore[attr-defined]
    assert not sees("aoi-clerk", "CI20", customer.code)
    assert sees("asahi-clerk", "CI20", customer.code)


def test_nobody_from_a_day_on(
    area: Area, correct: Callable[..., int], sees: Callable[..., Mapping[str, list[object]]], today: date
) -> None:
    customer = area.add("own")
    correct(customer, None, today - timedelta(days=5))
    assert not sees("aoi-clerk", "CI20", customer.code)
    assert sees("aoi-clerk", "PC10", customer.code)["supply"]
    assert not sees("asahi-clerk", "CI20", customer.code)


# Corrections one after the other; offsets in days from today, None = nobody / open.
WALKS: dict[str, tuple[list[Span], list[tuple[str | None, int, int | None]]]] = {
    "to and fro": ([(AOI, -900, None)], [("asahi", -400, None), ("aoi", -400, None)]),
    "a hole and its filling": ([(AOI, -900, None)], [(None, -500, -300), ("asahi", -500, -300)]),
    "cut thrice": (
        [(AOI, -900, -600), (ASAHI, -600, None)],
        [("aoi", -500, -450), ("hikari", -620, -580), (None, -10, None)],
    ),
    "tomorrow's switch": ([(AOI, -900, None)], [("asahi", 1, None)]),
}  # fmt: skip


@pytest.mark.parametrize("walk", WALKS)
def test_stamps_follow_history(
    area: Area, eyes: Db, logins: Callable[[str], Db], correct: Callable[..., int], today: date, walk: str
) -> None:
    """After every correction no stamp, holding or search key differs from what the history says."""
    spans, corrections = WALKS[walk]
    customer = area.load("walk", [spans])
    for retailer, since, until in corrections:
        day = today + timedelta(days=since)
        correct(customer, retailer, day, None if until is None else today + timedelta(days=until))
        wrong = run(
            eyes,
            "SELECT e.kind FROM points.expected_stamps(%(p)s, %(day)s) e JOIN points.supply s"
            " ON e.kind = 'supply' AND s.id = e.id"
            " WHERE (s.holder_id, s.held_from, s.held_to) IS DISTINCT FROM (e.holder_id, e.held_from, e.held_to)",
            {"p": list(customer.points), "day": today},
        )
        assert wrong == []
    differing = run(logins("batch"), "SELECT table_name, differing FROM points.stamp_differences() WHERE differing > 0")
    assert differing == []


@pytest.mark.parametrize("person", [p for p in PERSONS if p != "td-intake"])
def test_other_duties_are_refused_and_logged(
    gate: Gate, area: Area, eyes: Db, sign_in: Callable[[str], Proof], today: date, person: str
) -> None:
    customer = area.add("own")
    before = _supply(eyes, customer.points[0])
    proof = sign_in(person)
    if person.startswith("td-"):
        state(gate, proof, customer.code)
    with pytest.raises(ActionRefused) as refusal:
        _record(gate, proof, customer.code, retailer="asahi", since=today)
    assert _supply(eyes, customer.points[0]) == before
    [logged] = run(
        eyes,
        "SELECT t.kind, t.action, t.decision, p.code FROM log.ticket t JOIN wall.person p ON p.id = t.person"
        " WHERE t.receipt = %s",
        [refusal.value.receipt],
    )
    live = run(eyes, "SELECT action, d FROM wall.live_ticket WHERE receipt = %s", [refusal.value.receipt])
    assert logged == ("write", RECORD_SUPPLY_ACTION, "refused", person)
    assert live in ([], [(None, None)])


def test_two_points_are_not_corrected_at_once(
    gate: Gate, area: Area, eyes: Db, sign_in: Callable[[str], Proof], today: date
) -> None:
    """A code with two points is refused; one of its points, named by its 22 digits, is not."""
    customer = area.add("two-suppliers")
    proof = sign_in("td-intake")
    state(gate, proof, customer.code)
    with pytest.raises(ActionRefused):
        _record(gate, proof, customer.code, retailer="hikari", since=today)
    before = _supply(eyes, customer.points[1])
    assert _record(gate, proof, customer.numbers[0], retailer="hikari", since=today) == 2
    assert _supply(eyes, customer.points[1]) == before


@pytest.mark.parametrize(
    "values",
    [
        {"retailer": "aoi-nw"},
        {"retailer": "nobody-knows"},
        {"until": date(2020, 1, 1)},
        {"reason": ""},
        {"since": None},
    ],
    ids=["the network", "an unknown company", "an empty period", "no reason", "no day"],
)
def test_what_the_function_refuses_changes_nothing(
    gate: Gate, area: Area, eyes: Db, sign_in: Callable[[str], Proof], today: date, values: dict[str, object]
) -> None:
    customer = area.add("own")
    before = _supply(eyes, customer.points[0])
    proof = sign_in("td-intake")
    state(gate, proof, customer.code)
    with pytest.raises(psycopg.Error) as error:
        _record(gate, proof, customer.code, **{"retailer": "asahi", "since": today, **values})
    assert error.value.sqlstate == "TK400"
    assert _supply(eyes, customer.points[0]) == before


def test_an_action_that_the_screen_does_not_have(
    gate: Gate, area: Area, sign_in: Callable[[str], Proof], today: date
) -> None:
    customer = area.add("own")
    proof = sign_in("td-intake")
    state(gate, proof, customer.code)
    for screen, action in ((SCREEN, "log.read"), (SCREEN, "nothing.known"), ("CI20", RECORD_SUPPLY_ACTION)):
        with pytest.raises(ActionRefused):
            gate.act(
                Visit(proof=proof, screen=screen),
                asked=customer.code,
                action=action,
                statement=RECORD_SUPPLY,
                parameters={"retailer": "asahi", "since": today, "until": None, "reason": "x"},
            )


def _by_hand(conn: Db, ticket: Ticket, proof: Proof, point: int, today: date) -> object:
    return one(
        conn,
        "SELECT points.record_supply(%s, %s::date, %s, %s, 3, %s, NULL, 'x')",
        [proof.secret, ticket.answer["day"], ticket.receipt, point, today],
    )


def test_the_function_asks_the_wall_itself(
    gate: Gate, area: Area, pools: Pools, eyes: Db, logins: Callable[[str], Db], sign_in: Callable[[str], Proof],
    today: date,
) -> None:  # fmt: skip
    """Called by hand as writer: no ticket for looking, no other point, no other sign-in, no expired ticket."""
    writer = logins("writer")
    mine, strange = area.add("own"), area.add("foreign")
    [point] = mine.points
    proof = sign_in("td-intake")
    state(gate, proof, mine.code)
    looking = open_ticket(pools, proof, "CI20", mine.code)
    answer = Tickets(pools).open(asking(proof, SCREEN), (mine.code,), RECORD_SUPPLY_ACTION)
    writing = Ticket(proof=proof, answer=answer)
    wrong = [
        (looking, proof, point), (writing, proof, strange.points[0]), (writing, sign_in("td-intake"), point),
    ]  # fmt: skip
    for ticket, secret, target in wrong:
        with pytest.raises(psycopg.Error) as error:
            _by_hand(writer, ticket, secret, target, today)
        assert error.value.sqlstate == "TK403"
    run(eyes, "UPDATE wall.live_ticket SET expires = clock_timestamp() WHERE receipt = %s", [writing.receipt])
    with pytest.raises(psycopg.Error) as error:
        _by_hand(writer, writing, proof, point, today)
    assert error.value.sqlstate == "TK403"
    assert len(_supply(eyes, point)) == len(_supply(eyes, strange.points[0])) == 1


def test_a_change_that_cannot_be_logged_is_not_made(
    gate: Gate, area: Area, eyes: Db, correct: Callable[..., int], today: date
) -> None:
    customer = area.add("own")
    run(eyes, "REVOKE INSERT ON log.outcome FROM opener")
    try:
        with pytest.raises(GateClosed):
            correct(customer, "asahi", today)
    finally:
        run(eyes, "GRANT INSERT ON log.outcome TO opener")
    assert len(_supply(eyes, customer.points[0])) == 1
