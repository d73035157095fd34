"""期間: half-open periods of days and of instants, and Japan's calendar day.

A period holds its start and not its end; None is an open side. Days are JST days, instants are aware.
Japan has had no summer time since September 1951, so from 1952 a JST day has 24 hours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Generic, Self, TypeVar
from zoneinfo import ZoneInfo

from takuso.kernel.malformed import Malformed

JST: Final = ZoneInfo("Asia/Tokyo")

Point = TypeVar("Point", date, datetime)
AnyPeriod = TypeVar("AnyPeriod", "DatePeriod", "InstantPeriod")


class ReversedPeriod(Malformed):
    """A period whose end stands before its start."""


class NaiveInstant(Malformed):
    """A moment without a time zone, which names no instant."""


class NotADay(Malformed):
    """Something else than a plain date was given where a day is meant."""


class UnboundedPeriod(Malformed):
    """The length, or the days, of a period that has an open side was asked for."""


def jst_day(instant: datetime) -> date:
    """The JST day that holds this instant; raises NaiveInstant."""
    return _aware(instant).astimezone(JST).date()


def jst_midnight(day: date) -> datetime:
    """00:00 JST of this day, aware; raises NotADay."""
    return datetime.combine(_plain(day), time(), tzinfo=JST)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period(Generic[Point]):
    start: Point | None
    end: Point | None

    @property
    def is_empty(self) -> bool:
        """True if start and end are the same, so that nothing lies between."""
        return self.start is not None and self.start == self.end

    def _holds(self, point: Point) -> bool:
        return (self.start is None or self.start <= point) and (self.end is None or point < self.end)

    def covers(self, other: Self) -> bool:
        """True if every point of the other lies in this one; the empty period lies in every period."""
        return other.is_empty or self.intersect(other) == other

    def overlaps(self, other: Self) -> bool:
        """True if the two share at least one point."""
        return self.intersect(other) is not None

    def intersect(self, other: Self) -> Self | None:
        """The shared part, or None where nothing is shared."""
        start = self.start if _opens_later(self.start, other.start) else other.start
        end = self.end if _closes_earlier(self.end, other.end) else other.end
        if start is not None and end is not None and start >= end:
            return None
        return replace(self, start=start, end=end)

    def adjacent(self, other: Self) -> bool:
        """True if one ends where the other starts: no gap, no overlap. An empty period is next to nothing."""
        if self.is_empty or other.is_empty:
            return False
        return (self.end is not None and self.end == other.start) or (
            self.start is not None and self.start == other.end
        )

    def minus(self, other: Self) -> tuple[Self, ...]:
        """What is left of this period without the other: none, one or two periods, in order."""
        shared = self.intersect(other)
        if shared is None:
            return () if self.is_empty else (self,)
        left: list[Self] = []
        if shared.start is not None and shared.start != self.start:
            left.append(replace(self, end=shared.start))
        if shared.end is not None and shared.end != self.end:
            left.append(replace(self, start=shared.end))
        return tuple(left)

    def _check_order(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ReversedPeriod(
                "期間",
                f"終わりは始まり以後です(始まり {self.start}、終わり {self.end})。",
                "始まりと終わりを確認し、入れ替わっていれば直してください。",
            )

    def _bounds(self) -> tuple[Point, Point]:
        if self.start is None or self.end is None:
            raise UnboundedPeriod("期間", "始まりと終わりの両方が必要です。", "閉じた期間と重ねてから数えてください。")
        return self.start, self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePeriod(_Period[date]):
    """Days from `start` up to, and without, `end`; None is open. Raises ReversedPeriod, NotADay."""

    def __post_init__(self) -> None:
        for point in (self.start, self.end):
            if point is not None:
                _plain(point)
        self._check_order()

    @classmethod
    def since(cls, start: date) -> Self:
        """From this day on, without an end."""
        return cls(start=start, end=None)

    @classmethod
    def one_day(cls, day: date) -> Self:
        """This day alone."""
        return cls(start=day, end=day + timedelta(days=1))

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        """The calendar month."""
        return cls(start=date(year, month, 1), end=date(year + month // 12, month % 12 + 1, 1))

    def contains(self, day: date) -> bool:
        """True if start <= day < end; raises NotADay."""
        return self._holds(_plain(day))

    @property
    def length_days(self) -> int:
        """Number of days; raises UnboundedPeriod."""
        start, end = self._bounds()
        return (end - start).days

    @property
    def last_day(self) -> date | None:
        """The last day inside, as papers print it; None if open or empty."""
        return None if self.end is None or self.is_empty else self.end - timedelta(days=1)

    def days(self) -> Iterator[date]:
        """Each day in order; raises UnboundedPeriod."""
        start, end = self._bounds()
        return (start + timedelta(days=offset) for offset in range((end - start).days))

    def instants(self) -> "InstantPeriod":
        """The same period from 00:00 JST to 00:00 JST."""
        return InstantPeriod(
            start=None if self.start is None else jst_midnight(self.start),
            end=None if self.end is None else jst_midnight(self.end),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantPeriod(_Period[datetime]):
    """Instants from `start` up to, and without, `end`; None is open. Raises ReversedPeriod, NaiveInstant."""

    def __post_init__(self) -> None:
        for point in (self.start, self.end):
            if point is not None:
                _aware(point)
        self._check_order()

    def contains(self, instant: datetime) -> bool:
        """True if start <= instant < end; raises NaiveInstant."""
        return self._holds(_aware(instant))

    @property
    def length(self) -> timedelta:
        """Elapsed time; raises UnboundedPeriod."""
        start, end = self._bounds()
        return end.astimezone(UTC) - start.astimezone(UTC)


def sort_periods(periods: Iterable[AnyPeriod]) -> list[AnyPeriod]:
    """In order of start, then of end; an open start comes first, an open end last."""
    return sorted(periods, key=_place)


def merge_periods(periods: Iterable[AnyPeriod]) -> list[AnyPeriod]:
    """The same points in the fewest periods: in order, with a gap between each two; empty ones drop out."""
    merged: list[AnyPeriod] = []
    for period in sort_periods(period for period in periods if not period.is_empty):
        if merged and (merged[-1].overlaps(period) or merged[-1].adjacent(period)):
            merged[-1] = replace(merged[-1], end=max((merged[-1], period), key=_end_place).end)
        else:
            merged.append(period)
    return merged


def _place(period: _Period[Any]) -> tuple[tuple[bool, Any], tuple[bool, Any]]:
    return (period.start is not None, period.start), _end_place(period)


def _end_place(period: _Period[Any]) -> tuple[bool, Any]:
    return period.end is None, period.end


def _opens_later(one: Point | None, other: Point | None) -> bool:
    return other is None or (one is not None and one > other)


def _closes_earlier(one: Point | None, other: Point | None) -> bool:
    return other is None or (one is not None and one < other)


def _plain(day: date) -> date:
    if type(day) is not date:
        raise NotADay("日", "日付だけで、時刻を持ちません。", "時刻は jst_day で日付にしてから渡してください。")
    return day


def _aware(instant: datetime) -> datetime:
    if not isinstance(instant, datetime) or instant.utcoffset() is None:
        raise NaiveInstant("時刻", "時間帯の付いた時刻です。", "+09:00 などの時間帯を付けて渡してください。")
    return instant
