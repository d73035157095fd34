"""Building the parts of a day: the last screen of each of its sessions, and its records in codes, sorted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from takuso.survey.archive.before import before, last_screens
from takuso.survey.archive.engine import Engine
from takuso.survey.archive.order import Column, Places, ordered
from takuso.survey.archive.people import NOBODY, People
from takuso.survey.archive.raw import Instants, Texts, instants, texts
from takuso.survey.archive.words import NONE, Codes, Words, grow

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
_DELTAS: Final = ("customer", "at_us", "session")
"""Kept as differences in as few bits as they need, which is smaller and sooner read than what zstd makes of them."""
_SESSIONS: Final = pa.schema([("session_id", pa.string()), ("screen", pa.string()), ("day", pa.int32())])
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST: Final = ("screen", "affiliation", "customer", "at_us")
_SESSION_DAY: Final = 1 << 32
"""A session is the day it began on times this, and its code there."""


def number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A day as it was read. `screens` are all its screens in order; `screen` and `came_from` are places in them.

    The codes of sessions are in the order of their texts.
    """

    day: date
    files: Sequence[Path]
    at_us: Instants
    screens: Sequence[str]
    screen: Codes
    came_from: Codes
    user: Texts
    session: Texts
    customer: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Sessions of a day that began on an earlier day: their codes here, what they are called, their last screen."""

    code: Codes
    session: npt.NDArray[np.int64]
    previous: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """For each code of a loaded day the code in the form; of users the person and the affiliation that day.

    `sessions` are as in the form; `previous` is the last screen of each session on earlier days, NONE if it has none.
    """

    screens: Codes
    persons: Codes
    affiliations: Codes
    customers: Codes
    sessions: npt.NDArray[np.int64]
    previous: Codes


def load(day: date, files: Sequence[Path]) -> Loaded:
    """Read a day's files. Raises pa.ArrowException, OSError."""
    screens, screen, came_from = _screens(texts(files, "screen"), texts(files, "came_from"))
    return Loaded(
        day=day,
        files=files,
        at_us=instants(files),
        screens=screens,
        screen=screen,
        came_from=came_from,
        user=texts(files, "user_id"),
        session=texts(files, "session_id").ranked(),
        customer=texts(files, "customer", many=True),
    )


def _screens(*columns: Texts) -> tuple[list[str], Codes, Codes]:
    known = sorted({text for column in columns for text in column.texts.to_pylist()})
    place = {text: code for code, text in enumerate(known)}
    one, other = (column.coded(lambda found: [place[text] for text in found]) for column in columns)
    return known, one, other


def write_sessions(day: date, files: Sequence[Path], draft: Path) -> None:
    """The last screen of each session of a day, by their texts. Raises pa.ArrowException, OSError."""
    session, screen = texts(files, "session_id").ranked(), texts(files, "screen").ranked()
    last = last_screens(session.codes, instants(files), screen.codes, len(session.texts))
    columns = [session.texts, screen.texts.take(last), pa.array(np.full(len(last), number(day), dtype=np.int32))]
    pq.write_table(pa.Table.from_arrays(columns, schema=_SESSIONS), draft, compression="zstd")


def links(engine: Engine, day: date) -> Links:
    """The sessions of a day that began earlier, of the table `links`."""
    (rows,) = engine.ask("archive_links_of", day=str(number(day)))
    return Links(
        code=_codes([code for code, _, _ in rows]),
        session=np.array([session for _, session, _ in rows], dtype=np.int64),
        previous=[screen for _, _, screen in rows],
    )


def coding(loaded: Loaded, people: People, words: Words, customers: Codes, links: Links) -> Coding:
    """The codes of a day, days taken in order; `words` grow."""
    screens = grow(words.screens, loaded.screens)
    viewers = people.on(number(loaded.day))
    found = [viewers.get(user) for user in loaded.user.texts.to_pylist()]
    if not words.affiliations:
        words.affiliations.append(NOBODY)
    there = [viewer for viewer in found if viewer is not None]
    persons = grow(words.persons, (viewer.person for viewer in there))
    affiliations = grow(words.affiliations, (viewer.affiliation for viewer in there))
    sessions = number(loaded.day) * _SESSION_DAY + np.arange(len(loaded.session.texts), dtype=np.int64)
    sessions[links.code] = links.session
    previous = np.full(len(sessions), NONE, dtype=np.int32)
    previous[links.code] = [screens[screen] for screen in links.previous]
    return Coding(
        screens=_codes([screens[screen] for screen in loaded.screens]),
        persons=_codes([NONE if viewer is None else persons[viewer.person] for viewer in found]),
        affiliations=_codes([0 if viewer is None else affiliations[viewer.affiliation] for viewer in found]),
        customers=customers,
        sessions=sessions,
        previous=previous,
    )


