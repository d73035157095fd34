"""Histories of persons and of supply: what a survey would refuse is refused here, with the line it came from.

Reversed periods, IDs of several persons on one day, supply periods of one point that overlap; gaps are reported only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from takuso.survey.importing.rejects import Reject
from takuso.survey.layout import layout
from takuso.survey.overlaps import sharing_days
from takuso.survey.statements import filled

LINES: Final = pa.schema([("file", pa.int32()), ("line", pa.int64()), ("span", pa.int32())])
SHARED: Final = "共用:"
_EPOCH: Final = date(1970, 1, 1)
_EXAMPLES: Final = 20
_ALL: Final = str(1 << 62)
_GROUP: Final = 1 << 17
_REVERSED: Final = "期間の終わりが始まりより前です。"
_SHARED: Final = "1 つの ID を同じ日に複数の人が使っています（ほかの行: {}）。"
_OVERLAP: Final = "同じ供給地点の供給期間が重なっています（ほかの行: {}）。"
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row came from: the number of its file, its line and how many lines it has."""

    file: int
    line: int
    span: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A row that was read well and does not go with another."""

    file: int
    reject: Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in a history: rows removed and changed, and gaps with the first lines that follow one."""

    removed: tuple[Removed, ...] = ()
    changed: int = 0
    gaps: int = 0
    after_gaps: tuple[Place, ...] = ()


def settle_people(folder: Path, *, merge: bool) -> Report:
    """Take out (or merge) what goes not together in people.parquet; `people.lines` beside it goes."""
    file = folder / "people.parquet"
    with _engine(folder) as engine:
        engine.execute(filled("people", {})[0], {"people": str(file)})
        rules = dict.fromkeys(_column(engine, "import_people_reversed", {}), _REVERSED)
        pairs = [pair for pair in _pairs(engine, "people_shared") if rules.keys().isdisjoint(pair)]
        merged: set[int] = set()
        places = _Places(folder / "people.lines")
        rows = _rows_of(file, {row for pair in pairs for row in pair})
        for one, other in pairs:
            if merge and all(rows[one][name] == rows[other][name] for name in ("org", "contractor_of")):
                merged |= {one, other}
            else:
                _both(rules, one, other, _SHARED, places)
        merged -= rules.keys()
        gaps = [] if rules else engine.execute(filled("import_absences", {})[0]).fetchall()
    if rules or merged:
        _rewrite_people(file, rules, merged)
    return _report(places, rules, "user_id", len(merged), gaps)


def settle_supply(folder: Path, *, cut: bool) -> Report:
    """Take out (or cut) what overlaps in supply.parquet; `supply.lines` beside it goes."""
    file = folder / "supply.parquet"
    with _engine(folder) as engine:
        rules = dict.fromkeys(_column(engine, "import_supply_reversed", {"table": str(file)}), _REVERSED)
        shortened: dict[int, int] = {}
        if cut:
            given = {"table": str(file), "bad": list(rules)}
            shortened = dict(engine.execute(filled("import_cut", {})[0], given).fetchall())
        places = _Places(folder / "supply.lines")
        rules |= _overlapping(engine, file, rules, shortened, places)
        if rules or shortened:
            _rewrite_supply(file, rules, shortened)
        gaps = engine.execute(filled("import_gaps", {})[0], {"table": str(file)}).fetchall()
    if rules:
        # Rows have moved up since their lines were written down.
        kept = np.setdiff1d(np.arange(places.rows), list(rules))
        gaps = [(int(kept[row]), days) for row, days in gaps]
    return _report(places, rules, "from・to", len(shortened), gaps)


def _overlapping(
    engine: duckdb.DuckDBPyConnection, file: Path, gone: dict[int, str], shortened: dict[int, int], places: "_Places"
) -> dict[int, str]:
    found = engine.execute(filled("history", {})[0], {"supply": str(file)}).fetchnumpy()
    numbers, to_day = found["row_number"], found["to_day"]
    if shortened:
        ends = np.full(len(numbers), 2**31 - 1, dtype=np.int64)
        ends[list(shortened)] = list(shortened.values())
        to_day = np.minimum(to_day, ends[numbers]).astype(np.int32)
    pairs = numbers[sharing_days(found["point"], found["from_day"], to_day)]
    rules: dict[int, str] = {}
    if not len(pairs):
        return rules
    engine.register("pairs", pa.table({"one": pairs[:, 0], "other": pairs[:, 1]}))
    for one, other in _pairs(engine, "supply_overlaps", {"supply": str(file)}):
        if not {one, other} & gone.keys():
            _both(rules, one, other, _OVERLAP, places)
    return rules


