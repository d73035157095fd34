"""コマ: the 30-minute slot of a JST day, 1 (00:00–00:30) to 48 (23:30–24:00).

The slot belongs to the day it starts in. The length is a parameter, since the next generation of meters
measures 15 minutes. Source of numbers and hours: the imbalance price files,
http://www.crack2.com/business-support/service/unit-price/csv/202603_imbalance-price_01.csv
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

from takuso.kernel.malformed import Malformed
from takuso.kernel.periods import JST, InstantPeriod, NotADay, jst_day, jst_midnight

DAY_SECONDS: Final = 86_400
HALF_HOUR_SECONDS: Final = 1_800


class MalformedSlot(Malformed):
    """A slot number outside the day, or a length that does not divide the day."""


def slots_per_day(length_seconds: int = HALF_HOUR_SECONDS) -> int:
    """How many slots a day has, 48 by default; raises MalformedSlot."""
    if length_seconds <= 0 or DAY_SECONDS % length_seconds or length_seconds % 60:
        raise MalformedSlot(
            "コマの長さ",
            "1日を割り切る分単位の秒数です。",
            "30分なら1800、15分なら900を設定してください。",
        )
    return DAY_SECONDS // length_seconds


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Slot:
    """One slot: JST day, number from 1, length in seconds. Raises MalformedSlot, NotADay."""

    day: date
    number: int
    length_seconds: int = HALF_HOUR_SECONDS

    def __post_init__(self) -> None:
        if type(self.day) is not date:
            raise NotADay("コマの日", "日付だけです。", "時刻からは Slot.at で作ってください。")
        last = slots_per_day(self.length_seconds)
        if not 1 <= self.number <= last:
            raise MalformedSlot(
                "コマ",
                f"1から{last}までの番号です(入力は{self.number}でした)。",
                f"0時0分に始まるコマを1として、1から{last}までの番号を入力してください。",
            )

    @classmethod
    def at(cls, instant: datetime, length_seconds: int = HALF_HOUR_SECONDS) -> Self:
        """The slot that holds this aware instant; raises NaiveInstant."""
        day = jst_day(instant)
        slots_per_day(length_seconds)
        clock = instant.astimezone(JST)
        elapsed = clock.hour * 3600 + clock.minute * 60 + clock.second
        return cls(day=day, number=elapsed // length_seconds + 1, length_seconds=length_seconds)

    @property
    def start(self) -> datetime:
        """First instant inside, aware (JST)."""
        return jst_midnight(self.day) + timedelta(seconds=(self.number - 1) * self.length_seconds)

    @property
    def end(self) -> datetime:
        """First instant after it, aware (JST)."""
        return self.start + timedelta(seconds=self.length_seconds)

    @property
    def period(self) -> InstantPeriod:
        """The slot as a half-open period."""
        return InstantPeriod(start=self.start, end=self.end)

    @property
    def label(self) -> str:
        """`00:00–00:30` to `23:30–24:00`; the last end is 24:00 of its own day."""
        first = (self.number - 1) * self.length_seconds
        return f"{_clock(first)}–{_clock(first + self.length_seconds)}"

    def next(self) -> Self:
        """The slot after this one, in the next day after the last."""
        if self.number < slots_per_day(self.length_seconds):
            return replace(self, number=self.number + 1)
        return replace(self, day=self.day + timedelta(days=1), number=1)


def slots_of_day(day: date, length_seconds: int = HALF_HOUR_SECONDS) -> Iterator[Slot]:
    """Every slot of the day, in order."""
    for number in range(1, slots_per_day(length_seconds) + 1):
        yield Slot(day=day, number=number, length_seconds=length_seconds)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
