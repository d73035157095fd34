"""A small source written as the files of another system, in any charset, quoting, line ends and compression."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from takuso.kernel import cp932
from takuso.survey.importing.mapping import CHARSETS
from tests.survey.lay import JAPAN, META, Place

LOG = ("日時", "利用者ID", "セッション", "画面", "遷移元", "供給地点特定番号", "操作", "端末", "備考")
PEOPLE = ("利用者ID", "社員番号", "所属会社", "委託元", "着任", "離任")
SUPPLY = ("供給地点特定番号", "小売電気事業者", "開始日", "終了日", "登録", "訂正")
COLUMNS: dict[str, dict[str, Any]] = {
    "log": {
        "at": "日時",
        "user_id": "利用者ID",
        "session_id": "セッション",
        "screen": "画面",
        "came_from": "遷移元",
        "customer": "供給地点特定番号",
        "action": "操作",
        "terminal": "端末",
    },
    "people": {
        "user_id": "利用者ID",
        "person_id": "社員番号",
        "org": "所属会社",
        "contractor_of": "委託元",
        "from": "着任",
        "to": "離任",
    },
    "supply": {
        "customer": "供給地点特定番号",
        "retailer": "小売電気事業者",
        "from": "開始日",
        "to": "終了日",
        "known_from": "登録",
        "known_to": "訂正",
    },
}
HEADINGS = {"log": LOG, "people": PEOPLE, "supply": SUPPLY}


@dataclass(frozen=True, kw_only=True)
class Style:
    """How the files are written."""

    charset: str = "utf-8"
    delimiter: str = ","
    quoting: int = csv.QUOTE_ALL
    ends: Sequence[str] = ("\n",)
    compression: str = ""
    split: int = 1
    bom: bool = False
    remark: str = ""
    last_end: bool = True


def encoded(text: str, charset: str) -> bytes:
    """Bytes of a text; EUC-JP as Windows knows it."""
    if charset == "cp932":
        return cp932.encode(text)
    if charset == "utf-8":
        return text.encode()
    return b"".join(_euc(sign) for sign in text)


def _euc(sign: str) -> bytes:
    raw = cp932.encode(sign)
    if len(raw) == 1:
        return raw if raw[0] < 0x80 else b"\x8e" + raw
    lead, trail = raw
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 1
    if trail >= 0x9F:
        return bytes((row + 1 + 0xA0, trail - 0x9E + 0xA0))
    return bytes((row + 0xA0, trail - (0x3F if trail < 0x80 else 0x40) + 0xA0))


def rows(place: Place, table: str, remark: str = "") -> list[list[str]]:
    """The rows of a table as texts, times by the clock in Japan."""
    found = {"log": place.records, "people": place.people, "supply": place.supply}[table]
    more = [remark] if table == "log" else []
    return [[_text(value) for value in row] + more for row in found]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(JAPAN).strftime("%Y/%m/%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else str(value)


def text_of(heading: Sequence[str], body: Sequence[Sequence[str]], style: Style) -> bytes:
    """A CSV file; line ends are taken in turn."""
    parts = []
    for number, row in enumerate([heading, *body]):
        kept = io.StringIO()
        # With a line end of its own the writer knows which fields need quotes.
        csv.writer(kept, delimiter=style.delimiter, quoting=style.quoting, lineterminator="\r\n").writerow(row)  # type: ignore[arg-type]
        line = kept.getvalue().removesuffix("\r\n")
        end = style.ends[number % len(style.ends)]
        parts.append(encoded(line + (end if style.last_end or number < len(body) else ""), style.charset))
    return (b"\xef\xbb\xbf" if style.bom and style.charset == "utf-8" else b"") + b"".join(parts)


def packed(raw: bytes, compression: str) -> bytes:
    """Compressed."""
    if compression == "gz":
        return gzip.compress(raw)
    return pa.compress(raw, codec="zstd", asbytes=True) if compression == "zst" else raw


def lay_files(place: Place, folder: Path, style: Style) -> Path:
    """Write the files and their mapping; gives the mapping file."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Any] = {}
    for table, heading in HEADINGS.items():
        found = rows(place, table, style.remark)
        for part in range(style.split):
            raw = packed(text_of(heading, found[part :: style.split], style), style.compression)
            (folder / f"{table}-{part}.csv").write_bytes(raw)
        tables[table] = {
            "files": [f"{table}-*.csv"],
            "charset": style.charset,
            "delimiter": style.delimiter,
            "columns": COLUMNS[table],
        }
    return write_mapping(folder, tables)


def write_mapping(folder: Path, tables: dict[str, Any], **more: Any) -> Path:
    """A mapping file."""
    assert style_charsets_known(tables)
    document = {key: META[key] for key in ("network", "affiliate", "screens")} | tables | more
    file = folder / "mapping.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def style_charsets_known(tables: dict[str, Any]) -> bool:
    """So that no test names a charset that does not exist."""
    return all(table.get("charset", "utf-8") in CHARSETS for table in tables.values())
