"""Searches by every kind of term: what finds, for whom, in which order, and that the keys follow the facts."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from takuso.accesslog.tickets import Asking, RequestId, Search, Tickets
from takuso.barrier.deployment import SPELLING, Loader
from takuso.barrier.gate import Gate, Sight, Visit
from takuso.barrier.kinds import SOUGHT, offered
from takuso.barrier.matrix import RULES, DataClass, Duty, Verdict, View
from takuso.barrier.signin import Proof, SignIns
from takuso.kernel.finding import KINDS, Kind
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.area import AOI, ASAHI, NETWORK, PERSONS, Area, Customer
from tests.area import KINDS as RELATIONS
from tests.barrier.behind import Db

SignIn = Callable[[str], Proof]
# No audit is open in the area: the one duty that can state no other purpose gets no list at all.
ASKERS = tuple(person for person in PERSONS if person != "td-admin")
NOW_OWN = {"own", "own-past", "gained-today", "outgoing", "own-then-back", "two-suppliers"}


def pages(gate: Gate, proof: Proof, how: Kind, term: str) -> Iterator[tuple[int, ...]]:
    """The points of page after page."""
    after: str | None = None
    while True:
        seen: list[Sight] = []

        def render(sight: Sight, seen: list[Sight] = seen) -> bytes:
            seen.append(sight)
            return b""

        gate.search(Visit(proof=proof, screen="KS10"), how=how, term=term, after=after, queries=(), render=render)
        yield seen[0].points
        after = seen[0].next_cursor
        if after is None:
            return


def found(gate: Gate, proof: Proof, how: Kind, term: str) -> list[int]:
    """All points found, in their order."""
    return [point for page in pages(gate, proof, how, term) for point in page]


def asker(gate: Gate, sign_in: SignIn, person: str) -> Proof:
    """A sign-in that may search."""
    proof = sign_in(person)
    if person in NETWORK:
        gate.state_purpose(Visit(proof=proof, screen="PU10"), code="TOI", reference="TOI-1", scope="*")
    return proof


def terms_of(point: int) -> dict[Kind, str]:
    """What each kind finds a point of the area by."""
    kana = "".join("アイウエオカキクケコ"[int(digit)] for digit in str(point))
    return {
        "kana": f"シルシ{kana}",
        "name": f"名義印{point}",
        "address": f"北区 梅田印{point}",
        "phone": f"060000{point}",
        "meter": f"計印{point}",
        "pole": f"柱印{point}",
    }


# ----------------------------------------------------------------------------------------- what finds
@pytest.fixture(scope="module")
def known(home: Home) -> Customer:
    """A customer whose facts can be written in many ways."""
    from datetime import UTC, datetime

    from takuso.kernel.periods import jst_day

    facts = {
        "points.party": {"name": "株式会社 髙橋ヴァイオリン", "kana": "タカハシヴァイオリン", "phone": "06-6312-3456"},
        "points.place": {
            "town": "霞ケ丘三丁目",
            "block": "9123番地2",
            "building": "コーポ青葉",
            "room": "0201号室",
        },
        "points.equipment": {"meter_number": "S12-345678", "service_pole": "橋本町12東3"},
    }
    return Area(home, jst_day(datetime.now(UTC))).load("known", [[(AOI, -2000, None)]], facts)


FORMS: dict[Kind, tuple[str, ...]] = {
    "kana": (
        "タカハシヴァイオリン", "たかはし", "ﾀｶﾊｼ", "タカハシ ばいおりん", "ｳﾞｧｲｵﾘﾝ", "うﾞぁいおりん",
        "ウ゛ァイオリン", "シヴァ", "タカ", "バィオ", "タ",
    ),
    "name": (
        "株式会社髙橋", "㈱髙橋", "(株)高橋", "（株） 高橋", "高橋", "高\u3000橋", "ﾊﾞｲｵﾘﾝ", "ヴアイオリン",
        "橋", "髙", "会社高",
    ),
    "address": (
        "大阪市北区 霞が丘", "霞ヶ丘 大阪", "霞ケ丘3丁目9123番地2", "霞ヵ丘三丁目9123-2", "３丁目９１２３番地の２",
        "9123ー2",
        "9123−2 コーポ青葉 201号室", "コーポ青葉 201", "北区、霞ケ丘", "丘3-9123-2", "〒530-0001", "201",
    ),
    "phone": ("3456", "06-6312-3456", "０６６３１２３４５６", "06（6312）3456", "+81 6 6312 3456", "066312",
              "12-3456", "06 6312 3"),
    "meter": ("S12-345678", "s12345678", "Ｓ１２－３４５６７８", "5678", "S12-345", "2345678"),
    "pole": ("橋本町12東3", "橋本町　１２", "橋本", "12 橋本町", "町12東"),
}  # fmt: skip
OTHERS: dict[Kind, tuple[str, ...]] = {
    "kana": ("タカハシゴ", "オリンバ", "カ", "ン", "タカリン"),
    "name": ("高木", "橋高", "有限会社高橋"),
    "address": ("9123-1", "91 霞ケ丘", "123番地", "霞ケ丘4丁目", "丘 神戸市", "20 コーポ青葉"),
    "phone": ("0663", "3457", "312345", "345", "066312345678"),
    "meter": ("1234", "12-3456", "678", "S12-345679"),
    "pole": ("橋本町1", "東33", "町東"),
}


@pytest.mark.parametrize(("how", "term"), [(how, term) for how, terms in FORMS.items() for term in terms])
def test_every_way_of_writing_finds(gate: Gate, sign_in: SignIn, known: Customer, how: Kind, term: str) -> None:
    assert known.points[0] in found(gate, asker(gate, sign_in, "td-contact"), how, term)


@pytest.mark.parametrize(("how", "term"), [(how, term) for how, terms in OTHERS.items() for term in terms])
def test_what_is_not_there_does_not_find(gate: Gate, sign_in: SignIn, known: Customer, how: Kind, term: str) -> None:
    assert known.points[0] not in found(gate, asker(gate, sign_in, "td-contact"), how, term)


_WIDE = {ord(c): ord(c) + 0xFEE0 for c in map(chr, range(0x21, 0x7F))}
_WAYS: tuple[Callable[[str], str], ...] = (
    lambda text: text.translate(_WIDE),
    lambda text: text.replace("-", "−"),
    lambda text: text.replace("-", " "),
    lambda text: f"\u3000{text}\u200b",
    str.lower,
    lambda text: text.translate({code: code - 0x60 for code in range(0x30A1, 0x30F7)}),
)


def test_whatever_the_width_the_same_are_found(gate: Gate, sign_in: SignIn, known: Customer) -> None:
    proof = asker(gate, sign_in, "td-contact")
    plain: dict[Kind, str] = {"kana": "ハシヴァイ", "name": "髙橋ヴァ", "phone": "6312-3456", "meter": "S12-345678"}

    @settings(max_examples=40, deadline=None)
    @given(st.sampled_from(sorted(plain)), st.lists(st.sampled_from(range(len(_WAYS))), max_size=4))
    def same(how: Kind, ways: list[int]) -> None:
        term = plain[how]
        for way in ways:
            term = _WAYS[way](term)
        assert found(gate, proof, how, term) == found(gate, proof, how, plain[how]) == [known.points[0]], term

    same()


# ------------------------------------------------------------------------------------------- for whom
@pytest.mark.parametrize("person", ASKERS)
def test_every_kind_of_search_by_every_duty_for_every_relation(
    gate: Gate, sign_in: SignIn, customers: dict[str, Customer], person: str
) -> None:
    """Found is what the duty sees the class of; of a retailer only its own customers of today; poles by no retailer."""
    proof = asker(gate, sign_in, person)
    duty = Duty(PERSONS[person][2])
    organisation = PERSONS[person][1] or PERSONS[person][0]
    for relation in RELATIONS:
        customer = customers[relation]
        for place, point in enumerate(customer.points):
            held_by = _holder(relation, place)
            for how, term in terms_of(point).items():
                wanted = how in offered(duty, _seen(duty)) and (duty.is_network or held_by == organisation)
                assert (point in found(gate, proof, how, term)) is wanted, (relation, how)


def _holder(relation: str, place: int) -> int | None:
    spans = RELATIONS[relation][place]
    return next((org for org, first, end in spans if (first or 0) <= 0 and (end is None or end > 0)), None)


def _seen(duty: Duty) -> set[DataClass]:
    rows = [r for r in RULES if r.duty is duty and r.view is View.CURRENT]
    shown, denied = ({r.data_class for r in rows if r.verdict is v} for v in (Verdict.SHOW, Verdict.DENY))
    return shown - denied


@pytest.mark.parametrize("duty", list(Duty))
def test_what_a_duty_sees_is_what_the_rows_say(signins: SignIns, duty: Duty) -> None:
    assert signins.seen(duty) == _seen(duty)


def test_what_is_offered_is_what_the_wall_finds_by() -> None:
    assert set(SOUGHT) == set(KINDS)
    assert offered(Duty.ADMIN, _seen(Duty.ADMIN)) == ()
    assert offered(Duty.ACCOUNTING, _seen(Duty.ACCOUNTING)) == ("address",)
    assert offered(Duty.COMPLIANCE, _seen(Duty.COMPLIANCE)) == ("address", "meter", "pole")
    assert set(offered(Duty.CLERK, _seen(Duty.CLERK))) == set(KINDS) - {"pole"}
    assert offered(Duty.CONTACT, _seen(Duty.CONTACT)) == KINDS


@pytest.mark.parametrize("how", ["", "KANA", "points", "entry_kana", "kana'; --"])
def test_an_unknown_kind_finds_nothing(
    gate: Gate, pools: Pools, sign_in: SignIn, customers: dict[str, Customer], how: str
) -> None:
    proof = asker(gate, sign_in, "td-contact")
    asking = Asking(proof=proof.secret, request=RequestId.new(), screen="KS10", came_from=None, terminal=None)
    answer = Tickets(pools).search(asking, Search(list=how, typed="", terms=("シルシ",), after=None))
    assert (answer["status"], answer["grants"]) == ("shown", {})


@pytest.mark.parametrize("how", ["name", "phone", "address", "meter", "pole"])
def test_nothing_finds_nobody(gate: Gate, sign_in: SignIn, known: Customer, how: Kind) -> None:
    proof = asker(gate, sign_in, "td-contact")
    assert all(found(gate, proof, how, term) == [] for term in ("", " ", "%", "_", "<", "゛"))


# ------------------------------------------------------------------------------------------- in which order
def test_the_order_tells_nothing_of_names_that_are_hidden(gate: Gate, area: Area, sign_in: SignIn) -> None:
    """Later numbers have earlier names: by kana for whom names are shown, else by number, page after page."""
    town = f"並順{area.add('vacant').points[0]}"
    kana = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
    names = [a + b for a in kana[:2] for b in kana[:30]]
    added = [
        area.load(
            "ordered", [[(AOI, -900, None)]], {"points.place": {"town": town}, "points.party": {"kana": name}}
        ).points[0]
        for name in reversed(names)
    ]
    for person, order in (
        ("td-contact", added[::-1]), ("aoi-clerk", added[::-1]), ("td-accounting", added), ("td-compliance", added),
    ):  # fmt: skip
        walked = list(pages(gate, asker(gate, sign_in, person), "address", town))
        assert [len(page) for page in walked] == [50, 10], person
        assert [point for page in walked for point in page] == order, person


def test_the_name_of_who_left_orders_nothing_of_the_new_holder(area: Area, eyes: Db) -> None:
    """The last party was of another supplier's time, so its kana is no key of the place."""
    day = area.today - timedelta(days=100)
    taken = area.load(
        "taken", [[(ASAHI, -2000, -100), (AOI, -100, None)]], {"points.party": {"valid": f"[2015-01-01,{day})"}}
    )
    rows = eyes.execute(
        "SELECT list, sort_key, holder_id FROM search.entry WHERE point = %s", [taken.points[0]]
    ).fetchall()
    keys = {name: (key, holder) for name, key, holder in rows}
    assert keys["address"] == keys["meter"] == keys["pole"] == ("\ufffc", AOI)
    assert [keys[name][1] for name in ("kana", "name", "phone")] == [None, None, None]


