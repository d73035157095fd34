"""検針日: the days on which the meters of a schedule are read, and the charge periods between them.

A charge period runs from one reading day to the day before the next and counts as the month it ends in.
"""

import itertools
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

READING_DAYS: Final = (1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 22, 23, 24)
"""Day of the month of schedules 1 to 18. Source for 高圧: the notice 高圧検針日程分散化について of 2018-03-15
(18 days); for 低圧 EXAMPLE, as no public table was found. Days do not shift: the register is read at 00:00."""

MONTHS: Final = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One charge period, half-open, and the first day of its month. `read`: its end is not after today."""

    start: date
    end: date
    month: date
    read: bool


@cache
def windows(today: date, schedule: int) -> tuple[Window, ...]:
    """The last 13 periods that have been read, and the one that is running."""
    last = latest(today, schedule)
    days = [_month_away(last, offset) for offset in range(-MONTHS, 2)]
    return tuple(
        Window(start=start, end=end, month=end.replace(day=1), read=end <= today)
        for start, end in itertools.pairwise(days)
    )


def latest(today: date, schedule: int) -> date:
    """The last reading day up to and with today."""
    this_month = reading_day(today, schedule)
    return this_month if this_month <= today else _month_away(this_month, -1)


def following(today: date, schedule: int) -> date:
    """The first reading day after today."""
    return _month_away(latest(today, schedule), 1)


def reading_day(day: date, schedule: int) -> date:
    """The reading day in the month of `day`."""
    return day.replace(day=READING_DAYS[schedule - 1])


def _month_away(day: date, offset: int) -> date:
    months = day.year * 12 + day.month - 1 + offset
    return day.replace(year=months // 12, month=months % 12 + 1)
