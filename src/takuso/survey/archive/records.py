"""The log records of a period out of the form: read by row groups that can hold what is asked, column by column."""

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from takuso.survey.archive.days import number
from takuso.survey.archive.words import Codes

Ids = npt.NDArray[np.int64]
Column = npt.NDArray[Any]
_FEW: Final = 4
"""So many codes are compared one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A row group: its day, its file's place, its first record's id, and the least and greatest codes in it."""

    day: int
    file: int
    place: int
    first: int
    rows: int
    reach: Mapping[str, tuple[int, int]]

    def may_hold(self, column: str, codes: Collection[int] | None) -> bool:
        if codes is None:
            return True
        least, greatest = self.reach[column]
        return any(least <= code <= greatest for code in codes)


class Records:
    """All records of some days. A record's id is its place among them."""

    def __init__(self, files: Mapping[date, Path]) -> None:
        self._files = [pq.ParquetFile(file, memory_map=True) for file in files.values()]
        self._groups: list[_Group] = []
        first = 0
        for place, (day, file) in enumerate(zip(files, self._files, strict=True)):
            for group in _groups(file, number(day), place, first):
                self._groups.append(group)
                first += group.rows
        self.total = first
        self._firsts = np.array([group.first for group in self._groups], dtype=np.int64)

    def __len__(self) -> int:
        """How many days there are."""
        return len(self._files)

    def find(
        self,
        screens: Collection[int] | None,
        affiliations: Collection[int] | None,
        columns: Sequence[str],
        place: int | None = None,
    ) -> dict[str, Column]:
        """Columns, `id` and `day` of the records with one of these codes each; None asks for every code.

        With `place` those of one day only, counted from 0.
        """
        asked = {"screen": screens, "affiliation": affiliations}
        parts: dict[str, list[Column]] = {name: [] for name in (*columns, "id", "day")}
        days = self._groups if place is None else [group for group in self._groups if group.file == place]
        groups = [group for group in days if all(group.may_hold(*one) for one in asked.items())]
        needed = [*columns, *(name for name, codes in asked.items() if codes is not None and name not in columns)]
        for run in _runs(groups):
            read = self._read(run, needed)
            ids = np.arange(run[0].first, run[-1].first + run[-1].rows, dtype=np.int64)
            kept = np.ones(len(ids), dtype=np.bool_)
            for name, codes in asked.items():
                if codes is not None:
                    kept &= among(read[name], codes)
            whole = bool(kept.all())
            for name in columns:
                parts[name].append(read[name] if whole else read[name][kept])
            parts["id"].append(ids if whole else ids[kept])
            parts["day"].append(np.full(len(parts["id"][-1]), run[0].day, dtype=np.int32))
        return {name: _joined(name, found) for name, found in parts.items()}

    def by_screen(self, place: int) -> Counter[int]:
        """The records of a day, counted from 0, by the code of their screen.

        Of a row group with one screen alone its footer tells; the others are read. Raises ValueError where a screen is
        outside of what the footer tells.
        """
        groups = [group for group in self._groups if group.file == place]
        found, mixed = Counter[int](), list[_Group]()
        for group in groups:
            least, greatest = group.reach["screen"]
            if least == greatest:
                found[least] += group.rows
            else:
                mixed.append(group)
        if mixed:
            least = min(group.reach["screen"][0] for group in mixed)
            counts = np.bincount(self._read(mixed, ["screen"])["screen"] - least)
            found.update({least + code: int(counts[code]) for code in np.flatnonzero(counts).tolist()})
        return found

    def column(self, name: str, ids: Ids) -> Column:
        """A further column of some records, in their order."""
        order = np.argsort(ids)
        groups = np.searchsorted(self._firsts, ids[order], "right") - 1
        found = np.zeros(len(ids), dtype=_kind(name))
        cuts = np.flatnonzero(np.diff(groups, prepend=-1))
        for start, end in itertools.pairwise([*cuts.tolist(), len(ids)]):
            group = self._groups[int(groups[start])]
            here = order[start:end]
            found[here] = self._read([group], [name])[name][ids[here] - group.first]
        return found

    def _read(self, run: Sequence[_Group], columns: Sequence[str]) -> dict[str, Column]:
        table = self._files[run[0].file].read_row_groups([group.place for group in run], columns=list(columns))
        return {name: table.column(name).to_numpy() for name in columns}


def _kind(name: str) -> type[np.signedinteger[Any]]:
    return np.int64 if name in ("session", "at_us", "id") else np.int32


def _joined(name: str, found: Sequence[Column]) -> Column:
    if len(found) == 1:
        return found[0]
    return np.concatenate(found) if found else np.zeros(0, dtype=_kind(name))


def among(codes: Column, asked: Collection[int]) -> npt.NDArray[np.bool_]:
    """Whether each code is one of these."""
    if not len(codes) or not asked:
        return np.zeros(len(codes), dtype=np.bool_)
    if len(asked) <= _FEW:
        first, *more = asked
        found = codes == first
        for code in more:
            found |= codes == code
        return np.asarray(found)
    # One look into a small table, with a place in front for NONE.
    table = np.zeros(max(int(codes.max()), *asked) + 2, dtype=np.bool_)
    table[np.fromiter(asked, dtype=np.int64) + 1] = True
    return np.asarray(table[codes + 1])


def as_codes(codes: Column) -> Codes:
    """A column of codes as such."""
    return codes.astype(np.int32, copy=False)


def _groups(file: pq.ParquetFile, day: int, place: int, first: int) -> Iterator[_Group]:
    footer = file.metadata
    for here in range(footer.num_row_groups):
        group = footer.row_group(here)
        reach = {}
        for column, name in enumerate(("screen", "affiliation")):
            statistics = group.column(column).statistics
            reach[name] = (statistics.min, statistics.max)
        yield _Group(day=day, file=place, place=here, first=first, rows=group.num_rows, reach=reach)
        first += group.num_rows


def _runs(groups: Sequence[_Group]) -> Iterator[list[_Group]]:
    """Neighbouring groups of a file together."""
    run: list[_Group] = []
    for group in groups:
        if run and (group.file != run[-1].file or group.place != run[-1].place + 1):
            yield run
            run = []
        run.append(group)
    if run:
        yield run
