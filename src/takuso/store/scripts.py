"""Living SQL: functions, grants and policies kept as one readable file each and applied whole when changed.

Tables change by migrations, which are never edited; what can be stated anew (CREATE OR REPLACE, DROP POLICY IF
EXISTS …) stands in scripts, so that a reader finds the wall in one file as it is in force.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import psycopg

from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import as_unavailable, dsn

_LEDGER = """
CREATE TABLE IF NOT EXISTS web.applied_script (
  name text PRIMARY KEY, digest text NOT NULL, applied timestamptz NOT NULL DEFAULT clock_timestamp());
-- The web login may write what stands in its schema, but not the record of what has been deployed.
REVOKE ALL ON web.applied_script FROM web
"""


def apply_scripts(home: Home, scripts: Sequence[Path]) -> list[str]:
    """Apply the scripts in order, in one transaction, if any of them changed; returns the changed names.

    All are applied when one changed, since they build on each other. Raises StoreUnavailable, NoSuchLogin,
    and psycopg.Error for SQL that fails (nothing of the run is then kept).
    """
    texts = [(file.name, file.read_text(encoding="utf-8")) for file in scripts]
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts}
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        connection.execute(_LEDGER)
        connection.execute("LOCK TABLE web.applied_script IN SHARE ROW EXCLUSIVE MODE")
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
