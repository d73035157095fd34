"""What the office says to the database: each statement's kind, for the comparison of two runs."""

import re
import threading
from typing import Any, Final

import psycopg

_SPACES: Final = re.compile(r"\s+")
_said = threading.local()


class ListeningCursor(psycopg.Cursor[Any]):
    """A cursor that notes what it executes; values of parameters are not looked at."""

    def execute(self, query: Any, *arguments: Any, **options: Any) -> "ListeningCursor":
        """As psycopg's."""
        heard().append(kind_of(query))
        return super().execute(query, *arguments, **options)


def kind_of(query: Any) -> str:
    """A statement's text with its spaces evened out: statements are constants, values are bound."""
    text = query.decode() if isinstance(query, bytes) else str(query)
    return _SPACES.sub(" ", text).strip()


def heard() -> list[str]:
    """The statements of this thread since the last `forget`."""
    if not hasattr(_said, "lines"):
        _said.lines = []
    lines: list[str] = _said.lines
    return lines


def forget() -> list[str]:
    """Take the statements heard so far."""
    taken, _said.lines = heard(), []
    return taken
