"""閲覧記録の調査: what the compliance desk reads of the log. One record is one ticket; its subjects stand within it.

All queries take the same filters, None = any, and days (both included). Read under a ticket of the log alone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from takuso.barrier.query import Query

Unit = Literal["records", "persons", "contracts"]
Group = Literal["person", "customer"]

FILTERS: Final = frozenset(
    {
        "since",
        "until",
        "person",
        "customer",
        "employer",
        "holder",
        "relation",
        "screen",
        "came",
        "decision",
        "purpose",
        "rule",
        "rendered",
    }
)
"""`customer` has 14 or 22 digits; `employer`, `holder` are codes of companies; `-` for `came` and `purpose` is none;
`rendered` is yes, no or none (no outcome was recorded, which counts as shown)."""
PAGE: Final = 50
SAMPLE: Final = 5000
"""Facets are counted over at most so many of the newest records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record on the list. `customers` are codes of at most three of its subjects, `subjects` how many there are.

    `typed`: the numbers that were typed where no point answers to them; of a reading of the log, what was asked.
    """

    day: date
    at: datetime
    receipt: str
    person: str
    person_name: str
    employer: str
    employer_name: str
    screen: str
    screen_name: str | None
    came_screen: str | None
    kind: str
    decision: str
    purpose_code: str | None
    purpose_reference: str | None
    purpose_verified: bool | None
    rule_version: int
    subjects: int
    customers: list[str]
    typed: str | None
    relations: list[str]
    holders: list[str]
    rendered: bool | None
    classes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """How many of the newest records have this value; `facet` total: how many were counted."""

    facet: str
    value: str
    name: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many in the stretch of time that begins at `at`."""

    at: datetime
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Everything that one person did in one employment, or that was done to one customer, within the filters."""

    code: str
    name: str
    employer: str
    employer_name: str
    first: datetime
    last: datetime
    records: int
    others: int
    screens: list[str]
    decisions: list[str]


_SQL: Final = Path(__file__).parent / "sql"
_ANY: Final = (_SQL / "desk_any.sql", _SQL / "desk_chosen.sql")
_NAMED: Final = (_SQL / "desk_named.sql", _SQL / "desk_chosen.sql")
_OPEN: Final = (_SQL / "desk_open.sql", _SQL / "desk_chosen.sql")


def _query(name: str, row: type[Any], *parameters: str, named: bool) -> Query[Any]:
    before: tuple[Path, ...] = _NAMED if named else _ANY
    if name == "by_person":
        before = (*before, _SQL / f"desk_met{'_named' if named else ''}.sql")
    return _of(f"desk.{name}", _SQL / f"desk_{name}.sql", row, before, parameters)


def _of(name: str, file: Path, row: type[Any], before: tuple[Path, ...], parameters: tuple[str, ...]) -> Query[Any]:
    return Query(
        name=name,
        file=file,
        classes=frozenset(),
        row=row,
        parameters=FILTERS | frozenset(parameters),
        before=before,
        planned_anew=True,
    )


def _counted(unit: Unit, before: tuple[Path, ...]) -> Path:
    """What is counted of the records; of open days alone, only their subjects are read."""
    return _SQL / f"desk_bars_{unit}{'_open' if unit == 'contracts' and before == _OPEN else ''}.sql"


def _bars(before: tuple[Path, ...], file: str, *parameters: str) -> dict[Unit, Query[Bar]]:
    """One query a unit: the filters, what is counted of the records they leave, and `file`."""
    return {
        unit: _of(
            f"desk.{file}_{unit}",
            _SQL / f"desk_{file}.sql",
            Bar,
            (*before, _counted(unit, before)),
            ("width", *parameters),
        )
        for unit in get_args(Unit)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The queries, as they are best asked with or without a customer among the filters.

    `lines` pages after (after_day, after_at, after_receipt), None = from the newest, and takes `last`. `facets` takes
    `sample`; `bars` take `width` (an interval that divides a day); `groups` take `last`.
    """

    lines: Query[Line]
    facets: Query[Facet]
    bars: dict[Unit, Query[Bar]]
    groups: dict[Group, Query[Looker]]


def _desk(*, named: bool) -> Desk:
    return Desk(
        lines=_query("lines", Line, "after_day", "after_at", "after_receipt", "last", named=named),
        facets=_query("facets", Facet, "sample", named=named),
        bars=_bars(_NAMED if named else _ANY, "bars"),
        groups={
            "person": _query("by_person", Looker, "last", named=named),
            "customer": _query("by_customer", Looker, "last", named=named),
        },
    )


ALL: Final = _desk(named=False)
"""For filters without a customer."""
OF_CUSTOMER: Final = _desk(named=True)
"""For filters with one: its records are looked up first."""
TALLIED: Final = ("employer", "holder", "relation", "screen", "came", "decision", "purpose", "rule")
"""The filters whose ended days are counted beforehand, one at a time (tally.sql)."""
TALLIED_BARS: Final = _bars(_OPEN, "bars_tallied", "dim", "value", "unit")
"""The same bars, of whole hours or days, with no filter (`dim` and `value` "") or with one of TALLIED, which is given
beside as `dim` and `value` (`-` is none): ended days from their tally, the others counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record with everything that was recorded of it. `organisation_key` is the key of its company.

    `rows`, `closed_at`, `digest` are of its outcome, None = none was recorded; `digest` is SHA-256 of what left.
    """

    day: date
    receipt: str
    at: datetime
    business_at: datetime
    person: str
    person_name: str
    employer: str
    employer_name: str
    organisation: str
    organisation_name: str
    organisation_key: int
    duty: str
    session: int
    terminal: str | None
    kind: str
    screen: str
    screen_version: int
    screen_name: str | None
    came_from: str | None
    came_screen: str | None
    action: str | None
    purpose_code: str | None
    purpose_reference: str | None
    purpose_verified: bool | None
    purpose_receipt: str | None
    decision: str
    reason: str
    rule_version: int
    typed: str | None
    rendered: bool | None
    rows: int | None
    closed_at: datetime | None
    classes: list[str]
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One supply point that a record named, and what was decided and shown of it."""

    no: int
    customer: str | None
    relation: str
    holder: str | None
    holder_name: str | None
    held_from: date | None
    granted: list[str]
    refused: list[str]
    period: str | None
    rendered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operation of the same sign-in."""

    day: date
    at: datetime
    receipt: str
    screen: str
    screen_name: str | None
    came_from: str | None
    came_screen: str | None
    kind: str
    decision: str
    customers: list[str]


def _of_record(name: str, row: type[Any]) -> Query[Any]:
    file = _SQL / f"desk_{name}.sql"
    parameters = frozenset({"receipt", "since", "until"})
    return Query(name=f"desk.{name}", file=file, classes=frozenset(), row=row, parameters=parameters, planned_anew=True)


RECORD: Final[Query[Record]] = _of_record("record", Record)
SUBJECTS: Final[Query[Subject]] = _of_record("subjects", Subject)
PATH: Final[Query[Step]] = _of_record("path", Step)
"""The record with this receipt on these days, its subjects, and at most ten operations before and after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A request for an export of the log and what became of it. `filters` is what exactly was asked for."""

    export: str
    at: datetime
    person: str
    person_name: str
    filters: str
    reason: str
    expires: datetime
    expired: bool
    approved_at: datetime | None
    approver: str | None
    approver_name: str | None
    taken_at: datetime | None


EXPORTS: Final = Query(name="desk.exports", file=_SQL / "desk_exports.sql", classes=frozenset(), row=Export)
"""The newest fifty requests."""
MOST_EXPORTED: Final = 100_000
"""An export has at most so many records."""
