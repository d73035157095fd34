"""異動並びチェック: changes of one supply point follow each other legally; who clashes is named with both days.

At every instant a point has at most one supplier; a switch leaves no gap and no overlap. A change comes behind all
that is committed or already recorded, but for one pair: whoever moves out and whoever moves in on the same day. (That
such a check exists, and that its messages must say what clashes: source O7. The rules are this product's.)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from takuso.flow.reception.case import Case, own_conflict
from takuso.flow.reception.facts import Holding, PointFacts
from takuso.flow.reception.model import Application, MoveOut, Reenergisation, SwitchEnd, SwitchStart, day_of
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Conflict, Refusal, refusal
from takuso.kernel.periods import DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """供給の並び: who supplies when, as recorded and with the committed changes carried out."""

    holdings: tuple[Holding, ...]

    def holding_on(self, day: date) -> Holding | None:
        """The holding that holds this day, or None."""
        return next((one for one in self.holdings if one.valid.contains(day)), None)

    def holder_on(self, day: date) -> str | None:
        """The retailer that supplies on this day, or None."""
        holding = self.holding_on(day)
        return None if holding is None else holding.retailer

    def ended(self, day: date) -> "Timeline":
        """With nobody supplying from this day on, where somebody did."""
        cut = (replace(one, valid=_before(one.valid, day)) for one in self.holdings)
        return Timeline(holdings=tuple(one for one in cut if not one.valid.is_empty))

    def started(self, retailer: str, day: date) -> "Timeline":
        """With this retailer supplying from this day on, in place of whoever did."""
        new = Holding(retailer=retailer, valid=DatePeriod.since(day))
        return Timeline(holdings=(*self.ended(day).holdings, new))


def timeline(point: PointFacts, cases: Iterable[Case]) -> Timeline:
    """The recorded holdings with every committed change carried out, in the order of their days."""
    made = Timeline(holdings=point.holdings)
    for case in sorted(_changes(cases), key=_in_order):
        day = case.day
        if day is not None:
            made = _carried_out(made, case, day)
    return made


def sequence_refusals(
    application: Application, point: PointFacts, cases: Iterable[Case], today: date
) -> Iterator[Refusal]:
    """What stands against an application in the order of changes: nothing for one that is not a change of supply.

    `cases` are the other cases at the point; only committed ones count, since whoever is committed first wins.
    """
    content, day = application.content, day_of(application.content)
    if not isinstance(content, SwitchStart | SwitchEnd | Reenergisation | MoveOut) or day is None:
        return
    others = [case for case in _changes(cases) if case.number != application.number]
    own = own_conflict(application)
    before = [case for case in others if _fits_behind(content, day, case)]
    standing = list(_standing(application, day, timeline(point, before), own))
    if any(one.code in _SAID_ALONE for one in standing):
        # Whoever does not supply here, or finds it supplied, learns that, and nothing of what is planned.
        yield from standing
        return
    later = sorted((case for case in others if case not in before), key=_in_order)
    for case in later:
        yield refusal(RefusalCode.COMMITTED_CHANGE, own, case.as_conflict(), day=day)
    yield from standing
    if not later:
        yield from _recorded(application, day, point, own, today)


def holder_refusals(application: Application, point: PointFacts | None, cases: Iterable[Case]) -> Iterator[Refusal]:
    """Whether the sender supplies on the day; an unknown point answers like one of others."""
    day = day_of(application.content)
    if day is not None and (point is None or timeline(point, cases).holder_on(day) != application.sender):
        yield refusal(RefusalCode.NOT_THE_HOLDER, day=day)


_SAID_ALONE: Final = frozenset({RefusalCode.NOT_THE_HOLDER, RefusalCode.HELD_BY_ANOTHER})


def _changes(cases: Iterable[Case]) -> list[Case]:
    """Committed changes of supply; of a switch the start alone, since both halves are one change."""
    return [
        case for case in cases if case.is_committed and isinstance(case.content, SwitchStart | Reenergisation | MoveOut)
    ]


def _in_order(case: Case) -> tuple[date, bool, str]:
    """By day; on one day whoever leaves goes before whoever comes."""
    return (case.day or date.max, not isinstance(case.content, MoveOut), case.number)


def _fits_behind(content: SwitchStart | SwitchEnd | Reenergisation | MoveOut, day: date, case: Case) -> bool:
    """True if the committed change comes before: on an earlier day, or on the same as a move-out before a move-in."""
    if case.day is None or case.day < day:
        return True
    return case.day == day and isinstance(content, Reenergisation) and isinstance(case.content, MoveOut)


def _carried_out(made: Timeline, case: Case, day: date) -> Timeline:
    if isinstance(case.content, MoveOut):
        return made.ended(day)
    return made.started(case.application.sender, day)


def _standing(application: Application, day: date, supplied: Timeline, own: Conflict) -> Iterator[Refusal]:
    """Who supplies on the day, against what the procedure needs."""
    holder = supplied.holder_on(day)
    begins = supplied.holding_on(day) != supplied.holding_on(day - timedelta(days=1))
    match application.content:
        case Reenergisation():
            if holder == application.sender:
                yield refusal(RefusalCode.ALREADY_OWN, own, day=day)
            elif holder is not None:
                yield refusal(RefusalCode.HELD_BY_ANOTHER, own, day=day)
        case SwitchStart():
            if holder is None:
                yield refusal(RefusalCode.VACANT, own, day=day)
            elif holder == application.sender:
                yield refusal(RefusalCode.ALREADY_OWN, own, day=day)
            elif begins:
                yield refusal(RefusalCode.SAME_DAY_TWICE, own, day=day)
        case _:
            if holder != application.sender:
                yield refusal(RefusalCode.NOT_THE_HOLDER, day=day)
            elif begins:
                yield refusal(RefusalCode.SAME_DAY_TWICE, own, day=day)


def _recorded(application: Application, day: date, point: PointFacts, own: Conflict, today: date) -> Iterator[Refusal]:
    """Changes in the books on a later day: a past day is open only where nothing has been recorded since."""
    later = sorted(
        {
            edge
            for holding in point.holdings
            for edge in (holding.valid.start, holding.valid.end)
            if edge is not None and edge > day
        }
    )
    held = isinstance(application.content, Reenergisation) and point.holding_on(day) is not None
    if held or not later:
        return
    known = (_in_force(edge, point) for edge in later)
    if isinstance(application.content, Reenergisation) and day < today:
        yield refusal(RefusalCode.SPAN_HELD, own, *known, day=day)
    else:
        yield refusal(RefusalCode.RECORDED_CHANGE, own, *known, day=day)


def _in_force(edge: date, point: PointFacts) -> Conflict:
    """A recorded change; it is known to the retailers whose supply begins or ends with it."""
    parties = frozenset(one.retailer for one in point.holdings if edge in (one.valid.start, one.valid.end))
    return Conflict(number="", procedure=None, day=edge, parties=parties)


def _before(period: DatePeriod, day: date) -> DatePeriod:
    """The part of the period before this day; empty where it starts later."""
    if period.start is not None and period.start >= day:
        return DatePeriod(start=day, end=day)
    return replace(period, end=day if period.end is None else min(period.end, day))
