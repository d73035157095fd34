"""The as-of index of supply periods: who held a point at an instant, as known then and as known now.

Rows of a point stand together in an array that is mapped into memory, those that begin last at the end; `offsets`
tells where each point's rows begin. A lookup walks a point's rows from the last one back, for all questions at once;
questions in the order of points find their rows near each other. Since when and until when a row was known stands apart
and is asked only of rows that were entered late, or corrected.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from takuso.survey.archive.engine import Engine
from takuso.survey.archive.words import NONE, Codes

ROW: Final = np.dtype([("from_day", "<i4"), ("to_day", "<i4"), ("contract", "<i4"), ("holder", "<i4")])
"""`holder` is the retailer's code times four, and the kind of the row."""
KNOWN: Final = np.dtype([("known_from", "<i8"), ("known_to", "<i8")])
CURRENT: Final = 1
"""Kind of a row that has not been corrected."""
IN_TIME: Final = 2
"""Kind of a row that has not been corrected and was known when it began: it was known at every view it holds for."""
FILES: Final = ("rows", "known", "offsets")
_DAY_US: Final = 86_400_000_000
_JST_US: Final = 32_400_000_000
STILL_KNOWN: Final = 9223372036854775807
"""`known_to` of what has not been corrected."""
LONGEST: Final = 1_000
"""With more rows of one point the walk would take too long, and a survey reads the plain files."""
Which = Literal["then", "now"]
Instants = npt.NDArray[np.int64]
_EMPTY: Final = "(SELECT CAST(NULL AS VARCHAR) AS customer, CAST(NULL AS INTEGER) AS code WHERE false)"
_CUSTOMERS: Final = pa.schema([("customer", pa.string()), ("code", pa.int32())])
_WRITTEN: Final[dict[str, Any]] = {
    "compression": "zstd",
    "use_dictionary": False,
    "column_encoding": {"customer": "DELTA_LENGTH_BYTE_ARRAY", "code": "DELTA_BINARY_PACKED"},
}
"""All of its texts are different, and all of them are read."""


def write_customers(engine: Engine, files: Mapping[str, Any], first: int, draft: Path) -> int:
    """Give the points of supply.parquet that have no code the next ones; how many."""
    code = first
    dictionary = "read_parquet($customers)" if files["customers"] else _EMPTY
    with pq.ParquetWriter(draft, _CUSTOMERS, **_WRITTEN) as writer:
        for batch in engine.arrow("archive_new_customers", files, dictionary=dictionary):
            writer.write_table(_numbered(batch.column("customer"), code))
            code += len(batch)
    return code - first


def points(engine: Engine, named: pa.StringArray, files: Mapping[str, Any], first: int, draft: Path) -> Codes:
    """The codes of points by their texts, all different; those that have none get the next ones, in a new file."""
    found = np.full(len(named), NONE, dtype=np.int32)
    if files["customers"]:
        places = pa.array(np.arange(len(named), dtype=np.int32))
        with engine.tables(asked=pa.table({"customer": named, "place": places})):
            known = engine.numbers("archive_points", files)
        found[known["place"]] = known["code"]
    fresh = np.flatnonzero(found == NONE)
    texts = named.take(fresh)
    order = pc.sort_indices(texts)
    found[fresh[order.to_numpy()]] = np.arange(first, first + len(fresh), dtype=np.int32)
    if len(fresh) or not files["customers"]:
        pq.write_table(_numbered(texts.take(order), first), draft, **_WRITTEN)
    return found


def _numbered(texts: pa.StringArray, first: int) -> pa.Table:
    codes = pa.array(np.arange(first, first + len(texts), dtype=np.int32))
    return pa.Table.from_arrays([texts, codes], schema=_CUSTOMERS)


def write_index(engine: Engine, files: Mapping[str, Any], retailers: Mapping[str, int], points: int, into: Path) -> int:
    """Write `rows` and `offsets` into a folder, for so many points; the most rows of one point."""
    engine.codes("retailers", "retailer", retailers)
    counts = np.zeros(points + 1, dtype=np.int64)
    contracts = -1
    before = (NONE, 0, NONE)
    with (into / "rows").open("wb") as rows, (into / "known").open("wb") as known:
        for batch in engine.arrow("archive_supply", files):
            made, point, changed = _rows(batch, before)
            if point[0] < before[0] or (np.diff(point) < 0).any():
                raise RuntimeError("the rows of the as-of index are not in the order of points")
            made["contract"] = contracts + np.cumsum(changed, dtype=np.int32)
            contracts = int(made["contract"][-1])
            before = (int(point[-1]), int(made["from_day"][-1]), int(made["holder"][-1]) >> 2)
            counts[1:] += np.bincount(point, minlength=points)
            rows.write(made.tobytes())
            known.write(_known(batch).tobytes())
    engine.ask("archive_clear", table="periods")
    np.cumsum(counts).astype(np.int32).tofile(into / "offsets")
    return int(counts.max())


