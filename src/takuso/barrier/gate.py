"""The gate: the only way to guarded data. Open a ticket → run the declared queries → close with what was shown.

A caller hands in who asks, for whom, which queries, and a function that renders. It gets bytes back, and it gets
them only after the ticket was committed, the rows were read under that ticket, and the outcome was recorded.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, LiteralString, TypeVar

import psycopg
from psycopg.rows import class_row

from takuso.accesslog.tickets import (
    Asking,
    Closing,
    LogUnavailable,
    RequestConflict,
    RequestId,
    Search,
    SignInNeeded,
    Tickets,
    UnknownScreen,
)
from takuso.barrier.matrix import PURPOSE_HOURS, DataClass
from takuso.barrier.query import Query
from takuso.barrier.signin import Proof
from takuso.barrier.viewer import Viewer
from takuso.kernel.kana import bigrams, search_key
from takuso.store.pools import NoSuchLogin, Pools, StoreUnavailable

R = TypeVar("R")
Render = Callable[["Sight"], bytes]
How = Literal["kana", "notice", "number"]
PURPOSE_SCREEN: Final = "PU10"


_REFUSED: Final = {
    "duty": "この目的は職務に含まれていません。職務に合う目的を選んでください。",
    "case": "一覧と検索には、いま開いている案件の番号が必要です。番号を確かめてください。",
}


class PurposeNeeded(Exception):
    """A network person has stated no purpose for this customer. The attempt is in the log."""

    def __init__(self, receipt: str) -> None:
        super().__init__("利用目的の申告が必要です。")
        self.receipt = receipt


class PurposeRefused(Exception):
    """The statement of purpose was not taken; the message says why."""


class ActionRefused(Exception):
    """The duty may not do this, or the point is not one it may do it to. The attempt is in the log."""

    def __init__(self, receipt: str) -> None:
        super().__init__("この操作は職務に含まれていないか、対象を取り扱えません。")
        self.receipt = receipt


class GateClosed(Exception):
    """The access cannot be recorded or the data cannot be read: nothing is shown (503)."""


class WrongDoor(Exception):
    """This process serves another kind of company and holds no login for this one."""


class Withheld(Exception):
    """A query was asked for rows whose classes the ticket does not grant: a fault of the screen."""


class Strayed(Exception):
    """A query brought a row of a point that the ticket does not name, or of none: a fault of the query."""


class NotDeclared(Exception):
    """A query was asked for rows that the screen did not hand to the gate: a fault of the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of a signed-in person on one screen."""

    proof: Proof
    screen: str
    came_from: str | None = None
    terminal: str | None = None
    request: RequestId = field(default_factory=RequestId.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Bytes that may leave."""

    body: bytes
    receipt: str
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeStated:
    """A recorded purpose; `verified` False = no open case bears the reference out."""

    receipt: str
    verified: bool


class Sight:
    """What a render function sees: the ticket's answer and the rows it allows."""

    def __init__(self, answer: Mapping[str, Any], viewer: Viewer) -> None:
        self.viewer: Final = viewer
        self.receipt: Final[str] = answer["receipt"]
        self.shown: Final[bool] = answer["status"] == "shown"
        self.today: Final = date.fromisoformat(answer["today"])
        self.at: Final = datetime.fromisoformat(answer["at"])
        self.came_screen: Final[str | None] = answer["came_screen"]
        self.next_cursor: Final[str | None] = answer["next"]
        self._grants = {DataClass(c): frozenset(points) for c, points in answer["grants"].items()}
        order = dict.fromkeys(p for points in answer["grants"].values() for p in points)
        self.points: Final[tuple[int, ...]] = tuple(order)
        self._rows: dict[str, Sequence[Any]] = {}
        self._taken: dict[str, Query[Any]] = {}

    def granted(self, data_class: DataClass) -> frozenset[int]:
        """Points of which this class may be shown."""
        return self._grants.get(data_class, frozenset())

    def withheld(self, query: Query[Any]) -> bool:
        """True if some class of the query is granted for no point: its part is rendered as 非表示."""
        return any(not self.granted(c) for c in query.classes)

    def rows(self, query: Query[R]) -> Sequence[R]:
        """The rows, which thereby count as rendered. Raises Withheld, NotDeclared."""
        if self.withheld(query):
            raise Withheld(query.name)
        if query.name not in self._rows:
            raise NotDeclared(query.name)
        self._taken[query.name] = query
        return self._rows[query.name]

    def _fill(self, rows: Mapping[str, Sequence[Any]], queries: Sequence[Query[Any]]) -> None:
        """Take the rows in; raises Strayed for a guarded row that names no point of the ticket."""
        for query in queries:
            if query.classes and any(row.point not in self.points for row in rows[query.name]):
                raise Strayed(query.name)
        self._rows = dict(rows)

    def _outcome(self) -> tuple[int, list[str], list[int]]:
        shown = [(query, self._rows[name]) for name, query in self._taken.items()]
        classes = {c.value for query, rows in shown if rows for c in query.classes}
        points = {row.point for query, rows in shown if query.classes for row in rows}
        return sum(len(rows) for _, rows in shown), sorted(classes), sorted(points)