def _both(rules: dict[int, str], one: int, other: int, rule: str, places: "_Places") -> None:
    for row, beside in ((one, other), (other, one)):
        rules.setdefault(row, rule.format(f"{places.of(beside).line:,}"))


@contextmanager
def _engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    spill = folder / "spill"
    config: dict[str, Any] = {"temp_directory": str(spill), "memory_limit": "1GB"}
    with duckdb.connect(config=config) as engine:
        for sql in filled("setup", {}):
            engine.execute(sql)
        yield engine
    if spill.exists():
        for left in spill.iterdir():
            left.unlink()
        spill.rmdir()


def _column(engine: duckdb.DuckDBPyConnection, name: str, given: dict[str, Any]) -> list[int]:
    return [row for (row,) in engine.execute(filled(name, {})[0], given).fetchall()]


def _pairs(engine: duckdb.DuckDBPyConnection, name: str, given: dict[str, str] | None = None) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    for sql in filled(name, {"most": _ALL}):
        rows = engine.execute(sql, {key: value for key, value in (given or {}).items() if f"${key}" in sql}).fetchall()
    return rows


class _Places:
    """Lines of rows, read when first asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._table: Any = None
        self.rows = int(pq.read_metadata(file).num_rows)

    def of(self, row: int) -> Place:
        """Where a row came from."""
        if self._table is None:
            self._table = pq.read_table(self._file)
        found = {name: self._table.column(name)[row].as_py() for name in LINES.names}
        return Place(**found)

    def forget(self) -> None:
        """Remove the file."""
        self._table = None
        self._file.unlink()


def _report(places: _Places, rules: dict[int, str], column: str, changed: int, gaps: Sequence[Any]) -> Report:
    removed = []
    for row, rule in sorted(rules.items()):
        place = places.of(row)
        removed.append(
            Removed(file=place.file, reject=Reject(line=place.line, lines=place.span, column=column, rule=rule))
        )
    after = tuple(places.of(row) for row, _ in gaps[:_EXAMPLES])
    places.forget()
    return Report(removed=tuple(removed), changed=changed, gaps=len(gaps), after_gaps=after)


def _rows_of(file: Path, rows: set[int]) -> dict[int, dict[str, Any]]:
    table = pq.read_table(file) if rows else None
    return {row: table.slice(row, 1).to_pylist()[0] for row in rows} if table is not None else {}


def _rewrite_people(file: Path, gone: dict[int, str], merged: set[int]) -> None:
    table = pq.read_table(file)
    persons = table.column("person_id").to_pylist()
    for row in merged:
        persons[row] = SHARED + table.column("user_id")[row].as_py()
    place = table.schema.get_field_index("person_id")
    table = table.set_column(place, "person_id", pa.array(persons, type=pa.string()))
    kept = np.setdiff1d(np.arange(table.num_rows), list(gone))
    pq.write_table(table.take(pa.array(kept)), file, compression="zstd")


def _rewrite_supply(file: Path, gone: dict[int, str], shortened: dict[int, int]) -> None:
    """Piece by piece, as it may be large."""
    beside = file.with_suffix(".rewritten")
    with (
        pq.ParquetFile(file) as opened,
        pq.ParquetWriter(beside, opened.schema_arrow, **layout(opened.schema_arrow.names, whole=True)) as writer,
    ):
        first = 0
        for piece in opened.iter_batches(batch_size=_GROUP):
            rows = range(first, first + piece.num_rows)
            table = pa.Table.from_batches([piece])
            ends = table.column("to").to_pylist()
            for row in rows:
                if row in shortened:
                    ends[row - first] = _EPOCH + timedelta(days=shortened[row])
            place = table.schema.get_field_index("to")
            table = table.set_column(place, "to", pa.array(ends, type=pa.date32()))
            writer.write_table(table.filter(pa.array([row not in gone for row in rows], type=pa.bool_())))
            first += piece.num_rows
    beside.replace(file)
