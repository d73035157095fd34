"""The records still in while a survey goes through its steps, as arrays of codes: the twin of the tables of `duck`.

A record is in as known at its view (`then_in`), as known now (`now_in`), or both. Holders as known now are looked up
only when a step or the last figure asks for them.
"""

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from takuso.survey.archive.counting import different
from takuso.survey.archive.records import Column, Ids, among
from takuso.survey.archive.supply import CURRENT, AsOf, Which, pieces
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

    def join(self, *others: "Kept") -> None:
        """Take in other records; the others are used up."""
        parts = (self, *others)
        for part in parts:
            part.hold("now")
        names = set(self.columns).intersection(*(other.columns for other in others))
        # Column by column, so that no more than one of them is there twice.
        self.columns = {name: np.concatenate([part.columns.pop(name) for part in parts]) for name in names}
        self.then_in, self.now_in = (
            np.concatenate([part.inside(which) for part in parts]) for which in ("then", "now")
        )

    def hold(self, which: Which) -> None:
        """Look up who held the points, unless that is known already."""
        names = (f"{which}_contract", f"{which}_retailer")
        if names[0] in self.columns:
            return
        if which == "then":
            contract, holder = self._held(slice(None), which)
            self.columns["current"] = (holder >= 0) & (holder & CURRENT != 0)
            self.columns.update(zip(names, (contract, holder >> 2), strict=True))
            return
        # A row that holds now as well is the one that was found.
        current = self.columns.get("current")
        asked = np.arange(len(self)) if current is None else np.flatnonzero(~current)
        contract, holder = self._held(asked, which)
        for name, then, found in zip(names, ("then_contract", "then_retailer"), (contract, holder >> 2), strict=True):
            self.columns[name] = self.columns[then].copy()
            self.columns[name][asked] = found

    def _held(self, places: slice | Ids, which: Which) -> tuple[Codes, Codes]:
        asked = [self.columns[name][places] for name in ("customer", "at_us", "day")]
        made = [np.empty(len(asked[0]), dtype=np.int32) for _ in range(2)]
        for piece in pieces(len(asked[0])):
            point, at_us, day = (column[piece] for column in asked)
            for column, found in zip(made, self._holders.held(point, at_us, day, which), strict=True):
                column[piece] = found
        return made[0], made[1]

    def inside(self, which: Which) -> Mask:
        """Which records are in."""
        return self.then_in if which == "then" else self.now_in

    def codes(self, which: Which) -> tuple[Codes, Codes]:
        """Persons and supply periods of the records that are in, as often as they stand there."""
        self.hold(which)
        inside = self.inside(which)
        viewers, contracts = self.columns["person"], self.columns[f"{which}_contract"]
        return (viewers, contracts) if bool(inside.all()) else (viewers[inside], contracts[inside])

    def count(self, which: Which) -> tuple[int, Count]:
        """Records in, and the persons and supply periods among them."""
        viewers, contracts = map(different, self.codes(which))
        return int(np.count_nonzero(self.inside(which))), Count(viewers=viewers, contracts=contracts)

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
        left = np.flatnonzero(self.then_in | self.now_in)
        if len(left) < len(self):
            self.columns = {name: column.take(left) for name, column in self.columns.items()}
            self.then_in, self.now_in = self.then_in.take(left), self.now_in.take(left)
