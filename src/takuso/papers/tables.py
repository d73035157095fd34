"""What a paper is made of: one dataset, from which each form is drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from takuso.kernel.wareki import OutsideEras, format_both, wareki

Cell = str | int | bool | date | datetime | None
"""Instants are aware; they are shown on Japan's clock. None is an empty cell."""


class Kind(StrEnum):
    """What a column holds: text, a whole number, a day, an instant, or yes and no."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading and what stands below it."""

    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings, with a title before and a note after them. `short` names it where space is scarce."""

    title: str
    short: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An SVG with words for whoever cannot see it, and a caption."""

    title: str
    svg: str
    words: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document: its number, which stands on each page, and its parts in order.

    `annex` are tables too long for pages: a workbook has them, a PDF says so by `annex_note`.
    """

    number: str
    title: str
    lead: Sequence[str]
    parts: Sequence[Table | Picture]
    annex: Sequence[Table] = field(default=())
    annex_note: str = ""


YES: Final = "はい"
NO: Final = "いいえ"


def both_calendars(day: date) -> str:
    """`令和4年12月6日(2022-12-06)`; the western one alone for a day before the eras."""
    try:
        return format_both(day)
    except OutsideEras:
        return day.isoformat()


def era_text(day: date) -> str:
    """`令和4年12月6日`, empty for a day before the eras."""
    try:
        return wareki(day).text
    except OutsideEras:
        return ""
