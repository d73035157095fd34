"""The Parquet files of a source as views of a session, with the types that the contract gives them.

Footers decide where files differ: a column of nothing but nulls has no type, and instants may be nanoseconds.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq

from takuso.survey.footers import LOG, PEOPLE, SUPPLY, Column
from takuso.survey.source import Source
from takuso.survey.statements import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TYPES: Final = {"text": "STRING", "day": "DATE", "instant": "TIMESTAMP", "instant_us": "TIMESTAMP"}
_UNTYPED: Final = ("NULL", "UNKNOWN", "UNDEFINED")
Types = tuple[tuple[str, str], ...]
"""Columns of a file and their types in Spark; an empty type: nothing but nulls."""


def log_view(session: "SparkSession", view: str, files: Sequence[Path]) -> None:
    """A view of log files: `file_path`, `row_index`, `at_us` and the columns of the contract but `at`."""
    texts = [name for name in LOG if name != "at"]
    kinds: dict[Types, list[Path]] = {}
    for file in files:
        kinds.setdefault(_types(file, LOG), []).append(file)
    parts = []
    for types, some in kinds.items():
        columns = [_text(name, types) for name in texts]
        place = ("_metadata.file_path AS file_path", "_metadata.row_index AS row_index")
        parts.append(_read(session, some, types).selectExpr(*place, "unix_micros(`at`) AS at_us", *columns))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.unionByName(part)
    whole.createOrReplaceTempView(view)


def numbers_view(session: "SparkSession", view: str, log: str) -> None:
    """A view that numbers the files of a view of log files."""
    # The files are listed with two slashes more than rows name them; a row whose file has no number is an error.
    places = sorted(place.replace("file:///", "file:/", 1) for place in session.table(log).inputFiles())
    rows = ", ".join(f"({quoted(place)}, CAST({number} AS BIGINT))" for number, place in enumerate(places))
    numbers = f"SELECT * FROM VALUES {rows} AS n (file_path, number)"  # noqa: S608 - names of files, as texts
    session.sql(spelled(numbers)).createOrReplaceTempView(view)


def table_views(session: "SparkSession", source: Source) -> None:
    """`people_file` and `supply_file`; `known_from` and `known_to` are microseconds since 1970 UTC."""
    types = _types(source.people, PEOPLE)
    texts = [_text(name, types) for name in PEOPLE if PEOPLE[name].kind == "text"]
    days = [_day(name, types) for name in ("from", "to")]
    _read(session, [source.people], types).selectExpr(*texts, *days).createOrReplaceTempView("people_file")
    types = _types(source.supply, SUPPLY)
    known = [_instant(name, types) for name in ("known_from", "known_to")]
    columns = [*(_text(name, types) for name in ("customer", "retailer")), *(_day(n, types) for n in ("from", "to"))]
    _read(session, [source.supply], types).selectExpr(*columns, *known).createOrReplaceTempView("supply_file")


def spelled(sql: str) -> str:
    """A statement with its texts as Spark spells them: a quote and a backslash with a backslash before."""
    return _TEXT.sub(lambda found: "'" + _SPECIAL.sub(r"\\\g<0>", found[1].replace("''", "'")) + "'", sql)


_TEXT: Final = re.compile("'((?:[^']|'')*)'")
_SPECIAL: Final = re.compile(r"[\\']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Into how many parts a log is dealt out; `large` if Spark's looking again at each stage is worth its time."""

    number: int
    large: bool


def partitions(files: Iterable[Path], parallel: int) -> Parts:
    """As many parts as run at once, more where the files are large."""
    size = sum(file.stat().st_size for file in files)
    return Parts(number=max(parallel, -(-size // _PART)), large=size > _PART)


_PART: Final = 16 << 20


def _types(file: Path, columns: Mapping[str, Column]) -> Types:
    schema = pq.read_metadata(file).schema
    found = {schema.column(place).path: schema.column(place).logical_type for place in range(len(schema))}
    return tuple((name, _type(found[name], column)) for name, column in columns.items())


def _type(logical: "pq.ParquetLogicalType", column: Column) -> str:
    if logical.type in _UNTYPED:
        return ""
    if column.kind == "instant" and "nanoseconds" in logical.to_json():
        return "BIGINT"
    return _TYPES[column.kind]


def _read(session: "SparkSession", files: Sequence[Path], types: Types) -> "DataFrame":
    schema = ", ".join(f"`{name}` {kind}" for name, kind in types if kind)
    # Names are taken as they are: a bracket or a star in one is no pattern.
    reader = session.read.schema(schema).option("__globPaths__", "false").option("recursiveFileLookup", "false")
    return reader.parquet(*(f"file://{file.resolve()}" for file in files))


def _text(name: str, types: Types) -> str:
    return f"`{name}`" if dict(types)[name] else f"CAST(NULL AS STRING) AS `{name}`"


def _day(name: str, types: Types) -> str:
    return f"`{name}`" if dict(types)[name] else f"CAST(NULL AS DATE) AS `{name}`"


def _instant(name: str, types: Types) -> str:
    kind = dict(types)[name]
    if kind == "BIGINT":
        # Nanoseconds are rounded up, which keeps half-open periods right for instants of whole microseconds.
        return f"(`{name}` + 999) div 1000 AS `{name}`"
    return f"unix_micros(`{name}`) AS `{name}`" if kind else f"CAST(NULL AS BIGINT) AS `{name}`"
