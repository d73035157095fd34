"""期間: half-open periods of days and of instants, and Japan's calendar day.

A period holds its start and not its end; None is an open side. Days are JST days, instants are aware.
Japan has had no summer time since September 1951, so from 1952 a JST day has 24 hours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Generic, Self, TypeVar
from zoneinfo import ZoneInfo

from takuso.kernel.malformed import Malformed

JST: Final = ZoneInfo("Asia/Tokyo")

Point = TypeVar("Point", date, datetime)
AnyPeriod = TypeVar("AnyPeriod", "DatePeriod", "InstantPeriod")


class ReversedPeriod(Malformed):
    """A period whose end stands before its start."""

    def __init__(self, start: object, end: object) -> None:
        super().__init__(
            "期間",
            f"終わりは始まり以後です(始まり {start}、終わり {end})。",
            "始まりと終わりを確認し、入れ替わっていれば直してください。",
        )

    def __reduce__(self) -> tuple[type[Malformed], tuple[str, str, str]]:
        return Malformed, (self.field, self.rule, self.advice)


class NaiveInstant(TypeError):
    """A moment without a time zone, which names no instant."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "時刻に時間帯がありません。時間帯(+09:00 など)を付けて渡してください。")


class NotADay(TypeError):
    """Something else than a plain date was given where a day is meant."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "日付だけを渡してください。時刻は jst_day で日付にしてから渡してください。")


class UnboundedPeriod(ValueError):
    """The length, or the days, of a period that has an open side."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "期間の始まりか終わりが開いています。閉じた期間と重ねてから数えてください。")


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

    def contains(self, point: Point) -> bool:
        """True if start <= point < end."""
        return (self.start is None or self.start <= point) and (self.end is None or point < self.end)

    def covers(self, other: Self) -> bool:
        """True if every point of the other lies in this one; the empty period lies in every period."""
        return other.is_empty or self.intersect(other) == other

    def overlaps(self, other: Self) -> bool:
        """True if the two share at least one point."""
        return self.intersect(other) is not None

    def intersect(self, other: Self) -> Self | None:
        """The shared part, or None where nothing is shared."""
        start = _later_start(self.start, other.start)
        end = _earlier_end(self.end, other.end)
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
            raise ReversedPeriod(self.start, self.end)


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

    @property
    def length_days(self) -> int:
        """Number of days; raises UnboundedPeriod."""
        if self.start is None or self.end is None:
            raise UnboundedPeriod
        return (self.end - self.start).days

    @property
    def last_day(self) -> date | None:
        """The last day inside, as papers print it; None if open or empty."""
        return None if self.end is None or self.is_empty else self.end - timedelta(days=1)

    def days(self) -> Iterator[date]:
        """Each day in order; raises UnboundedPeriod."""
        length = self.length_days
        if self.start is not None:
            for offset in range(length):
                yield self.start + timedelta(days=offset)

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

    @property
    def length(self) -> timedelta:
        """Elapsed time; raises UnboundedPeriod."""
        if self.start is None or self.end is None:
            raise UnboundedPeriod
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)


def sort_periods(periods: Iterable[AnyPeriod]) -> list[AnyPeriod]:
    """In order of start, then of end; an open start comes first, an open end last."""
    in_order_of_end = sorted(periods, key=lambda p: (p.end is None, p.end or 0))
    return sorted(in_order_of_end, key=lambda p: (p.start is not None, p.start or 0))


def merge_periods(periods: Iterable[AnyPeriod]) -> list[AnyPeriod]:
    """The same points as few periods: in order, disjoint, with a gap between each two; empty ones drop out."""
    merged: list[AnyPeriod] = []
    for period in sort_periods(p for p in periods if not p.is_empty):
        if merged and (merged[-1].overlaps(period) or merged[-1].adjacent(period)):
            last = merged[-1]
            open_end = last.end is None or period.end is None
            merged[-1] = replace(last, end=None if open_end else _later_end(last, period))
        else:
            merged.append(period)
    return merged
