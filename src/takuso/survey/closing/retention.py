"""保存と削除: whole days of the log go when their rule says so, in the database and the archive, each with its record.

The database guards it (keeping.sql): it knows the rule, the real time, the holds and the closing. Here the files are
made sure of before, and removed after. The record comes first: whoever is killed in between leaves files of a day whose
deletion is recorded, which `log close --check` names and the next deletion removes.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import psycopg

from takuso.survey.closing.files import sha256, write_text
from takuso.survey.closing.reading import Connection
from takuso.survey.closing.run import CLOSED, Closed, as_text, listed_day, read_list

FORM: Final = ".takuso"
"""The fast form of a source, below its folder: derived from the days, so it goes with them."""
_REGISTERED: Final = "standing/*/survey.yaml"
_GUARD: Final = "TK412"
_BUSY: Final = ("55P03", "40P01")
WHY: Final = MappingProxyType(
    {
        "young": "効いている規則の年数が、まだ過ぎていません。",
        "clock": "時計が 7 日より大きく動いたか、閲覧記録が止まっていました。動き続けて 40 日たつまで消せません。",
        "held": "保全されています。",
        "closed": "この内容では締められていません。takuso log close と --check で確かめてください。",
        "placed": "番号の付いていない記録があります。takuso jobs once のあとで実行してください。",
        "files": "書庫のファイルが締めた時と違います。takuso log close --check で確かめてください。",
        "cold": "設定された置き場にない写しがあります。設定を cold.json の endpoint と bucket にそろえてください。",
        "busy": "閲覧記録を読んでいる人がいます。もう一度実行してください。",
    }
)
"""Why a day stays, by the guard's word; Japanese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a day that is due: deleted, with the number of its record and of its leaves; or why it stays."""

    day: date
    number: int = 0
    leaves: int = 0
    why: str = ""


class Copies(Protocol):
    """Copies of closed days elsewhere (`survey.cold`)."""

    def days(self) -> Collection[date]:
        """Days that have a copy."""

    def reachable(self, day: date) -> bool:
        """Whether the copies of a day can be looked at and removed."""

    def whole(self, day: date, listed: Closed) -> bool:
        """Whether what is not in the folder is there as it was closed."""

    def remove(self, day: date) -> None:
        """Remove the copy of a day; what is gone already is no fault."""


def standing(connection: Connection) -> Mapping[str, Any]:
    """Rules, holds, deletions and what is due (`wall.retention`). As the deployment login."""
    row = connection.execute("SELECT wall.retention()").fetchone()
    found: Mapping[str, Any] = row[0] if row else {}
    return found


def deleted_days(connection: Connection) -> set[date]:
    """The days whose deletion is recorded."""
    return {date.fromisoformat(one["day"]) for one in standing(connection)["deleted"]}


def delete(connection: Connection, folder: Path, who: str, copies: Copies | None = None) -> Iterator[Outcome]:
    """Delete every day that is due and not held, the oldest first; ends what a killed deletion left.

    Only a day whose files are as they were closed; its copy in a store goes as well. `connection` is the deployment
    login's, in autocommit. Raises OSError, psycopg.Error, and what `copies` raises.
    """
    gone = deleted_days(connection)
    clear(folder, gone)
    if copies is not None:
        for day in sorted(gone & set(copies.days())):
            if copies.reachable(day):
                copies.remove(day)
            else:
                yield Outcome(day=day, why="cold")
    for one in standing(connection)["due"]:
        yield delete_day(connection, folder, date.fromisoformat(one["day"]), who, copies)


def delete_day(connection: Connection, folder: Path, day: date, who: str, copies: Copies | None = None) -> Outcome:
    """One day, if the guard lets it go. Raises OSError, psycopg.Error, and what `copies` raises."""
    copied = copies if copies is not None and day in copies.days() else None
    if copied is not None and not copied.reachable(day):
        return Outcome(day=day, why="cold")
    listed = listed_day(day, read_list(folder).get(str(day)))
    if listed is not None and not _as_closed(folder, listed, copied):
        return Outcome(day=day, why="files")
    try:
        row = connection.execute(
            "SELECT wall.delete_day(%s, %s, %s)", [day, listed.digest if listed else b"", who]
        ).fetchone()
    except psycopg.Error as error:
        if error.sqlstate == _GUARD and error.diag.message_primary in WHY:
            return Outcome(day=day, why=str(error.diag.message_primary))
        if error.sqlstate in _BUSY:
            return Outcome(day=day, why="busy")
        raise
    clear(folder, {day})
    if copied is not None:
        copied.remove(day)
    found: Mapping[str, Any] = row[0] if row else {}
    return Outcome(day=day, number=found["no"], leaves=found["leaves"])


def clear(folder: Path, days: set[date]) -> list[date]:
    """Remove the files of days whose deletion is recorded; which had any. Raises OSError."""
    done = []
    for day in sorted(days):
        if not left(folder, day):
            continue
        _drop_form(folder / FORM)
        for file in _files(folder, day):
            file.unlink(missing_ok=True)
            _remove_if_empty(file.parent)
        known = read_list(folder)
        if known.pop(str(day), None) is not None:
            write_text(folder, CLOSED, as_text(known))
        done.append(day)
    return done


def _drop_form(form: Path) -> None:
    """All of it but the registrations of standing surveys, which no day is in and nothing would make again."""
    for place, folders, files in os.walk(form, topdown=False):
        here = Path(place)
        for name in files:
            if not (here / name).relative_to(form).match(_REGISTERED):
                (here / name).unlink()
        for name in folders:
            if (here / name).is_symlink():
                (here / name).unlink()
        _remove_if_empty(here)


def left(folder: Path, day: date) -> bool:
    """Whether the archive has anything of this day."""
    return str(day) in read_list(folder) or any(file.exists() for file in _files(folder, day))


def _files(folder: Path, day: date) -> Iterator[Path]:
    yield from sorted((folder / "records" / f"day={day}").glob("*"))
    # Views of the next day's first second lie in that day's folder.
    yield from sorted((folder / "log").glob(f"day=*/of-{day}.parquet"))


def _remove_if_empty(place: Path) -> None:
    if place.is_dir() and not any(place.iterdir()):
        place.rmdir()


def _as_closed(folder: Path, listed: Closed, copied: Copies | None) -> bool:
    """Whether the files that are here are as they were closed, and those that are not are so in the copy."""
    here = [file for file in listed.files if (folder / file.path).exists()]
    if len(here) < len(listed.files) and (copied is None or not copied.whole(listed.day, listed)):
        return False
    return all(sha256(folder / file.path) == file.sha256 for file in here)