def write_day(loaded: Loaded, coded: Coding, draft: Path) -> dict[str, int]:
    """The loaded day in codes and in order; its records by screen."""
    columns: dict[str, Column] = {
        "screen": coded.screens.take(loaded.screen),
        "affiliation": coded.affiliations.take(loaded.user.codes),
        "customer": coded.customers.take(loaded.customer.codes),
        "at_us": loaded.at_us,
        "person": coded.persons.take(loaded.user.codes),
        "origin": _origins(loaded, coded),
        "session": coded.sessions.take(loaded.session.codes),
    }
    table = pa.table({name: pa.array(column) for name, column in _sorted(columns).items()}, schema=SCHEMA)
    with pq.ParquetWriter(
        draft,
        SCHEMA,
        compression="none",
        use_dictionary=[name for name in SCHEMA.names if name not in _DELTAS],
        column_encoding=dict.fromkeys(_DELTAS, "DELTA_BINARY_PACKED"),
        write_statistics=["screen", "affiliation"],
    ) as writer:
        for start, end in _groups(table.column("screen").to_numpy()):
            writer.write_table(table.slice(start, end - start), row_group_size=GROUP)
    counts = np.bincount(loaded.screen, minlength=len(loaded.screens)).tolist()
    return {screen: count for screen, count in zip(loaded.screens, counts, strict=True) if count}


def _origins(loaded: Loaded, coded: Coding) -> Codes:
    """The screen that each record came from, NONE if nothing tells.

    What the log has not recorded is the record before it in the session; a session that began on an earlier day goes
    on from its last record there.
    """
    # A place in front for NONE.
    screens = np.concatenate((_codes([NONE]), coded.screens))
    found = screens.take(loaded.came_from + 1)
    asked = np.flatnonzero(loaded.came_from == NONE)
    if len(asked):
        place = before(loaded.session.codes, loaded.at_us, loaded.screen, asked, lambda rows: _ranks(loaded, rows))
        earlier = coded.previous.take(loaded.session.codes.take(asked))
        found[asked] = np.where(place == NONE, earlier, screens.take(place + 1))
    return found


def _ranks(loaded: Loaded, rows: Places) -> list[Codes]:
    named = [loaded.customer, texts(loaded.files, "action"), texts(loaded.files, "terminal"), loaded.user]
    return [*(_ranked(column, rows) for column in named), loaded.came_from.take(rows)]


def _ranked(column: Texts, rows: Places) -> Codes:
    """Some records of a column by the order of their texts."""
    found, codes = np.unique(column.codes.take(rows), return_inverse=True)
    return Texts(codes=codes.astype(np.int32), texts=column.texts.take(found)).ranked().codes


def _codes(found: Sequence[int]) -> Codes:
    return np.array(found, dtype=np.int32)


def _sorted(columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns in order: by the first one, then the second and so on."""
    order = ordered([columns[name] for name in _FIRST])
    made = {name: columns[name].take(order) for name in SCHEMA.names}
    same = np.ones(max(len(order) - 1, 0), dtype=np.bool_)
    for name in _FIRST:
        same &= made[name][1:] == made[name][:-1]
    # Few records have all of these in common; the other columns decide among them.
    near = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    if len(near):
        order = near.take(ordered([column.take(near) for column in made.values()]))
        for column in made.values():
            column[near] = column.take(order)
    return made


def _groups(screen: Codes) -> Iterator[tuple[int, int]]:
    """Row groups (start, end): never longer than GROUP, and ending with a screen where that is not too short."""
    cuts = [0, *((screen[1:] != screen[:-1]).nonzero()[0] + 1).tolist(), len(screen)]
    start = 0
    for end in cuts[1:]:
        if end - start < SMALLEST and end != len(screen):
            continue
        for here in range(start, end, GROUP):
            yield here, min(here + GROUP, end)
        start = end
