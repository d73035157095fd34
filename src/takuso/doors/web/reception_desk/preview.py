"""変わること: a case's effect on its point before it is one, old and new beside each other.

Nothing is decided here: the moves are those of the state table, the effects those of flow/reception/effects.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from takuso.flow.reception.advance import Moved, Occurrence, advance
from takuso.flow.reception.case import Case
from takuso.flow.reception.effects import carry_out
from takuso.flow.reception.facts import Circumstances, Holding, PointFacts, Tenure
from takuso.flow.reception.states import Move
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import RECIPIENT_NAMES, STATE_NAMES, Actor, Event, Recipient, State

ORDERS: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.ORDER_WORK: "工事を手配する",
        Event.WORK_DONE: "工事が終わったことを記録する",
        Event.WORK_IMPOSSIBLE: "工事ができないことを記録する",
        Event.CORRECT: "訂正する",
    }
)
"""What the staff can order of a change of supply, in the words of the buttons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One line of a column: who, from when up to when; `changed`: the other column does not have it so."""

    name: str
    since: date | None
    until: date | None
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Old and new of one kind of fact."""

    title: str
    old: tuple[Spell, ...]
    new: tuple[Spell, ...]

    @property
    def differ(self) -> bool:
        """True if anything changes."""
        return any(one.changed for one in (*self.old, *self.new))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """変わること by one move: states, facts of the point, from which day, and who will be told.

    `facts` is empty where the move changes nothing that is recorded of the point, or nothing of it is known.
    """

    event: Event
    before: str
    after: str
    day: date | None
    told: tuple[str, ...]
    facts: tuple[Columns, ...]


def orders(case: Case, point: PointFacts | None, at: datetime) -> dict[Event, Moved]:
    """What the network company's staff can order now, with the case as it would be."""
    found = {event: _ordered(case, event, point, at) for event in ORDERS}
    return {event: moved for event, moved in found.items() if moved is not None}


def ordered(case: Case, moved: Moved, point: PointFacts | None) -> Preview:
    """What this order changes."""
    return _preview(case, moved.by, moved.case, point)


def expected(case: Case, point: PointFacts | None) -> Preview | None:
    """What the day of the case changes; None where it changes nothing, or has done so."""
    move = TABLES[case.application.procedure].move(State.SCHEDULED, Event.TAKE_EFFECT)
    if move is None or not case.is_open:
        return None
    return _preview(case, move, case, point)


def _ordered(case: Case, event: Event, point: PointFacts | None, at: datetime) -> Moved | None:
    row = TABLES[case.application.procedure].move(case.state, event)
    if row is None or Actor.NETWORK not in row.by:
        return None
    known = Circumstances(at=at, area="", retailers={}, point=point)
    moved = advance(case, Occurrence(event=event, by=Actor.NETWORK, at=at), known)
    return moved if isinstance(moved, Moved) else None


def _preview(case: Case, move: Move, after: Case, point: PointFacts | None) -> Preview:
    changed = None if point is None else carry_out(move.effect, after, point)
    return Preview(
        event=move.event,
        before=STATE_NAMES[case.state],
        after=STATE_NAMES[move.target],
        day=case.day,
        told=tuple(RECIPIENT_NAMES[one] for one in Recipient if one in move.told),
        facts=() if point is None or changed is None or changed == point else _columns(point, changed),
    )


def _columns(old: PointFacts, new: PointFacts) -> tuple[Columns, ...]:
    found = (
        _beside("供給者", old.holdings, new.holdings),
        _beside("契約名義", old.tenures, new.tenures),
        Columns(title="廃止措置方法", old=_method(old, new), new=_method(new, old)),
    )
    return tuple(one for one in found if one.differ)


def _beside(title: str, old: tuple[Holding | Tenure, ...], new: tuple[Holding | Tenure, ...]) -> Columns:
    return Columns(title=title, old=_spells(old, new), new=_spells(new, old))


def _method(point: PointFacts, other: PointFacts) -> tuple[Spell, ...]:
    """廃止措置方法 of the point, where there is one."""
    method = point.disconnection
    return (Spell(name=method, since=None, until=None, changed=method != other.disconnection),) if method else ()


def _spells(facts: tuple[Holding | Tenure, ...], others: tuple[Holding | Tenure, ...]) -> tuple[Spell, ...]:
    return tuple(
        Spell(
            name=one.retailer if isinstance(one, Holding) else one.name,
            since=one.valid.start,
            until=one.valid.end,
            changed=one not in others,
        )
        for one in reversed(facts)
    )
