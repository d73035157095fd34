"""管理の読み取り: persons, companies, screens, under a ticket of the administration. No customer is in them."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from takuso.barrier.query import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A person and one present appointment, None without; `more`: there are persons after this page."""

    code: str
    name: str
    duty: str | None
    employer_name: str | None
    organisation_name: str | None
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentLine:
    """A person and one appointment as it was recorded; without any, `id` is None and so is all of it.

    Instants are UTC, periods half-open; `until` None = open. `recorded_to` None = as recorded now. `own`: the person is
    the reader. `held_then`, `held_now`: held at the instant asked for, as recorded then and now.
    """

    code: str
    name: str
    own: bool
    id: int | None
    employer: str | None
    employer_name: str | None
    principal: str | None
    principal_name: str | None
    duty: str | None
    since: datetime | None
    until: datetime | None
    recorded_from: datetime | None
    recorded_to: datetime | None
    superseded_by: int | None
    reason: str | None
    receipt: str | None
    stands: bool | None
    held_then: bool | None
    held_now: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyLine:
    """A company; `kind` is network, retailer or contractor, `registered` the 登録番号."""

    code: str
    name: str
    kind: str
    registered: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationLine:
    """One row of 特定関係事業者 (`affiliation`: network, affiliate) or 委託関係 (`contracting`: contractor, principal).

    `since` and `until` are JST days, half-open, None = open.
    """

    kind: str
    id: int
    one: str
    one_name: str
    other: str
    other_name: str
    since: date | None
    until: date | None
    recorded_from: datetime
    recorded_to: datetime | None
    superseded_by: int | None
    reason: str | None
    receipt: str | None
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenLine:
    """One version of a screen's definition."""

    code: str
    version: int
    name: str
    view: str
    kind: str
    classes: list[str]
    actions: list[str]
    recorded_from: datetime
    recorded_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    """One proposal and what became of it. `content` is what it changes: see changes.RuleChange, or an appointment.

    `own`: the reader proposed it; `subject`: it is about the reader. `verdict` None = open.
    """

    id: int
    kind: str
    content: dict[str, Any]
    reason: str
    proposer: str
    proposer_name: str
    proposed: datetime
    receipt: str
    verdict: str | None
    decider: str | None
    decider_name: str | None
    decided: datetime | None
    decision_receipt: str | None
    comment: str | None
    proof: str | None
    person: str | None
    person_name: str | None
    employer_name: str | None
    principal_name: str | None
    own: bool
    subject: bool
    place: int | None
    base: int | None
    loaded: int | None
    loaded_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A row of the table as it is enforced; days half-open, `until` None = open. `version`: of the whole table."""

    duty: str
    relation: str
    view: str
    data_class: str
    verdict: str
    article: str
    note: str
    since: date
    until: date | None
    version: int


_SQL: Final = Path(__file__).parent / "sql"

PERSONS: Final = Query(
    name="office.persons",
    file=_SQL / "office_persons.sql",
    classes=frozenset(),
    row=PersonLine,
    parameters=frozenset({"find", "after", "limit"}),
)
"""Persons by code; `find` is a part of the code or name, `after` the last code of the page before; None = all."""

APPOINTMENTS: Final = Query(
    name="office.appointments",
    file=_SQL / "office_appointments.sql",
    classes=frozenset(),
    row=AppointmentLine,
    parameters=frozenset({"person", "at"}),
)
"""All appointments of a person (code), as held at the business instant `at`, None = now; no row: no such person."""

COMPANIES: Final = Query(
    name="office.companies", file=_SQL / "office_companies.sql", classes=frozenset(), row=CompanyLine
)

RELATIONS: Final = Query(
    name="office.relations", file=_SQL / "office_relations.sql", classes=frozenset(), row=RelationLine
)

SCREENS: Final = Query(name="office.screens", file=_SQL / "office_screens.sql", classes=frozenset(), row=ScreenLine)

PROPOSALS: Final = Query(
    name="office.proposals", file=_SQL / "office_proposals.sql", classes=frozenset(), row=ProposalLine
)

RULES: Final = Query(name="office.rules", file=_SQL / "office_rules.sql", classes=frozenset(), row=RuleLine)