class Gate:
    """Guarded reads and writes. One instance per process; safe to use from many threads."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._tickets = Tickets(pools)

    def look(
        self, visit: Visit, *, asked: Sequence[str] = (), queries: Sequence[Query[Any]] = (), render: Render
    ) -> Released:
        """Show customers by number (14 or 22 digits), or a screen without customers.

        Raises SignInNeeded, PurposeNeeded, UnknownScreen, WrongDoor, GateClosed.
        """
        with _or_closed():
            answer = self._tickets.open(_asking(visit), asked)
            return self._show(visit, answer, queries, {}, render)

    def search(
        self,
        visit: Visit,
        *,
        how: How,
        term: str,
        after: str | None,
        queries: Sequence[Query[Any]],
        render: Render,
    ) -> Released:
        """Show at most 50 points found by kana, by number (14 or 22 digits) or from a list.

        `after` is the receipt of the page before. Raises as `look`, and RequestConflict for a page that is not there.
        """
        with _or_closed():
            answer = self._tickets.search(_asking(visit), _search(how, term, after))
            return self._show(visit, answer, queries, {}, render)

    def read_log(
        self,
        visit: Visit,
        *,
        asked: str | None = None,
        queries: Sequence[Query[Any]],
        parameters: Mapping[str, object],
        render: Render,
    ) -> Released:
        """Show the access log itself, or what only its readers are told; the look is a record like any other.

        `asked` is recorded and looks nobody up. Raises as `look`, and ActionRefused.
        """
        with _or_closed():
            answer = self._tickets.open(_asking(visit), () if asked is None else (asked,))
            if answer["status"] != "shown":
                raise ActionRefused(answer["receipt"])
            return self._show(visit, answer, queries, parameters, render)

    def act(
        self,
        visit: Visit,
        *,
        asked: str,
        action: str,
        statement: LiteralString,
        parameters: Mapping[str, object],
    ) -> int:
        """Change one supply point through its stage's function; change and outcome commit together.

        `statement` calls the function with %(proof)s, %(day)s, %(receipt)s, %(point)s and the parameters; it returns
        the number of rows changed. Raises as `look`, ActionRefused, and psycopg.Error with SQLSTATE TK400 for
        arguments the function refuses.
        """
        with _or_closed():
            answer = self._tickets.open(_asking(visit), (asked,), action)
            self._admitted(answer)
            points = [p for c in answer["grants"].values() for p in c]
            if answer["status"] != "shown" or len(set(points)) != 1:
                raise ActionRefused(answer["receipt"])
            head = {
                "proof": visit.proof.secret,
                "day": date.fromisoformat(answer["day"]),
                "receipt": answer["receipt"],
            }
            with self._pools.pool("writer").connection() as connection:
                row = connection.execute(statement, {**parameters, **head, "point": points[0]}).fetchone()
            return int(row[0]) if row else 0

    def state_purpose(self, visit: Visit, *, code: str, reference: str, scope: str) -> PurposeStated:
        """Record a purpose for one customer code, or '*' for lists. Raises PurposeRefused and as `look`."""
        reference = reference.strip()
        if not reference:
            raise PurposeRefused("根拠となる受付番号・申込番号・作業番号を入力してください。")
        with _or_closed():
            try:
                answer = self._tickets.state_purpose(
                    _asking(visit, PURPOSE_SCREEN),
                    scope=scope,
                    code=code,
                    reference=reference,
                    hours=PURPOSE_HOURS,
                )
            except RequestConflict:
                raise PurposeRefused("根拠の番号の形が正しくありません。番号を確かめてください。") from None
        if answer.get("refused"):
            raise PurposeRefused(_REFUSED.get(answer["refused"], _REFUSED["duty"]))
        return PurposeStated(receipt=answer["receipt"], verified=answer["verified"])

    def standing(self) -> Mapping[str, Any]:
        """Rules, screens and clock in force. Raises GateClosed."""
        with _or_closed():
            return self._tickets.standing()

    def _show(
        self,
        visit: Visit,
        answer: Mapping[str, Any],
        queries: Sequence[Query[Any]],
        parameters: Mapping[str, object],
        render: Render,
    ) -> Released:
        viewer = self._admitted(answer)
        sight = Sight(answer, viewer)
        runnable = [q for q in queries if not sight.withheld(q)]
        if runnable and sight.shown:
            # As text: PostgreSQL takes it for the bigint[] it is compared with, and nothing is converted per query.
            points = "{" + ",".join(map(str, sight.points)) + "}"
            values = {**parameters, "points": points, "today": sight.today}
            sight._fill(self._read(visit.proof, answer, runnable, values), runnable)
        body = render(sight)
        self._close(visit.proof, answer, sight, body)
        return Released(body=body, receipt=sight.receipt, shown=sight.shown)

    def _admitted(self, answer: Mapping[str, Any]) -> Viewer:
        """The viewer of an open ticket this process can read with."""
        if answer["status"] == "purpose-needed":
            raise PurposeNeeded(answer["receipt"])
        login = answer["login"]
        if login is None:
            raise RequestConflict("the ticket of this request is closed already")
        if login not in self._pools.logins:
            raise WrongDoor("この入口では取り扱えません。")
        return Viewer.from_answer(answer["viewer"])

    def _read(
        self,
        proof: Proof,
        answer: Mapping[str, Any],
        queries: Sequence[Query[Any]],
        values: Mapping[str, object],
    ) -> dict[str, Sequence[Any]]:
        """All queries in one read-only transaction under the ticket, sent in one go."""
        context = [answer["receipt"], proof.secret.hex()]
        with (
            self._pools.pool(answer["login"]).connection() as connection,
            connection.pipeline(),
            connection.transaction(),
        ):
            connection.execute(
                "SELECT set_config('wall.ticket', %s, true), set_config('wall.proof', %s, true)", context
            )
            cursors = []
            for query in queries:
                cursor = connection.cursor(row_factory=class_row(query.row))
                cursors.append((query.name, cursor.execute(query.sql, values)))
            return {name: cursor.fetchall() for name, cursor in cursors}

    def _close(self, proof: Proof, answer: Mapping[str, Any], sight: Sight, body: bytes) -> None:
        rows, classes, points = sight._outcome()
        closing = Closing(
            day=answer["day"],
            receipt=sight.receipt,
            rows=rows,
            classes=classes,
            points=points,
            digest=hashlib.sha256(body).digest(),
        )
        if self._tickets.close(proof.secret, closing) != "closed":
            raise GateClosed("閲覧の結果を記録できませんでした。もう一度操作してください。")


def _asking(visit: Visit, screen: str | None = None) -> Asking:
    return Asking(
        proof=visit.proof.secret,
        request=visit.request,
        screen=screen or visit.screen,
        came_from=visit.came_from,
        terminal=visit.terminal,
    )


def _search(how: How, term: str, after: str | None) -> Search:
    key = search_key(term) if how == "kana" else ""
    grams = bigrams(key) or None
    return Search(
        list=how,
        typed=term,
        grams=grams,
        prefix=key if how == "kana" and not grams else None,
        after=after,
    )


@contextmanager
def _or_closed() -> Iterator[None]:
    """Failures of the store or the log close the gate; what the wall refused passes by its own name."""
    try:
        yield
    except (LogUnavailable, StoreUnavailable):
        raise GateClosed(
            "いま閲覧を記録できないため、表示できません。しばらく待ってもう一度操作してください。"
        ) from None
    except NoSuchLogin:
        raise WrongDoor("この入口では取り扱えません。") from None
    except psycopg.Error as error:
        if error.sqlstate == "TK400":
            raise
        raise GateClosed("データを読めませんでした。しばらく待ってもう一度操作してください。") from None


__all__ = [
    "ActionRefused",
    "Gate",
    "GateClosed",
    "LogUnavailable",
    "NotDeclared",
    "PurposeNeeded",
    "PurposeRefused",
    "PurposeStated",
    "Released",
    "RequestConflict",
    "RequestId",
    "Sight",
    "SignInNeeded",
    "Strayed",
    "UnknownScreen",
    "Visit",
    "Withheld",
    "WrongDoor",
]
