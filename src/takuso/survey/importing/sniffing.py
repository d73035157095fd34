"""What a file looks like: compression, character set, delimiter, header, columns with some of their values."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, zip_longest
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from takuso.survey.importing.characters import decode
from takuso.survey.importing.csv_text import records
from takuso.survey.importing.mapping import Charset, Format, Span
from takuso.survey.importing.opening import CannotRead, opened
from takuso.survey.importing.rejects import NotTaken

_READ: Final = 4 << 20
_ROWS: Final = 2000
_DELIMITERS: Final = (",", "\t", ";", "|")
_ALIKE: Final = 0.8
_DATA: Final = re.compile(r"[0-9]{4,}|[0-9]{1,4}[-/.:年][0-9]{1,2}")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]")
_USUAL: Final = re.compile("[ぁ-ゖァ-ヶ一-龠]")
_BOM: Final = b"\xef\xbb\xbf"
_PARQUET: Final = b"PAR1"
_STAMP: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-4][0-9][0-5][0-9][0-5][0-9]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A file as it looks; confidences are from 0 to 1. `rows` are the first records as texts."""

    path: Path
    format: Format
    charset: Charset
    charset_confidence: float
    delimiter: str = ","
    form_confidence: float = 1.0
    header: int = 1
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spans: tuple[Span, ...] = ()

    def column(self, place: int) -> list[str]:
        """The values of a column."""
        return [row[place].strip() for row in self.rows]


def look(path: Path) -> Looked:
    """Look at the beginning of a file. Raises CannotRead."""
    with opened(path) as (stream, _):
        raw = stream.read(_READ)
        whole = len(raw) < _READ
    if raw.startswith(_PARQUET):
        return _parquet(path)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CannotRead(f"{path}: UTF-16 のファイルは読めません。\n対処: UTF-8 で保存し直す。")
    raw = raw.removeprefix(_BOM)
    raw = raw if whole else raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1]
    if not raw.strip():
        raise CannotRead(f"{path}: 空のファイルです。\n対処: 記録のあるファイルを指定する。")
    charset, confidence = guess_charset(raw)
    found = _separated(path, raw, charset, confidence)
    return found or _fixed(path, raw, charset, confidence)


def guess_charset(raw: bytes) -> tuple[Charset, float]:
    """The character set and how sure that is: the one with the fewest lines that cannot be read."""
    lines = [line for line in raw.splitlines() if not line.isascii()][:_ROWS]
    if not lines:
        return "utf-8", 1.0
    texts = {charset: [_decoded(line, charset) for line in lines] for charset in ("utf-8", "cp932", "euc-jp")}
    shares = {charset: sum(text is not None for text in found) / len(lines) for charset, found in texts.items()}
    if shares["utf-8"] >= max(shares["cp932"], shares["euc-jp"]):
        return "utf-8", shares["utf-8"]
    if shares["cp932"] == shares["euc-jp"]:
        # Both fit: EUC-JP read as CP932 is full of half-width kana, and CP932 read as EUC-JP of rare kanji.
        as_cp932, as_euc = ("".join(text or "" for text in texts[charset]) for charset in ("cp932", "euc-jp"))
        kana, usual = len(_HALF_KANA.findall(as_cp932)), len(_USUAL.findall(as_euc))
        return ("euc-jp", 0.8) if kana > len(as_cp932) / 4 and usual > len(as_euc) / 4 else ("cp932", 0.8)
    best: Charset = "cp932" if shares["cp932"] > shares["euc-jp"] else "euc-jp"
    return best, shares[best]


def _decoded(line: bytes, charset: str) -> str | None:
    chosen: Charset = "cp932" if charset == "cp932" else "euc-jp" if charset == "euc-jp" else "utf-8"
    try:
        return decode(line, chosen)
    except NotTaken:
        return None


def _text(raw: bytes, charset: Charset) -> str:
    return "".join(_decoded(line, charset) or "" for line in raw.splitlines(keepends=True))


