"""異動の効果 on what is known of a point: the specification of the midnight effect, and of a correction.

Nothing is edited in place: the facts after the effect are new values, and a correction is a reversal beside the right
record. What is not told here (stamps, contract, grants) follows from these.
"""

from dataclasses import replace
from datetime import date

from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Holding, PointFacts, Tenure
from takuso.flow.reception.model import ConsumerChange, MoveOut, Reenergisation, SwitchStart
from takuso.flow.reception.rules.consent import begins_tenure
from takuso.flow.reception.vocabulary import Effect
from takuso.kernel.periods import DatePeriod


def carry_out(effect: Effect | None, case: Case, point: PointFacts) -> PointFacts:
    """The facts of the point after this effect of the case; effects that touch no supply change nothing here."""
    day = case.day
    if day is None:
        return point
    match effect:
        case Effect.CHANGE_SUPPLIER:
            return _supplied(point, case, day)
        case Effect.START_SUPPLY:
            return _moved_in(point, case, day)
        case Effect.END_SUPPLY:
            return _moved_out(point, case, day)
        case Effect.CHANGE_PARTY:
            return _renamed(point, case, day)
        case Effect.REVERSE:
            return _reversed(point, case, day)
        case _:
            return point


def _supplied(point: PointFacts, case: Case, day: date) -> PointFacts:
    number = case.content.customer_no if isinstance(case.content, SwitchStart | Reenergisation) else ""
    new = Holding(retailer=case.application.sender, valid=DatePeriod.since(day), customer_no=number)
    return replace(point, holdings=(*_cut_holdings(point, day), new))


def _moved_in(point: PointFacts, case: Case, day: date) -> PointFacts:
    content = case.content
    if not isinstance(content, Reenergisation):
        return point
    tenure = Tenure(name=content.name, kana=content.kana, valid=DatePeriod.since(day))
    started = _supplied(point, case, day)
    return replace(started, tenures=(*_cut_tenures(point, day), tenure), disconnection="")


def _moved_out(point: PointFacts, case: Case, day: date) -> PointFacts:
    disconnection = case.content.disconnection if isinstance(case.content, MoveOut) else point.disconnection
    return replace(
        point,
        holdings=_cut_holdings(point, day),
        tenures=_cut_tenures(point, day),
        disconnection=disconnection,
    )


def _renamed(point: PointFacts, case: Case, day: date) -> PointFacts:
    """Another name begins a tenure; another way to write it goes on with the one that runs."""
    content, running = case.content, point.tenure_on(day)
    if not isinstance(content, ConsumerChange) or running is None:
        return point
    if begins_tenure(running.kana, content.kana):
        new = Tenure(name=content.name, kana=content.kana, valid=DatePeriod(start=day, end=running.valid.end))
        return replace(point, tenures=(*_cut_tenures(point, day), new))
    same = replace(running, name=content.name, kana=content.kana)
    return replace(point, tenures=tuple(same if one == running else one for one in point.tenures))


def _reversed(point: PointFacts, case: Case, day: date) -> PointFacts:
    """A change of supply that should not have been: what it began goes, what it ended goes on.

    After a switch the former supplier goes on until whatever came next; a move-in leaves the point vacant again.
    """
    began = next((one for one in point.holdings if one.valid.start == day), None)
    holdings = tuple(one for one in point.holdings if one != began)
    match case.content:
        case SwitchStart() if began is not None:
            return replace(point, holdings=_gone_on(holdings, day, began.valid.end))
        case Reenergisation() if began is not None:
            tenures = tuple(one for one in point.tenures if one.valid.start != day)
            return replace(point, holdings=holdings, tenures=tenures)
        case MoveOut() if began is None:
            ended = [one for one in point.tenures if one.valid.end == day]
            tenures = tuple(
                replace(one, valid=_until(one.valid, None)) if one in ended else one for one in point.tenures
            )
            return replace(point, holdings=_gone_on(holdings, day, None), tenures=tenures, disconnection="")
        case ConsumerChange():
            return replace(point, tenures=_rejoined(point.tenures, day))
        case _:
            return point


def _gone_on(holdings: tuple[Holding, ...], day: date, until: date | None) -> tuple[Holding, ...]:
    return tuple(replace(one, valid=_until(one.valid, until)) if one.valid.end == day else one for one in holdings)


def _rejoined(tenures: tuple[Tenure, ...], day: date) -> tuple[Tenure, ...]:
    """Without the name that begins on the day; the one before it goes on in its place."""
    began = next((one for one in tenures if one.valid.start == day), None)
    if began is None:
        return tenures
    return tuple(
        replace(one, valid=_until(one.valid, began.valid.end)) if one.valid.end == day else one
        for one in tenures
        if one != began
    )


def _until(period: DatePeriod, end: date | None) -> DatePeriod:
    return DatePeriod(start=period.start, end=end)


def _cut_holdings(point: PointFacts, day: date) -> tuple[Holding, ...]:
    cut = ((one, one.valid.intersect(DatePeriod(start=None, end=day))) for one in point.holdings)
    return tuple(replace(one, valid=valid) for one, valid in cut if valid is not None)


def _cut_tenures(point: PointFacts, day: date) -> tuple[Tenure, ...]:
    cut = ((one, one.valid.intersect(DatePeriod(start=None, end=day))) for one in point.tenures)
    return tuple(replace(one, valid=valid) for one, valid in cut if valid is not None)
