"""営業日: week days that are neither national holidays nor closing days.

National holidays come from jpholiday, which follows 国民の祝日に関する法律; the equinoxes of years not yet
announced in the 官報 are computed, so days far ahead can still move.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import jpholiday

from takuso.kernel.malformed import Malformed
from takuso.kernel.periods import DatePeriod

CLOSING_DAYS: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
"""Contract closing days as (month, day). EXAMPLE: year-end as usual in the trade, not confirmed by a 約款."""

HOLIDAYS_KNOWN: Final = DatePeriod(start=date(1949, 1, 1), end=date(2151, 1, 1))
"""Where the holidays can be answered: the act is in force since 1948-07-20, equinoxes compute until 2150."""

_SEARCH_DAYS = 366


class OutsideCalendar(Malformed):
    """A day whose holidays are not known, or a calendar with no business day in a whole year."""


def is_national_holiday(day: date) -> bool:
    """国民の祝日, 振替休日 and 国民の休日."""
    return bool(jpholiday.is_holiday(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """What is closed: weekends, holidays, yearly closing days (month, day), and single days.

    `closed_on` and `open_on` name single days and win over all else, `closed_on` first. Every method raises
    OutsideCalendar for days outside `known`.
    """

    closing_days: frozenset[tuple[int, int]] = CLOSING_DAYS
    closed_on: frozenset[date] = frozenset()
    open_on: frozenset[date] = frozenset()
    is_holiday: Callable[[date], bool] = is_national_holiday
    known: DatePeriod = HOLIDAYS_KNOWN

    def is_business_day(self, day: date) -> bool:
        """True if the company is open on this day."""
        if not self.known.contains(day):
            raise OutsideCalendar(
                "営業日",
                f"休日表のある{self.known.start}から{self.known.last_day}までの日です。",
                "日付の年を確認してください。",
            )
        if day in self.closed_on or day in self.open_on:
            return day not in self.closed_on
        return not (day.weekday() >= 5 or (day.month, day.day) in self.closing_days or self.is_holiday(day))

    def next_business_day(self, day: date) -> date:
        """The first business day after this day."""
        return self._nearest(day, 1)

    def previous_business_day(self, day: date) -> date:
        """The last business day before this day."""
        return self._nearest(day, -1)

    def on_or_after(self, day: date) -> date:
        """The day itself if open, else the next business day (a due date that falls on a holiday)."""
        return day if self.is_business_day(day) else self.next_business_day(day)

    def on_or_before(self, day: date) -> date:
        """The day itself if open, else the previous business day."""
        return day if self.is_business_day(day) else self.previous_business_day(day)

    def add_business_days(self, day: date, count: int) -> date:
        """The `count`-th business day after the day, or before it for a negative count.

        The day itself is day 0 and is not counted, open or not; 0 gives it back as it is.
        """
        for _ in range(abs(count)):
            day = self._nearest(day, 1 if count > 0 else -1)
        return day

    def count_business_days(self, period: DatePeriod) -> int:
        """How many business days the period holds; raises UnboundedPeriod."""
        return sum(map(self.is_business_day, period.days()))

    def _nearest(self, day: date, step: int) -> date:
        for distance in range(1, _SEARCH_DAYS + 1):
            candidate = day + timedelta(days=step * distance)
            if self.is_business_day(candidate):
                return candidate
        raise OutsideCalendar(
            "営業日",
            "1年のうちに営業日が必ずあります。",
            "営業日カレンダーの休業日の設定を確認してください。",
        )
