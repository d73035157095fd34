"""サインインの記録: who came in, who was refused, and what somebody signs in with was changed. Read as the log is."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from takuso.barrier.query import Query

PAGE: Final = 100
FILTERS: Final = frozenset({"since", "until", "person", "result", "terminal"})
"""Days (both included), None = any; `person` is a code, `-` = the name of nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt or change. `person` is None where the name that was given is nobody's; `session` of a sign-in."""

    id: int
    at: datetime
    means: str
    result: str
    person: str | None
    person_name: str | None
    employer: str | None
    terminal: str | None
    session: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Refusals and pauses of one person or from one terminal (`by`): how many, of how many others, the last one."""

    by: str
    value: str
    refusals: int
    others: int
    last: datetime


_SQL: Final = Path(__file__).parent / "sql"


def _query(name: str, row: type[Any], *parameters: str) -> Query[Any]:
    return Query(
        name=f"sign_in.{name}",
        file=_SQL / f"sign_in_{name}.sql",
        classes=frozenset(),
        row=row,
        parameters=FILTERS | frozenset(parameters),
        before=(_SQL / "sign_in_chosen.sql",),
        planned_anew=True,
    )


ATTEMPTS: Final[Query[Attempt]] = _query("attempts", Attempt, "before", "last")
"""The newest first; after the row `before`, None = from the newest; at most `last`."""
REFUSED: Final[Query[Refusals]] = _query("refused", Refusals)
"""The ten persons and the ten terminals with the most refusals."""
