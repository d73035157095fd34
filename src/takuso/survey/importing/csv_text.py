"""CSV as bytes: a fast way by Arrow, and an exact one for what the fast one cannot tell apart.

The fast way is taken for a block only where it is sure to give what the exact one gives: every record has the right
number of columns, quotes stand only where they may, and records and lines can be matched. Where that does not hold,
the block is halved until only a small part goes the exact way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from takuso.survey.importing.lines import Block, Bytes, Places, inside_quotes, line_ends, split
from takuso.survey.importing.mapping import Charset
from takuso.survey.importing.parsed import Layout, Parsed
from takuso.survey.importing.rejects import Reject

_SMALL: Final = 1 << 16
_PIECE: Final = 1 << 17
_LINE_END: Final = np.array([10], dtype=np.uint8)
_AFTER: Final = "閉じる引用符のすぐあとに文字があります。"
_OPEN: Final = "引用符が閉じていません。"
# A byte from here on can be the second one of a CP932 character.
_TRAIL: Final = 0x40
_REPEATING: Final = pa.dictionary(pa.int32(), pa.binary())
_NO_CHARACTER: Final = str.maketrans(dict.fromkeys("\x80\uf8f0\uf8f1\uf8f2\uf8f3", "\udc80"))


def parse(block: Block, layout: Layout) -> Iterator[Parsed]:
    """The records of a block."""
    if _must_be_recoded(layout):
        block, layout = replace(block, raw=_in_utf8(block.raw)), replace(layout, charset="utf-8")
    yield from _parse(block, layout)


def _parse(block: Block, layout: Layout) -> Iterator[Parsed]:
    found = fast(block, layout)
    if found is not None:
        yield found
        return
    halves = split(block, layout.quote) if len(block.raw) > _SMALL else None
    if halves is None:
        yield exact(block, layout)
        return
    for half in halves:
        yield from _parse(half, layout)


def _in_utf8(raw: bytes) -> bytes:
    """The same in UTF-8; bytes that are no character stay as they are, so that they are none there either."""
    text = raw.decode("cp932", errors="surrogateescape").translate(_NO_CHARACTER)
    return text.encode("utf-8", errors="surrogateescape")


def fast(block: Block, layout: Layout) -> Parsed | None:
    """By Arrow; None where it is not sure to be right."""
    raw = np.frombuffer(block.raw, dtype=np.uint8)
    if layout.quote is not None and not _regular(raw, ord(layout.quote), ord(layout.delimiter)):
        return None
    table = _arrow(block.raw, layout)
    if table is None:
        return None
    found = _lines(raw, layout.quote, table.num_rows)
    if found is None:
        return None
    first, spans, blank = found
    columns = {place: _one(table.column(f"c{place}")) for place in layout.taken}
    return Parsed(columns=columns, lines=first + block.line, spans=spans, blank=blank)


def _arrow(raw: bytes, layout: Layout) -> Any:
    names = [f"c{place}" for place in range(len(layout.names))]
    types = {f"c{place}": _REPEATING if place in layout.repeating else pa.binary() for place in layout.taken}
    try:
        return csv.read_csv(
            pa.BufferReader(raw),
            read_options=csv.ReadOptions(use_threads=False, block_size=len(raw) + 1, column_names=names),
            parse_options=csv.ParseOptions(
                delimiter=layout.delimiter,
                quote_char=layout.quote or False,
                escape_char=False,
                newlines_in_values=layout.quote is not None,
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False, column_types=types, include_columns=list(types), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None


def _one(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _regular(raw: Bytes, quote: int, delimiter: int) -> bool:
    """Whether quotes stand only around whole fields and, doubled, inside them.

    Every other quote opens: before it is an edge (a delimiter, a line end) or, of a doubled one, a quote. After each
    of the rest is an edge or a quote.
    """
    edge = np.zeros(256, dtype=np.bool_)
    edge[[quote, delimiter, 10, 13]] = True
    padded = np.concatenate((_LINE_END, raw, _LINE_END))
    passed = 0
    for start in range(0, len(raw), _PIECE):
        places = np.flatnonzero(padded[start + 1 : start + 1 + _PIECE] == quote) + start
        opening, closing = places[passed & 1 :: 2], places[1 - (passed & 1) :: 2]
        if not (edge[padded[opening]].all() and edge[padded[closing + 2]].all()):
            return False
        passed += len(places)
    return passed % 2 == 0


def _lines(raw: Bytes, quote: str | None, rows: int) -> tuple[Places, Places, int] | None:
    """The line (from 0) and the number of lines of each record, and the blank lines between them; None if unsure.

    As many records as lines that are not blank: each record has a line of its own. A record of several lines has at
    least two that are not blank, its first and its last.
    """
    ends = line_ends(raw)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    blank = _blank(raw, starts, ends)
    lines = np.flatnonzero(~blank)
    if len(lines) == rows:
        return lines, np.ones(rows, dtype=np.int64), len(ends) - rows
    if quote is None:
        return None
    outside = ~np.concatenate((np.zeros(1, dtype=np.bool_), inside_quotes(raw, ends, ord(quote))[:-1]))
    lines, between = np.flatnonzero(outside & ~blank), outside & blank
    if len(lines) != rows:
        return None
    passed = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(between)))
    after = np.append(lines[1:], len(ends))
    return lines, after - lines - (passed[after] - passed[lines]), int(between.sum())


def _blank(raw: Bytes, starts: Places, ends: Places) -> npt.NDArray[np.bool_]:
    lengths = ends - starts
    first = raw[starts]
    blank: npt.NDArray[np.bool_] = ((lengths == 1) & ((first == 10) | (first == 13))) | ((lengths == 2) & (first == 13))
    return blank


@dataclass(frozen=True, slots=True)
class Record:
    """A record found exactly: from where to where, its fields, or the rule that it breaks."""

    start: int
    end: int
    fields: list[bytes] | None
    rule: str = ""


def records(raw: bytes, delimiter: str, quote: str | None) -> Iterator[Record]:
    """Record by record. One with a broken quote ends with its first line, and the next line starts anew."""
    comma, mark = delimiter.encode(), quote.encode() if quote else None
    stop = re.compile(b"[" + re.escape(comma) + b"\r\n]")
    line_end = re.compile(b"\r\n|\r|\n")
    at = 0
    while at < len(raw):
        found = _record(raw, at, comma, mark, stop)
        fields, end = found if isinstance(found, tuple) else (None, at)
        ending = line_end.search(raw, end)
        after = ending.end() if ending else len(raw)
        yield Record(at, after, fields, found if isinstance(found, str) else "")
        at = after


def _record(
    raw: bytes, at: int, comma: bytes, mark: bytes | None, stop: re.Pattern[bytes]
) -> tuple[list[bytes], int] | str:
    fields: list[bytes] = []
    while True:
        if mark is not None and raw[at : at + 1] == mark:
            found = _quoted(raw, at + 1, mark)
            if found is None:
                return _OPEN
            value, at = found
            if raw[at : at + 1] not in (comma, b"\r", b"\n", b""):
                return _AFTER
        else:
            ending = stop.search(raw, at)
            end = ending.start() if ending else len(raw)
            value, at = raw[at:end], end
        fields.append(value)
        if raw[at : at + 1] != comma:
            return fields, at
        at += 1


def _quoted(raw: bytes, at: int, mark: bytes) -> tuple[bytes, int] | None:
    """The value of a quoted field and the place after its closing quote."""
    parts: list[bytes] = []
    while True:
        close = raw.find(mark, at)
        if close < 0:
            return None
        if raw[close + 1 : close + 2] != mark:
            parts.append(raw[at:close])
            return b"".join(parts), close + 1
        parts.append(raw[at : close + 1])
        at = close + 2


def exact(block: Block, layout: Layout) -> Parsed:
    """Record by record, with what is wrong in each."""
    width = len(layout.names)
    ends = line_ends(np.frombuffer(block.raw, dtype=np.uint8))
    rows: list[list[bytes]] = []
    lines: list[int] = []
    spans: list[int] = []
    rejects: list[Reject] = []
    blank = line = 0
    for record in records(block.raw, layout.delimiter, layout.quote):
        here, line = line, int(np.searchsorted(ends, record.end)) + 1
        if record.fields in ([b""], [b"\x1a"]) and record.end - record.start <= 2:
            blank += 1
        elif record.fields is None or len(record.fields) != width:
            rule = record.rule or f"列は {width} 個です（この行は {len(record.fields or ())} 個）。"
            rejects.append(Reject(line=block.line + here, lines=line - here, rule=rule))
        else:
            rows.append(record.fields)
            lines.append(block.line + here)
            spans.append(line - here)
    columns = {place: pa.array([row[place] for row in rows], type=pa.binary()) for place in layout.taken}
    return Parsed(
        columns=columns,
        lines=np.array(lines, dtype=np.int64),
        spans=np.array(spans, dtype=np.int64),
        blank=blank,
        rejects=tuple(rejects),
    )


def charset_after(layout: Layout) -> Charset:
    """The character set of the columns that `parse` gives."""
    return "utf-8" if _must_be_recoded(layout) else layout.charset


def _must_be_recoded(layout: Layout) -> bool:
    return layout.charset == "cp932" and max(map(ord, (layout.delimiter, layout.quote or ","))) >= _TRAIL
