"""Small survey sources and survey files, laid out by hand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

AOI, TD, ASAHI, HIKARI, SERVICE = "AOI", "TD", "ASAHI", "HIKARI", "SERVICE"
JAPAN = timezone(timedelta(hours=9))
DAY = date(2022, 12, 7)
META = {
    "network": TD,
    "affiliate": AOI,
    "timezone": "Asia/Tokyo",
    "screens": {"MN00": "メニュー", "KF10": "口振異動通知", "CI10": "お客さま情報Ⅰ", "CI20": "お客さま情報Ⅱ"},
}


class Record(NamedTuple):
    """A log record; `at` is aware."""

    at: datetime
    user_id: str
    session_id: str
    screen: str
    came_from: str | None
    customer: str
    action: str = "VIEW"
    terminal: str = "T1"


class Post(NamedTuple):
    """A person's affiliation."""

    user_id: str
    person_id: str
    org: str
    contractor_of: str | None = None
    since: date | None = None
    until: date | None = None


class Supply(NamedTuple):
    """A supply period, with when it was known."""

    customer: str
    retailer: str
    since: date
    until: date | None = None
    known_from: datetime | None = None
    known_to: datetime | None = None


LOG_SCHEMA = pa.schema(
    [("at", pa.timestamp("us", tz="UTC"))] + [(name, pa.string()) for name in Record._fields if name != "at"]
)
PEOPLE_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("user_id", "person_id", "org", "contractor_of")]
    + [("from", pa.date32()), ("to", pa.date32())]
)
SUPPLY_SCHEMA = pa.schema(
    [("customer", pa.string()), ("retailer", pa.string()), ("from", pa.date32()), ("to", pa.date32())]
    + [(name, pa.timestamp("us", tz="UTC")) for name in ("known_from", "known_to")]
)


@dataclass(frozen=True)
class Place:
    """What a source holds; `split` numbers the file of each record within its day."""

    records: Sequence[Record]
    people: Sequence[Post]
    supply: Sequence[Supply]
    meta: Mapping[str, Any] | None = None
    split: Sequence[int] = ()

    def write(self, folder: Path) -> Path:
        """Write it as a folder."""
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(json.dumps(self.meta or META))
        write(folder / "people.parquet", self.people, PEOPLE_SCHEMA)
        write(folder / "supply.parquet", self.supply, SUPPLY_SCHEMA)
        (folder / "log").mkdir()
        files: dict[tuple[date, int], list[Record]] = {}
        for number, record in enumerate(self.records):
            part = self.split[number % len(self.split)] if self.split else 0
            files.setdefault((record.at.astimezone(JAPAN).date(), part), []).append(record)
        for (day, part), records in files.items():
            here = folder / "log" / f"day={day}"
            here.mkdir(exist_ok=True)
            write(here / f"part-{part}.parquet", records, LOG_SCHEMA)
        return folder

    def but(self, **changes: Any) -> "Place":
        """The same with other parts."""
        return replace(self, **changes)


def write(file: Path, rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> None:
    """One Parquet file."""
    rows = list(rows)
    columns = {name: [row[place] for row in rows] for place, name in enumerate(schema.names)}
    pq.write_table(pa.table(columns, schema=schema), file)


def jst(day: date, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    """A moment by the clock in Japan."""
    return datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=JAPAN).astimezone(UTC)


def point(number: int) -> str:
    """A supply point."""
    return f"{number:022d}"


def ask(file: Path, steps: Sequence[Mapping[str, Any]] = (), **parts: Any) -> Path:
    """Write a survey file."""
    document = {
        "name": "trial",
        "title": "試し",
        "period": {"from": DAY - timedelta(days=1), "to": DAY + timedelta(days=2)},
        "steps": [dict(step) for step in steps],
        **parts,
    }
    file.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


NOTICE: list[dict[str, Any]] = [
    {"kind": "screens", "screens": ["KF10", "CI20"]},
    {"kind": "viewer_affiliation", "organisation": "affiliate"},
    {"kind": "reached_from", "from": ["KF10"], "screens": ["CI20"]},
    {"kind": "customer_held_by_other", "organisation": "affiliate"},
    {"kind": "annotate", "except": ["KF10", "CI20"]},
]
