"""The writer of the access log: opens and closes tickets through the wall's own functions, as `ticketer`.

Only the gate imports this module. An opened ticket is durable when the call returns; an outcome may be lost in a
crash, and a ticket without an outcome counts as shown.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, LiteralString, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg

from takuso.store.pools import Pools, StoreUnavailable

LOGIN: Final = "ticketer"
_JST: Final = ZoneInfo("Asia/Tokyo")

_OPEN: Final = "SELECT wall.open(%b, %b, %b, %s::text, %s::text, %s::text, %s::text[], %s::text, %s::bool)"
_SEARCH: Final = (
    "SELECT wall.open_search(%b, %b, %b, %s::text, %s::text, %s::text, %s::text, %s::text,"
    " %s::text[], %s::text, %s::bool)"
)
_CASES: Final = (
    "SELECT wall.open_cases(%b, %b, %b, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::bool)"
)
_PURPOSE: Final = (
    "SELECT wall.state_purpose(%b, %b, %b, %s::text, %s::text, %s::text, %s::text, %s::text, %s::int, %s::bool)"
)
_EXPORT: Final = (
    "SELECT wall.export_step(%b, %b, %b, %s::text, %s::text, %s::text, %s::text,"
    " %s::text, %s::text, %s::text, %s::bool)"
)
_ERASE: Final = (
    "SELECT wall.erase_step(%b, %b, %b, %s::text, %s::text, %s::text, %s::text,"
    " %s::text, %s::text, %s::text, %s::text, %s::bool)"
)
_CLOSE: Final = "SELECT wall.close(%b, %b, %s::text, %s::int, %s::text[], %s::bigint[], %b)"
_STANDING: Final = "SELECT wall.standing()"


class SignInNeeded(Exception):
    """No valid sign-in: none, expired, ended, or its appointment has ended."""


class EnrolmentNeeded(Exception):
    """Signed in by a one-time link in a production home: a way to sign in must be enrolled before all else."""


class UnknownScreen(Exception):
    """The screen is not registered, or is not of the kind that was asked for."""


class RequestConflict(Exception):
    """The request id was used before with other arguments, by another sign-in, or on another day."""


class LogUnavailable(Exception):
    """The access could not be recorded; nothing may be shown."""


class _Repeated(Exception):
    """The log has a ticket with this request id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestId:
    """Identity of one request: repeating it gives the same ticket. Carries its JST day of the real clock."""

    day: date
    uuid: UUID

    @classmethod
    def new(cls) -> "RequestId":
        """A fresh one, of this moment's day."""
        return cls(day=datetime.now(_JST).date(), uuid=uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks (by the secret of the sign-in), where, and coming from where."""

    proof: bytes = field(repr=False)
    request: RequestId
    screen: str
    came_from: str | None
    terminal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A list or a search: which, what was typed, the search keys it became, and the receipt of the page before."""

    list: str
    typed: str
    terms: Sequence[str]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Applications to show: a list by its name, or one by its number; `after` is the last number of the page before."""

    list: str | None = None
    number: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What was rendered: rows, classes, points, and SHA-256 of the bytes."""

    day: str
    receipt: str
    rows: int
    classes: Sequence[str]
    points: Sequence[int]
    digest: bytes


class Tickets:
    """The wall's functions, one autocommit call each."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    def open(self, asking: Asking, asked: Sequence[str], action: str | None = None) -> dict[str, Any]:
        """Open a ticket for customer codes (14 digits) or supply points (22 digits)."""
        return self._opened(_OPEN, [*_head(asking), asking.came_from, asking.terminal, list(asked), action])

    def search(self, asking: Asking, search: Search) -> dict[str, Any]:
        """Find at most 50 points and open a ticket that names them."""
        parameters = [*_head(asking), asking.came_from, asking.terminal, search.list, search.typed]
        return self._opened(_SEARCH, [*parameters, list(search.terms), search.after])

    def cases(self, asking: Asking, which: Cases) -> dict[str, Any]:
        """Open a ticket that names at most 50 applications."""
        parameters = [*_head(asking), asking.came_from, asking.terminal]
        return self._opened(_CASES, [*parameters, which.list, which.number, which.after])

    def state_purpose(self, asking: Asking, *, scope: str, code: str, reference: str, hours: int) -> dict[str, Any]:
        """Record a purpose for this sign-in and one customer code ('*': lists)."""
        return self._opened(_PURPOSE, [*_head(asking), asking.terminal, scope, code, reference, hours])

    def export(self, asking: Asking, *, step: str, export: str | None, filters: str, reason: str) -> dict[str, Any]:
        """One step of an export of the log; the taking of one opens the ticket it is read under."""
        parameters = [*_head(asking), asking.came_from, asking.terminal, step, export, filters, reason]
        return self._opened(_EXPORT, parameters)

    def erase(
        self, asking: Asking, *, step: str, erasure: str | None, target: str, law: str, reason: str
    ) -> dict[str, Any]:
        """One step of an erasure of what was typed; the approval of one destroys it."""
        return self._opened(
            _ERASE, [*_head(asking), asking.came_from, asking.terminal, step, erasure, target, law, reason]
        )

    def close(self, proof: bytes, closing: Closing) -> str:
        """Record the outcome: 'closed', 'conflict' (alarmed) or 'gone'."""
        day = date.fromisoformat(closing.day)
        parameters = [
            proof,
            day,
            closing.receipt,
            closing.rows,
            list(closing.classes),
            list(closing.points),
            closing.digest,
        ]
        return str(self._call(_CLOSE, parameters))

    def standing(self) -> dict[str, Any]:
        """Rules, screens and clock as the database has them."""
        return self._call(_STANDING, [])

    def _opened(self, statement: LiteralString, parameters: Sequence[object]) -> dict[str, Any]:
        """A first attempt; if the log already has this request, the same ticket again."""
        try:
            return self._call(statement, [*parameters, False])
        except _Repeated:
            return self._call(statement, [*parameters, True])

    def _call(self, statement: LiteralString, parameters: Sequence[object]) -> dict[str, Any]:
        with _translated(), self._pools.pool(LOGIN).connection() as connection:
            row = connection.execute(statement, parameters).fetchone()
            answer: Any = row[0] if row else None
            return cast("dict[str, Any]", answer)


def _head(asking: Asking) -> list[object]:
    return [asking.proof, asking.request.day, asking.request.uuid, asking.screen]


_REFUSALS: Final = {
    "TK401": SignInNeeded,
    "TK404": UnknownScreen,
    "TK407": EnrolmentNeeded,
    "TK400": RequestConflict,
    "TK409": RequestConflict,
    "TK410": RequestConflict,
    "23505": _Repeated,
}


@contextmanager
def _translated() -> Iterator[None]:
    """Refusals of the wall by their SQLSTATE; every other failure means that nothing was recorded."""
    try:
        yield
    except StoreUnavailable as error:
        raise LogUnavailable(str(error)) from None
    except psycopg.Error as error:
        refusal = _REFUSALS.get(error.sqlstate or "")
        if refusal is not None:
            raise refusal from None
        raise LogUnavailable(f"SQLSTATE {error.sqlstate}") from None
