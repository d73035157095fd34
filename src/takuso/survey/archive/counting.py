"""How many different persons and supply periods there are among very many records, by codes that come in pieces."""

from typing import Final

import numpy as np

from takuso.survey.archive.words import NONE, Codes
from takuso.survey.figures import Count

_SPARSE: Final = 16
"""With fewer codes than one in so many of all there may be, they are sorted; with more, each has a mark of its own."""


class Distinct:
    """Counts the codes below `size` that were added at least once; NONE is not counted."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: list[Codes] = []
        self._held = 0
        self._marks = np.zeros(0, dtype=np.bool_)

    def add(self, codes: Codes) -> None:
        """Take in some codes, in any order."""
        if len(codes) * _SPARSE < self._size:
            codes = _different(codes)
        if len(self._marks):
            self._mark(codes)
            return
        self._pieces.append(codes)
        self._held += len(codes)
        if self._held * _SPARSE >= self._size:
            # A place in front for NONE.
            self._marks = np.zeros(self._size + 1, dtype=np.bool_)
            for piece in self._pieces:
                self._mark(piece)
            self._pieces.clear()

    def count(self) -> int:
        """How many there have been."""
        if len(self._marks):
            return int(np.count_nonzero(self._marks[1:]))
        if not self._pieces:
            return 0
        found = _different(np.concatenate(self._pieces))
        return int(np.count_nonzero(found >= 0))

    def _mark(self, codes: Codes) -> None:
        self._marks[codes + 1] = True


def _different(codes: Codes) -> Codes:
    ordered = np.sort(codes)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


class Tally:
    """Persons and supply periods of records, both by their codes."""

    def __init__(self, persons: int, periods: int) -> None:
        self._viewers, self._contracts = Distinct(persons), Distinct(periods)

    def add(self, viewers: Codes, contracts: Codes) -> None:
        """Take in the codes of some records."""
        self._viewers.add(viewers)
        self._contracts.add(contracts)

    def count(self) -> Count:
        """How many different ones."""
        return Count(viewers=self._viewers.count(), contracts=self._contracts.count())


def different(codes: Codes) -> int:
    """How many different codes there are, NONE not counted."""
    counter = Distinct(int(codes.max(initial=NONE)) + 1)
    counter.add(codes)
    return counter.count()
