"""A million supply points for the searches, made in the database as its administrator: facts and their keys."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from takuso.demo import names
from takuso.demo.numbering import meter_number, telephone
from takuso.demo.towns import Town, towns

FIRST_POINT = 5_000_000_000
_LINES = [a + b for a in "坂橋野堀浦東西南北山川田中大小" for b in "上本辺端手台町原口崎"]
_EQUIPMENT = ("供給中", "", "低圧", "単相3線式 100/200V", "07", "2030-01-01", "自動検針")
_METER = ("ユニット型スマートメーター", "2033-03-31", True, True)


@dataclass(frozen=True, slots=True)
class _Point:
    point: int
    code: str
    name: names.Name
    town: Town
    block: int
    phone: str
    meter: str
    pole: str
    holder: int


def fill(admin: str, points: int, retailers: list[int], seed: int) -> None:
    """Put `points` points in: key and stamp, place, equipment, party, and the keys that the database derives.

    The first retailer has 60 %.
    """
    with psycopg.connect(admin) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for table, columns in _TABLES.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:  # type: ignore[arg-type]
                for row in _points(points, retailers, seed):
                    copy.write_row(_row_of(table, row))
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM wall.search_spelling")
        cursor.execute("SELECT points.renew_all_entries(1)")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


_STAMPS = "holder_id, held_from, held_to"
_TABLES = {
    "wall.point": f"id, supply_point, customer_code, {_STAMPS}",
    "points.place": f"point, supply_point, customer_code, postal_code, prefecture, city, town, block, {_STAMPS}",
    "points.equipment": "point, status, disconnection, voltage, wiring, reading_schedule, next_reading_on,"
    " reading_method, meter_kind, meter_valid_until, communicating, half_hourly, grid_connected,"
    f" meter_number, service_pole, {_STAMPS}",
    "points.party": f"point, name, kana, phone, valid, {_STAMPS}",
}


def _points(points: int, retailers: list[int], seed: int) -> Iterator[_Point]:
    chance = random.Random(seed)
    for n in range(points):
        town = towns().draw(chance)
        yield _Point(
            point=FIRST_POINT + n,
            code=f"{90_000_000_000_000 + n:014d}",
            name=names.person(chance) if chance.random() < 0.9 else names.company(chance),
            town=town,
            block=chance.randint(1, 9999),
            phone=telephone(chance, town.prefecture, mobile=chance.random() < 0.6),
            meter=meter_number(chance, smart=True),
            pole=f"{chance.choice(_LINES)}{chance.randint(1, 99)}{chance.choice('東西南北')}{chance.randint(1, 30)}",
            holder=retailers[0] if chance.random() < 0.6 else chance.choice(retailers[1:]),
        )


def _row_of(table: str, row: _Point) -> tuple[object, ...]:
    held = (row.holder, "2020-01-01", "infinity")
    match table:
        case "wall.point":
            return (row.point, f"06{row.code}100000", row.code, *held)
        case "points.place":
            place = (
                row.town.postal_code,
                row.town.prefecture,
                row.town.city,
                row.town.name,
                f"{row.block}番地{row.point % 30}",
            )
            return (row.point, f"06{row.code}100000", row.code, *place, *held)
        case "points.equipment":
            return (row.point, *_EQUIPMENT, *_METER, False, row.meter, row.pole, *held)
        case _:
            return (row.point, row.name.written, row.name.kana, row.phone, "[2015-01-01,)", *held)
