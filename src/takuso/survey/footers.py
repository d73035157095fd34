"""What Parquet footers tell at no cost: columns, types, nulls, and whether every row lies in its day's folder.

Only where a footer says that something is wrong, or says nothing, are rows read, to name the first bad one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from takuso.kernel.periods import jst_midnight
from takuso.survey.source import Source, SourceFault, day_of
from takuso.survey.statements import filled

Kind = Literal["text", "day", "instant", "instant_us"]
_KINDS: Final = {"text": "文字列", "day": "日付", "instant": "時刻", "instant_us": "時刻（マイクロ秒）"}
_LAYOUT: Final = "docs/how-to/survey-your-own-log.md の列の表に合わせて書き出す。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the contract."""

    kind: Kind
    may_be_null: bool = False


_TEXT: Final = Column(kind="text")
LOG: Final = {
    "at": Column(kind="instant_us"),
    "user_id": _TEXT,
    "session_id": _TEXT,
    "screen": _TEXT,
    "came_from": Column(kind="text", may_be_null=True),
    "customer": _TEXT,
    "action": _TEXT,
    "terminal": _TEXT,
}
PEOPLE: Final = {
    "user_id": _TEXT,
    "person_id": _TEXT,
    "org": _TEXT,
    "contractor_of": Column(kind="text", may_be_null=True),
    "from": Column(kind="day", may_be_null=True),
    "to": Column(kind="day", may_be_null=True),
}
SUPPLY: Final = {
    "customer": _TEXT,
    "retailer": _TEXT,
    "from": Column(kind="day"),
    "to": Column(kind="day", may_be_null=True),
    "known_from": Column(kind="instant", may_be_null=True),
    "known_to": Column(kind="instant", may_be_null=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFooters:
    """What the footers of log files say: records; `mixed` if a column has not the same type in all of them."""

    records: int
    mixed: bool


def check_log(source: Source, files: Sequence[Path]) -> LogFooters:
    """Check the footers of log files. Raises SourceFault."""
    footers = [_check(source, file, LOG) for file in files]
    return LogFooters(
        records=sum(footer.num_rows for footer in footers),
        mixed=len({_types(footer, LOG) for footer in footers}) > 1,
    )


def check_tables(source: Source) -> None:
    """Check the footers of people.parquet and supply.parquet. Raises SourceFault."""
    _check(source, source.people, PEOPLE)
    _check(source, source.supply, SUPPLY)


def row_place(source: Source, file: Path, row: int) -> str:
    """A row as messages name it; rows count from 1 in the order of the file."""
    return f"{source.place(file)} の {row + 1:,} 行目"


def _check(source: Source, file: Path, columns: Mapping[str, Column]) -> Any:
    try:
        with pq.ParquetFile(file) as opened:
            footer = opened.metadata
    except (pa.ArrowException, OSError) as error:
        rule = f"Parquet として読めません（{str(error).splitlines()[0]}）。"
        raise SourceFault(source.place(file), rule, "途中で切れていないか確かめ、書き出し直す。") from None
    places = _places(source, file, footer, columns)
    for name, column in columns.items():
        if not column.may_be_null:
            _no_nulls(source, file, footer, name, places[name])
    if columns is LOG:
        _one_day(source, file, footer, places["at"])
    return footer


def _types(footer: Any, columns: Mapping[str, Column]) -> tuple[str, ...]:
    found = (footer.schema.column(place) for place in range(footer.num_columns))
    return tuple(sorted(f"{column.path} {column.logical_type}" for column in found if column.path in columns))


def _places(source: Source, file: Path, footer: Any, columns: Mapping[str, Column]) -> dict[str, int]:
    found = {footer.schema.column(place).path: place for place in range(footer.num_columns)}
    for name, column in columns.items():
        if name not in found:
            raise SourceFault(source.place(file), f"列 {name} がありません。", _LAYOUT)
        described = footer.schema.column(found[name])
        if not _fits(described, column):
            rule = f"列 {name} の型は{_KINDS[column.kind]}です（今は {_type(described)}）。"
            raise SourceFault(source.place(file), rule, _LAYOUT)
    return {name: found[name] for name in columns}


def _fits(described: Any, column: Column) -> bool:
    logical = described.logical_type.type
    # Writers give a column of nothing but nulls the type "null".
    if logical in ("NULL", "UNKNOWN", "UNDEFINED") and column.may_be_null:
        return True
    if column.kind == "text":
        return bool(logical == "STRING")
    if column.kind == "day":
        return bool(logical == "DATE")
    text = described.logical_type.to_json()
    return logical == "TIMESTAMP" and (column.kind == "instant" or "microseconds" in text)


def _type(described: Any) -> str:
    logical = described.logical_type.type
    return str(described.physical_type if logical in ("NONE", "UNDEFINED") else described.logical_type)


def _statistics(footer: Any, place: int) -> Iterator[Any]:
    for group in range(footer.num_row_groups):
        if footer.row_group(group).num_rows:
            yield footer.row_group(group).column(place).statistics


def _no_nulls(source: Source, file: Path, footer: Any, name: str, place: int) -> None:
    counts = [None if s is None or not s.has_null_count else s.null_count for s in _statistics(footer, place)]
    if all(count == 0 for count in counts):
        return
    row = _first_row(file, f'"{name}" IS NULL')
    if row is not None:
        rule = f"列 {name} が空（null）です。"
        raise SourceFault(row_place(source, file, row), rule, "値を入れる。記録にない値を作らない。")


def _one_day(source: Source, file: Path, footer: Any, place: int) -> None:
    day = day_of(file)
    start, end = jst_midnight(day), jst_midnight(day) + timedelta(days=1)
    known = [s for s in _statistics(footer, place) if s is not None and s.has_min_max]
    inside = all(start <= _aware(s.min) and _aware(s.max) < end for s in known)
    if inside and len(known) == sum(1 for _ in _statistics(footer, place)):
        return
    first, last = (int(moment.timestamp()) * 1_000_000 for moment in (start, end))
    row = _first_row(file, f'epoch_us("at") < {first} OR epoch_us("at") >= {last}')
    if row is not None:
        rule = f"日本時間で {day} の記録ではありません。"
        raise SourceFault(row_place(source, file, row), rule, "at の属する日のフォルダーへ移す（at は UTC）。")


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _first_row(file: Path, condition: str) -> int | None:
    """The first row of a file that meets a condition of ours, counted from 0."""
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    ((row,),) = engine.execute(filled("first_row", {"where": condition})[0], {"file": str(file)}).fetchall()
    return None if row is None else int(row)
