"""A paper as a workbook: numbers are numbers, days are days in both calendars, and no cell is ever a formula.

It has no time of its making: the same paper gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from takuso.kernel.periods import JST
from takuso.papers.tables import NO, YES, Cell, Column, Kind, Paper, Table, era_text

MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook has no zones; this one stands for no time at all
MOST_ROWS: Final = 1_000_000
"""Rows of a table on one sheet; Excel has 1,048,576."""
MOST_LETTERS: Final = 32_000
"""Letters in one cell; Excel has 32,767."""
_AS_IT_IS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_TOP: Final = 3
_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What begins a formula for some program, once a sheet is saved as CSV and read again."""
_WIDTHS: Final = {Kind.TEXT: 32, Kind.NUMBER: 14, Kind.DAY: 13, Kind.INSTANT: 20, Kind.FLAG: 10}
_FIRST_DAY: Final = date(1900, 3, 1)
"""Earlier days are not the same in every program that opens a workbook."""
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", "・"))
_LONGEST_NAME: Final = 31


def workbook(paper: Paper) -> bytes:
    """The bytes of the .xlsx: a sheet for each table, long ones on several. Raises OSError where there is no room."""
    sink = BytesIO()
    book = xlsxwriter.Workbook(sink, _AS_IT_IS)
    book.set_properties({"title": paper.title, "comments": f"文書番号 {paper.number}", "created": MADE})
    sheets = _Sheets(book, paper)
    sheets.cover()
    for table in (*(part for part in paper.parts if isinstance(part, Table)), *paper.annex):
        sheets.add(table)
    try:
        book.close()
    except FileCreateError as error:
        # It wraps what the system said.
        raise error.args[0] from error
    return sink.getvalue()


class _Sheets:
    """The sheets of one workbook."""

    def __init__(self, book: Any, paper: Paper) -> None:
        self._book, self._paper = book, paper
        self._head = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1, "text_wrap": True})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self._number = book.add_format({"num_format": "#,##0", "valign": "top"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"})

    def cover(self) -> None:
        """Title, number and lead."""
        sheet = self._sheet("表紙", self._paper.title)
        sheet.set_column(0, 0, 100)
        for row, line in enumerate(self._paper.lead, start=_TOP):
            self._write(sheet, row, 0, line)

    def add(self, table: Table) -> None:
        """One table; rows beyond what a sheet holds go to further sheets."""
        rows, number = iter(table.rows), 1
        while True:
            part = list(islice(rows, MOST_ROWS))
            if number == 1 or part:
                self._page(table, part, number)
            if len(part) < MOST_ROWS:
                return
            number += 1

    def _page(self, table: Table, rows: Sequence[Sequence[Cell]], number: int) -> None:
        more = f" {number}" if number > 1 else ""
        sheet = self._sheet(table.short[: _LONGEST_NAME - len(more)] + more, table.title)
        columns = list(_spread(table.columns))
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS[column.kind])
        for place, column in enumerate(columns):
            sheet.write_string(_TOP, place, column.heading, self._head)
        for row, cells in enumerate(rows, start=_TOP + 1):
            for place, cell in enumerate(_spread_cells(cells, table.columns)):
                self._write(sheet, row, place, cell)
        sheet.freeze_panes(_TOP + 1, 0)
        sheet.autofilter(_TOP, 0, _TOP + max(1, len(rows)), len(columns) - 1)
        sheet.repeat_rows(_TOP)
        if table.note:
            self._write(sheet, _TOP + len(rows) + 2, 0, table.note)

    def _sheet(self, name: str, title: str) -> Any:
        sheet = self._book.add_worksheet(name.translate(_FORBIDDEN))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        # An ampersand begins a code there, two are one.
        number = self._paper.number.replace("&", "&&")
        sheet.set_header(f"&L文書番号 {number}")
        sheet.set_footer(f"&L文書番号 {number}&R&P / &N")
        self._write(sheet, 0, 0, title, self._title)
        self._write(sheet, 1, 0, f"文書番号 {self._paper.number}")
        return sheet

    def _write(self, sheet: Any, row: int, place: int, cell: Cell, look: Any = None) -> None:
        if isinstance(cell, bool):
            cell = YES if cell else NO
        if isinstance(cell, str):
            quoted = cell.startswith(_SIGNS)
            sheet.write_string(row, place, _short(cell), self._quoted if quoted else look or self._text)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, place, cell.replace(tzinfo=None, microsecond=0), self._instant)
        elif isinstance(cell, date):
            sheet.write_datetime(row, place, cell, self._day)
        elif cell is not None:
            sheet.write_number(row, place, cell, self._number)


def _spread(columns: Sequence[Column]) -> Iterator[Column]:
    """Days and instants in both calendars, a column each."""
    for column in columns:
        if column.kind in (Kind.DAY, Kind.INSTANT):
            yield Column(heading=f"{column.heading}（西暦）", kind=column.kind)
            yield Column(heading=f"{column.heading}（和暦）", kind=Kind.TEXT)
        else:
            yield column


def _spread_cells(cells: Sequence[Cell], columns: Sequence[Column]) -> Iterator[Cell]:
    for cell, column in zip(cells, columns, strict=True):
        if column.kind not in (Kind.DAY, Kind.INSTANT):
            yield cell
        elif isinstance(cell, date):
            here = cell.astimezone(JST) if isinstance(cell, datetime) else cell
            day = here.date() if isinstance(here, datetime) else here
            yield here if day >= _FIRST_DAY else str(here)
            yield era_text(day)
        else:
            yield None
            yield None


def _short(text: str) -> str:
    if len(text) <= MOST_LETTERS:
        return text
    return f"{text[:MOST_LETTERS]}…（このあと {len(text) - MOST_LETTERS:,} 文字）"
