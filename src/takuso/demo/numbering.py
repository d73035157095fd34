"""Invented numbers: surrogate keys, お客さま番号, 供給地点特定番号, telephone numbers, meters and poles.

Every number stands in a range of this product's own, so that none can be a real customer's.
"""

from hashlib import sha256
from random import Random
from typing import Final

_OFFICES: Final = {"大阪府": 901, "京都府": 902, "兵庫県": 903, "奈良県": 904, "滋賀県": 905, "和歌山県": 906}
_EXCHANGES: Final = {
    "大阪府": ("06-0000", "072-000"),
    "京都府": ("075-000",),
    "兵庫県": ("078-000", "079-000"),
    "奈良県": ("0742-00",),
    "滋賀県": ("077-000",),
    "和歌山県": ("073-000",),
}
_MOBILES: Final = ("070-0000", "080-0000", "090-0000")
_SERIALS: Final = 10**9
_ROUNDS: Final = 4


class Shuffle:
    """A permutation of 0..size-1 that only the key tells: a Feistel network, walked until it falls inside.

    Any position is computed alone, so that a million numbers need no table.
    """

    def __init__(self, size: int, key: str) -> None:
        self._size = size
        self._half = max(1, ((size - 1).bit_length() + 1) // 2)
        self._mask = (1 << self._half) - 1
        digest = sha256(key.encode()).digest()
        self._keys = [int.from_bytes(digest[8 * n : 8 * n + 8]) | 1 for n in range(_ROUNDS)]

    def at(self, index: int) -> int:
        """The number at this position; raises IndexError outside."""
        if not 0 <= index < self._size:
            raise IndexError(index)
        while True:
            index = self._step(index)
            if index < self._size:
                return index

    def _step(self, index: int) -> int:
        left, right = index >> self._half, index & self._mask
        for key in self._keys:
            mixed = (right + 1) * key & 0xFFFFFFFFFFFFFFFF
            left, right = right, left ^ (mixed >> 29 & self._mask)
        return left << self._half | right


class Numbers:
    """The numbers of one plan: the same seed gives the same ones."""

    def __init__(self, points: int, seed: int) -> None:
        self._points = Shuffle(points, f"point/{seed}")
        self._serials = Shuffle(_SERIALS, f"customer/{seed}")

    def point(self, ordinal: int) -> int:
        """The surrogate key, from 1, of the point with this ordinal, from 0."""
        return self._points.at(ordinal) + 1

    def customer_code(self, site: int, schedule: int, prefecture: str) -> str:
        """お客さま番号, 14 digits: 日程 2 + 所 3 + 番号 9 (the widths are EXAMPLE; 所 901–906 is our own range)."""
        return f"{schedule:02d}{_OFFICES[prefecture]}{self._serials.at(site):09d}"


def supply_point(customer_code: str, *, high: bool, power: bool, contracts: int) -> str:
    """供給地点特定番号, 22 digits of area 06 that hold the お客さま番号.

    The kind digit (電灯 1, 電力 2) and the number of contracts at the place follow it, as 関西 does
    (http://kepco.jp/faq/pps/01-004); the other digits are EXAMPLE.
    """
    return f"06{int(high)}{customer_code}{2 if power else 1}{contracts}990"


def telephone(rng: Random, prefecture: str, *, mobile: bool) -> str:
    """A number that no exchange has: local ones begin with 0 after the area code, mobile ones with 0000."""
    exchanges = _MOBILES if mobile else _EXCHANGES[prefecture]
    return f"{exchanges[rng.randrange(len(exchanges))]}-{rng.randrange(10_000):04d}"


def meter_number(rng: Random, *, smart: bool) -> str:
    """計器番号: free text, as makers print it (EXAMPLE)."""
    return f"{'S' if smart else 'M'}{rng.randrange(100):02d}-{rng.randrange(1_000_000):06d}"


def contract_number(rng: Random, prefix: str) -> str:
    """The retailer's own number of a contract (EXAMPLE)."""
    return f"{prefix}{rng.randrange(10**10):010d}"