def _separated(path: Path, raw: bytes, charset: Charset, confidence: float) -> Looked | None:
    text = _text(raw, charset).encode()
    best: tuple[float, int, str, list[list[str]]] | None = None
    for delimiter in _DELIMITERS:
        found = [record.fields for record in islice(records(text, delimiter, '"'), _ROWS + 100) if record.fields]
        rows = [[field.decode("utf-8", errors="replace") for field in fields] for fields in found if fields != [b""]]
        widths = Counter(len(row) for row in rows)
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        share = count / len(rows)
        if width > 1 and share >= _ALIKE and (best is None or (share, width) > best[:2]):
            best = (share, width, delimiter, rows)
    if best is None:
        return None
    share, width, delimiter, rows = best
    first = next(number for number, row in enumerate(rows) if len(row) == width)
    named = _is_header(rows[first], [row for row in rows[first + 1 :] if len(row) == width])
    header = first + 1 if named else first
    names = tuple(name.strip() for name in rows[first]) if named else tuple(f"列{n + 1}" for n in range(width))
    kept = tuple(tuple(row) for row in rows[header:] if len(row) == width)[:_ROWS]
    return Looked(
        path=path,
        format="csv",
        charset=charset,
        charset_confidence=confidence,
        delimiter=delimiter,
        form_confidence=share,
        header=header,
        names=names,
        rows=kept,
    )


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    if any(_DATA.search(cell) for cell in first) or not all(cell.strip() for cell in first):
        return False
    return not rest or len(set(first)) == len(first) or any(_DATA.search(cell) for cell in rest[0])


def _fixed(path: Path, raw: bytes, charset: Charset, confidence: float) -> Looked:
    lines = [line for line in raw.splitlines()[: _ROWS + 1] if line]
    width, count = Counter(map(len, lines)).most_common(1)[0]
    if count / len(lines) < _ALIKE:
        raise CannotRead(
            f"{path}: 区切りの文字（, タブ ; |）も、決まった幅も見つかりません。\n"
            "対処: 形を確かめ、対応ファイルを手で書く（docs/how-to/import-a-log.md）。"
        )
    lines = [line for line in lines if len(line) == width]
    edges = sorted({0, width, *_edges(lines, width)})
    spans = tuple(
        Span(name=f"列{number}", start=start, end=end) for number, (start, end) in enumerate(pairwise(edges), start=1)
    )
    rows = tuple(tuple(_decoded(line[span.start : span.end], charset) or "" for span in spans) for line in lines)
    return Looked(
        path=path,
        format="fixed",
        charset=charset,
        charset_confidence=confidence,
        form_confidence=0.5 * count / len(lines) if count < len(lines) else 0.5,
        header=0,
        names=tuple(span.name for span in spans),
        rows=rows,
        spans=spans,
    )


def _edges(lines: Sequence[bytes], width: int) -> set[int]:
    """Where columns seem to begin: after padding, and where the kind of sign changes in every line."""
    kinds = ["".join(sorted({_kind(line[place]) for line in lines})) for place in range(width)]
    edges = set()
    for place in range(1, width):
        before, here = kinds[place - 1], kinds[place]
        if ("空" in before and "空" not in here) or (before != here and len(before + here) == 2 and "空" not in here):
            edges.add(place)
    for start in sorted({0, *edges}):
        end = min((edge for edge in edges if edge > start), default=width)
        if end - start > 14 and all(_STAMP.fullmatch(line[start : start + 14].decode("latin-1")) for line in lines):
            edges.add(start + 14)
    return edges


def _kind(byte: int) -> str:
    if 48 <= byte <= 57:
        return "9"
    if byte == 32:
        return "空"
    return "A" if byte < 0x80 else "漢"


def _parquet(path: Path) -> Looked:
    with pq.ParquetFile(path) as file:
        names = tuple(file.schema_arrow.names)
        part = next(file.iter_batches(batch_size=_ROWS), None)
    columns = [["" if value is None else str(value) for value in column.to_pylist()] for column in part or ()]
    return Looked(
        path=path,
        format="parquet",
        charset="utf-8",
        charset_confidence=1.0,
        header=0,
        names=names,
        rows=tuple(zip_longest(*columns, fillvalue="")),
    )
