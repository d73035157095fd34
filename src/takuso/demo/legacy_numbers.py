"""Numbers of the legacy system as columns: 供給地点特定番号, users, persons, sessions, terminals.

Each is a fixed permutation, so that no number tells what it stands for and millions need no table.
"""

from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from takuso.demo.legacy_week import day_date

Ints = npt.NDArray[np.int64]

MOST_POINTS: Final = 100_000_000
_SERIALS: Final = 10**9
_TEN_MILLION: Final = 10**7
# Odd and not a multiple of 5: multiplication by it modulo a power of ten is a permutation.
_STRIDE: Final = 7_654_321
_SCHEDULES: Final = 18
_OFFICES: Final = 6
_WIDTH: Final = 22
_SESSION_WIDTH: Final = 14


class PointNumbers:
    """供給地点特定番号 of one seed, in the reserved range of `demo.numbering.supply_point`."""

    def __init__(self, seed: int) -> None:
        digest = sha256(f"legacy/points/{seed}".encode()).digest()
        self._stride = int.from_bytes(digest[:4]) % (_SERIALS // 10) * 10 + 7
        self._offset = int.from_bytes(digest[4:8]) % _SERIALS

    def strings(self, ordinals: npt.NDArray[Any]) -> pa.StringArray:
        """22 digits for each ordinal: 06, 低圧 0, 日程 2, 所 3 (901–906), 番号 9, 種別, 契約数, 990."""
        index = ordinals.astype(np.int64)
        serial = (index * self._stride + self._offset) % _SERIALS
        mixed = (serial * 2_654_435_761 >> 7) & 0xFFFFFF
        digits = np.empty((len(index), _WIDTH), np.uint8)
        digits[:, :3] = (0, 6, 0)
        _spell(digits[:, 3:5], mixed % _SCHEDULES + 1)
        _spell(digits[:, 5:8], mixed // _SCHEDULES % _OFFICES + 901)
        _spell(digits[:, 8:17], serial)
        digits[:, 17] = 1 + (mixed // 211 % 8 == 0)
        digits[:, 18] = 1 + mixed // 1_999 % 3
        digits[:, 19:] = (9, 9, 0)
        return _text(digits)

    def text(self, ordinal: int) -> str:
        """The same for one point."""
        found: str = self.strings(np.array([ordinal]))[0].as_py()
        return found


def session_codes(day: int, numbers: Ints) -> Ints:
    """Sessions begun on a day, by number below 10,000,000, as integers."""
    return day * _TEN_MILLION + (numbers * _STRIDE + 1_234_567) % _TEN_MILLION


def session_strings(codes: Ints) -> pa.StringArray:
    """S, the day the session began (yymmdd), seven digits."""
    digits = np.empty((len(codes), _SESSION_WIDTH), np.uint8)
    days = codes // _TEN_MILLION
    first = int(days.min()) if len(codes) else 0
    spelt = [
        int(day_date(first + n).strftime("%y%m%d")) for n in range(int(days.max()) - first + 1 if len(codes) else 0)
    ]
    digits[:, 0] = ord("S") - ord("0")
    _spell(digits[:, 1:7], np.array(spelt, np.int64)[days - first])
    _spell(digits[:, 7:], codes % _TEN_MILLION)
    return _text(digits)


def user_id(number: int) -> str:
    """An ID of the legacy system; does not tell the organisation."""
    return f"K{number * _STRIDE % _TEN_MILLION:07d}"


def person_id(number: int) -> str:
    """A person."""
    return f"P{(number * _STRIDE + 7_777) % _TEN_MILLION:07d}"


def terminal_id(number: int) -> str:
    """A terminal."""
    return f"T{number * 4_321 % 100_000:05d}"


def _spell(into: npt.NDArray[np.uint8], numbers: Ints) -> None:
    rest = numbers
    for place in range(into.shape[1] - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        into[:, place] = digit


def _text(digits: npt.NDArray[np.uint8]) -> pa.StringArray:
    count, width = digits.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    characters = np.ascontiguousarray(digits + ord("0"))
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(characters))
