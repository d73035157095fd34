"""Whether an archive is as it was closed: its files, the list of them, and what the log has of them."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from takuso.survey.closing.files import Written, sha256
from takuso.survey.closing.frame import FILES, frame_digest, frame_now
from takuso.survey.closing.reading import Connection, Ended, ended_days
from takuso.survey.closing.retention import deleted_days, left
from takuso.survey.closing.run import CLOSED, COLD, FRAME, Closed, listed_day, read_list

_AGAIN: Final = "takuso log close --again {day} で書き直せます。"
_CLOSE: Final = "takuso log close で書き直せます。"
_FEWER: Final = (
    "閲覧記録から消えたものがあります。書庫が最後の写しかもしれないので、takuso log close は書き直しません。"
    "takuso log show --alarms で警報を確かめ、調べてから、要るなら "
    "takuso log close --again {day} で書き直してください。"
)
_LEFT: Final = "規則で削除した日のファイルが残っています。takuso log retention --delete で取り除けます。"
_COPY: Final = "規則で削除した日の写しが置き場に残っています（{cold}）。takuso log retention --delete で取り除けます。"
_ALARMS: Final = "takuso log close で書き直し、続くなら takuso log show --alarms で警報を確かめてください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is not as it was closed: a file (or a day), why, and what to do; Japanese."""

    place: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found: `faults`, and `notes` on what is as it was closed but no longer what the database has."""

    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]


Away = Callable[[Closed, Written], str | None]
"""Asked for a file of a day that is not in the folder: what is wrong with it where it lies, with what to do; empty if
nothing is; None if it lies nowhere else."""


def _nowhere(_day: Closed, _file: Written) -> None:
    return None


def check(
    connection: Connection,
    folder: Path,
    affiliate: str = "",
    away: Away = _nowhere,
    copied: Collection[date] = (),
) -> Checked:
    """Compare every file of the archive with its hash, and every day's hash and number of records with the log's.

    Files that no closing wrote are faults too. `affiliate`: as it was closed with; without it, the archive's own.
    `away` is asked for the files that are not in the folder; `copied` are the days that have a copy in a store. Raises
    OSError, psycopg.Error, and what `away` raises.
    """
    known = read_list(folder)
    ended = ended_days(connection)
    faults = [fault for one in ended for fault in _day_faults(folder, one, known.get(str(one.day)), away)]
    gone = deleted_days(connection)
    faults += [Fault(place=f"day={day}", what=_LEFT) for day in sorted(gone) if left(folder, day)]
    faults += [Fault(place=f"day={day}", what=_COPY.format(cold=COLD)) for day in sorted(gone & set(copied))]
    faults += _strange_days(known, {str(one.day) for one in ended} | {str(day) for day in gone})
    notes: list[Fault] = []
    # Where nothing was ever closed there is no frame either.
    if known or any(one.digests for one in ended):
        frame, notes = _frame(known.get(FRAME), folder, frame_now(connection, folder, affiliate))
        faults += frame or _untied(known[FRAME], ended)
    listed = {file.path for one in _listed(known) for file in one.files}
    faults += [
        Fault(
            place=path,
            what=f"締めが書いたファイルではありません（{CLOSED} にありません）。調べてから取り除いてください。",
        )
        for path in _unlisted(folder, listed)
    ]
    return Checked(faults=tuple(faults), notes=tuple(notes))


def _day_faults(folder: Path, one: Ended, entry: Any, away: Away) -> Iterator[Fault]:
    place = f"day={one.day}"
    again = _AGAIN.format(day=one.day)
    if not one.digests:
        if entry is not None:
            yield Fault(place=place, what=f"この日を締めた記録が、閲覧記録にありません。{_CLOSE}")
        return
    listed = listed_day(one.day, entry)
    if listed is None:
        yield Fault(place=place, what=f"{CLOSED} にこの日がありません。{_CLOSE}")
        return
    wrong = [
        Fault(place=file.path, what=what) for file in listed.files if (what := _file(folder, listed, file, away, again))
    ]
    yield from wrong
    if listed.digest not in one.digests:
        yield Fault(place=place, what=f"締めた時に閲覧記録へ残したハッシュと違います。{again}")
    elif not wrong:
        yield from _number_faults(folder, one, listed)


def _file(folder: Path, listed: Closed, file: Written, away: Away, again: str) -> str:
    """What is wrong with a file of a day, and what to do; empty if nothing is."""
    if not (folder / file.path).exists() and (told := away(listed, file)) is not None:
        return told
    what = _other(folder, file.path, file.sha256)
    return what + again if what else ""


def _number_faults(folder: Path, one: Ended, listed: Closed) -> Iterator[Fault]:
    """The hash is right; is it the hash of a day that has got other records since?"""
    # The list is not under the hash, the file is.
    file = folder / f"records/day={one.day}/tickets.parquet"
    held = _rows(file) if file.exists() else listed.records
    if {held, listed.records} != {one.records}:
        cure = _FEWER.format(day=one.day) if one.records < max(held, listed.records) else _ALARMS
        what = f"書庫の閲覧票は {held:,} 件、いまの閲覧記録は {one.records:,} 件です。{cure}"
        yield Fault(place=f"day={one.day}", what=what)


def _rows(file: Path) -> int:
    try:
        return int(pq.read_metadata(file).num_rows)
    except (FileNotFoundError, pa.ArrowInvalid):
        return -1


def _strange_days(known: Mapping[str, Any], ended: Iterable[str]) -> Iterator[Fault]:
    for day in sorted(known.keys() - {FRAME, *ended}):
        what = f"{CLOSED} にありますが、この日を締めた記録が閲覧記録にありません。"
        yield Fault(
            place=f"day={day}", what=f"{what}別の家の書庫でないかを調べ、書き足されたものなら取り除いてください。"
        )


def _frame(listed: Any, folder: Path, now: Mapping[str, str]) -> tuple[list[Fault], list[Fault]]:
    """Faults and notes on the files that belong to no day."""
    if not isinstance(listed, dict) or listed.keys() != set(FILES):
        what = f"{', '.join(FILES)} のハッシュがありません。takuso log close で書き加えられます。"
        return [Fault(place=CLOSED, what=what)], []
    wrong = {name: what for name in FILES if (what := _other(folder, name, listed[name]))}
    faults = [Fault(place=name, what=what + _CLOSE) for name, what in wrong.items()]
    old = [name for name in FILES if name not in wrong and now.get(name) != listed[name]]
    return faults, [Fault(place=name, what=f"いまの台帳と違います。{_CLOSE}") for name in old]


def _untied(frame: Mapping[str, str], ended: Iterable[Ended]) -> Iterator[Fault]:
    digest = frame_digest(frame)
    if not any(digest in one.digests for one in ended):
        what = f"{'・'.join(FILES)} のハッシュが、締めた時に閲覧記録へ残したどのハッシュとも違います。{_CLOSE}"
        yield Fault(place=FRAME, what=what)


def _other(folder: Path, path: str, digest: str) -> str:
    """Why a file is not the one with this hash; empty if it is."""
    try:
        found = sha256(folder / path)
    except FileNotFoundError:
        return "ファイルがありません。"
    return "" if found == digest else "締めた時と内容が違います。"


def _listed(known: Mapping[str, Any]) -> Iterator[Closed]:
    for entry in known.values():
        # Only the paths are asked for.
        one = listed_day(date.min, entry)
        if one is not None:
            yield one


def _unlisted(folder: Path, listed: set[str]) -> Iterator[str]:
    """Files of the folder that no closing wrote; at the top, what begins with a dot is no part of the archive."""
    top = {CLOSED, COLD, *FILES}
    for place, folders, files in os.walk(folder, followlinks=True):
        here = Path(place).relative_to(folder)
        if here == Path():
            folders[:] = [name for name in folders if not name.startswith(".")]
            files = [name for name in files if not name.startswith(".") and name not in top]
        folders.sort()
        yield from (path for name in sorted(files) if (path := (here / name).as_posix()) not in listed)
