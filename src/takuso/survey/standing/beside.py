"""The records beside those that are left, out of the extracts of some days: to be taken in, or to be noted."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from takuso.survey.archive.findings import Notes
from takuso.survey.archive.kept import Kept
from takuso.survey.archive.records import Column, among
from takuso.survey.archive.sessions import Visits
from takuso.survey.archive.words import NONE
from takuso.survey.standing.arrays import Array
from takuso.survey.standing.deriving import COLUMNS


def names_of(day: Column | int, place: Column) -> Column:
    """A number for each record that no other record of any day has: its day, and its place in the day's file."""
    return np.asarray(np.asarray(day, dtype=np.int64) << 32 | place)


class Beside:
    """Records of the sessions of those left, each once though several extracts may have it."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns

    @classmethod
    def gathered(cls, parts: Iterable[Mapping[str, Array]], kept: Kept, days: Sequence[int]) -> "Beside":
        """Those of the sessions of `kept` on these days, from the parts of the extracts."""
        sessions = np.unique(kept.columns["session"])
        found: dict[str, list[Column]] = {name: [kept.columns[name][:0]] for name in (*COLUMNS, "day", "id")}
        for part in parts:
            inside = _in(part["session"], sessions) & np.isin(part["day"], days)
            for name in (*COLUMNS, "day"):
                found[name].append(part[name][inside])
            found["id"].append(names_of(part["day"][inside], part["place"][inside]))
        columns = {name: np.concatenate(columns) for name, columns in found.items()}
        _, once = np.unique(columns["id"], return_index=True)
        return cls({name: column[once] for name, column in columns.items()})

    def of(self, screens: Collection[int]) -> dict[str, Column]:
        """The records of some screens."""
        chosen = among(self._columns["screen"], screens)
        return {name: column[chosen] for name, column in self._columns.items()}

    def notes(self, visited: Visits, screens: Collection[int]) -> Notes:
        """The records of some screens in each visit."""
        found = self.of(screens)
        visit = visited.number(found["session"], found["customer"])
        pairs = np.column_stack((visit, found["screen"]))[visit != NONE]
        notes: dict[int, dict[int, int]] = {}
        for (one, screen), records in zip(*_counted(pairs), strict=True):
            notes.setdefault(one, {})[screen] = records
        return notes


def _counted(pairs: Column) -> tuple[list[list[int]], list[int]]:
    if not len(pairs):
        return [], []
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return found.tolist(), counts.tolist()


def _in(numbers: Column, ordered: Column) -> Column:
    """Which numbers are among others that are in order."""
    if not len(ordered):
        return np.zeros(len(numbers), dtype=np.bool_)
    place = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    return np.asarray(ordered[place] == numbers)
