"""The catalogue as one number: two databases with the same wall have the same one, any change gives another.

PostgreSQL prints conditions and definitions in its own words, which differ between major versions: a fingerprint is
compared within one major only.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from takuso.store.logins import GROUP_NAMES, LOGIN_NAMES

_FILE: Final = Path(__file__).parent / "sql" / "catalogue.sql"


def catalogue_lines(connection: Connection[Any]) -> list[str]:
    """Everything the wall stands on, a line each, in order: what the fingerprint is made of. Any login may ask."""
    with connection.cursor() as cursor:
        cursor.execute(_query(), {"roles": [*LOGIN_NAMES, *GROUP_NAMES]})
        return [str(row[0]) for row in cursor.fetchall()]


def catalogue_hash(connection: Connection[Any]) -> str:
    """SHA-256 of the lines, hexadecimal."""
    return hashlib.sha256("\n".join(catalogue_lines(connection)).encode()).hexdigest()


def major(connection: Connection[Any]) -> int:
    """The major version that the fingerprint belongs to."""
    return connection.info.server_version // 10_000


@cache
def _query() -> bytes:
    return _FILE.read_bytes()
