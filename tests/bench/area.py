"""A million supply points for the searches, made in the database as its administrator: only names and keys."""

import random
from collections.abc import Iterator

import psycopg

from takuso.kernel.kana import bigrams, search_key

_FAMILY = ["サトウ", "スズキ", "タカハシ", "タナカ", "イトウ", "ワタナベ", "ヤマモト", "ナカムラ", "コバヤシ", "カトウ"]
_GIVEN = [
    "ハルト",
    "ユイ",
    "ソウタ",
    "アオイ",
    "ユウト",
    "ヒナ",
    "ハルキ",
    "サクラ",
    "リク",
    "ミオ",
    "コウキ",
    "ケンジ",
]
FIRST_POINT = 5_000_000_000


def fill(admin: str, points: int, retailers: list[int], seed: int) -> None:
    """Put `points` points in: key and stamp, place, party, search key. The first retailer has 60 %."""
    with psycopg.connect(admin) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for table, columns in _TABLES.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:  # type: ignore[arg-type]
                for row in _rows(points, retailers, seed):
                    copy.write_row(_row_of(table, row))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


_TABLES = {
    "wall.point": "id, supply_point, customer_code, holder_id, held_from, held_to",
    "points.place": "point, supply_point, customer_code, postal_code, prefecture, city, town, block,"
    " holder_id, held_from, held_to",
    "points.party": "point, name, kana, phone, valid, holder_id, held_from, held_to",
    "search.entry": "list, sort_key, point, grams, holder_id, held_from, held_to",
}


def _rows(points: int, retailers: list[int], seed: int) -> Iterator[tuple[int, str, str, int]]:
    chance = random.Random(seed)
    for n in range(points):
        kana = f"{chance.choice(_FAMILY)} {chance.choice(_GIVEN)}"
        holder = retailers[0] if chance.random() < 0.6 else chance.choice(retailers[1:])
        yield FIRST_POINT + n, f"{90_000_000_000_000 + n:014d}", kana, holder


def _row_of(table: str, row: tuple[int, str, str, int]) -> tuple[object, ...]:
    point, code, kana, holder = row
    held = (holder, "2020-01-01", "infinity")
    match table:
        case "wall.point":
            return (point, f"06{code}100000", code, *held)
        case "points.place":
            return (point, f"06{code}100000", code, "530-0001", "大阪府", "大阪市北区", "梅田", str(point), *held)
        case "points.party":
            return (point, kana, kana, "06-0000-0000", "[2015-01-01,)", *held)
        case _:
            key = search_key(kana)
            return ("kana", key, point, bigrams(key), *held)