# ------------------------------------------------------------------------------------------- upkeep
def _differing(db: Db) -> int:
    rows = db.execute("SELECT differing FROM points.stamp_differences() WHERE table_name = 'search.entry'").fetchone()
    assert rows is not None
    return int(rows[0])


CHANGES = {
    "name": "UPDATE points.party SET name = '改名太郎' WHERE point = %s",
    "kana": "UPDATE points.party SET kana = 'カイメイタロウ' WHERE point = %s",
    "phone": "UPDATE points.party SET phone = '' WHERE point = %s",
    "address": "UPDATE points.place SET room = '777号室' WHERE point = %s",
    "meter": "UPDATE points.equipment SET meter_number = 'NEW-1' WHERE point = %s",
    "pole": "UPDATE points.equipment SET service_pole = '新線1' WHERE point = %s",
}


@pytest.mark.parametrize("how", CHANGES)
def test_doctor_sees_a_key_that_history_does_not_make(behind: Db, area: Area, how: str) -> None:
    """Until restamp has run; then the keys are what the facts say, and nothing is left of the former ones."""
    point = area.add("own").points[0]
    before = _differing(behind)
    behind.execute(CHANGES[how].encode(), [point])
    assert _differing(behind) > before
    behind.execute("SELECT points.restamp(ARRAY[%s]::bigint[])", [point])
    assert _differing(behind) == before
    rows = behind.execute("SELECT list, sort_key, words FROM search.entry WHERE point = %s", [point]).fetchall()
    entries = {name: (key, words) for name, key, words in rows}
    wanted = {
        "name": ("name", 1, "改名太郎"), "kana": ("meter", 0, "カイメイタロウ"), "meter": ("meter", 1, "NEW1"),
        "pole": ("pole", 1, "新線<1>"),
    }  # fmt: skip
    if how == "phone":
        assert "phone" not in entries
    elif how == "address":
        assert entries["address"][1].endswith("<777>")
    else:
        name, place, text = wanted[how]
        assert entries[name][place] == text


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE search.entry SET holder_id = 4 WHERE list = 'phone' AND point = %s",
        "UPDATE search.entry SET grams = '{}' WHERE list = 'name' AND point = %s",
        "UPDATE search.entry SET number = '' WHERE list = 'address' AND point = %s",
        "DELETE FROM search.entry WHERE list = 'meter' AND point = %s",
        "INSERT INTO search.entry (list, sort_key, point) SELECT 'notice', '0', %s - 3",
    ],
)
def test_every_damaged_key_is_counted(behind: Db, area: Area, damage: str) -> None:
    point = area.add("own").points[0]
    before = _differing(behind)
    behind.execute(damage.encode(), [point])
    assert _differing(behind) == before + 1


