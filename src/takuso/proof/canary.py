"""Canaries: invented customers of every kind, each of whose values is a marker that stands nowhere else.

A marker names its owner: the point, the class and the supply segment it belongs to. Whatever bytes leave the office
can then be asked whose they are. Values are derived from a seed, so that two worlds can differ in every value, and
in the number, of the customers that are foreign to one company (the two-run test).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from takuso.barrier.decide import Held, decide
from takuso.barrier.deployment import Loader
from takuso.barrier.matrix import DataClass, Rule, View
from takuso.kernel.finding import Kind
from takuso.kernel.periods import DatePeriod
from takuso.proof.people import AFFILIATE, RIVAL, THIRD, Walker
from takuso.proof.seeded import digits, letters
from takuso.proof.signs import EVERYBODY, HAN, KANA_SIGN

Row = dict[str, Any]
Span = tuple[int, int | None, int | None]
"""Retailer, first day and day after the last, counted from today; None is open."""

KINDS: Final[Mapping[str, tuple[tuple[Span, ...], ...]]] = {
    "own": (((AFFILIATE, -2000, None),),),
    "foreign": (((RIVAL, -2000, None),),),
    "foreign-third": (((THIRD, -700, None),),),
    "switched-today": (((AFFILIATE, -2000, 0), (RIVAL, 0, None)),),
    "switched-long-ago": (((AFFILIATE, -2000, -400), (RIVAL, -400, None)),),
    "ended": (((AFFILIATE, -2000, -30),),),
    "vacant": (((RIVAL, -2000, -60),),),
    "never-supplied": ((),),
    "own-past": (((AFFILIATE, -2000, -500), (RIVAL, -500, -200), (AFFILIATE, -200, None)),),
    "gained-today": (((RIVAL, -2000, 0), (AFFILIATE, 0, None)),),
    "incoming": (((RIVAL, -2000, 1), (AFFILIATE, 1, None)),),
    "outgoing": (((AFFILIATE, -2000, 1), (RIVAL, 1, None)),),
    "away-and-back": (((AFFILIATE, -2000, 5), (RIVAL, 5, 10), (AFFILIATE, 10, None)),),
    "two-suppliers": (((AFFILIATE, -2000, None),), ((RIVAL, -2000, None),)),
}
BRIEF: Final = frozenset({"own", "foreign", "switched-today", "own-past", "incoming", "two-suppliers"})
"""The kinds of a brief walk."""
ABSENT: Final = "absent"
"""The kind of a code that nobody has: 14 digits without a customer."""
_KANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Whose a marker is. `segment` is the number of its supply segment, None for facts of no period; `party`: the
    applicant of a pending change."""

    kind: str
    point: int
    letter: DataClass
    segment: int | None = None
    party: int | None = None


Marks = dict[str, tuple[Mark, ...]]
"""Marker → whose it is (one customer; several marks where one value stands in facts of two classes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A canary: its code, its points and what each is held by, in order."""

    kind: str
    code: str
    points: tuple[int, ...]
    numbers: tuple[str, ...]
    histories: tuple[tuple[Held, ...], ...]
    kana: tuple[str, ...]
    sought: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    """What each kind of search finds it by, beside its kana."""

    def held_by(self, organisation: int) -> bool:
        """True if the company has held, holds, or has applied for one of the points."""
        return any(held.retailer == organisation for history in self.histories for held in history)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Which values: `variant` salts those of every customer that is foreign to `viewpoint` (None: nobody varies).

    `more`: further foreign customers beside one of each kind. `without`: kinds whose code exists and holds nobody.
    """

    variant: int = 0
    viewpoint: int | None = None
    more: int = 0
    without: frozenset[str] = frozenset()

    @classmethod
    def brief(cls) -> "World":
        """One customer of each of the kinds that differ most."""
        return cls(without=frozenset(KINDS) - BRIEF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """The planted customers by kind, all markers, and the rows by which they may be seen."""

    customers: Mapping[str, Customer]
    today: date
    rules: Sequence[Rule]
    marks: Marks = field(repr=False)

    def of_kind(self, kind: str) -> Iterator[Mark]:
        """The marks of one customer, each once."""
        return iter({mark: None for whose in self.marks.values() for mark in whose if mark.kind == kind})

    def may_see(self, walker: Walker, view: View, classes: frozenset[DataClass], mark: Mark) -> bool:
        """Whether the rule lets this person see this marker on a screen of that view and those classes."""
        if mark.letter not in classes:
            return False
        customer = self.customers[mark.kind]
        history = customer.histories[customer.points.index(mark.point)]
        decision = decide(walker.asker, history, view, mark.letter, self.today, self.rules)
        if not decision.show:
            return False
        if walker.duty.is_network:
            return True
        if mark.letter is DataClass.PENDING:
            return mark.party == walker.organisation
        if decision.periods is not None and mark.segment is not None:
            return any(period.covers(history[mark.segment].period) for period in decision.periods)
        return mark.segment is None or _stands(history, mark.segment, walker, self.today)


def _stands(history: Sequence[Held], segment: int, walker: Walker, today: date) -> bool:
    """What was ordered or noted in a supplier's time is that supplier's, for as long as it supplies."""
    held = history[segment]
    return held.retailer == walker.organisation and held.period.contains(today)


def plant(loader: Loader, world: World, today: date, rules: Sequence[Rule]) -> Canaries:
    """Load one customer of each kind, and `more` foreign ones; returns them with their markers."""
    made: dict[str, Customer] = {}
    marks: dict[str, list[Mark]] = {}
    for no, kind, spans in _asked(world):
        planted = _Planter(world, no, kind, spans, today)
        planted.load(loader)
        made[kind] = planted.customer
        for text, mark in planted.marks:
            marks.setdefault(text, []).append(mark)
    found = {text: tuple(whose) for text, whose in marks.items()}
    return Canaries(customers=made, today=today, rules=rules, marks=found)


def _asked(world: World) -> Iterator[tuple[int, str, tuple[tuple[Span, ...], ...]]]:
    """Number, kind and history: the number is the kind's own, so that lists keep their order from world to world."""
    numbered = enumerate(KINDS.items(), start=1)
    yield from ((no, kind, spans) for no, (kind, spans) in numbered if kind not in world.without)
    strangers = [retailer for retailer in (RIVAL, AFFILIATE) if retailer != world.viewpoint]
    yield from ((50 + no, f"more-{no}", (((strangers[0], -900 - no, None),),)) for no in range(world.more))


