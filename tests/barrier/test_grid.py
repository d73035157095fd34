"""Person × screen × kind of customer, against a table written by hand, and the notice's path first of all.

The expectations here are neither computed by decide() nor taken from the matrix: they are what a reader of the law
and of the design would write down.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from takuso.barrier.gate import Gate, Sight, Visit
from takuso.barrier.matrix import DataClass
from takuso.barrier.signin import Proof
from takuso.flow.points import queries
from tests.area import AOI, ASAHI, HIKARI, KINDS, NETWORK, PERSONS, RETAIL, Area, Customer
from tests.barrier.behind import Db, one, run
from tests.barrier.sights import Look, everything, look

# Which point of the customer is shown: 1 = the first, 2 = the second, N = the neutral page.
# Of each pair, the screens of today's customer, then 過去契約.
RETAILERS: dict[str, tuple[str, str, str]] = {
    #                     葵    あさひ ひかり
    "own":               ("1N", "NN", "NN"),
    "foreign":           ("NN", "1N", "NN"),
    "switched":          ("N1", "1N", "NN"),
    "switched-long-ago": ("N1", "1N", "NN"),
    "ended":             ("N1", "NN", "NN"),
    "vacant":            ("NN", "N1", "NN"),
    "never-supplied":    ("NN", "NN", "NN"),
    "own-past":          ("11", "N1", "NN"),
    "gained-today":      ("1N", "N1", "NN"),
    "incoming":          ("NN", "1N", "NN"),
    "outgoing":          ("1N", "NN", "NN"),
    "two-suppliers":     ("1N", "2N", "NN"),
    "absent":            ("NN", "NN", "NN"),
}  # fmt: skip
COMPANY = {"aoi-clerk": 0, "aoi-manager": 0, "contractor-clerk": 0, "asahi-clerk": 1, "hikari-clerk": 2}
RETAIL_CLASSES = {"KF10": "ABCH", "CI10": "ABCDEG", "CI20": "ABCDEFI", "PC10": "DEF"}

# The network company may see any customer, each duty its own classes.
NETWORK_CLASSES = {
    "td-intake":     {"KF10": "ABC",  "CI10": "ABCDEGS", "CI20": "ABCDE",  "PC10": "DE"},
    "td-contact":    {"KF10": "ABC",  "CI10": "ABCDEGS", "CI20": "ABCDEI", "PC10": "DE"},
    "td-metering":   {"KF10": "ABC",  "CI10": "ABCS",    "CI20": "ABCF",   "PC10": "F"},
    "td-billing":    {"KF10": "ABCH", "CI10": "ABCDE",   "CI20": "ABCDEF", "PC10": "DEF"},
    "td-accounting": {"KF10": "A",    "CI10": "ADE",     "CI20": "ADE",    "PC10": "DE"},
    "td-compliance": {"KF10": "AB",   "CI10": "ABDG",    "CI20": "ABD",    "PC10": "D"},
    "td-admin":      {"KF10": "",     "CI10": "",        "CI20": "",       "PC10": ""},
}  # fmt: skip
SCREENS = tuple(RETAIL_CLASSES)
STRANGE_TO_AOI = tuple(kind for kind, (aoi, _, _) in RETAILERS.items() if aoi == "NN")


def answer(person: str, screen: str, kind: str) -> str:
    """1, 2 or N for a retailer's person."""
    return RETAILERS[kind][COMPANY[person]][screen == "PC10"]


def code_of(customers: dict[str, Customer], kind: str) -> str:
    """The code of this kind; `absent` is well formed and nobody's."""
    return customers[kind].code if kind != "absent" else "99" + customers["own"].code[2:]


def expected(person: str, screen: str, kind: str, customer: Customer | None) -> dict[str, set[int]]:
    """Points by class letter, from the tables above."""
    if person in NETWORK:
        points = set(customer.points) if customer else set()
        return {letter: points for letter in NETWORK_CLASSES[person][screen] if points}
    which = answer(person, screen, kind)
    if which == "N":
        return {}
    assert customer is not None
    return {letter: {customer.points[int(which) - 1]} for letter in RETAIL_CLASSES[screen]}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("person", PERSONS)
def test_who_sees_what(
    gate: Gate,
    sign_in: Callable[[str], Proof],
    customers: dict[str, Customer],
    tmp_path: Path,
    person: str,
    screen: str,
) -> None:
    proof = sign_in(person)
    asked = everything(tmp_path)
    kinds = RETAILERS if person in RETAIL else ("own", "foreign", "never-supplied", "two-suppliers", "absent")
    for kind in kinds:
        customer = customers.get(kind)
        seen = look(gate, proof, screen, code_of(customers, kind), asked)
        granted = {c.value: set(seen.sight.granted(c)) for c in DataClass if seen.sight.granted(c)}
        assert granted == expected(person, screen, kind, customer), kind
        assert seen.released.shown == (bool(granted) or (person in NETWORK and customer is not None)), kind
        assert {c.value for c in seen.classes} <= set(granted), kind
        if person in RETAIL:
            _no_marker_of_others(seen, customer, person)


