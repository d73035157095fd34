"""The same office with the gate taken out: no ticket, no row security, no outcome. For measuring only.

It reads the same queries as the database's administrator and hands the same rows to the same templates, so that
the difference of two pages is the price of the wall.
"""

import base64
import os
from collections.abc import Sequence
from typing import Any

from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from takuso.barrier.gate import Gate, Released, Render, Sight, Visit, Wanted
from takuso.barrier.viewer import Viewer
from takuso.store.pools import Pools

_LETTERS = "ABCDEFGHIJ"


class BareGate(Gate):
    """`look` without the wall, for one fixed person."""

    def __init__(self, pools: Pools, admin: str, viewer: Viewer, today: str) -> None:
        super().__init__(pools)
        self._admin, self._viewer, self._today = admin, viewer, today
        self._pool: ConnectionPool[Any] | None = None
        self._process = 0

    def look(self, visit: Visit, *, asked: Sequence[str] = (), queries: Wanted = (), render: Render) -> Released:
        """Resolve the code, run the queries in one pipeline, render."""
        wanted = queries(self._viewer) if callable(queries) else queries
        with self._connections().connection() as connection:
            points = [
                r[0]
                for r in connection.execute("SELECT id FROM wall.point WHERE customer_code = ANY(%s)", [list(asked)])
            ]
            answer = {
                "receipt": base64.urlsafe_b64encode(os.urandom(24)).decode(),
                "login": "takuso",
                "status": "shown",
                "today": self._today,
                "at": f"{self._today}T12:00:00+09:00",
                "came_screen": None,
                "next": None,
                "grants": dict.fromkeys(_LETTERS, points),
            }
            sight = Sight(answer, self._viewer)
            values = {"points": points, "today": sight.today}
            with connection.pipeline(), connection.transaction():
                cursors = [
                    (q.name, connection.cursor(row_factory=class_row(q.row)).execute(q.sql, values)) for q in wanted
                ]
                sight._fill({name: cursor.fetchall() for name, cursor in cursors}, wanted)
        return Released(body=render(sight), receipt=sight.receipt, shown=True)

    def _connections(self) -> ConnectionPool[Any]:
        if self._pool is None or self._process != os.getpid():
            self._process = os.getpid()
            self._pool = ConnectionPool(
                self._admin, min_size=1, max_size=8, kwargs={"autocommit": True, "prepare_threshold": 2}, open=True
            )
        return self._pool
