"""Changes of supply points: statements for the gate, and the midnight effect for the jobs."""

from collections.abc import Generator
from typing import Any, Final, LiteralString

import psycopg

# 供給者の記録・訂正. Parameters beside the gate's own: retailer (code, None = nobody), since, until, reason.
RECORD_SUPPLY: Final[LiteralString] = (
    "SELECT points.record_supply(%(proof)s::bytea, %(day)s::date, %(receipt)s::text, %(point)s::bigint,"
    " wall.company(%(retailer)s::text), %(since)s::date, %(until)s::date, %(reason)s::text)"
)
RECORD_SUPPLY_ACTION: Final = "points.record_supply"


def take_due_effects(connection: psycopg.Connection[Any], *, most: int) -> Generator[int]:
    """異動の効果: re-stamp the points whose supplier changed by now; yields each point that was done.

    As `batch`, on an autocommit connection: every point is its own transaction, so a run that is cut off is
    taken up by the next one. A point that fails is left due, and the others still have their turn; the first
    error is raised at the end.
    """
    failed: psycopg.Error | None = None
    for (point,) in connection.execute("SELECT points.due(%s)", [most]).fetchall():
        try:
            row = connection.execute("SELECT points.take_effect(%s)", [point]).fetchone()
        except psycopg.Error as error:
            if connection.closed:
                raise
            failed = failed or error
            continue
        if row and row[0]:
            yield point
    if failed is not None:
        raise failed
