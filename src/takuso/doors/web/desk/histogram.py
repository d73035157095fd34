"""時間の分布: bars over the asked period, as numbers that the template only draws; the table below is their twin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from takuso.barrier.desk_queries import Bar
from takuso.doors.web.desk.asked import WIDTHS, Asked
from takuso.kernel.periods import JST

WIDTH: Final = 1200
HEIGHT: Final = 150
_LEFT: Final = 56
_TOP: Final = 10
_FLOOR: Final = 118
_LABELS: Final = 12
_STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One bar: since when, how many, and its place. `label` stands under some."""

    at: datetime
    amount: int
    x: int
    y: int
    width: int
    height: int
    label: str
    label_x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """The whole drawing. `filled` are the bars that have something, for the table."""

    bars: tuple[Drawn, ...]
    ticks: tuple[tuple[int, int, str], ...]
    filled: tuple[Drawn, ...]
    total: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    tick_x: int = _LEFT - 6
    label_y: int = _FLOOR + 18


def histogram(asked: Asked, found: Sequence[Bar]) -> Histogram:
    """Every stretch of the period has a bar, also the empty ones."""
    width = WIDTHS[asked.width][0]
    start = datetime.combine(asked.since, time(), JST)
    count = ((asked.until - asked.since).days + 1) * (timedelta(days=1) // width)
    amounts = [0] * count
    for bar in found:
        # A ticket of the last seconds of a day may carry the time of the first of the next.
        amounts[min(max((bar.at - start) // width, 0), count - 1)] += bar.amount
    step = _step(max(amounts, default=0))
    top = step * 4
    slot = (WIDTH - _LEFT - 8) / count
    every = -(-count // _LABELS)
    bars = tuple(
        _drawn(start + width * no, amount, no, slot, top, label=no % every == 0) for no, amount in enumerate(amounts)
    )
    ticks = tuple((_y(step * n, top), _y(step * n, top) + 4, f"{step * n:,}") for n in range(0, 5, 2))
    return Histogram(
        bars=bars,
        ticks=ticks,
        filled=tuple(bar for bar in bars if bar.amount),
        total=sum(amounts),
    )


def _drawn(at: datetime, amount: int, no: int, slot: float, top: int, *, label: bool) -> Drawn:
    x, y = int(_LEFT + slot * no), _y(amount, top)
    width = max(int(slot * 0.86), 1)
    text = f"{at:%m/%d}" if at.time() == time() else f"{at:%H:%M}"
    return Drawn(
        at=at,
        amount=amount,
        x=x,
        y=y,
        width=width,
        height=_FLOOR - y,
        label=text if label else "",
        label_x=x + width // 2,
    )


def _y(amount: int, top: int) -> int:
    return _FLOOR - (amount * (_FLOOR - _TOP)) // top


def _step(highest: int) -> int:
    """A round number, four of which reach the highest bar."""
    size = 1
    while True:
        for factor in _STEPS:
            if size * factor * 4 >= highest:
                return size * factor
        size *= 10
