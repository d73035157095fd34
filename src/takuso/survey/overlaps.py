"""Which supply periods of one point seem to share days: a sort in numpy, over millions of periods in seconds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.uint64]
Days = npt.NDArray[np.int32]
Pairs = npt.NDArray[np.int64]

_PARTS: Final = 8
_PART_BITS: Final = np.uint64(61)
_WORKERS: Final = 2


def sharing_days(points: Points, from_day: Days, to_day: Days) -> Pairs:
    """Pairs of places (n, 2) with the same point number and at least one day in common; periods are half-open.

    `points` may be hashes: who needs certainty compares what was hashed. Part by part, to keep memory low.
    """

    def part(number: int) -> Pairs:
        places = np.flatnonzero((points >> _PART_BITS) == np.uint64(number))
        found = list(_meeting(places, points[places], from_day[places], to_day[places]))
        return np.concatenate(found) if found else np.empty((0, 2), dtype=np.int64)

    with ThreadPoolExecutor(_WORKERS) as workers:
        return np.concatenate(list(workers.map(part, range(_PARTS))))


def _meeting(places: Pairs, points: Points, from_day: Days, to_day: Days) -> Iterator[Pairs]:
    order = np.argsort(points)
    places, points, from_day, to_day = places[order], points[order], from_day[order], to_day[order]
    first = np.arange(len(points))
    for distance in range(1, len(points)):
        # Those whose point has at least so many more periods.
        first = first[first < len(points) - distance]
        first = first[points[first] == points[first + distance]]
        if not len(first):
            return
        second = first + distance
        shared = np.maximum(from_day[first], from_day[second]) < np.minimum(to_day[first], to_day[second])
        yield np.column_stack((places[first[shared]], places[second[shared]]))