def _no_marker_of_others(seen: Look, customer: Customer | None, person: str) -> None:
    """Nothing of another point, and of the own point nothing from another supplier's time."""
    body = seen.released.body.decode()
    if customer is None:
        assert "印" not in body
        return
    company = (AOI, ASAHI, HIKARI)[COMPANY[person]]
    for point, spans in zip(customer.points, KINDS[customer.kind], strict=True):
        if point not in seen.sight.points:
            assert not [m for m in customer.markers[point] if m in body]
        for n, (retailer, _, _) in enumerate(spans):
            if retailer != company:
                assert f"印{point}期{n}" not in body


@pytest.mark.parametrize("kind", RETAILERS)
@pytest.mark.parametrize("person", RETAIL)
def test_the_path_of_the_notice(
    gate: Gate,
    sign_in: Callable[[str], Proof],
    customers: dict[str, Customer],
    eyes: Db,
    tmp_path: Path,
    person: str,
    kind: str,
) -> None:
    """口振異動通知 → お客さま情報Ⅱ: the transition that forgot the barrier from April 2016 to December 2022."""
    proof = sign_in(person)
    asked = everything(tmp_path)
    code = code_of(customers, kind)
    notice = look(gate, proof, "KF10", code, asked)
    details = look(gate, proof, "CI20", code, asked, came_from=notice.released.receipt)
    own = answer(person, "CI20", kind) != "N"
    assert (notice.released.shown, details.released.shown) == (own, own)
    assert details.sight.came_screen == "KF10"
    if not own:
        assert notice.rows == details.rows == {}
    [logged] = run(
        eyes,
        "SELECT came_from, came_screen, decision FROM log.ticket WHERE receipt = %s",
        [details.released.receipt],
    )
    assert logged == (notice.released.receipt, "KF10", "shown" if own else "hidden")
    subjects = "SELECT count(*) FROM log.subject WHERE receipt = %s"
    assert one(eyes, subjects, [details.released.receipt]) == (len(customers[kind].points) if kind in customers else 1)


@pytest.mark.parametrize("first", SCREENS)
@pytest.mark.parametrize("then", SCREENS)
def test_every_transition_to_a_strangers_customer(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], tmp_path: Path, first: str, then: str
) -> None:
    """Wherever one comes from, and from whose customer: coming from somewhere opens nothing."""
    proof = sign_in("aoi-clerk")
    asked = everything(tmp_path)
    for before in ("own", "foreign"):
        start = look(gate, proof, first, customers[before].code, asked)
        seen = look(gate, proof, then, customers["foreign"].code, asked, came_from=start.released.receipt)
        assert not seen.released.shown
        assert seen.rows == {}
        assert seen.sight.came_screen == first


@pytest.mark.parametrize("other", ["aoi-clerk", "aoi-manager", "asahi-clerk", "td-billing"])
def test_coming_from_anothers_ticket_is_coming_from_nowhere(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db, other: str
) -> None:
    """Also from another sign-in of the same person: the path in the log is this browser's own."""
    theirs = gate.look(Visit(proof=sign_in(other), screen="MN00"), render=_empty).receipt
    mine = sign_in("aoi-clerk")
    for came_from in (theirs, "A" * 32, ""):
        visit = Visit(proof=mine, screen="CI20", came_from=came_from)
        released = gate.look(visit, asked=[customers["own"].code], render=_came_screen)
        assert released.body == b"None"
        logged = run(eyes, "SELECT came_from, came_screen FROM log.ticket WHERE receipt = %s", [released.receipt])
        assert logged == [(None, None)]


def _empty(_: Sight) -> bytes:
    return b""


def _came_screen(sight: Sight) -> bytes:
    return repr(sight.came_screen).encode()


def _all_a_view_can_know(sight: Sight) -> bytes:
    """Everything a view is given, but for the receipt and the time."""
    classes = {c.value: sorted(sight.granted(c)) for c in DataClass}
    withheld = [sight.withheld(q) for q in queries.ALL]
    return repr((sight.viewer, sight.shown, sight.points, sight.today, sight.came_screen, sight.next_cursor,
                 classes, withheld)).encode()  # fmt: skip


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("person", RETAIL)
def test_hidden_and_absent_are_one_answer(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], person: str, screen: str
) -> None:
    proof = sign_in(person)
    bodies = {}
    for kind in RETAILERS:
        if answer(person, screen, kind) == "N":
            visit = Visit(proof=proof, screen=screen)
            released = gate.look(
                visit, asked=[code_of(customers, kind)], queries=queries.ALL, render=_all_a_view_can_know
            )
            assert not released.shown
            assert len(released.receipt) == 32
            bodies[kind] = released.body
    assert len(bodies) >= 5
    assert len(set(bodies.values())) == 1, bodies


