"""The gate: the only way to guarded data. Open a ticket → run the declared queries → close with what was shown.

A caller hands in who asks, for whom, which queries, and a function that renders. It gets bytes back, and it gets
them only after the ticket was committed, the rows were read under that ticket, and the outcome was recorded.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final, Literal, LiteralString

import psycopg
from psycopg.rows import class_row

from takuso.accesslog.tickets import (
    Asking,
    Cases,
    Closing,
    EnrolmentNeeded,
    LogUnavailable,
    RequestConflict,
    RequestId,
    Search,
    SignInNeeded,
    Tickets,
    UnknownScreen,
)
from takuso.barrier.closed import or_closed
from takuso.barrier.erasing import ErasureRefused, ErasureStep, erasable
from takuso.barrier.exports import ExportRefused, allowed
from takuso.barrier.matrix import PURPOSE_HOURS
from takuso.barrier.query import Query
from takuso.barrier.sight import (
    ActionRefused,
    Declined,
    GateClosed,
    NotDeclared,
    PurposeNeeded,
    PurposeRefused,
    Sight,
    Strayed,
    Withheld,
    WrongDoor,
)
from takuso.barrier.signin import Proof
from takuso.barrier.viewer import Viewer
from takuso.kernel import finding
from takuso.store.pools import Pools

Render = Callable[[Sight], bytes]
How = Literal[finding.Kind, "notice", "number"]
Wanted = Sequence[Query[Any]] | Callable[[Viewer], Sequence[Query[Any]]]
PURPOSE_SCREEN: Final = "PU10"
PURPOSE_REFUSED: Final = {
    "duty": "この目的は職務に含まれていません。職務に合う目的を選んでください。",
    "case": "一覧と検索には、いま開いている案件の番号が必要です。番号を確かめてください。",
}


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


class Gate:
    """Guarded reads and writes. One instance per process; safe to use from many threads."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._tickets = Tickets(pools)

    def look(self, visit: Visit, *, asked: Sequence[str] = (), queries: Wanted = (), render: Render) -> Released:
        """Show customers by number (14 or 22 digits), or a screen without customers.

        `queries` may depend on who looks: what the screen does not name is not read.
        Raises SignInNeeded, PurposeNeeded, UnknownScreen, WrongDoor, GateClosed.
        """
        with or_closed():
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
        """Show at most 50 points found by one kind of term, by number (14 or 22 digits) or from a list.

        `after` is the receipt of the page before. Raises as `look`, and RequestConflict for a page that is not there.
        """
        with or_closed():
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
        with or_closed():
            answer = self._tickets.open(_asking(visit), () if asked is None else (asked,))
            if answer["status"] != "shown":
                raise ActionRefused(answer["receipt"])
            return self._show(visit, answer, queries, parameters, render)

    def read_office(
        self,
        visit: Visit,
        *,
        action: str,
        asked: str | None = None,
        queries: Sequence[Query[Any]],
        parameters: Mapping[str, object],
        render: Render,
    ) -> Released:
        """Show a screen of the administration under a ticket for this action; no customer is named by it.

        `asked` is recorded and looks nobody up. Raises as `look`, and ActionRefused.
        """
        with or_closed():
            answer = self._tickets.open(_asking(visit), () if asked is None else (asked,), action)
            if answer["status"] != "shown":
                raise ActionRefused(answer["receipt"])
            return self._show(visit, answer, queries, parameters, render)

    def cases(self, visit: Visit, *, which: Cases, queries: Sequence[Query[Any]], render: Render) -> Released:
        """Show applications: a list of at most 50, or the one of a number; the ticket names each of them.

        `sight.shown` is False for a number that is not there or not the asker's. Raises as `look`, and ActionRefused.
        """
        with or_closed():
            answer = self._tickets.cases(_asking(visit), which)
            if answer["status"] == "refused":
                raise ActionRefused(answer["receipt"])
            return self._show(visit, answer, queries, {"cases": answer.get("cases", [])}, render)

    def administer(
        self,
        visit: Visit,
        *,
        action: str,
        asked: Sequence[str] = (),
        statement: LiteralString,
        parameters: Mapping[str, object],
    ) -> str:
        """Change what the administration keeps, or file, through a function; change and outcome commit together.

        `statement` calls the function with %(proof)s, %(day)s, %(receipt)s and the parameters; it returns a word for
        what was done. `asked` is recorded and looks nobody up. Raises as `look`, ActionRefused, and Declined.
        """
        with or_closed():
            answer = self._tickets.open(_asking(visit), asked, action)
            if answer["status"] != "shown":
                raise ActionRefused(answer["receipt"])
            self._admitted(answer)
            try:
                return str(self._change(visit, answer, statement, parameters))
            except psycopg.Error as error:
                if error.sqlstate != "TK400":
                    raise
                about = json.loads(error.diag.message_detail or "{}")
                raise Declined(error.diag.message_primary or "", about) from None

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
        with or_closed():
            answer = self._tickets.open(_asking(visit), (asked,), action)
            self._admitted(answer)
            points = [p for c in answer["grants"].values() for p in c]
            if answer["status"] != "shown" or len(set(points)) != 1:
                raise ActionRefused(answer["receipt"])
            return int(self._change(visit, answer, statement, {**parameters, "point": points[0]}))

    def state_purpose(self, visit: Visit, *, code: str, reference: str, scope: str) -> PurposeStated:
        """Record a purpose for one customer code, or '*' for lists. Raises PurposeRefused and as `look`."""
        reference = reference.strip()
        if not reference:
            raise PurposeRefused("根拠となる受付番号・申込番号・作業番号を入力してください。")
        with or_closed():
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
            raise PurposeRefused(PURPOSE_REFUSED.get(answer["refused"], PURPOSE_REFUSED["duty"]))
        return PurposeStated(receipt=answer["receipt"], verified=answer["verified"])

    def export_step(
        self, visit: Visit, *, step: Literal["request", "approval"], export: str | None, filters: str, reason: str
    ) -> str:
        """Ask for an export of the log, or approve another's; the receipt. Raises ExportRefused and as `look`."""
        with or_closed():
            answer = self._tickets.export(_asking(visit), step=step, export=export, filters=filters, reason=reason)
        return str(allowed(answer)["receipt"])

    def erase_step(self, visit: Visit, asked: ErasureStep) -> Mapping[str, Any]:
        """Ask for an erasure, or approve another's: receipt, target, its day. Raises ErasureRefused and as `look`."""
        with or_closed():
            return erasable(self._tickets.erase(_asking(visit), **asdict(asked)))

    def take_export(
        self,
        visit: Visit,
        *,
        export: str,
        filters: str,
        queries: Sequence[Query[Any]],
        parameters: Mapping[str, object],
        render: Render,
    ) -> Released:
        """Read an approved export, once, with the filters that were approved. Raises ExportRefused and as `look`."""
        with or_closed():
            answer = self._tickets.export(_asking(visit), step="taking", export=export, filters=filters, reason="")
            return self._show(visit, allowed(answer), queries, parameters, render)

    def standing(self) -> Mapping[str, Any]:
        """Rules, screens and clock in force. Raises GateClosed."""
        with or_closed():
            return self._tickets.standing()

    def _change(
        self, visit: Visit, answer: Mapping[str, Any], statement: LiteralString, parameters: Mapping[str, object]
    ) -> Any:
        """What the function says that changes something under this ticket."""
        head = {
            "proof": visit.proof.secret,
            "day": date.fromisoformat(answer["day"]),
            "receipt": answer["receipt"],
        }
        with self._pools.pool("writer").connection() as connection:
            row = connection.execute(statement, {**parameters, **head}).fetchone()
        return row[0] if row else 0

    def _show(
        self,
        visit: Visit,
        answer: Mapping[str, Any],
        queries: Wanted,
        parameters: Mapping[str, object],
        render: Render,
    ) -> Released:
        viewer = self._admitted(answer)
        sight = Sight(answer, viewer)
        wanted = queries(viewer) if callable(queries) else queries
        runnable = [q for q in wanted if not sight.withheld(q)]
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
                prepare = False if query.planned_anew else None
                cursors.append((query.name, cursor.execute(query.sql, values, prepare=prepare)))
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
    kind = finding.kind_named(how)
    return Search(list=how, typed=term, terms=finding.terms(kind, term) if kind else (), after=after)


__all__ = [
    "ActionRefused",
    "Cases",
    "Declined",
    "EnrolmentNeeded",
    "ErasureRefused",
    "ExportRefused",
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
