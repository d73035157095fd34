"""The order of records by several columns of integers.

Sorting plain numbers is many times as fast as sorting places by numbers, so columns and places go into one number of
63 bits as far as they fit.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
Column = npt.NDArray[Any]
_BITS: Final = 63


def ordered(columns: Sequence[Column]) -> Places:
    """Places of the records, sorted by the first column, then the second and so on; equal ones as they stood."""
    count = len(columns[0])
    order = np.arange(count, dtype=np.int64)
    place_bits = count.bit_length()
    left = [column for column in columns if count and int(column.min()) < int(column.max())]
    # The last columns first: each pass keeps the order of those before it where its own columns are equal.
    while left:
        key, bits = np.zeros(count, dtype=np.int64), place_bits
        while left and bits + (more := _reach(left[-1]).bit_length()) <= _BITS:
            column = left.pop()
            key |= (column.astype(np.int64) - int(column.min())) << (bits - place_bits)
            bits += more
        if bits == place_bits:
            order = order.take(np.argsort(left.pop().take(order), kind="stable"))
        else:
            order = _resorted(order, key, place_bits)
    return order


def _reach(column: Column) -> int:
    return int(column.max()) - int(column.min())


def _resorted(order: Places, key: Column, place_bits: int) -> Places:
    packed = key.take(order) << place_bits
    packed |= np.arange(len(order), dtype=np.int64)
    if not (packed[1:] < packed[:-1]).any():
        return order
    packed.sort()
    return order.take(packed & ((1 << place_bits) - 1))
