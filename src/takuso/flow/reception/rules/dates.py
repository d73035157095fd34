"""希望日の窓: how early, how late and how long ago each procedure may be wanted; and what the work on site needs."""

from collections.abc import Iterator
from datetime import date, timedelta

from takuso.flow.reception.facts import Circumstances, PointFacts
from takuso.flow.reception.model import (
    LIT_BY_CONSUMER,
    WORK_NAMES,
    Application,
    ConsumerChange,
    DesiredDate,
    MoveOut,
    Reenergisation,
    SwitchStart,
    TerminationRelay,
    Work,
    day_of,
)
from takuso.flow.reception.parameters import Band, LeadTime, ParameterName
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Refusal, refusal
from takuso.flow.reception.rules.lead_times import band_of, day_received, earliest_start, next_reading_day


def window_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """Whether the day lies in the window of the procedure, counted from the day the application counts for."""
    day = day_of(application.content)
    if day is None:
        return
    received = day_received(application.counts_from, known.parameters)
    farthest = received + timedelta(days=known.parameters.number(ParameterName.FARTHEST_DAYS, received))
    if day > farthest:
        yield refusal(RefusalCode.DAY_TOO_FAR, farthest=farthest)
    match application.content:
        case Reenergisation() if day < received:
            yield from _retroactive(day, received, known)
        case Reenergisation():
            yield from _noticed(day, received, ParameterName.REENERGISATION_NOTICE_DAYS, known)
        case MoveOut():
            yield from _noticed(day, received, ParameterName.MOVE_OUT_NOTICE_DAYS, known)
        case ConsumerChange():
            yield from _noticed(day, received, ParameterName.CONSUMER_CHANGE_NOTICE_DAYS, known)
        case _:
            if day < received:
                yield refusal(RefusalCode.DAY_PASSED, today=received)


def disconnection_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """Whether a supply wanted for a past day can have begun: nobody supplies, and the consumer could light it.

    That it is refused says that the point is vacant.
    """
    content, point = application.content, known.point
    received = day_received(application.counts_from, known.parameters)
    if not isinstance(content, Reenergisation) or content.desired.on >= received or point is None:
        return
    if point.holding_on(received) is None and point.disconnection != LIT_BY_CONSUMER:
        yield refusal(RefusalCode.NOT_LIT_BY_CONSUMER, disconnection=LIT_BY_CONSUMER)


def lead_time_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """Whether a switch can still be matched in time, and falls on a reading day unless the consumer wants another.

    A relay is judged as if it were matched the day it comes, without work: sooner is impossible.
    """
    content, point = application.content, known.point
    if point is None or not isinstance(content, SwitchStart | TerminationRelay):
        return
    work = content.work if isinstance(content, SwitchStart) else Work.NONE
    received = day_received(application.counts_from, known.parameters)
    band = band_of(point)
    lead = known.parameters.lead_time(band, work, received)
    if lead is None:
        yield refusal(RefusalCode.NO_STANDARD_PERIOD, band=band.value, work=WORK_NAMES[work])
        return
    yield from start_refusals(content.desired, lead, received, known)


def start_refusals(desired: DesiredDate, lead: LeadTime, matched_on: date, known: Circumstances) -> Iterator[Refusal]:
    """Whether a start on the day can follow a matching on the other; asked again at the matching itself."""
    count_from = known.parameters.number(ParameterName.COUNT_FROM, matched_on)
    earliest = earliest_start(matched_on, lead, known.calendar, count_from)
    if desired.on < earliest:
        yield refusal(RefusalCode.LEAD_TIME_SHORT, desired=desired.on, earliest=earliest)
    elif lead.band is Band.LOW and not desired.wished and known.point is not None:
        yield from _on_reading_day(desired, earliest, known.point)


def scope_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """Whether the point is small enough to be dealt with here (sources V1, C1)."""
    point = known.point
    if point is None or point.power_kw is None:
        return
    day = day_received(application.counts_from, known.parameters)
    below = known.parameters.number(ParameterName.SCOPE_BELOW_KW, day)
    if point.power_kw >= below:
        yield refusal(RefusalCode.OUT_OF_SCOPE, below=below)


def _on_reading_day(desired: DesiredDate, earliest: date, point: PointFacts) -> Iterator[Refusal]:
    following = next_reading_day(max(earliest, desired.on), point.reading_days)
    if desired.on not in point.reading_days:
        yield refusal(RefusalCode.NOT_A_READING_DAY, next="検針の日程で確かめる日" if following is None else following)


def _retroactive(day: date, received: date, known: Circumstances) -> Iterator[Refusal]:
    limit = known.parameters.number(ParameterName.RETROACTIVE_DAYS, received)
    if day < received - timedelta(days=limit):
        yield refusal(RefusalCode.TOO_LONG_AGO, earliest=received - timedelta(days=limit))


def _noticed(day: date, received: date, name: ParameterName, known: Circumstances) -> Iterator[Refusal]:
    earliest = received + timedelta(days=known.parameters.number(name, received))
    if day < earliest:
        yield refusal(RefusalCode.NOTICE_SHORT, earliest=earliest)
