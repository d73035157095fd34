"""権限の棚卸し: who may see what, as it is in force, and what is different since a day. Read as the log is."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from takuso.barrier.query import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An appointment in force. `organisation` is the employer, or the principal a contractor works for."""

    person: str
    person_name: str
    employer: str
    employer_name: str
    organisation: str
    organisation_name: str
    organisation_kind: str
    duty: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The classes that a duty is shown of a relation in a view, by the rows in force."""

    duty: str
    relation: str
    view: str
    classes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """An action and the duties that may do it."""

    code: str
    duties: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """began, ended, late (recorded after it began), corrected: an appointment; rule-added, rule-retired: a row of the
    matrix, whose key is `subject` and whose verdict is `what`."""

    change: str
    at: datetime
    subject: str
    name: str
    organisation: str
    duty: str
    what: str


_SQL: Final = Path(__file__).parent / "sql"


def _query(name: str, row: type[Any], *parameters: str) -> Query[Any]:
    return Query(
        name=f"rights.{name}",
        file=_SQL / f"rights_{name}.sql",
        classes=frozenset(),
        row=row,
        parameters=frozenset(parameters),
    )


HELD: Final[Query[Held]] = _query("appointments", Held)
GRANTED: Final[Query[Granted]] = _query("rules", Granted)
ALLOWED: Final[Query[Allowed]] = _query("actions", Allowed)
CHANGES: Final[Query[Change]] = _query("changes", Change, "from_day")
"""Parameter: from_day, the day (JST) since whose first moment is compared."""