class _Planter:
    """The rows and markers of one customer."""

    def __init__(self, world: World, no: int, kind: str, spans: tuple[tuple[Span, ...], ...], today: date) -> None:
        self._today = today
        histories = tuple(tuple(_held(span, today) for span in history) for history in spans)
        mine = any(held.retailer == world.viewpoint for history in histories for held in history)
        self._salt = "" if world.viewpoint is None or mine else f"/{world.variant}"
        code = code_of(kind)
        points = tuple(no * 100 + place for place in range(len(spans)))
        numbers = tuple(_spin(kind, place, self._salt) for place in range(len(spans)))
        kana = tuple(KANA_SIGN + self._kana(f"kana/{place}", kind, 8) for place in range(len(spans)))
        self.customer = Customer(kind=kind, code=code, points=points, numbers=numbers, histories=histories, kana=kana)
        self.marks: list[tuple[str, Mark]] = []
        self._rows: dict[str, list[Row]] = {}
        for place in range(len(spans)):
            self._point(place)
        self.customer = replace(self.customer, sought=self._sought())

    def load(self, loader: Loader) -> None:
        """Points, facts; stamps and search keys follow from them."""
        customer = self.customer
        loader.load(
            "wall.point",
            [
                {"id": point, "supply_point": number, "customer_code": customer.code}
                for point, number in zip(customer.points, customer.numbers, strict=True)
            ],
        )
        for table, rows in self._rows.items():
            loader.load(table, rows)
        loader.restamp(customer.points)

    def _sought(self) -> dict[Kind, tuple[str, ...]]:
        parties, places = self._rows["points.party"], self._rows["points.place"]
        equipment = self._rows["points.equipment"]
        names, phones = [str(row["name"]) for row in parties], [str(row["phone"]) for row in parties]
        return {
            "name": (*names, *(name[:1] for name in names)),
            "phone": tuple(phone[:7] for phone in phones),
            "address": tuple(f"{row['room']} {row['town']}" for row in places),
            "meter": tuple(str(row["meter_number"]) for row in equipment),
            "pole": tuple(str(row["service_pole"]) for row in equipment),
        }

    def _number(self, what: str, kind: str, length: int) -> str:
        return digits(f"{what}/{kind}{self._salt}", length)

    def _kana(self, what: str, kind: str, length: int) -> str:
        return letters(f"{what}/{kind}{self._salt}", _KANA, length)

    def _mark(self, place: int, letter: str, what: str, segment: int | None = None, party: int | None = None) -> str:
        """A fresh marker text of Chinese characters for a fact."""
        name = f"{what}/{place}/{segment}/{self.customer.kind}{self._salt}"
        return self._own(letters(name, HAN, 7), place, letter, segment, party)

    def _own(self, text: str, place: int, letter: str, segment: int | None = None, party: int | None = None) -> str:
        mark = Mark(
            kind=self.customer.kind,
            point=self.customer.points[place],
            letter=DataClass(letter),
            segment=segment,
            party=party,
        )
        self.marks.append((text, mark))
        return text

    def _add(self, table: str, place: int, **row: Any) -> None:
        self._rows.setdefault(table, []).append({"point": self.customer.points[place], **row})

    def _point(self, place: int) -> None:
        kind, kana = self.customer.kind, self.customer.kana[place]
        number = self._own(self.customer.numbers[place], place, "A")
        self._add(
            "points.place",
            place,
            supply_point=number,
            customer_code=self.customer.code,
            postal_code="530-0001",
            prefecture="大阪府",
            city="大阪市",
            town=self._mark(place, "A", "town"),
            block="1-1",
            building="",
            room=self._mark(place, "A", "room"),
        )
        self._add(
            "points.equipment",
            place,
            status="供給中",
            voltage="低圧",
            wiring="単相3線式 100/200V",
            reading_schedule="07",
            next_reading_on=self._today,
            reading_method="自動検針",
            meter_kind="スマートメーター",
            meter_number=self._mark(place, "B", "meter") + EVERYBODY["meter"],
            meter_valid_until="2033-03-31",
            communicating=True,
            half_hourly=True,
            grid_connected=False,
            service_pole=self._mark(place, "B", "pole") + EVERYBODY["pole"],
        )
        old = self._mark(place, "B", "old-meter")
        self._add("points.meter_install", place, meter_number=old, installed_on="2016-01-01", reason="新設")
        self._own(kana, place, "C")
        self._add(
            "points.party",
            place,
            name=self._mark(place, "C", "name") + EVERYBODY["name"],
            kana=kana,
            valid="[2015-01-01,)",
            phone=self._own(self._number(f"phone/{place}", kind, 7) + EVERYBODY["phone"], place, "C"),
            mail_address=self._mark(place, "C", "mail"),
        )
        self._add("points.care_note", place, kind="命を守る機器", body=self._mark(place, "S", "care"))
        for segment, held in enumerate(self.customer.histories[place]):
            self._segment(place, segment, held)

    def _segment(self, place: int, segment: int, held: Held) -> None:
        valid = _range(held.period)
        self._add(
            "points.supply",
            place,
            retailer=held.retailer,
            balancing_group=self._mark(place, "D", "group", segment),
            contract_no=self._mark(place, "D", "contract", segment),
            valid=valid,
        )
        self._add(
            "points.contract_size",
            place,
            kind="電灯",
            basis="実量契約",
            amount="6.0",
            unit="kVA",
            valid=valid,
            menu=self._mark(place, "E", "menu", segment),
        )
        self._usage(place, segment, held.period)
        start = held.period.start
        if start is not None and start > self._today:
            self._add(
                "points.pending",
                place,
                party=held.retailer,
                procedure="スイッチング開始",
                effective_on=start,
                state="マッチング済",
                application_no=self._mark(place, "G", "application", segment, held.retailer),
            )
        elif start is not None:
            self._bank(place, segment, start)

    def _usage(self, place: int, segment: int, period: DatePeriod) -> None:
        """Up to 13 months that lie whole within the segment and have been read; each energy is a marker."""
        end = min(period.end or self._today, self._today)
        for month in range(13):
            first = end - timedelta(days=30)
            if period.start is None or first < period.start:
                return
            kwh = int("4" + self._number(f"usage/{place}/{segment}/{month}", self.customer.kind, 8))
            self._own(f"{kwh}", place, "F", segment)
            # As a machine is told it: in Wh.
            self._own(f"{kwh}000", place, "F", segment)
            self._add(
                "points.usage_month",
                place,
                month=first.replace(day=1),
                energy_wh=kwh * 1000,
                maximum_w=3000,
                quality="確定",
                valid=f"[{first},{end})",
            )
            end = first

    def _bank(self, place: int, segment: int, start: date) -> None:
        bank = {"bank_code": "9999", "bank_name": "ためし銀行", "branch_code": "001", "account_kind": "普通"}
        account = {"account_tail": "567", "holder_kana": self._mark(place, "H", "holder", segment)}
        branch = self._mark(place, "H", "branch", segment)
        shared = {**bank, **account, "branch_name": branch}
        self._add("points.bank_mandate", place, **shared, account_no="1234567", valid=f"[{start},)")
        self._add(
            "points.mandate_notice",
            place,
            **shared,
            kind="新規",
            received_on=start,
            applies_from=start.replace(day=1),
            result_code="0",
            source_file=self._mark(place, "H", "file", segment),
        )
        subject, body = self._mark(place, "I", "subject", segment), self._mark(place, "I", "body", segment)
        self._add("points.contact_note", place, noted_on=start, subject=subject, body=body)


def spin_of(kind: str) -> str:
    """A 22-digit number by kind alone: that of the kind's first point wherever its values are not salted."""
    return _spin(kind, 0, "")


def _spin(kind: str, place: int, salt: str) -> str:
    return "06" + digits(f"spin/{place}/{kind}{salt}", 18) + "00"


def _held(span: Span, today: date) -> Held:
    retailer, first, end = span
    start = None if first is None else today + timedelta(days=first)
    return Held(
        retailer=retailer, period=DatePeriod(start=start, end=None if end is None else today + timedelta(days=end))
    )


def _range(period: DatePeriod) -> str:
    return f"[{period.start or ''},{period.end or ''})"


def code_of(kind: str) -> str:
    """The 14 digits of the customer of a kind; that of ABSENT is nobody's."""
    return digits(f"code/{kind}", 14)
