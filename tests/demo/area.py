"""A small area, read back from its rows alone, as a stranger to the code that made it would."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise

TODAY = date(2026, 11, 22)
YESTERDAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 23)
SEED = 20221227
VERSIONED = ("points.party", "points.supply", "points.contract_size", "points.usage_month", "points.bank_mandate")

Row = Mapping[str, object]


@dataclass
class Collector:
    """A loader that keeps what it is given, and the order of the calls."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    stamped: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _by_point: dict[str, dict[int, list[Row]]] = field(default_factory=dict)

    def load(self, table: str, rows: Iterable[Row]) -> int:
        before = len(self.rows[table])
        self.rows[table] += rows
        self.calls.append(table)
        return len(self.rows[table]) - before

    def restamp(self, points: Sequence[int]) -> int:
        self.stamped += points
        self.calls.append("restamp")
        return len(points)

    def current(self, table: str) -> list[Row]:
        """Rows that stand now, not the retired ones."""
        return [row for row in self.rows[table] if row["recorded_to"] == "infinity"]

    def by_point(self, table: str) -> dict[int, list[Row]]:
        """Rows that stand now, per point, by start; to be asked when all is loaded."""
        if table not in self._by_point:
            self._by_point[table] = self._sorted(table)
        return self._by_point[table]

    def _sorted(self, table: str) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        rows = self.current(table) if table in VERSIONED else self.rows[table]
        for row in rows:
            found[whole(row["point"])].append(row)
        if table in VERSIONED:
            for same in found.values():
                same.sort(key=lambda row: days(row)[0])
        return found


def silent(_stage: str, _done: int, _total: int) -> None:
    """No progress shown."""


def whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def days(row: Row) -> tuple[date, date]:
    """Start and end of the row's period; an open end is the last day there is."""
    return _days(str(row["valid"]))


@cache
def _days(text: str) -> tuple[date, date]:
    found = re.fullmatch(r"\[(\d{4}-\d\d-\d\d),(\d{4}-\d\d-\d\d)?\)", text)
    assert found, text
    return date.fromisoformat(found[1]), date.fromisoformat(found[2]) if found[2] else date.max


def on(day: date, rows: Iterable[Row]) -> Row | None:
    """The one row in force on this day."""
    hits = [row for row in rows if days(row)[0] <= day < days(row)[1]]
    assert len(hits) <= 1
    return hits[0] if hits else None


def successive(rows: list[Row]) -> Iterator[tuple[Row, Row]]:
    return pairwise(rows)
