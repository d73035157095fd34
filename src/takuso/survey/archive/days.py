"""Building the parts of a day: the last screen of each of its sessions, and its records in codes, sorted."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from takuso.survey.archive.engine import Engine
from takuso.survey.archive.people import NOBODY, People
from takuso.survey.archive.words import Words, grow
from takuso.survey.footers import check_log
from takuso.survey.source import Source

GROUP: Final = 32_768
"""Most records of a row group."""
SMALLEST: Final = 8_192
"""A row group goes on into the next screen if it would be smaller."""
SCHEMA: Final = pa.schema(
    [pa.field(name, pa.int32(), nullable=False) for name in ("screen", "affiliation", "customer")]
    + [pa.field("at_us", pa.int64(), nullable=False)]
    + [pa.field(name, pa.int32(), nullable=False) for name in ("person", "origin")]
    + [pa.field("session", pa.int64(), nullable=False)]
)
_SESSIONS: Final = pa.schema([("session_id", pa.string()), ("screen", pa.string()), ("day", pa.int32())])
_EPOCH: Final = date(1970, 1, 1).toordinal()


def number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def load(engine: Engine, source: Source, day: date) -> None:
    """Read a day's files into the table `raw`."""
    files = source.days[day]
    mixed = str(check_log(source, files).mixed).lower()
    engine.ask("archive_raw", {"log": [str(file) for file in files]}, mixed=mixed)


def write_sessions(engine: Engine, day: date, draft: Path) -> None:
    """The last screen of each session of the loaded day."""
    with pq.ParquetWriter(draft, _SESSIONS, compression="zstd") as writer:
        for batch in engine.arrow("archive_sessions"):
            days = pa.array([number(day)] * len(batch), pa.int32())
            columns = [batch.column("session_id"), batch.column("screen"), days]
            writer.write_table(pa.Table.from_arrays(columns, schema=_SESSIONS))


def write_day(engine: Engine, day: date, people: People, words: Words, files: Mapping[str, Any], draft: Path) -> None:
    """The loaded day in codes, its points in the table `points`; `words` grow. `files` has `sessions` of the day."""
    screens, users, _ = engine.ask("archive_words")
    engine.codes("screens", "screen", grow(words.screens, (screen for (screen,) in screens)))
    _viewers(engine, day, people, words, {user for (user,) in users})
    engine.ask("archive_before")
    table = engine.arrow("archive_day", files, day=str(number(day))).read_all().cast(SCHEMA)
    with pq.ParquetWriter(draft, SCHEMA, compression="zstd", write_statistics=["screen", "affiliation"]) as writer:
        for start, end in _groups(table.column("screen")):
            writer.write_table(table.slice(start, end - start), row_group_size=GROUP)


def screens(engine: Engine) -> dict[str, int]:
    """Records of the loaded day by screen."""
    return dict(engine.ask("archive_words")[2])


def _viewers(engine: Engine, day: date, people: People, words: Words, users: Iterable[str]) -> None:
    found = {user: viewer for user, viewer in people.on(number(day)).items() if user in users}
    if not words.affiliations:
        words.affiliations.append(NOBODY)
    persons = grow(words.persons, (viewer.person for viewer in found.values()))
    affiliations = grow(words.affiliations, (viewer.affiliation for viewer in found.values()))
    engine.table(
        "viewers",
        {
            "user_id": pa.array(list(found), pa.string()),
            "person": pa.array([persons[viewer.person] for viewer in found.values()], pa.int32()),
            "affiliation": pa.array([affiliations[viewer.affiliation] for viewer in found.values()], pa.int32()),
        },
    )


def _groups(screen: pa.ChunkedArray) -> Iterator[tuple[int, int]]:
    """Row groups (start, end): never longer than GROUP, and ending with a screen where that is not too short."""
    codes = screen.to_numpy()
    cuts = [0, *((codes[1:] != codes[:-1]).nonzero()[0] + 1).tolist(), len(codes)]
    start = 0
    for end in cuts[1:]:
        if end - start < SMALLEST and end != len(codes):
            continue
        for here in range(start, end, GROUP):
            yield here, min(here + GROUP, end)
        start = end
