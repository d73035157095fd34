"""案件と供給地点: the rows of one ticket as the rules know them, and the time line of the point.

The retailers of these values are named as pages name them, not by code: they are made to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from takuso.barrier.gate import Sight
from takuso.barrier.query import Query
from takuso.flow.points import queries as points
from takuso.flow.points.model import Equipment, Party, Pending, Place, SupplySegment
from takuso.flow.reception import wire
from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Holding, PointFacts, Tenure, Voltage
from takuso.flow.reception.model import Application
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.queries import PARTY_SPELLS, ApplicationLine, PartySpell
from takuso.flow.reception.vocabulary import STATE_NAMES, State
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import DatePeriod

PAST, NOW, PLANNED = "過去", "現在", "予定"
PRESENT = (points.PLACE, points.EQUIPMENT, points.PARTY, points.SUPPLY_TODAY, points.SUPPLY_HISTORY, points.PENDING)
"""What is read of the point beside its case."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ticket shows of the point: empty where there is none, or the class is not granted.

    `spells` are the parties of all stays where they were asked for, else None.
    """

    place: Sequence[Place]
    equipment: Sequence[Equipment]
    party: Sequence[Party]
    supply: Sequence[SupplySegment]
    history: Sequence[SupplySegment]
    pending: Sequence[Pending]
    spells: Sequence[PartySpell] | None

    @property
    def customer(self) -> str:
        """お客さまコード; nothing without a point."""
        return self.place[0].customer_code if self.place else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the time line from `since` up to `until`: `when` it is, what, by whom, and how far it is."""

    when: str
    since: date | None
    until: date | None
    what: str
    who: str
    state: str


def known(sight: Sight, *, spells: bool) -> Known:
    """The rows of the sight; `spells`: the parties of all stays were asked for."""
    return Known(
        place=_rows(sight, points.PLACE),
        equipment=_rows(sight, points.EQUIPMENT),
        party=_rows(sight, points.PARTY),
        supply=_rows(sight, points.SUPPLY_TODAY),
        history=_rows(sight, points.SUPPLY_HISTORY),
        pending=_rows(sight, points.PENDING),
        spells=_rows(sight, PARTY_SPELLS) if spells else None,
    )


def case_of(line: ApplicationLine) -> Case:
    """The case of a row, its sender by name. Raises ValueError or KeyError for what no filing has written."""
    return Case(
        application=Application(
            number=line.number,
            received_at=line.received_at,
            sender=line.sender_name,
            content=wire.content_of(Procedure(line.procedure), line.content),
            amended_at=line.amended_at,
        ),
        state=State(line.state),
        since=line.since,
        due=line.due,
        refusals=tuple(map(wire.refusal_of, line.refusals)),
        partner=line.partner,
    )


def facts_of(shown: Known) -> PointFacts | None:
    """The point as effects know it; None where place or equipment is not shown."""
    if not shown.place or not shown.equipment:
        return None
    place, equipment = shown.place[0], shown.equipment[0]
    today = [Tenure(name=one.name, kana=one.kana, valid=_period(one.since, None)) for one in shown.party]
    stays = [Tenure(name=one.name, kana=one.kana, valid=_period(one.since, one.until)) for one in shown.spells or ()]
    return PointFacts(
        number=SupplyPointNumber(place.supply_point),
        place=place.address,
        voltage=Voltage(equipment.voltage),
        holdings=tuple(
            Holding(retailer=one.retailer, valid=_period(one.since, one.until), customer_no=one.contract_no)
            for one in reversed(shown.history)
        ),
        tenures=tuple(today if shown.spells is None else stays),
        disconnection=equipment.disconnection,
    )


def time_line(shown: Known, line: ApplicationLine, today: date) -> list[Step]:
    """Supply past, present and planned, the last first, and the applications that are to change it."""
    supply = [
        Step(
            when=_when(one.since, one.until, today),
            since=one.since,
            until=one.until,
            what="供給",
            who=one.retailer,
            state=one.reason,
        )
        for one in shown.history
    ]
    planned = [
        Step(when=PLANNED, since=one.effective_on, until=None, what=one.procedure, who=one.applicant, state=one.state)
        for one in shown.pending
    ]
    # A switch away stands in no list of the point: customer screens must not tell of it. Here its case is open.
    if line.open and line.day is not None and line.number not in {one.application_no for one in shown.pending}:
        name = CATALOGUE[Procedure(line.procedure)].name
        state = STATE_NAMES[State(line.state)]
        planned.append(Step(when=PLANNED, since=line.day, until=None, what=name, who=line.sender_name, state=state))
    return sorted([*planned, *supply], key=lambda one: (one.since or date.min, one.when == PLANNED), reverse=True)


def _when(since: date | None, until: date | None, today: date) -> str:
    if until is not None and until <= today:
        return PAST
    return PLANNED if since is not None and since > today else NOW


def _period(since: date | None, until: date | None) -> DatePeriod:
    return DatePeriod(start=since, end=until)


def _rows(sight: Sight, query: Query[Row]) -> Sequence[Row]:
    return () if sight.withheld(query) else sight.rows(query)