def _rows(batch: pa.RecordBatch, before: tuple[int, int, int]) -> tuple[npt.NDArray[Any], Codes, npt.NDArray[np.bool_]]:
    """Rows of the index, their points, and whether each begins another contract than the row before it."""
    made = np.zeros(len(batch), dtype=ROW)
    for name in ("from_day", "to_day"):
        made[name] = batch.column(name).to_numpy()
    known = _known(batch)
    current = known["known_to"] == STILL_KNOWN
    in_time = current & (known["known_from"] <= made["from_day"].astype(np.int64) * _DAY_US - _JST_US)
    point, retailer = (batch.column(name).to_numpy() for name in ("point", "retailer"))
    made["holder"] = retailer * 4 + current * CURRENT + in_time * IN_TIME
    changed = np.zeros(len(batch), dtype=np.bool_)
    for column, last in zip((point, made["from_day"], retailer), before, strict=True):
        changed |= column != np.concatenate((np.array([last], dtype=column.dtype), column[:-1]))
    return made, point, changed


def _known(batch: pa.RecordBatch) -> npt.NDArray[Any]:
    made = np.zeros(len(batch), dtype=KNOWN)
    for name in KNOWN.names or ():
        made[name] = batch.column(name).to_numpy()
    return made


class AsOf:
    """The index, mapped into memory."""

    def __init__(self, rows: Path, known: Path, offsets: Path) -> None:
        self._rows, self._known = _mapped(rows, ROW), _mapped(known, KNOWN)
        self._offsets: Codes = _mapped(offsets, np.dtype("<i4"))
        # Sixteen bytes are copied at once if they look like a number.
        self._whole = self._rows.view(np.complex128)

    @property
    def contracts(self) -> int:
        """How many supply periods there are; their codes are smaller."""
        return int(self._rows["contract"][-1]) + 1 if len(self._rows) else 0

    def held(self, point: Codes, at_us: Instants, day: Codes, which: Which) -> tuple[Codes, Codes]:
        """(contract, holder as in ROW) for each record's point, instant and JST day; NONE where it had no holder.

        Points in order find their rows near each other, and so faster.
        """
        contract = np.full(len(point), NONE, dtype=np.int32)
        holder = np.full(len(point), NONE, dtype=np.int32)
        asked = np.flatnonzero(point < len(self._offsets) - 1)
        place, first = self._offsets.take(point[asked] + 1) - 1, self._offsets.take(point[asked])
        left = np.flatnonzero(place >= first)
        while len(left):
            if len(left) < len(asked):
                asked, place, first = asked.take(left), place.take(left), first.take(left)
            rows = self._whole.take(place).view(ROW)
            days = day.take(asked)
            found = (rows["from_day"] <= days) & (days < rows["to_day"])
            if which == "now":
                found &= (rows["holder"] & CURRENT) != 0
            else:
                late = np.flatnonzero(found & ((rows["holder"] & IN_TIME) == 0))
                known, instants = self._known[place[late]], at_us[asked[late]]
                found[late] = (known["known_from"] <= instants) & (instants < known["known_to"])
            here = asked[found]
            contract[here] = rows["contract"][found]
            holder[here] = rows["holder"][found]
            left = np.flatnonzero(~found & (place > first))
            place -= 1
        return contract, holder

    def since(self, contract: Codes) -> Codes:
        """The first day of each contract."""
        places = np.searchsorted(self._rows["contract"], contract)
        return np.asarray(self._rows["from_day"][places], dtype=np.int32)


def _mapped(file: Path, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    # numpy cannot map an empty file. A plain view is faster to index than a memmap.
    return np.memmap(file, dtype=kind, mode="r").view(np.ndarray) if file.stat().st_size else np.zeros(0, dtype=kind)


def pieces(count: int, size: int = 1 << 14) -> Iterator[slice]:
    """Slices over so many places, so that what is made on the way stays in the processor's memory."""
    return (slice(start, start + size) for start in range(0, count, size))
