"""The rule as a pure function: the specification of the wall, and the oracle of its tests.

Written apart from walls.sql on purpose; a generated second wall would agree with every mistake of the first.
The tests compare both over the whole finite space. Nothing that shows a customer's data calls this module: what may
be read is decided by the database. To the compliance duty it says afterwards which row decided (see explanation.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from takuso.barrier.matrix import PERIOD_CLASSES, DataClass, Duty, Relation, Rule, Verdict, View
from takuso.kernel.periods import DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One segment of supply, as now recorded. Segments of one point do not overlap."""

    retailer: int
    period: DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A person in one appointment: the company in whose name they act, and their duty."""

    organisation: int
    duty: Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`rule` is the row that decided, None = no row, which denies. `periods`: what a fact's own period must lie in,
    None = any (and for classes without a period)."""

    show: bool
    relation: Relation
    rule: Rule | None
    periods: tuple[DatePeriod, ...] | None = None


def relation(asker: Asker, segments: Sequence[Held] | None, view: View, today: date) -> Relation:
    """How the asker's company stands to the point on this JST day. `segments` None: there is no such point."""
    if segments is None:
        return Relation.ABSENT
    if asker.duty.is_network:
        return Relation.ANY
    own = [s.period for s in segments if s.retailer == asker.organisation]
    has_ended = any(_ended(period, today) for period in own)
    if view is View.PAST and has_ended:
        return Relation.PAST
    if any(period.contains(today) for period in own):
        return Relation.OWN
    if has_ended:
        return Relation.PAST
    return Relation.FOREIGN if any(s.period.contains(today) for s in segments) else Relation.VACANT


def decide(
    asker: Asker,
    segments: Sequence[Held] | None,
    view: View,
    data_class: DataClass,
    today: date,
    rules: Sequence[Rule],
) -> Decision:
    """May this class of this point be shown to this asker in this view on this day?

    A denying row wins over a showing one; no row denies. The purpose a network person must state first is a
    condition of the ticket, not of the class.
    """
    stands = relation(asker, segments, view, today)
    matching = [
        r
        for r in rules
        if (r.duty, r.relation, r.view, r.data_class) == (asker.duty, stands, view, data_class)
        and DatePeriod(start=r.since, end=r.until).contains(today)
    ]
    denying = next((r for r in matching if r.verdict is Verdict.DENY), None)
    showing = next((r for r in matching if r.verdict is Verdict.SHOW), None)
    if denying or not showing:
        return Decision(show=False, relation=stands, rule=denying)
    periods = None
    if data_class in PERIOD_CLASSES and not asker.duty.is_network:
        periods = own_periods(asker, segments or (), view, today)
    return Decision(show=True, relation=stands, rule=showing, periods=periods)


def shows_application(rules: Sequence[Rule], duty: Duty, data_class: DataClass, today: date) -> bool:
    """May this class of an application be shown to this duty of one of its parties? Who supplies is no matter."""
    matching = [
        r
        for r in rules
        if (r.duty, r.relation, r.view, r.data_class) == (duty, Relation.APPLICANT, View.CURRENT, data_class)
        and DatePeriod(start=r.since, end=r.until).contains(today)
    ]
    return bool(matching) and all(r.verdict is Verdict.SHOW for r in matching)


def own_periods(asker: Asker, segments: Sequence[Held], view: View, today: date) -> tuple[DatePeriod, ...]:
    """The asker's own segments: for 現在 those that have started, for 過去契約 those that have ended."""
    own = [s.period for s in segments if s.retailer == asker.organisation]
    counted = _ended if view is View.PAST else _started
    return tuple(period for period in own if counted(period, today))


def _ended(period: DatePeriod, today: date) -> bool:
    return period.end is not None and period.end <= today


def _started(period: DatePeriod, today: date) -> bool:
    return period.start is None or period.start <= today
