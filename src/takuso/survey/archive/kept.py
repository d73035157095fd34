"""The records still in while a survey goes through its steps, as arrays of codes: the twin of the tables of `duck`.

A record is in as known at its view (`then_in`), as known now (`now_in`), or both. Holders as known now are looked up
only when a step or the last figure asks for them.
"""

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from takuso.survey.archive.records import Column, among
from takuso.survey.archive.supply import AsOf, Which, pieces
from takuso.survey.archive.words import NONE, Codes
from takuso.survey.figures import Count

Mask = npt.NDArray[np.bool_]


class Kept:
    """Records: columns by name, with `then_contract`, `then_retailer` and, once asked for, those of `now`."""

    def __init__(self, columns: Mapping[str, Column], holders: AsOf) -> None:
        self.columns = dict(columns)
        self._holders = holders
        self.then_in: Mask = np.ones(len(self.columns["id"]), dtype=np.bool_)
        self.now_in: Mask = self.then_in.copy()
        self.hold("then")

    def __len__(self) -> int:
        return len(self.then_in)

    def hold(self, which: Which) -> None:
        """Look up who held the points, unless that is known already."""
        if f"{which}_contract" in self.columns:
            return
        names = (f"{which}_contract", f"{which}_retailer")
        made = [np.empty(len(self), dtype=np.int32) for _ in names]
        asked = [self.columns[name] for name in ("customer", "at_us", "day")]
        for piece in pieces(len(self)):
            point, at_us, day = (column[piece] for column in asked)
            for column, found in zip(made, self._holders.held(point, at_us, day, which), strict=True):
                column[piece] = found
        self.columns.update(zip(names, made, strict=True))

    def inside(self, which: Which) -> Mask:
        """Which records are in."""
        return self.then_in if which == "then" else self.now_in

    def count(self, which: Which) -> tuple[int, Count]:
        """Records in, and the persons and supply periods among them."""
        self.hold(which)
        inside = self.inside(which)
        chosen = slice(None) if bool(inside.all()) else inside
        viewers, contracts = (_distinct(self.columns[name][chosen]) for name in ("person", f"{which}_contract"))
        return int(np.count_nonzero(inside)), Count(viewers=viewers, contracts=contracts)

    def strangers(self) -> tuple[int, int]:
        """Records whose ID belongs to nobody that day; whose point had no holder as known then."""
        no_person, no_holder = (
            int(np.count_nonzero(self.columns[name] == NONE)) for name in ("person", "then_contract")
        )
        return no_person, no_holder

    def among(self, column: str, codes: Collection[int]) -> Mask:
        """Which records have one of these codes."""
        return among(self.columns[column], codes)

    def held_by_other(self, which: Which, organisation: int) -> Mask:
        """Which records' points had a holder, and another one."""
        self.hold(which)
        retailer = self.columns[f"{which}_retailer"]
        return np.asarray((retailer != NONE) & (retailer != organisation))

    def keep(self, then: Mask, now: Mask) -> None:
        """Drop the records that are in no more."""
        self.then_in, self.now_in = self.then_in & then, self.now_in & now
        left = self.then_in | self.now_in
        if not left.all():
            self.columns = {name: column[left] for name, column in self.columns.items()}
            self.then_in, self.now_in = self.then_in[left], self.now_in[left]

    def join(self, other: "Kept") -> None:
        """Take in other records."""
        for each in (self, other):
            each.hold("now")
        names = self.columns.keys() & other.columns.keys()
        self.columns = {name: np.concatenate((self.columns[name], other.columns[name])) for name in names}
        self.then_in = np.concatenate((self.then_in, other.then_in))
        self.now_in = np.concatenate((self.now_in, other.now_in))


def _distinct(codes: Codes) -> int:
    """How many codes there are, NONE not counted."""
    if not len(codes):
        return 0
    seen = np.zeros(int(codes.max()) + 2, dtype=np.bool_)
    seen[codes + 1] = True
    return int(np.count_nonzero(seen[1:]))
