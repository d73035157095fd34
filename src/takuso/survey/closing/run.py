"""Closing: every ended day of the log into the archive folder, tied to the log by a hash that the log keeps.

The folder is a survey source (`meta.json`, `log/`, `people.parquet`, `supply.parquet`), with the whole records beside
it (`records/day=…/`) and `closed.json`, which names each day's files.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
import pyarrow as pa

from takuso.kernel.periods import jst_day
from takuso.survey.closing.files import Written, sha256, write_table, write_text
from takuso.survey.closing.reading import (
    OUTCOMES,
    PEOPLE,
    SUBJECTS,
    SUPPLY,
    TICKETS,
    VIEWS,
    Connection,
    Ended,
    ended_days,
    meta,
    rows,
)

CLOSED: Final = "closed.json"
_JST_AHEAD: Final = 9 * 3_600_000_000
_DAY: Final = 86_400_000_000
_DIFFERS: Final = "TK409"
Progress = Callable[[str, int, int], None]


class NoAffiliate(Exception):
    """The home has no affiliate, or several, and a source names one; Japanese, says what to do."""


class Differs(Exception):
    """The log changed while its day was written out; Japanese, says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """One day that is in the archive: rows of its records, subjects, outcomes and views, its files, and their hash."""

    day: date
    records: int
    subjects: int
    outcomes: int
    views: int
    files: tuple[Written, ...]

    @property
    def digest(self) -> bytes:
        """SHA-256 over the lines `PATH SHA256` of its files, in order of path."""
        lines = sorted(f"{file.path} {file.sha256}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).digest()


def close(
    connection: Connection, folder: Path, again: Sequence[date], show: Progress, affiliate: str = ""
) -> list[Closed]:
    """Write out the ended days that are not in the archive, and those of `again`; returns them.

    `connection` is the deployment login's, in autocommit. `affiliate` chooses one where there are several. A day counts
    as closed when its row is in the log; what a killed closing left is written anew. Raises NoAffiliate, Differs,
    OSError, psycopg.Error.
    """
    found = _meta(connection, affiliate)
    days = ended_days(connection)
    known = _known(folder)
    due = [one for one in days if one.digest is None or one.day in again or str(one.day) not in known]
    done = []
    for number, one in enumerate(due):
        show("閲覧記録", number, len(due))
        closed = _close(connection, folder, one)
        known[str(one.day)] = _entry(closed)
        write_text(folder, CLOSED, _json(known))
        done.append(closed)
    if due or not (folder / "meta.json").exists():
        _write_frame(connection, folder, found, show)
    show("閲覧記録", len(due), len(due))
    return done


def _close(connection: Connection, folder: Path, one: Ended) -> Closed:
    place = f"records/day={one.day}"
    tickets, subjects, outcomes = (
        write_table(folder, f"{place}/{name}.parquet", shape, rows(connection, shape, one.day))
        for name, shape in (("tickets", TICKETS), ("subjects", SUBJECTS), ("outcomes", OUTCOMES))
    )
    views = list(_views(connection, folder, one.day))
    closed = Closed(
        day=one.day,
        records=tickets.rows,
        subjects=subjects.rows,
        outcomes=outcomes.rows,
        views=sum(file.rows for file in views),
        files=(tickets, subjects, outcomes, *views),
    )
    numbers = [closed.day, closed.records, closed.subjects, closed.outcomes, closed.views, closed.digest]
    try:
        connection.execute("SELECT wall.close_day(%s, %s, %s, %s, %s, %s)", numbers)
    except psycopg.Error as error:
        if error.sqlstate != _DIFFERS:
            raise
        raise Differs(
            f"{one.day} を書き出している間に、その日の閲覧記録の件数が変わりました。\n"
            "対処: もう一度実行し、続くなら takuso log show --alarms で警報を確かめてください。"
        ) from None
    return closed


def _views(connection: Connection, folder: Path, day: date) -> Iterator[Written]:
    """The views in the folders of their instants: a record may have taken its day just before midnight."""
    table = pa.Table.from_batches(rows(connection, VIEWS, day), schema=VIEWS.columns)
    micros = table.column("at").cast(pa.int64()).to_numpy()
    own = (micros + _JST_AHEAD) // _DAY == (day - date(1970, 1, 1)).days
    if own.all():
        yield write_table(folder, f"log/day={day}/of-{day}.parquet", VIEWS, table.to_batches())
        return
    yield write_table(folder, f"log/day={day}/of-{day}.parquet", VIEWS, table.filter(pa.array(own)).to_batches())
    late = table.filter(pa.array(np.logical_not(own)))
    # Those of the next day's first second go there.
    after = jst_day(late.column("at")[0].as_py())
    yield write_table(folder, f"log/day={after}/of-{day}.parquet", VIEWS, late.to_batches())


def _write_frame(connection: Connection, folder: Path, found: Mapping[str, Any], show: Progress) -> None:
    """Persons, supplier histories and names as they are now."""
    for number, (name, shape) in enumerate((("people", PEOPLE), ("supply", SUPPLY))):
        show("供給者の履歴", number, 2)
        write_table(folder, f"{name}.parquet", shape, rows(connection, shape))
    write_text(folder, "meta.json", json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    show("供給者の履歴", 2, 2)


def _meta(connection: Connection, affiliate: str) -> dict[str, Any]:
    found = meta(connection)
    affiliates = [code for code in found["affiliates"] if affiliate in ("", code)]
    if len(found["networks"]) != 1 or len(affiliates) != 1:
        raise NoAffiliate(
            f"調査の元には送配電の会社と特定関係事業者が 1 社ずつ要ります（送配電 {len(found['networks'])} 社、"
            f"特定関係事業者 {len(affiliates)} 社）。\n"
            "対処: AD20 で特定関係事業者を登録するか、--affiliate でそのうちの 1 社のコードを指定してください。"
        )
    return {
        "network": found["networks"][0],
        "affiliate": affiliates[0],
        "timezone": "Asia/Tokyo",
        "screens": found["screens"],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is not as it was closed: a file (or a day), and why; Japanese."""

    place: str
    what: str


def check(connection: Connection, folder: Path) -> list[Fault]:
    """Compare every file of the archive with its hash, and every day's hash with the one that the log keeps."""
    known = _known(folder)
    faults = []
    for one in ended_days(connection):
        entry = known.get(str(one.day))
        if one.digest is None:
            continue
        if entry is None:
            faults.append(Fault(place=f"day={one.day}", what=f"{CLOSED} にこの日がありません。"))
            continue
        files = [Written(**file) for file in entry["files"]]
        faults += [fault for file in files if (fault := _file_fault(folder, file))]
        if Closed(**{**_counts(entry), "day": one.day, "files": tuple(files)}).digest != one.digest:
            faults.append(Fault(place=f"day={one.day}", what="締めた時に閲覧記録へ残したハッシュと違います。"))
    return faults


def _file_fault(folder: Path, file: Written) -> Fault | None:
    try:
        found = sha256(folder / file.path)
    except FileNotFoundError:
        return Fault(place=file.path, what="ファイルがありません。")
    return None if found == file.sha256 else Fault(place=file.path, what="締めた時と内容が違います。")


def _entry(closed: Closed) -> dict[str, Any]:
    files = [{"path": file.path, "rows": file.rows, "sha256": file.sha256} for file in closed.files]
    return {"records": closed.records, "subjects": closed.subjects, "outcomes": closed.outcomes} | {
        "views": closed.views,
        "files": files,
    }


def _counts(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("records", "subjects", "outcomes", "views")}


def _known(folder: Path) -> dict[str, Any]:
    """The days of closed.json; none where it is not there or cannot be read."""
    try:
        found = json.loads((folder / CLOSED).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
