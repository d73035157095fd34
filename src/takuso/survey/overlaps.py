"""Which supply periods of one point seem to share days: one sort in numpy over all of them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.uint64]
Days = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]

# New memory costs more than the arithmetic, so long arrays are compared piece by piece.
_PIECE: Final = 1 << 18


def sharing_days(points: Points, from_day: Days, to_day: Days) -> Rows:
    """Pairs of places (n, 2) with the same point and at least one day in common; periods are half-open.

    `points` are hashes of 64 bits, of which the upper ones count: there may be pairs too many, never too few, and
    who needs certainty compares what was hashed. `points` is overwritten.
    """
    found = list(_sharing_days(points, from_day, to_day))
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.int64)


def _sharing_days(points: Points, from_day: Days, to_day: Days) -> Iterator[Rows]:
    # The place takes the lower bits of the hash, so that sorting plain numbers is enough.
    bits = np.uint64(len(points).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    for start in range(0, len(points), _PIECE):
        piece = points[start : start + _PIECE]
        piece &= ~low
        piece |= np.arange(start, start + len(piece), dtype=np.uint64)
    points.sort()
    # Both days of a period in one number: one look at far memory instead of two.
    days = np.column_stack((from_day, to_day)).view(np.int64).ravel()
    first = _followed(points, bits)
    for distance in range(1, len(points)):
        if not len(first):
            return
        for start in range(0, len(first), _PIECE):
            here = first[start : start + _PIECE]
            one, other = ((points[places] & low).astype(np.int64) for places in (here, here + distance))
            mine, others = (days.take(places).view(np.int32).reshape(-1, 2) for places in (one, other))
            shared = np.maximum(mine[:, 0], others[:, 0]) < np.minimum(mine[:, 1], others[:, 1])
            yield np.column_stack((one[shared], other[shared]))
        # Those whose point has one period more.
        first = first[first < len(points) - distance - 1]
        first = first[points[first] >> bits == points[first + distance + 1] >> bits]


def _followed(keys: Points, bits: np.uint64) -> Rows:
    """Places whose next key is of the same point."""
    found = [np.empty(0, dtype=np.int64)]
    for start in range(0, len(keys) - 1, _PIECE):
        piece = keys[start : start + _PIECE + 1] >> bits
        found.append(np.flatnonzero(piece[1:] == piece[:-1]) + start)
    return np.concatenate(found)
