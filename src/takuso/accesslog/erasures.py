"""消去の控え: which texts were erased, kept in the home, where a restored database cannot take it back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg

from takuso.store.findings import Finding
from takuso.store.home import CorruptHome, Home, write_private

_CURE: Final = "takuso log erase --again --by だれが --reason なぜ で、もう一度消してください。"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Erased:
    """A text that was erased: day and receipt of the ticket it belonged to."""

    day: date
    receipt: str


def kept(home: Home) -> list[Erased]:
    """What this home knows as erased. Raises CorruptHome for a file that is no such list."""
    file = home.erased
    if file is None or not file.exists():
        return []
    try:
        found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return [Erased(day=date.fromisoformat(one["day"]), receipt=str(one["receipt"])) for one in found]
    except (OSError, ValueError, TypeError, KeyError):
        raise CorruptHome(f"{file} が消去の一覧ではありません。", "控え（バックアップ）から戻してください。") from None


def keep(connection: psycopg.Connection[Any], home: Home) -> int:
    """As `sequencer`: take what the log says was erased into the list of the home; how many were new."""
    if home.erased is None:
        return 0
    known = set(kept(home))
    told = {
        Erased(day=day, receipt=receipt)
        for day, receipt in _rows(connection, "SELECT day, receipt FROM log.erasures()")
    }
    if not told - known:
        return 0
    lines = [json.dumps({"day": str(one.day), "receipt": one.receipt}) + "\n" for one in sorted(told | known)]
    write_private(home.erased, "".join(lines))
    return len(told - known)


def came_back(connection: psycopg.Connection[Any], home: Home) -> list[Erased]:
    """As `ticketer` or the deployment login: erased texts that are there all the same. Raises CorruptHome."""
    known = kept(home)
    rows = connection.execute(
        "SELECT day, receipt FROM log.came_back(%s, %s)", [[one.day for one in known], [one.receipt for one in known]]
    ).fetchall()
    return sorted(Erased(day=day, receipt=receipt) for day, receipt in rows)


def erasure_finding(home: Home, connection: psycopg.Connection[Any]) -> Finding:
    """Whether a text that was erased is there again, as after a backup was restored."""
    try:
        back = came_back(connection, home)
    except CorruptHome as error:
        return Finding(name="log_erased", state="bad", what=error.what, cure=error.cure)
    if back:
        what = f"消去した文字が {len(back)} 件、控えから戻っています（受付番号 {back[0].receipt} など）。"
        return Finding(name="log_erased", state="bad", what=what, cure=_CURE)
    return Finding(name="log_erased", state="ok", what="消去した文字は、どれも戻っていません。")


def again(connection: psycopg.Connection[Any], home: Home, who: str, why: str) -> list[Erased]:
    """As the deployment login: erase once more what came back; each is a record of the log. Raises CorruptHome."""
    done = []
    for one in came_back(connection, home):
        row = connection.execute("SELECT log.erase_again(%s, %s, %s, %s)", [one.day, one.receipt, who, why]).fetchone()
        if row and row[0]:
            done.append(one)
    return done


def scrub(connection: psycopg.Connection[Any], day: date, today: date) -> None:
    """As the deployment login: give back the room of what was erased, so that the day's file no longer holds it.

    A day that is not over is written to all the time, and only cleaned; `scrub_ended` rewrites it later.
    """
    connection.execute("SET ROLE owner")
    try:
        how = "VACUUM (FULL)" if day < today else "VACUUM"
        connection.execute(f"{how} log.payload_{day:%Y%m%d}".encode())
    finally:
        connection.execute("RESET ROLE")


def scrub_ended(connection: psycopg.Connection[Any], home: Home, today: date) -> list[date]:
    """As the deployment login: rewrite the days that are over, had an erasure and were never rewritten; which.

    A table that was never rewritten still has the file it was created with. Raises CorruptHome.
    """
    done = []
    for day in sorted({one.day for one in kept(home) if one.day < today}):
        first = connection.execute(
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'log' AND c.relname = %s AND c.relfilenode = c.oid",
            [f"payload_{day:%Y%m%d}"],
        ).fetchone()
        if first is not None:
            scrub(connection, day, today)
            done.append(day)
    return done


def _rows(connection: psycopg.Connection[Any], statement: Any) -> Sequence[Any]:
    return connection.execute(statement).fetchall()
