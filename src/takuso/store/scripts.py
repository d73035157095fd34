"""Living SQL: functions, grants and policies kept as one readable file each and applied whole when changed.

Tables change by migrations, which are never edited; what can be stated anew (CREATE OR REPLACE, DROP POLICY IF
EXISTS …) stands in scripts, so that a reader finds the wall in one file as it is in force.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
from psycopg import Connection, sql

from takuso.store.errors import StoreError
from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import as_unavailable, dsn

PATIENCE: Final = 60.0
"""Seconds that one deployment waits for another."""
_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS web.applied_script (
  name text PRIMARY KEY, digest text NOT NULL, applied timestamptz NOT NULL DEFAULT clock_timestamp());
-- The web login may write what stands in its schema, but not the record of what has been deployed.
REVOKE ALL ON web.applied_script FROM web
"""


class AnotherDeployment(StoreError):
    """Somebody else has been deploying for longer than this one waits."""

    def __init__(self) -> None:
        super().__init__(
            "ほかの配備が動いているため、始められません。\n"
            "対処: 動いている takuso store init・takuso store migrate・takuso demo が終わるのを待って、もう一度実行して"
            "ください。どれも動いていないときは、管理者が pg_stat_activity で migrator などの残った接続を探し、"
            "pg_terminate_backend で切ってください。"
        )


@contextmanager
def deploying(home: Home, patience: float = PATIENCE) -> Iterator[None]:
    """Deploy alone: others wait, at most `patience` seconds. Raises AnotherDeployment, StoreUnavailable, NoSuchLogin.

    What is locked is the ledger, on which no login but the deployment's has any right: an advisory lock could be
    held for ever by every login.
    """
    with as_unavailable():
        connection = psycopg.connect(dsn(home, DEPLOYER))
    with connection:
        with as_unavailable():
            _make_ledger(connection)
            lock(connection, "web.applied_script", "SHARE ROW EXCLUSIVE", patience)
        yield


def lock(connection: Connection[Any], table: LiteralString, mode: LiteralString, patience: float) -> None:
    """Lock a table until the transaction ends, waiting at most `patience` seconds. Raises AnotherDeployment."""
    connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{patience * 1000:.0f}ms")))
    try:
        connection.execute(sql.SQL("LOCK TABLE {} IN {} MODE").format(sql.SQL(table), sql.SQL(mode)))
    except psycopg.errors.LockNotAvailable:
        raise AnotherDeployment from None


def _make_ledger(connection: Connection[Any]) -> None:
    try:
        with connection.transaction():
            found = connection.execute("SELECT to_regclass('web.applied_script')").fetchone()
            if not found or found[0] is None:
                connection.execute(_LEDGER)
    except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
        # Two first deployments at once: the other one has made it.
        return


def apply_scripts(home: Home, scripts: Sequence[Path]) -> list[str]:
    """Apply the scripts in order, in one transaction, if any of them changed; returns the changed names.

    All are applied when one changed, since they build on each other. Raises StoreUnavailable, NoSuchLogin,
    AnotherDeployment, and psycopg.Error for SQL that fails (nothing of the run is then kept).
    """
    texts = [(file.name, file.read_text(encoding="utf-8")) for file in scripts]
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts}
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        _make_ledger(connection)
        lock(connection, "web.applied_script", "SHARE ROW EXCLUSIVE", PATIENCE)
        connection.execute("SET LOCAL lock_timeout = 0")
        connection.execute(_LEDGER)
        known: dict[str, str] = dict(connection.execute("SELECT name, digest FROM web.applied_script").fetchall())
        changed = [name for name, digest in digests.items() if known.get(name) != digest]
        if not changed:
            return []
        for _, text in texts:
            connection.execute(text.encode())
        for name, digest in digests.items():
            connection.execute(
                "INSERT INTO web.applied_script (name, digest) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, applied = clock_timestamp()",
                [name, digest],
            )
        return changed
