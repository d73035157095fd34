"""A paper as PDF: tagged, with its font embedded, the same bytes from the same paper on every machine."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import typst

from takuso.kernel.periods import JST
from takuso.papers.fonts import FAMILY, japanese_font, printable
from takuso.papers.tables import NO, YES, Cell, Column, Kind, Paper, Picture, Table, both_calendars

_TEMPLATE: Final = Path(__file__).parent / "document.typ"
_NARROW: Final = frozenset({Kind.NUMBER, Kind.DAY, Kind.INSTANT, Kind.FLAG})
_LONG: Final = 24
"""A column whose texts are all shorter is as wide as these; the others, or else the first of texts, share the rest."""


class PaperFailed(Exception):
    """The typesetter gave up; what it said is for the people who make the program."""


def pdf(paper: Paper) -> bytes:
    """The bytes of the PDF. Raises NoFont, PaperFailed."""
    font = japanese_font()
    data = {
        "font": FAMILY,
        "number": paper.number,
        "title": printable(paper.title),
        "lead": [printable(line) for line in (*paper.lead, *filter(None, [paper.annex_note]))],
        "parts": [_picture(part) if isinstance(part, Picture) else _table(part) for part in paper.parts],
    }
    try:
        made = typst.compile(
            str(_TEMPLATE),
            format="pdf",
            font_paths=[str(font.parent)],
            ignore_system_fonts=True,
            sys_inputs={"paper": json.dumps(data, ensure_ascii=False)},
        )
    except typst.TypstError as error:
        raise PaperFailed(f"PDF を組めません（{error.message}）。\n対処: この文を添えて、開発者に知らせる。") from error
    if not isinstance(made, bytes):
        raise PaperFailed("PDF を組めません（結果がない）。\n対処: この文を添えて、開発者に知らせる。")
    return made


def _picture(picture: Picture) -> dict[str, Any]:
    return {
        "kind": "picture",
        "title": printable(picture.title),
        "svg": printable(_standalone(picture.svg)),
        "words": printable(picture.words),
        "caption": printable(picture.caption),
    }


def _standalone(svg: str) -> str:
    """A picture that stood in a page, as a file of its own."""
    return re.sub(r"<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', svg, count=1)


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [printable(_shown(cell, column)) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows
    ]
    return {
        "kind": "table",
        "title": printable(table.title),
        "headings": [printable(column.heading) for column in table.columns],
        "right": [column.kind is Kind.NUMBER for column in table.columns],
        "widths": _widths(table.columns, rows),
        "rows": rows,
        "note": printable(table.note),
    }


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = []
    for place, column in enumerate(columns):
        longest = max((len(row[place]) for row in rows), default=0)
        widths.append("auto" if column.kind in _NARROW or longest <= _LONG else "share")
    if "share" not in widths:
        texts = (place for place, column in enumerate(columns) if column.kind is Kind.TEXT)
        widths[next(texts, 0)] = "share"
    return widths


def _shown(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    if column.kind is Kind.FLAG:
        return YES if cell else NO
    if isinstance(cell, datetime):
        here = cell.astimezone(JST)
        return f"{both_calendars(here.date())} {here:%H:%M:%S}"
    if isinstance(cell, date):
        return both_calendars(cell)
    return f"{cell:,}" if isinstance(cell, int) else cell
