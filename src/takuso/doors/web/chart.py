"""使用量グラフ: bars of an SVG as numbers, so that the template only draws. The table beside it is its twin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from takuso.doors.web.filters import month_of_year, year_of
from takuso.flow.points.model import UsageMonth

WIDTH: Final = 760
HEIGHT: Final = 204
_LEFT: Final = 64
_TOP: Final = 14
_FLOOR: Final = 156
_MONTHS: Final = 26
_STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One month: place and size in the drawing. `label` stands under every month or, when they are many, under
    every other; `year` under the first month and each January."""

    month: date
    x: int
    y: int
    width: int
    height: int
    measured: bool
    label: str
    label_x: int
    year: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One line of the scale; the label is in kWh."""

    y: int
    text_y: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The whole drawing, of at most 26 months."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    first: date
    last: date
    highest: UsageMonth
    lowest: UsageMonth
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    tick_x: int = _LEFT - 6
    label_y: int = _FLOOR + 18
    year_y: int = _FLOOR + 36


def usage_chart(rows: Sequence[UsageMonth]) -> Chart | None:
    """The newest months of one supply point, oldest left; None when there is nothing to draw.

    Two rows of one month (a change of supplier within it) stand on one another as their sum.
    """
    newest = sorted(rows, key=lambda row: row.month)[-_MONTHS:]
    if not newest:
        return None
    axis = _axis(newest[0].month, newest[-1].month)
    of_month: dict[date, list[UsageMonth]] = {month: [] for month in axis}
    for row in newest:
        if row.month in of_month:
            of_month[row.month].append(row)
    step = _step(max(sum(row.energy_wh for row in rows) for rows in of_month.values()))
    top = step * 4
    return Chart(
        bars=tuple(_bar(month, number, len(axis), of_month[month], top) for number, month in enumerate(axis)),
        ticks=tuple(_tick(step * n, top) for n in range(5)),
        first=axis[0],
        last=axis[-1],
        highest=max(newest, key=lambda row: row.energy_wh),
        lowest=min(newest, key=lambda row: row.energy_wh),
    )


def _axis(first: date, last: date) -> list[date]:
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(max(start, end - _MONTHS + 1), end + 1)]


def _bar(month: date, number: int, count: int, mine: Sequence[UsageMonth], top: int) -> Bar:
    slot = (WIDTH - _LEFT - 8) / count
    width = min(int(slot * 0.7), 44)
    x = int(_LEFT + slot * number + (slot - width) / 2)
    y = _y(sum(row.energy_wh for row in mine), top)
    label = month_of_year(month) if count <= 14 or number % 2 == 0 else ""
    return Bar(
        month=month,
        x=x,
        y=y,
        width=width,
        height=_FLOOR - y,
        measured=all(row.quality == "確定" for row in mine),
        label=label,
        label_x=x + width // 2,
        year=year_of(month) if number == 0 or month.month == 1 else "",
    )


def _tick(energy_wh: int, top: int) -> Tick:
    y = _y(energy_wh, top)
    return Tick(y=y, text_y=y + 4, label=f"{energy_wh // 1000:,}")


def _y(energy_wh: int, top: int) -> int:
    return _FLOOR - (max(energy_wh, 0) * (_FLOOR - _TOP)) // top


def _step(highest_wh: int) -> int:
    """A round number of Wh, at least 1 kWh, four of which reach the highest bar."""
    size = 1000
    while True:
        for factor in _STEPS:
            if size * factor * 4 >= highest_wh:
                return size * factor
        size *= 10
