"""The statements of sql/ with their gaps filled, and the few pieces that fill them.

sql/ is DuckDB's. A folder in it is another engine's dialect: what is missing there is read in both.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from takuso.survey.definition import ScreenChoice

_SQL: Final = Path(__file__).parent / "sql"


@cache
def statement(name: str, dialect: str = "") -> str:
    """The text of a statement file."""
    own = _SQL / dialect / f"{name}.sql"
    return (own if own.is_file() else _SQL / f"{name}.sql").read_text(encoding="utf-8")


def filled(name: str, gaps: Mapping[str, str], dialect: str = "") -> list[str]:
    """The statements of a file, in order, each `/*gap*/` filled with a piece of SQL."""
    lines = statement(name, dialect).splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    for gap, piece in gaps.items():
        text = text.replace(f"/*{gap}*/", piece)
    return [part for part in map(str.strip, text.split(";\n")) if part.strip(";")]


def condition(name: str, gaps: Mapping[str, str], dialect: str = "") -> str:
    """The condition in a file, filled likewise."""
    return filled(name, gaps, dialect)[0]


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def codes(screens: Iterable[str]) -> str:
    """Screens as a list of literals."""
    return "(" + ", ".join(map(quoted, screens)) + ")"


def choice(screens: ScreenChoice) -> str:
    """A condition on the column `screen`."""
    return f"screen {'NOT ' if screens.all_but else ''}IN {codes(screens.codes)}"
