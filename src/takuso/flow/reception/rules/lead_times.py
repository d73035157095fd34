"""標準的な期間と期限: from the day of matching to the earliest start, and back.

The period is counted in business days and then in calendar days (source C1). Whether the day of matching counts and
at what hour a day ends is a row of the parameters.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from takuso.flow.reception.facts import PointFacts, Voltage
from takuso.flow.reception.parameters import Band, LeadTime, ParameterName, ParameterTable
from takuso.kernel.business_days import BusinessCalendar
from takuso.kernel.periods import JST, jst_day

_LARGE_KW = Decimal(500)


def band_of(point: PointFacts) -> Band:
    """電圧と大きさの区分; a high-voltage point of unknown size is taken as small."""
    if point.voltage is Voltage.LOW:
        return Band.LOW
    if point.voltage is Voltage.EXTRA_HIGH:
        return Band.EXTRA_HIGH
    return Band.HIGH_LARGE if point.power_kw is not None and point.power_kw >= _LARGE_KW else Band.HIGH_SMALL


def day_received(at: datetime, parameters: ParameterTable) -> date:
    """The JST day that a moment counts for: from the cut-off hour on it is the next one. Raises NaiveInstant."""
    day = jst_day(at)
    late = at.astimezone(JST).hour >= parameters.number(ParameterName.CUTOFF_HOUR, day)
    return day + timedelta(days=1) if late else day


def earliest_start(matched_on: date, lead: LeadTime, calendar: BusinessCalendar, count_from: int = 1) -> date:
    """The first day a supply may start that was matched on this day. Raises OutsideCalendar.

    With `count_from` 1 the day of matching is day 0; with 0 it counts as the first business day if it is one.
    """
    counted = matched_on - timedelta(days=_uncounted(lead, count_from))
    return _months_later(calendar.add_business_days(counted, lead.business_days), lead.months) + timedelta(
        days=lead.calendar_days
    )


def latest_match(start: date, lead: LeadTime, calendar: BusinessCalendar, count_from: int = 1) -> date:
    """The last day on which a start on this day can still be matched: the inverse of earliest_start."""
    day = start - timedelta(days=lead.calendar_days)
    if lead.months:
        day = _months_earlier(day, lead.months)
    if lead.business_days:
        day = calendar.add_business_days(calendar.on_or_before(day), -lead.business_days)
        day = calendar.next_business_day(day) - timedelta(days=1)
    return day + timedelta(days=_uncounted(lead, count_from))


def matching_due(
    start: date, lead: LeadTime, calendar: BusinessCalendar, parameters: ParameterTable, today: date
) -> date:
    """照合の期限: the last day for the pair to be complete, by the standard period and by the days before the start."""
    before = parameters.number(ParameterName.MATCH_BUSINESS_DAYS, today)
    count_from = parameters.number(ParameterName.COUNT_FROM, today)
    return min(
        latest_match(start, lead, calendar, count_from),
        calendar.add_business_days(start, -before) if before else start,
    )


def answer_due(relayed_on: date, calendar: BusinessCalendar, parameters: ParameterTable) -> date:
    """廃止取次に答える期限: the last day on which the holder can answer."""
    return calendar.add_business_days(relayed_on, parameters.number(ParameterName.ANSWER_BUSINESS_DAYS, relayed_on))


def next_reading_day(earliest: date, reading_days: frozenset[date]) -> date | None:
    """The first 定例検針日 on or after the end of the standard period (source H1), if one is known."""
    return min((day for day in reading_days if day >= earliest), default=None)


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier; the last day of a month that has no such day."""
    return _shifted(day, -months)


def _uncounted(lead: LeadTime, count_from: int) -> int:
    return 1 - count_from if lead.business_days else 0


def _months_later(day: date, months: int) -> date:
    return _shifted(day, months)


def _months_earlier(day: date, months: int) -> date:
    """The latest day from which so many months later is still not after the day."""
    start = _shifted(day, -months)
    while _shifted(start + timedelta(days=1), months) <= day:
        start += timedelta(days=1)
    return start


def _shifted(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
