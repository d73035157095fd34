"""The narrowing as a picture: bars on a logarithmic scale, with the change of unit marked. The table is its twin."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, log10
from typing import Final

RECORDS: Final = "記録"
PERSONS: Final = "人"
CONTRACTS: Final = "契約"
_WIDTH: Final = 960
_LEFT: Final = 370
_RIGHT: Final = 110
_ROW: Final = 34
_BAR: Final = 20
_TOP: Final = 34
_CHANGE: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: a label, a number, its unit."""

    label: str
    number: int
    unit: str


def funnel(bars: Sequence[Bar], title: str) -> str:
    """An SVG. Bars stand in order; where the unit changes, a line and words say so."""
    decades = max(1, ceil(log10(max((bar.number for bar in bars), default=1) + 1)))
    changes = sum(1 for one, other in pairwise(bars) if one.unit != other.unit)
    height = _TOP + _ROW * len(bars) + _CHANGE * changes + 8
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="funnel-title funnel-text" class="funnel">',
        f'<title id="funnel-title">{escape(title)}</title>',
        f'<desc id="funnel-text">{escape(_words(bars))}</desc>',
        *_axis(decades, height),
    ]
    y, before = _TOP, bars[0].unit if bars else ""
    for bar in bars:
        if bar.unit != before:
            parts += _change(y, before, bar.unit)
            y, before = y + _CHANGE, bar.unit
        parts += _bar(bar, y, decades)
        y += _ROW
    return "\n".join([*parts, "</svg>"])


def _axis(decades: int, height: int) -> list[str]:
    parts = []
    for decade in range(decades + 1):
        x = _x(10**decade, decades)
        parts.append(f'<line x1="{x}" y1="{_TOP - 8}" x2="{x}" y2="{height}" class="grid"/>')
        parts.append(f'<text x="{x}" y="{_TOP - 14}" class="tick">{10**decade:,}</text>')
    return parts


def _bar(bar: Bar, y: int, decades: int) -> list[str]:
    # A bar of one must be seen, so bars start a little before 1.
    end = _x(bar.number, decades) if bar.number else _LEFT
    middle = y + _BAR // 2 + 5
    parts = [f'<text x="{_LEFT - 12}" y="{middle}" class="label">{escape(_short(bar.label))}</text>']
    if bar.number:
        width = round(end - _LEFT + 4, 1)
        look = "rows" if bar.unit == RECORDS else "heads"
        parts.append(f'<rect x="{_LEFT - 4}" y="{y}" width="{width}" height="{_BAR}" class="{look}"/>')
    parts.append(f'<text x="{end + 8}" y="{middle}" class="number">{bar.number:,} {escape(bar.unit)}</text>')
    return parts


def _change(y: int, before: str, after: str) -> list[str]:
    line = y + _CHANGE // 2 - 8
    words = f"ここから数えるものが変わる（{before} → {after}）。上の棒との割合に意味はない"
    return [
        f'<line x1="0" y1="{line}" x2="{_WIDTH}" y2="{line}" class="change"/>',
        f'<text x="{_LEFT}" y="{line + 17}" class="note">{escape(words)}</text>',
    ]


def _x(number: int, decades: int) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * log10(number) / decades, 1)


def _short(label: str) -> str:
    longest = 24
    return label if len(label) <= longest else label[: longest - 1] + "…"


def _words(bars: Sequence[Bar]) -> str:
    return "、".join(f"{bar.label} {bar.number:,} {bar.unit}" for bar in bars)
