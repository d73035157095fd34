"""Supply histories of the whole area, written block by block: who supplied each point, from when, known when.

EXAMPLE throughout: a point has 1.67 spells on average, about a third of the points are another retailer's at the end, a
quarter of the changes leave the point empty for some days.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from takuso.demo.legacy_numbers import PointNumbers
from takuso.demo.legacy_spells import Spell
from takuso.demo.legacy_week import (
    DAYS,
    ENTRANT_WEIGHTS,
    HOUR,
    LIBERALISED,
    NOBODY,
    OWN,
    RETAILERS,
    SNAPSHOT,
    Week,
    instant,
)
from takuso.survey.layout import layout

Days = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str, int, int], None]
"""Called with (stage name, done, total)."""

STAGE: Final = "供給の履歴"
UNSETTLED: Final = -2
"""A point whose supply changes about the week, or whose history is planted."""
SCHEMA: Final = pa.schema(
    [
        ("customer", pa.string()),
        ("retailer", pa.string()),
        ("from", pa.date32()),
        ("to", pa.date32()),
        ("known_from", pa.timestamp("us", tz="UTC")),
        ("known_to", pa.timestamp("us", tz="UTC")),
    ]
)
_BLOCK: Final = 500_000
_ROW_GROUP: Final = 262_144
_OPEN: Final = np.iinfo(np.int32).max
_KNOWN: Final = np.iinfo(np.int64).max
_NAMES: Final = pa.array(RETAILERS, pa.string())
_HOURS: Final = (9 * 2, 18 * 2)
# Per mille: how many points have 1, 2, 3, 4, 5 spells.
_COUNTS: Final = np.cumsum((575, 250, 115, 50, 10))
_CALM: Final = (DAYS[0] - 2, DAYS[-1] + 3)
"""A point is settled if one spell covers these days, or none touches them."""
_KEPT: Final = 52
_RETURN: Final = 25


class Columns:
    """Rows of supply.parquet as numbers; open ends are the largest number."""

    def __init__(self, **columns: npt.NDArray[Any]) -> None:
        self.point = columns["point"]
        self.retailer = columns["retailer"]
        self.since = columns["since"]
        self.until = columns["until"]
        self.known_from = columns["known_from"]
        self.known_to = columns["known_to"]

    def where(self, rows: npt.NDArray[Any]) -> "Columns":
        """The rows with these places, or where this is true."""
        return Columns(**{name: column[rows] for name, column in vars(self).items()})

    def and_(self, *others: "Columns") -> "Columns":
        """These rows and those."""
        every = (self, *others)
        return Columns(**{name: np.concatenate([vars(one)[name] for one in every]) for name in vars(self)})

    def table(self, numbers: PointNumbers) -> pa.Table:
        """As supply.parquet has them."""
        return pa.table(
            [
                numbers.strings(self.point),
                _NAMES.take(pa.array(self.retailer)),
                pa.array(self.since).view(pa.date32()),
                pa.array(self.until, mask=self.until == _OPEN).view(pa.date32()),
                pa.array(self.known_from).view(pa.timestamp("us", tz="UTC")),
                pa.array(self.known_to, mask=self.known_to == _KNOWN).view(pa.timestamp("us", tz="UTC")),
            ],
            schema=SCHEMA,
        )


def write_supply(
    file: Path, week: Week, numbers: PointNumbers, planted: tuple[list[int], list[Spell]], progress: Progress
) -> npt.NDArray[np.int8]:
    """Write supply.parquet; returns for every point its settled retailer's number, NOBODY or UNSETTLED.

    `planted`: the points taken for the script, and the spells they have.
    """
    taken = np.zeros(week.points, np.bool_)
    taken[planted[0]] = True
    special = _planted(planted[1])
    settled = np.full(week.points, UNSETTLED, np.int8)
    progress(STAGE, 0, week.points)
    with pq.ParquetWriter(file, SCHEMA, **layout(SCHEMA.names, whole=True)) as writer:
        for block, first in enumerate(range(0, week.points, _BLOCK)):
            last = min(first + _BLOCK, week.points)
            rng = np.random.default_rng([week.seed, 1, block])
            made = _histories(rng, first, last - first)
            made = made.where(~taken[made.point])
            settled[first:last] = np.where(taken[first:last], UNSETTLED, _settled(made, first, last))
            here = special.where((special.point >= first) & (special.point < last))
            made = made.and_(here, _reported_late(rng, made))
            made = made.where(rng.permutation(len(made.point)))
            # What has ended stands first: a survey passes over the row groups that ended before its period.
            made = made.where(np.argsort(made.until, kind="stable"))
            writer.write_table(made.table(numbers), row_group_size=_ROW_GROUP)
            progress(STAGE, last, week.points)
    return settled


def _planted(spells: list[Spell]) -> Columns:
    return Columns(
        point=np.array([spell.point for spell in spells], np.int64),
        retailer=np.array([spell.retailer for spell in spells], np.int8),
        since=np.array([spell.since for spell in spells], np.int32),
        until=np.array([_OPEN if spell.until is None else spell.until for spell in spells], np.int32),
        known_from=np.array([spell.known_from for spell in spells], np.int64),
        known_to=np.array([_KNOWN if spell.known_to is None else spell.known_to for spell in spells], np.int64),
    )


def _histories(rng: np.random.Generator, first: int, points: int) -> Columns:
    """What was true of the points from this one on; applications were recorded before their effect."""
    counts = np.searchsorted(_COUNTS, rng.integers(0, 1_000, points), side="right") + 1
    starts = np.cumsum(counts) - counts
    rows = int(counts.sum())
    owner = np.repeat(np.arange(points), counts)
    nth = np.arange(rows) - starts[owner]
    final = nth == counts[owner] - 1
    since, until = _days(rng, counts, owner, nth, final)
    retailer = _retailers(rng, nth)
    return Columns(
        point=owner + first,
        retailer=retailer,
        since=since,
        until=until,
        known_from=_applied(rng, since),
        known_to=np.full(rows, _KNOWN, np.int64),
    )


def _days(
    rng: np.random.Generator, counts: npt.NDArray[Any], owner: npt.NDArray[Any], nth: npt.NDArray[Any], final: Flags
) -> tuple[Days, Days]:
    points, rows = len(counts), len(owner)
    entry = np.where(rng.integers(0, 10, points) < 6, 0, rng.integers(0, 900, points))[owner]
    span = SNAPSHOT - LIBERALISED - entry
    share = (nth - 1) * 1_000 + rng.integers(200, 1_000, rows)
    later = span * share // (np.maximum(counts[owner] - 1, 1) * 1_000)
    since = LIBERALISED + entry + np.where(nth == 0, 0, later)
    gap = np.where(rng.integers(0, 4, rows) == 0, rng.integers(1, 40, rows), 0)
    until = np.full(rows, _OPEN, np.int64)
    until[:-1] = since[1:] - gap[:-1]
    # The last spell of a point: 4 % ended, not before a month.
    ended = rng.integers(0, 25, rows) == 0
    until = np.where(final, np.where(ended, since + 30 + rng.integers(0, 900, rows), _OPEN), until)
    return since.astype(np.int32), until.astype(np.int32)


def _retailers(rng: np.random.Generator, nth: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    """Nine of ten points begin with the affiliate; half of a change leaves it, a quarter of a change comes back."""
    rows = len(nth)
    weights = np.cumsum(ENTRANT_WEIGHTS)
    entrant = 1 + np.searchsorted(weights, rng.integers(0, weights[-1], rows), side="right")
    chance = rng.integers(0, 100, rows)
    found = np.where(chance < 89, OWN, entrant).astype(np.int8)
    for place in range(1, int(nth.max()) + 1):
        rows_here = np.flatnonzero(nth == place)
        from_own = found[rows_here - 1] == OWN
        stays_own = np.where(from_own, chance[rows_here] >= _KEPT, chance[rows_here] < _RETURN)
        found[rows_here] = np.where(stays_own, OWN, entrant[rows_here])
    return found


def _applied(rng: np.random.Generator, since: Days) -> npt.NDArray[np.int64]:
    days = since.astype(np.int64) - rng.integers(3, 20, len(since))
    return instant(0) + days * 24 * HOUR + rng.integers(*_HOURS, len(since)) * (HOUR // 2)


def _settled(made: Columns, first: int, last: int) -> npt.NDArray[np.int8]:
    """Who supplies each point of first..last-1 all through the days about the week."""
    found = np.full(last - first, NOBODY, np.int8)
    touching = made.where((made.since <= _CALM[1]) & (made.until > _CALM[0]))
    found[touching.point - first] = UNSETTLED
    covering = touching.where((touching.since <= _CALM[0]) & (touching.until > _CALM[1]))
    found[covering.point - first] = covering.retailer
    return found


def _reported_late(rng: np.random.Generator, made: Columns) -> Columns:
    """Of a hundred spells that another follows at once, one was known without its end until that was applied for.

    Changes `known_from` of such a spell to that instant; returns the rows that were replaced by it.
    """
    followed = np.flatnonzero((made.point[:-1] == made.point[1:]) & (made.until[:-1] == made.since[1:]))
    chosen = followed[rng.integers(0, 100, len(followed)) == 0]
    before = made.where(chosen)
    before.until = np.full(len(chosen), _OPEN, np.int32)
    before.known_to = made.known_from[chosen + 1]
    made.known_from[chosen] = before.known_to
    return before