@pytest.mark.parametrize("kind", STRANGE_TO_AOI)
def test_a_strangers_number_is_found_as_little_as_an_absent_one(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], kind: str
) -> None:
    def found(term: str) -> bytes:
        return gate.search(
            Visit(proof=aoi, screen="KS10"), how="number", term=term, after=None, queries=queries.ALL,
            render=_all_a_view_can_know,
        ).body  # fmt: skip

    nobody = found("9" * 14)
    assert found(code_of(customers, kind)) == nobody
    assert all(found(number) == nobody for number in (customers[kind].numbers if kind in customers else ()))
    assert found(customers["own"].code) != nobody


def test_no_search_finds_a_stranger(gate: Gate, aoi: Proof, customers: dict[str, Customer]) -> None:
    """Names are found by parts, so a strange customer's name may find own ones; what comes is own, page by page."""
    strange = {point for kind in STRANGE_TO_AOI if kind in customers for point in customers[kind].points}
    strange.add(customers["two-suppliers"].points[1])
    mine = set(customers["own"].points)
    for term in ("シルシ", "シ", "", *(_kana(point) for point in sorted(strange | mine))):
        found: set[int] = set()
        after: str | None = None
        while True:
            seen: list[Sight] = []

            def render(sight: Sight, seen: list[Sight] = seen) -> bytes:
                seen.append(sight)
                return b""

            gate.search(Visit(proof=aoi, screen="KS10"), how="kana", term=term, after=after, queries=(), render=render)
            assert len(seen[0].points) <= 50
            found |= set(seen[0].points)
            after = seen[0].next_cursor
            if after is None:
                break
        assert not found & strange, term
        if term in ("", "シルシ", _kana(min(mine))):
            assert mine <= found, term


def _kana(point: int) -> str:
    return "シルシ" + "".join("アイウエオカキクケコ"[int(digit)] for digit in str(point))


def test_the_same_is_written_for_hidden_and_absent(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db
) -> None:
    """Ticket, payload, subject, outcome: one row each, so that the work done tells nothing either."""
    written = set()
    for kind in ("foreign", "vacant", "absent", "never-supplied"):
        released = gate.look(Visit(proof=aoi, screen="CI20"), asked=[code_of(customers, kind)], render=_empty)
        tables = ("ticket", "payload", "subject", "outcome")
        counts = [one(eyes, f"SELECT count(*) FROM log.{t} WHERE receipt = %s", [released.receipt]) for t in tables]
        written.add(tuple(counts))
    assert written == {(1, 1, 1, 1)}


def test_why_it_was_hidden_stands_in_the_log_alone(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db
) -> None:
    reasons = {}
    for kind in ("foreign", "vacant", "absent", "switched", "never-supplied"):
        released = gate.look(Visit(proof=aoi, screen="CI20"), asked=[code_of(customers, kind)], render=_empty)
        reasons[kind] = one(eyes, "SELECT reason FROM log.ticket WHERE receipt = %s", [released.receipt])
    assert reasons == {
        "foreign": "foreign", "vacant": "vacant", "absent": "absent", "switched": "past", "never-supplied": "vacant",
    }  # fmt: skip


def test_the_trap_of_two_suppliers(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], tmp_path: Path
) -> None:
    """One customer code, two points, two suppliers: each sees its own point and no trace of the other."""
    customer = customers["two-suppliers"]
    asked = everything(tmp_path)
    for person, mine in (("aoi-clerk", 0), ("asahi-clerk", 1)):
        proof = sign_in(person)
        for screen in ("KF10", "CI10", "CI20"):
            for number in (customer.code, customer.numbers[mine]):
                seen = look(gate, proof, screen, number, asked)
                body = seen.released.body.decode()
                assert seen.sight.points == (customer.points[mine],)
                assert any(marker in body for marker in customer.markers[customer.points[mine]])
                assert not any(marker in body for marker in customer.markers[customer.points[1 - mine]])
                assert customer.numbers[1 - mine] not in body
            assert not look(gate, proof, screen, customer.numbers[1 - mine], asked).released.shown


def test_the_period_of_one_point_is_not_anothers(gate: Gate, area: Area, aoi: Proof, eyes: Db, tmp_path: Path) -> None:
    """A grant is (subject, class, period): what the log says of each point is all that comes of it."""
    customer = area.load(
        "returned",
        [[(AOI, -2000, -100), (ASAHI, -100, None)], [(AOI, -1500, -800), (ASAHI, -800, -600), (AOI, -600, None)]],
    )
    seen = look(gate, aoi, "PC10", customer.code, everything(tmp_path))
    logged = dict(run(eyes, "SELECT point, period FROM log.subject WHERE receipt = %s", [seen.released.receipt]))
    assert set(logged) == set(customer.points)
    for table in ("supply", "contract_size", "usage_month"):
        for row in seen.rows[table]:
            assert any(p.lower <= row.valid.lower and row.valid.upper <= p.upper for p in logged[row.point]), row
