"""閲覧可否の説明: it says what the wall said, of then and of now, to the compliance duty alone and on record."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from takuso.barrier.explanation import (
    APPOINTMENTS,
    MOMENTS,
    QUERIES,
    RULES_THEN,
    SCREENS,
    SUPPLIERS,
    Answer,
    Explained,
    Found,
    PointExplained,
    explain,
)
from takuso.barrier.gate import ActionRefused, Gate, Sight, Visit
from takuso.barrier.log_queries import LOG_RECORDS, LogRecord
from takuso.barrier.matrix import DataClass, Relation, View
from takuso.barrier.signin import Proof
from takuso.flow.points.operations import RECORD_SUPPLY, RECORD_SUPPLY_ACTION
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import Pools
from tests.area import KINDS, PERSONS, Area, Customer
from tests.barrier.behind import Db, Ticket, hold, one, open_ticket, refused, run
from tests.barrier.sights import look, state

Ask = Callable[..., dict[Answer, Explained]]
NOBODY = "98765432109876"
CALLS = (
    "wall.log_moments(NULL)",
    "wall.log_appointments('aoi-clerk', clock_timestamp(), clock_timestamp())",
    "wall.log_screen('CI20', clock_timestamp())",
    "wall.log_rules(clock_timestamp())",
    "wall.log_suppliers('{code}', current_date, clock_timestamp())",
)
ASKED = "wall.log_asked('{day}', '{receipt}')"


@pytest.fixture
def ask(gate: Gate, sign_in: Callable[[str], Proof]) -> Ask:
    """An explanation, as td-compliance or another."""

    def asking(
        person: str, screen: str, customer: str, at: datetime | None = None, *, by: str = "td-compliance"
    ) -> dict[Answer, Explained]:
        taken: list[dict[Answer, Explained]] = []

        def render(sight: Sight) -> bytes:
            found = Found(
                moments=sight.rows(MOMENTS),
                appointments=sight.rows(APPOINTMENTS),
                screens=sight.rows(SCREENS),
                rules=sight.rows(RULES_THEN),
                suppliers=sight.rows(SUPPLIERS),
            )
            taken.append(explain(found))
            return b"explained"

        gate.read_log(
            Visit(proof=sign_in(by), screen="AL30"),
            asked=f"{person} {screen} {customer}",
            queries=QUERIES,
            parameters={"person": person, "screen": screen, "customer": customer, "at": at},
            render=render,
        )
        return taken[0]

    return asking


def _points(explained: Explained) -> tuple[PointExplained, ...]:
    [acting] = explained.acting
    return acting.points


def _told(explained: Explained) -> list[tuple[str, str | None, list[str], list[str]]]:
    """Relation, holder, classes shown and classes denied of every point, as the log writes them."""
    return [
        (
            point.relation.value,
            point.holder,
            [c.value for c, decision in point.classes.items() if decision.show],
            [c.value for c, decision in point.classes.items() if not decision.show],
        )
        for point in _points(explained)
    ]


def _logged(eyes: Db, receipt: str) -> tuple[datetime, list[tuple[Any, ...]]]:
    subjects = run(
        eyes,
        "SELECT s.relation, o.code, s.granted, s.refused FROM log.subject s LEFT JOIN wall.org o ON o.id = s.holder"
        " WHERE s.receipt = %s ORDER BY s.no",
        [receipt],
    )
    return one(eyes, "SELECT business_at FROM log.ticket WHERE receipt = %s", [receipt]), subjects


def _correct(gate: Gate, proof: Proof, customer: Customer, retailer: str | None, since: date) -> None:
    state(gate, proof, customer.code)
    gate.act(
        Visit(proof=proof, screen="SP10"),
        asked=customer.code,
        action=RECORD_SUPPLY_ACTION,
        statement=RECORD_SUPPLY,
        parameters={"retailer": retailer, "since": since, "until": None, "reason": "訂正の試験"},
    )


@pytest.mark.parametrize("screen", ["CI20", "KF10", "PC10"])
@pytest.mark.parametrize("person", PERSONS)
def test_it_says_what_the_wall_granted(
    gate: Gate,
    ask: Ask,
    eyes: Db,
    sign_in: Callable[[str], Proof],
    customers: Mapping[str, Customer],
    person: str,
    screen: str,
) -> None:
    proof = sign_in(person)
    for kind in KINDS:
        looked = look(gate, proof, screen, customers[kind].code, [])
        at, subjects = _logged(eyes, looked.released.receipt)
        explained = ask(person, screen, customers[kind].code, at)
        assert _told(explained["then"]) == subjects, kind
        assert _told(explained["now"]) == subjects, kind


@pytest.mark.parametrize(
    ("person", "screen", "kind", "relation", "holder", "keys"),
    [
        ("aoi-clerk", "CI20", "own", "own", "aoi", {"A": "retail.clerk/own/current/A/show/2016-04-01"}),
        ("aoi-clerk", "CI10", "own", "own", "aoi", {"S": "retail.clerk/own/current/S/deny/2016-04-01"}),
        ("aoi-clerk", "CI20", "foreign", "foreign", "asahi", {"A": None, "D": None}),
        ("aoi-clerk", "CI20", "switched", "past", "asahi", {"A": None, "F": None}),
        ("aoi-clerk", "PC10", "switched", "past", "asahi", {"F": "retail.clerk/past/past/F/show/2016-04-01"}),
        ("aoi-clerk", "CI20", "vacant", "vacant", None, {"A": None}),
        ("td-contact", "CI20", "foreign", "any", "asahi", {"A": "network.contact/any/current/A/show/2016-04-01"}),
        ("td-admin", "CI20", "foreign", "any", "asahi", {"A": None}),
    ],
)
def test_the_row_that_decided(
    ask: Ask,
    customers: Mapping[str, Customer],
    person: str,
    screen: str,
    kind: str,
    relation: str,
    holder: str | None,
    keys: Mapping[str, str | None],
) -> None:
    [point] = _points(ask(person, screen, customers[kind].code)["then"])
    assert (point.relation, point.holder) == (relation, holder)
    rules = {letter: point.classes[DataClass(letter)].rule for letter in keys}
    assert {letter: rule and rule.key for letter, rule in rules.items()} == keys


def test_classes_of_periods_are_for_the_own_periods(ask: Ask, customers: Mapping[str, Customer]) -> None:
    [point] = _points(ask("aoi-clerk", "PC10", customers["switched"].code)["now"])
    assert all(decision.periods for decision in point.classes.values())


def test_a_point_by_its_number(ask: Ask, customers: Mapping[str, Customer]) -> None:
    customer = customers["two-suppliers"]
    assert [p.relation for p in _points(ask("aoi-clerk", "CI20", customer.code)["now"])] == ["own", "foreign"]
    [point] = _points(ask("aoi-clerk", "CI20", customer.numbers[1])["now"])
    assert (point.no, point.relation) == (1, "foreign")


@pytest.mark.parametrize(
    ("person", "screen", "is_known"),
    [("aoi-clerk", "CI20", False), ("nobody", "CI20", True), ("aoi-clerk", "ZZ99", True), ("nobody", "ZZ99", False)],
)
def test_what_is_unknown_is_absent(
    ask: Ask, customers: Mapping[str, Customer], person: str, screen: str, is_known: bool
) -> None:
    for explained in ask(person, screen, customers["two-suppliers"].code if is_known else NOBODY).values():
        [point] = _points(explained)
        assert (point.no, point.relation, point.holder) == (1, Relation.ABSENT, None)
        assert not any(decision.show or decision.rule for decision in point.classes.values())


def test_then_and_now_after_a_correction(
    gate: Gate, area: Area, ask: Ask, eyes: Db, sign_in: Callable[[str], Proof], today: date
) -> None:
    customer = area.add("own")
    looked = look(gate, sign_in("aoi-clerk"), "CI20", customer.code, [])
    at, subjects = _logged(eyes, looked.released.receipt)
    _correct(gate, sign_in("td-intake"), customer, "asahi", today - timedelta(days=10))
    explained = ask("aoi-clerk", "CI20", customer.code, at)
    assert _told(explained["then"]) == subjects
    [(relation, holder, shown, _)] = _told(explained["now"])
    assert (relation, holder, shown) == ("past", "asahi", [])
    assert _told(ask("asahi-clerk", "CI20", customer.code, at)["then"])[0][0] == "foreign"
    assert _told(ask("asahi-clerk", "CI20", customer.code, at)["now"])[0][0] == "own"
    assert _told(ask("aoi-clerk", "CI20", customer.code)["then"]) == _told(explained["now"])


def test_a_supplier_recorded_anew_stays_the_same(
    gate: Gate, area: Area, ask: Ask, sign_in: Callable[[str], Proof], today: date
) -> None:
    """Two rows of one company that touch are one segment, as for the wall: the first has not ended."""
    customer = area.add("own")
    _correct(gate, sign_in("td-intake"), customer, "aoi", today - timedelta(days=10))
    for view in (View.CURRENT, View.PAST):
        screen = "CI20" if view is View.CURRENT else "PC10"
        assert [p.relation for p in _points(ask("aoi-clerk", screen, customer.code)["now"])] == ["own"]


def test_appointment_screen_and_rules_are_those_recorded_then(area: Area, ask: Ask, eyes: Db) -> None:
    customer = area.add("foreign")
    recorded = ["2020-01-01 00:00+09", "2020-02-01 00:00+09"]
    person = one(eyes, "SELECT id FROM wall.person WHERE code = 'aoi-clerk'")
    version = one(eyes, "SELECT max(version) FROM wall.rule_version")
    run(
        eyes,
        "INSERT INTO wall.appointment (person, employer, principal, duty, valid, recorded_from, recorded_to)"
        " VALUES (%s, 5, 2, 'retail.contractor', '[2016-04-01 00:00+09,)', %s, %s)",
        [person, *recorded],
    )
    run(
        eyes,
        "INSERT INTO wall.screen (code, version, name, view, kind, classes, recorded_from, recorded_to)"
        " VALUES ('CI20', 0, '旧画面', 'current', 'customer', '{A,S}', %s, %s)",
        recorded,
    )
    run(
        eyes,
        "INSERT INTO wall.rule (key, duty, relation, view, class, verdict, article, note, valid, since, until,"
        " recorded_from, recorded_to) VALUES ('old', 'retail.contractor', 'own', 'current', 'S', 'show', '旧条',"
        " '旧注', '[2016-04-01,2020-04-01)', %(v)s, %(v)s, %(f)s, %(t)s)",
        {"v": version, "f": recorded[0], "t": recorded[1]},
    )
    run(
        eyes,
        "INSERT INTO points.supply (point, retailer, valid, recorded_from, recorded_to)"
        " VALUES (%s, 2, '[2016-04-01,)', %s, %s)",
        [customer.points[0], *recorded],
    )
    try:
        explained = ask("aoi-clerk", "CI20", customer.code, datetime(2020, 1, 15, tzinfo=UTC))
    finally:
        run(eyes, "DELETE FROM wall.appointment WHERE recorded_to = %s", [recorded[1]])
        run(eyes, "DELETE FROM wall.screen WHERE version = 0")
        run(eyes, "DELETE FROM wall.rule WHERE key = 'old'")
    then, now = explained["then"], explained["now"]
    assert then.screen is not None
    assert (then.screen.version, then.screen.name) == (0, "旧画面")
    appointment = then.acting[0].appointment
    assert appointment is not None
    assert (appointment.employer, appointment.principal) == ("aoi-service", "aoi")
    assert _told(then) == [("own", "aoi", ["S"], ["A"])]
    rule = _points(then)[0].classes[DataClass.CARE].rule
    assert rule is not None
    assert (rule.article, rule.note, rule.until) == ("旧条", "旧注", date(2020, 4, 1))
    assert now.acting[0].appointment is not None
    assert now.acting[0].appointment.duty == "retail.clerk"


def test_the_instant_is_the_business_clocks(ask: Ask, eyes: Db, customers: Mapping[str, Customer], today: date) -> None:
    """A shifted demo judges by its own day, and by what was recorded at the real instant."""
    run(eyes, "UPDATE wall.home SET shift = '30 days'")
    try:
        explained = ask("aoi-clerk", "CI20", customers["incoming"].code)
        again = ask("aoi-clerk", "CI20", customers["incoming"].code, explained["then"].moment.at)
    finally:
        run(eyes, "UPDATE wall.home SET shift = '0'")
    for answers in (explained, again):
        moment = answers["then"].moment
        assert (moment.at - moment.recorded, moment.day) == (timedelta(days=30), today + timedelta(days=30))
        assert [point.relation for point in _points(answers["then"])] == ["own"]
    assert [p.relation for p in _points(ask("aoi-clerk", "CI20", customers["incoming"].code)["now"])] == ["foreign"]


def test_conditions_beside_the_rules(ask: Ask, customers: Mapping[str, Customer]) -> None:
    def conditions(person: str, screen: str) -> str:
        return " ".join(ask(person, screen, customers["own"].code)["now"].acting[0].conditions)

    assert conditions("aoi-clerk", "CI20") == ""
    assert "利用目的" in conditions("td-contact", "CI20")
    assert RECORD_SUPPLY_ACTION in conditions("aoi-clerk", "SP10")
    assert RECORD_SUPPLY_ACTION not in conditions("td-intake", "SP10")


@pytest.mark.parametrize("person", [p for p in PERSONS if p != "td-compliance"])
def test_other_duties_are_refused_and_logged(
    ask: Ask, eyes: Db, customers: Mapping[str, Customer], person: str
) -> None:
    code = customers["own"].code
    with pytest.raises(ActionRefused) as refusal:
        ask(person, "CI20", code, by=person)
    [logged] = run(
        eyes,
        "SELECT t.decision, t.kind, t.screen, y.typed FROM log.ticket t JOIN log.payload y USING (day, receipt)"
        " WHERE t.receipt = %s",
        [refusal.value.receipt],
    )
    assert logged == ("refused", "log", "AL30", f"{person} CI20 {code}")


def _answers(conn: Db, call: str) -> int:
    return len([row for row in run(conn, f"SELECT * FROM {call}") if any(value is not None for value in row)])


def test_the_functions_answer_only_under_a_ticket_for_the_log(
    pools: Pools, logins: Callable[[str], Db], own: Ticket, sign_in: Callable[[str], Proof]
) -> None:
    conn = logins("surveyor")
    log = open_ticket(pools, sign_in("td-compliance"), "AL30", f"x CI20 {NOBODY}")
    calls = list(CALLS[:4])
    calls.append(ASKED.format(day=log.answer["day"], receipt=log.receipt))
    hold(conn, log)
    assert all(_answers(conn, call) for call in calls)
    strange = open_ticket(pools, sign_in("td-billing"), "AL30")
    for ticket, proof in ((None, None), (own, None), (log, own.proof), (strange, None)):
        hold(conn, ticket, proof)
        assert not any(_answers(conn, call) for call in calls), ticket
    run(conn, "RESET ALL")


def test_suppliers_are_told_only_under_a_ticket_for_the_log(
    pools: Pools,
    logins: Callable[[str], Db],
    own: Ticket,
    sign_in: Callable[[str], Proof],
    customers: Mapping[str, Customer],
) -> None:
    conn = logins("surveyor")
    call = CALLS[4].format(code=customers["foreign"].code)
    hold(conn, own)
    assert _answers(conn, call) == 0
    hold(conn, open_ticket(pools, sign_in("td-billing"), "AL30"))
    assert _answers(conn, call) == 0
    hold(conn, open_ticket(pools, sign_in("td-compliance"), "AL30"))
    assert _answers(conn, call) == 1
    run(conn, "RESET ALL")


@pytest.mark.parametrize("login", [name for name in LOGIN_NAMES if name not in ("surveyor", "migrator")])
def test_no_other_login_may_call_them(logins: Callable[[str], Db], login: str) -> None:
    conn = logins(login)
    for call in (*CALLS, ASKED):
        with refused(conn):
            run(conn, f"SELECT * FROM {call.format(code=NOBODY, day='2026-01-01', receipt='x')}")


def test_what_other_screens_were_typed_stays_unread(pools: Pools, logins: Callable[[str], Db], own: Ticket,
                                                    sign_in: Callable[[str], Proof]) -> None:  # fmt: skip
    """What a reading of the log asked for is told; what was typed anywhere else may hold a name and is not."""
    conn = logins("surveyor")
    hold(conn, open_ticket(pools, sign_in("td-compliance"), "AL30", "asked"))
    assert _answers(conn, ASKED.format(day=own.answer["day"], receipt=own.receipt)) == 0
    run(conn, "RESET ALL")


@pytest.mark.parametrize("kind", ["own", "two-suppliers"])
def test_an_explanation_is_found_by_either_number_of_its_point(
    gate: Gate, ask: Ask, sign_in: Callable[[str], Proof], area: Area, kind: str
) -> None:
    """Its ticket names no subject: what was asked for is found by the customer's code and by its points' numbers."""
    customer, stranger = area.add(kind), area.add("own")
    asked = (customer.code, *customer.numbers)
    for number in asked:
        ask("aoi-clerk", "CI20", number)
    for number in asked:
        told = [record.typed for record in _by_number(gate, sign_in("td-compliance"), number)]
        others = set() if number == customer.code else {*customer.numbers} - {number}
        assert sorted(told) == sorted(f"aoi-clerk CI20 {n}" for n in asked if n not in others)
    assert _by_number(gate, sign_in("td-compliance"), stranger.code) == []


def _by_number(gate: Gate, proof: Proof, number: str) -> list[LogRecord]:
    taken: list[LogRecord] = []

    def render(sight: Sight) -> bytes:
        taken.extend(sight.rows(LOG_RECORDS))
        return b"log"

    parameters = dict.fromkeys(("person", "since", "until")) | {"customer": number, "screen": "AL30", "last": 50}
    gate.read_log(Visit(proof=proof, screen="AL10"), queries=[LOG_RECORDS], parameters=parameters, render=render)
    return taken
