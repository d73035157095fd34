"""What the gate gives and what it says no with: the sight of a ticket, and the refusals by name."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

from takuso.barrier.matrix import DataClass
from takuso.barrier.query import Query
from takuso.barrier.viewer import Viewer

R = TypeVar("R")


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


class Declined(Exception):
    """The wall does not take this change. `why` is its word for the reason, `about` what it is about."""

    def __init__(self, why: str, about: Mapping[str, Any]) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


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


class Sight:
    """What a render function sees: the ticket's answer and the rows it allows."""

    def __init__(self, answer: Mapping[str, Any], viewer: Viewer) -> None:
        self.viewer: Final = viewer
        self.receipt: Final[str] = answer["receipt"]
        self.login: Final[str] = answer["login"]
        self.shown: Final[bool] = answer["status"] == "shown"
        self.today: Final = date.fromisoformat(answer["today"])
        self.at: Final = datetime.fromisoformat(answer["at"])
        self.came_screen: Final[str | None] = answer["came_screen"]
        self.next_cursor: Final[str | None] = answer["next"]
        self._grants = {DataClass(c): frozenset(points) for c, points in answer["grants"].items()}
        order = dict.fromkeys(p for points in answer["grants"].values() for p in points)
        self.points: Final[tuple[int, ...]] = tuple(order)
        self.cases: Final[frozenset[int]] = frozenset(answer.get("cases", ()))
        self._rows: dict[str, Sequence[Any]] = {}
        self._taken: dict[str, Query[Any]] = {}

    def granted(self, data_class: DataClass) -> frozenset[int]:
        """Points of which this class may be shown."""
        return self._grants.get(data_class, frozenset())

    def withheld(self, query: Query[Any]) -> bool:
        """True if some class of the query is granted for no point: its part is rendered as 非表示."""
        if query.of_cases:
            return not self.cases
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
        """Take the rows in; raises Strayed for a guarded row that names nothing of the ticket."""
        for query in queries:
            named, key = (self.cases, "application") if query.of_cases else (self.points, "point")
            if query.classes and any(getattr(row, key) not in named for row in rows[query.name]):
                raise Strayed(query.name)
        self._rows = dict(rows)

    def _outcome(self) -> tuple[int, list[str], list[int]]:
        shown = [(query, self._rows[name]) for name, query in self._taken.items()]
        classes = {c.value for query, rows in shown if rows for c in query.classes}
        points = {row.point for query, rows in shown if query.classes for row in rows} - {None}
        return sum(len(rows) for _, rows in shown), sorted(classes), sorted(points)
