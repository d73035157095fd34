"""What a deployment brings into the database: tables, the wall, the rules, the screens; and the first load.

Runs as the deployment login, never in a serving process.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import psycopg

from takuso.accesslog import checkpoints
from takuso.barrier.approvals import HomeTable, read, unlawful
from takuso.barrier.credentials.keys import ensure_key
from takuso.barrier.matrix import ACTIONS, PURPOSES, Rule, digest
from takuso.barrier.screen import Screen
from takuso.kernel.periods import jst_day
from takuso.store.errors import StoreError
from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import as_unavailable, dsn
from takuso.store.scripts import apply_scripts

DAYS_AHEAD: Final = 40
SPELLING: Final = 1
"""Version of the spelling of search keys (search.sql): with another one a deployment makes all entries anew."""
_CHUNK: Final = 5_000


@contextmanager
def deployer(home: Home) -> Iterator[psycopg.Connection[Any]]:
    """The deployment login, each statement its own transaction. Raises StoreUnavailable, NoSuchLogin."""
    with as_unavailable():
        connection = psycopg.connect(dsn(home, DEPLOYER), autocommit=True)
    with connection:
        yield connection


class RulesRefused(StoreError):
    """The approved changes of the rules cannot be put in force; the message is Japanese and says why."""


def deploy(
    home: Home, *, apps: Sequence[str], scripts: Sequence[Path], screens: Sequence[Screen], shift: timedelta
) -> int:
    """Migrate, apply the scripts, load rules and screens, extend the log; returns the rule version in force.

    The rules are the program's with the approved changes. `shift` moves the business clock and must be zero in a
    production home (the database refuses it as well). Raises RulesRefused, and then nothing new is in force.
    """
    # Django is loaded only where migrations run: most commands deploy nothing.
    from takuso.store.migrate import migrate

    ensure_key(home)
    checkpoints.ensure_key(home)
    migrate(home, apps)
    apply_scripts(home, scripts)
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        connection.execute("SELECT wall.declare_home(%s, %s)", [home.kind, shift])
        connection.execute("SELECT log.extend(%s)", [DAYS_AHEAD])
        connection.execute("SELECT points.renew_all_entries(%s)", [SPELLING])
        home_table = _sound(read(connection), jst_day(datetime.now(UTC) + shift))
        row = connection.execute(
            "SELECT wall.deploy(%s, %s, %s, %s, %s, %s)",
            [
                digest(home_table.coming),
                json.dumps(_rules(home_table.coming)),
                json.dumps(_screens(screens)),
                json.dumps(_purposes()),
                json.dumps(_actions()),
                [one.id for one in home_table.waiting],
            ],
        ).fetchone()
    if row is None:
        raise RuntimeError("wall.deploy gave no version")
    return int(row[0])


def _sound(found: HomeTable, today: date) -> HomeTable:
    """The table if all that was approved can be put in force. Raises RulesRefused."""
    wrong = [*found.faults, *([found.misfit] if found.misfit else [])]
    if found.waiting and not wrong:
        wrong += unlawful(found.coming, today)
    if wrong:
        raise RulesRefused(
            f"承認した規則の変更を効かせられません: {' '.join(wrong[:3])}\n"
            "対処: AD30 の申請と閲覧記録を確かめ、プログラムの表と食い違うなら matrix.py を直してください。"
        )
    return found


class Watch(StrEnum):
    """How the first appointment to the compliance duty ended."""

    SETTLED = "settled"
    WATCHED = "watched"
    """Somebody has, or had, this duty."""
    TAKEN = "taken"
    """The code is another person's."""
    NOBODY = "nobody"
    """There is no administrator, or there are some of several companies."""


def settle_first(home: Home, person: str, name: str, company: str, company_name: str) -> bool:
    """Put the network company and its first administrator into a home where nobody is; False if somebody is.

    Raises StoreUnavailable, NoSuchLogin.
    """
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        row = connection.execute(
            "SELECT wall.first_administrator(%s, %s, %s, %s)", [person, name, company, company_name]
        ).fetchone()
    return bool(row and row[0])


def settle_compliance(home: Home, person: str, name: str) -> Watch:
    """Put the first person of the compliance duty beside the administrator, once in the life of a home.

    Raises StoreUnavailable, NoSuchLogin.
    """
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        row = connection.execute("SELECT wall.first_compliance(%s, %s)", [person, name]).fetchone()
    return Watch(row[0] if row else "nobody")


class Loader:
    """The first load of a home (移行): rows by table, then stamps and search keys. A context manager;
    everything is one transaction, so a load that is cut off leaves nothing behind."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._loaded = 0
        self._analysed = 0

    def __enter__(self) -> "Loader":
        with as_unavailable():
            self._connection = psycopg.connect(dsn(self._home, DEPLOYER))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._loaded > max(self._analysed, _CHUNK):
            # What the server asks from its first moment on is planned by these figures.
            self._connection.execute("SELECT points.analyze(), search.analyze()")
        self._connection.__exit__(kind, error, trace)

    def load(self, table: str, rows: Iterable[Mapping[str, object]]) -> int:
        """Insert rows (same keys each) into one of the loadable tables; returns how many."""
        count = sum(self._send("SELECT points.load(%s, %s)", [table, chunk]) for chunk in _chunks(rows))
        self._loaded += count
        return count

    def restamp(self, points: Sequence[int]) -> int:
        """Derive holdings, stamps and search keys of these points; returns how many."""
        if self._loaded > max(2 * self._analysed, _CHUNK):
            self._connection.execute("SELECT points.analyze()")
            self._analysed = self._loaded
        return self._send("SELECT points.restamp(%s::bigint[])", [list(points)])

    def _send(self, statement: Any, parameters: list[Any]) -> int:
        row = self._connection.execute(statement, parameters).fetchone()
        return int(row[0]) if row else 0


def _chunks(rows: Iterable[Mapping[str, object]]) -> Iterable[str]:
    chunk: list[Mapping[str, object]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield json.dumps(chunk, default=str, ensure_ascii=False)
            chunk = []
    if chunk:
        yield json.dumps(chunk, default=str, ensure_ascii=False)


def _rules(rules: Iterable[Rule]) -> list[dict[str, str]]:
    return [
        {
            "key": rule.key,
            "duty": rule.duty,
            "relation": rule.relation,
            "view": rule.view,
            "class": rule.data_class,
            "verdict": rule.verdict,
            "article": rule.article,
            "note": rule.note,
            "valid": _range(rule.since, rule.until),
        }
        for rule in rules
    ]


def _range(since: date, until: date | None) -> str:
    return f"[{since},{until or ''})"


def _screens(screens: Sequence[Screen]) -> list[dict[str, Any]]:
    return [
        {
            "code": screen.code,
            "name": screen.name,
            "view": screen.view,
            "kind": screen.kind,
            "classes": sorted(screen.classes),
            "actions": sorted(screen.actions),
        }
        for screen in screens
    ]


def _purposes() -> list[dict[str, Any]]:
    return [
        {"code": p.code, "name": p.name, "duties": sorted(p.duties), "case_kinds": sorted(p.case_kinds)}
        for p in PURPOSES
    ]


def _actions() -> list[dict[str, Any]]:
    return [{"code": code, "duties": sorted(duties)} for code, duties in sorted(ACTIONS.items())]