def test_a_move_makes_the_point_due(behind: Db, area: Area) -> None:
    """Who moves in on a day is found from that day on, and who moved out is not, though the supplier stays."""
    mine = area.add("own").points[0]
    behind.execute("UPDATE points.party SET valid = daterange('2015-01-01', wall.today() + 3) WHERE point = %s", [mine])
    behind.execute(
        "INSERT INTO points.party (point, name, kana, phone, valid)"
        " VALUES (%s, '転入花子', 'テンニユウ', '', daterange(wall.today() + 3, NULL))", [mine],
    )  # fmt: skip
    behind.execute("SELECT points.restamp(ARRAY[%s]::bigint[])", [mine])
    due = behind.execute("SELECT due_on - wall.today() FROM wall.point WHERE id = %s", [mine]).fetchone()
    assert due == (3,)
    behind.execute("UPDATE wall.home SET shift = shift + interval '3 days'")
    assert behind.execute("SELECT points.take_effect(%s)", [mine]).fetchone() == (True,)
    row = behind.execute(
        "SELECT words, holder_id FROM search.entry WHERE list = 'name' AND point = %s", [mine]
    ).fetchone()
    assert row == ("転入花子", AOI)


def test_a_deployment_with_another_spelling_makes_all_keys_anew(behind: Db, area: Area) -> None:
    point = area.add("own").points[0]
    before = _differing(behind)
    behind.execute("DELETE FROM search.entry")
    assert behind.execute("SELECT points.renew_all_entries(%s)", [SPELLING]).fetchone() == (0,)
    count = behind.execute("SELECT count(*) FROM wall.point").fetchone()
    assert behind.execute("SELECT points.renew_all_entries(%s)", [SPELLING + 1]).fetchone() == count
    assert _differing(behind) == before == 0
    assert behind.execute("SELECT count(*) FROM search.entry WHERE point = %s", [point]).fetchone() == (7,)


def test_the_loader_leaves_no_key_behind(home: Home, area: Area, eyes: Db) -> None:
    """A point loaded and stamped in one go has its keys by then."""
    point = area.add("own").points[0]
    with Loader(home) as loader:
        assert loader.restamp([point]) == 1
    assert eyes.execute("SELECT count(*) FROM search.entry WHERE point = %s", [point]).fetchone() == (7,)
