"""Closing: every ended day of the log into the archive folder, tied to the log by a hash that the log keeps.

The folder is a survey source (`meta.json`, `log/`, `people.parquet`, `supply.parquet`), with the whole records beside
it (`records/day=…/`) and `closed.json`, which names each day's files and the hashes of the others.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
import pyarrow as pa

from takuso.kernel.periods import jst_day
from takuso.survey.closing.files import Written, write_table, write_text
from takuso.survey.closing.frame import Progress, frame_digest, source_meta, write_frame
from takuso.survey.closing.reading import OUTCOMES, SUBJECTS, TICKETS, VIEWS, Connection, Ended, ended_days, rows

CLOSED: Final = "closed.json"
COLD: Final = "cold.json"
"""The list of the days that lie in a store (takuso.survey.cold)."""
FRAME: Final = "frame"
"""The key of closed.json that has the hashes of the files that belong to no day."""
_JST_AHEAD: Final = 9 * 3_600_000_000
_DAY: Final = 86_400_000_000
_DIFFERS: Final = "TK409"


class Differs(Exception):
    """The log changed while its day was written out; Japanese, says what to do."""


class NotEnded(Exception):
    """A day that was asked for has not ended; Japanese, says what to do."""


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
    as closed when its row is in the log and the archive has as many records as were tallied; what a killed closing
    left is written anew. With nothing closed nor to close, nothing is written. Raises NoAffiliate, NotEnded, Differs,
    OSError, psycopg.Error.
    """
    found = source_meta(connection, affiliate)
    known = read_list(folder)
    ended = ended_days(connection)
    _must_have_ended(again, ended)
    due = [one for one in ended if one.day in again or _is_due(one, known)]
    if not due and not known:
        return []
    done = []
    for number, one in enumerate(due):
        show("閲覧記録", number, len(due))
        closed = _close(connection, folder, one)
        known[str(one.day)] = _entry(closed)
        write_text(folder, CLOSED, as_text(known))
        done.append(closed)
    frame = write_frame(connection, folder, found, show)
    if known.get(FRAME) != frame:
        known[FRAME] = frame
        write_text(folder, CLOSED, as_text(known))
    _tie_frame(connection, known)
    show("閲覧記録", len(due), len(due))
    return done


def _must_have_ended(again: Sequence[date], ended: Sequence[Ended]) -> None:
    strange = sorted(set(again) - {one.day for one in ended})
    if strange:
        raise NotEnded(
            f"{'、'.join(map(str, strange))} は、終わって数えられた日ではありません。\n"
            "対処: 日付を確かめてください。終わった日は、日付が変わって 1 時間たつと、定時の処理が数えます。"
        )


def _tie_frame(connection: Connection, known: Mapping[str, Any]) -> None:
    """A row of the log for the files that belong to no day, as another writing of the last day that is as it was."""
    digest = frame_digest(known[FRAME])
    ended = ended_days(connection)
    if any(digest in one.digests for one in ended):
        return
    for one in reversed(ended):
        listed = listed_day(one.day, known.get(str(one.day)))
        if listed is not None and listed.records == one.records:
            _record(connection, listed, digest)
            return


def _is_due(one: Ended, known: Mapping[str, Any]) -> bool:
    listed = listed_day(one.day, known.get(str(one.day)))
    # A day that has fewer records than it had is not written over: what the archive has may be the last of them.
    return not one.digests or listed is None or listed.records < one.records


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
    _record(connection, closed, closed.digest)
    _drop_former_views(folder, closed)
    return closed


def _record(connection: Connection, closed: Closed, digest: bytes) -> None:
    """The row of the log. Raises Differs where the log has other numbers by now."""
    numbers = [closed.day, closed.records, closed.subjects, closed.outcomes, closed.views, digest]
    try:
        connection.execute("SELECT wall.close_day(%s, %s, %s, %s, %s, %s)", numbers)
    except psycopg.Error as error:
        if error.sqlstate != _DIFFERS:
            raise
        raise Differs(
            f"{closed.day} を書き出している間に、その日の閲覧記録の件数が変わりました。\n"
            "対処: もう一度実行し、続くなら takuso log show --alarms で警報を確かめてください。"
        ) from None


def _drop_former_views(folder: Path, closed: Closed) -> None:
    """A former closing of the day may have had views of the next day's first second; a survey would still read them."""
    paths = {file.path for file in closed.files}
    for file in folder.glob(f"log/day=*/of-{closed.day}.parquet"):
        if file.relative_to(folder).as_posix() not in paths:
            file.unlink()


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


def _entry(closed: Closed) -> dict[str, Any]:
    files = [{"path": file.path, "rows": file.rows, "sha256": file.sha256} for file in closed.files]
    return {"records": closed.records, "subjects": closed.subjects, "outcomes": closed.outcomes} | {
        "views": closed.views,
        "files": files,
    }


def listed_day(day: date, entry: Any) -> Closed | None:
    """A day as closed.json has it; None where it is missing or is no such entry."""
    try:
        files = tuple(
            Written(path=str(one["path"]), rows=one["rows"], sha256=str(one["sha256"])) for one in entry["files"]
        )
        return Closed(
            day=day,
            records=entry["records"],
            subjects=entry["subjects"],
            outcomes=entry["outcomes"],
            views=entry["views"],
            files=files,
        )
    except (KeyError, TypeError):
        return None


def closed_days(folder: Path) -> list[str]:
    """The days that closed.json has, in order."""
    return sorted(read_list(folder).keys() - {FRAME})


def read_list(folder: Path) -> dict[str, Any]:
    """What closed.json has; nothing where it is not there or cannot be read."""
    try:
        found = json.loads((folder / CLOSED).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def as_text(document: Mapping[str, Any]) -> str:
    """closed.json as it is written."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
