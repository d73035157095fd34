"""閲覧可否の説明: which row of the matrix decided each class of a screen for each supply point of a customer.

Read as the log is read: under a ticket of the compliance duty, so that every explanation is a record. The rule is
asked again (decide.py) with what was recorded at an instant and with what is recorded now; the wall itself is not.
Nothing of a customer comes out but relations, company codes and letters of classes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from takuso.barrier.decide import Asker, Decision, Held, decide, relation
from takuso.barrier.matrix import ACTIONS, DataClass, Duty, Relation, Rule, Verdict, View
from takuso.barrier.query import Query
from takuso.barrier.screen import ScreenKind
from takuso.kernel.periods import DatePeriod

Answer = Literal["then", "now"]
ANSWERS: Final[tuple[Answer, ...]] = ("then", "now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`then`: as recorded at the instant; `now`: as recorded now. Both are valid at the same business instant."""

    answer: Answer
    at: datetime
    day: date
    recorded: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """An appointment of the person at the instant. `organisation` is the key of the company it acts for."""

    answer: Answer
    employer: str
    employer_name: str
    principal: str | None
    principal_name: str | None
    organisation: int
    duty: str

    @property
    def asker(self) -> Asker:
        """As the rule wants it."""
        return Asker(organisation=self.organisation, duty=Duty(self.duty))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenThen:
    """The definition of the screen in force."""

    answer: Answer
    version: int
    name: str
    view: str
    kind: str
    classes: list[str]
    actions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleThen:
    """One row of the matrix in force."""

    answer: Answer
    duty: str
    relation: str
    view: str
    letter: str
    verdict: str
    article: str
    note: str
    since: date
    until: date | None

    @property
    def rule(self) -> Rule:
        """As the rule wants it."""
        return Rule(
            duty=Duty(self.duty),
            relation=Relation(self.relation),
            view=View(self.view),
            data_class=DataClass(self.letter),
            verdict=Verdict(self.verdict),
            article=self.article,
            note=self.note,
            since=self.since,
            until=self.until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A supplier of one of the customer's points and how that stands to the day: `present`, `ended` or `coming`.
    A point that never had one has one row without. The dates stay in the database: the rule asks no more of them."""

    answer: Answer
    no: int
    retailer: int | None
    retailer_code: str | None
    stands: Literal["present", "ended", "coming"] | None

    def period(self, day: date) -> DatePeriod:
        """A period that stands so to the day."""
        if self.stands == "ended":
            return DatePeriod(start=None, end=day)
        if self.stands == "present":
            return DatePeriod.one_day(day)
        return DatePeriod.since(day + timedelta(days=1))


_SQL: Final = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The queries of one way of asking."""

    moments: Query[Moment]
    appointments: Query[Appointment]
    screens: Query[ScreenThen]
    rules: Query[RuleThen]
    suppliers: Query[Supplier]

    @property
    def all(self) -> tuple[Query[Any], ...]:
        """All of them."""
        return (self.moments, self.appointments, self.screens, self.rules, self.suppliers)

    def found(self, rows: Callable[[Query[Any]], Sequence[Any]]) -> "Found":
        """What they brought, from the sight of a ticket."""
        return Found(
            moments=rows(self.moments),
            appointments=rows(self.appointments),
            screens=rows(self.screens),
            rules=rows(self.rules),
            suppliers=rows(self.suppliers),
        )


def questions(asked: Path, parameters: frozenset[str]) -> Questions:
    """The queries over `asked`, a file that is a WITH of that name: person, screen, number and at (null = now)."""

    def query(name: str, row: type[Any]) -> Query[Any]:
        file = _SQL / f"explain_{name}.sql"
        return Query(
            name=f"explain.{name}",
            file=file,
            classes=frozenset(),
            row=row,
            parameters=parameters,
            before=(asked,),
        )

    return Questions(
        moments=query("moments", Moment),
        appointments=query("appointments", Appointment),
        screens=query("screens", ScreenThen),
        rules=query("rules", RuleThen),
        suppliers=query("suppliers", Supplier),
    )


ASKED: Final = questions(_SQL / "explain_asked.sql", frozenset({"person", "screen", "customer", "at"}))
"""Parameters: person, screen, customer (14 or 22 digits), at (a business instant, None = now)."""
MOMENTS: Final = ASKED.moments
APPOINTMENTS: Final = ASKED.appointments
SCREENS: Final = ASKED.screens
RULES_THEN: Final = ASKED.rules
SUPPLIERS: Final = ASKED.suppliers
QUERIES: Final = ASKED.all
OF_RECORD: Final = questions(_SQL / "desk_asked.sql", frozenset({"receipt", "since", "until", "no"}))
"""The same of a record: its receipt, days it is looked for on, and which of its subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows of all queries."""

    moments: Sequence[Moment]
    appointments: Sequence[Appointment]
    screens: Sequence[ScreenThen]
    rules: Sequence[RuleThen]
    suppliers: Sequence[Supplier]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointExplained:
    """One supply point, by its place among the customer's, with the decision on every class of the screen.
    `holder`: code of the company that supplies it on that day."""

    no: int
    relation: Relation
    holder: str | None
    classes: Mapping[DataClass, Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """The person in one appointment; None: there was none. `conditions`: what must hold beside the rules."""

    appointment: Appointment | None
    conditions: tuple[str, ...]
    points: tuple[PointExplained, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One of the two answers. `screen` None: there was no such screen."""

    moment: Moment
    screen: ScreenThen | None
    acting: tuple[Acting, ...]


def explain(found: Found) -> dict[Answer, Explained]:
    """Both answers. An unknown person, screen or customer gives one absent point: the shape tells nothing apart."""
    return {moment.answer: _explained(moment, found) for moment in found.moments}


def _explained(moment: Moment, found: Found) -> Explained:
    answer = moment.answer
    screen = next((s for s in found.screens if s.answer == answer), None)
    held: list[Appointment | None] = [a for a in found.appointments if a.answer == answer]
    known = [s for s in found.suppliers if s.answer == answer] if screen and held else []
    acting = []
    for appointment in held or [None]:
        rules = [r.rule for r in found.rules if appointment and (r.answer, r.duty) == (answer, appointment.duty)]
        points = _points(appointment, screen, known, moment.day, rules)
        acting.append(
            Acting(appointment=appointment, conditions=tuple(_conditions(appointment, screen)), points=tuple(points))
        )
    return Explained(moment=moment, screen=screen, acting=tuple(acting))


def _points(
    appointment: Appointment | None,
    screen: ScreenThen | None,
    suppliers: Sequence[Supplier],
    day: date,
    rules: Sequence[Rule],
) -> Iterator[PointExplained]:
    view = View(screen.view) if screen else View.CURRENT
    letters = [DataClass(c) for c in sorted(screen.classes)] if screen else []
    absent = Decision(show=False, relation=Relation.ABSENT, rule=None)
    if appointment is None or not suppliers:
        yield PointExplained(no=1, relation=Relation.ABSENT, holder=None, classes=dict.fromkeys(letters, absent))
        return
    asker = appointment.asker
    for no in sorted({s.no for s in suppliers}):
        here = [s for s in suppliers if s.no == no]
        supplied = [Held(retailer=s.retailer, period=s.period(day)) for s in here if s.retailer is not None]
        yield PointExplained(
            no=no,
            relation=relation(asker, supplied, view, day),
            holder=next((s.retailer_code for s in here if s.stands == "present"), None),
            classes={letter: decide(asker, supplied, view, letter, day, rules) for letter in letters},
        )


def _conditions(appointment: Appointment | None, screen: ScreenThen | None) -> Iterator[str]:
    """What no row says. Who may do which action has no history: it is told as it is now."""
    if appointment is None or screen is None:
        return
    duty = Duty(appointment.duty)
    if duty.is_network and screen.kind in (ScreenKind.CUSTOMER, ScreenKind.LIST, ScreenKind.WRITE):
        yield "利用目的の申告がなければ、規則が認める区分も表示されません。"
    for action in screen.actions:
        if duty not in ACTIONS.get(action, ()):
            yield f"この画面の操作（{action}）は職務に含まれず、閲覧票は拒否されます（いまの定義）。"
