"""A guarded query is a value; only the gate executes it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from takuso.barrier.matrix import DataClass

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Generic[Row]):
    """SQL kept in a file, the classes it touches, and the frozen dataclass its rows become.

    The file reads with the parameters `points` (bigint[], from the ticket's answer) and `today` (JST day),
    and those declared here. Its columns are the fields of `row`, by name. `before` are files whose text stands in front
    of it: what several queries have in common (their WITH). `planned_anew`: many of its parameters may be NULL, and a
    plan for the values at hand is worth more than a kept one. `of_cases`: its rows are of the applications that the
    ticket names (parameter `cases`, field `application`), and their `point` may be None.
    """

    name: str
    file: Path
    classes: frozenset[DataClass]
    row: type[Row]
    parameters: frozenset[str] = frozenset()
    before: tuple[Path, ...] = ()
    planned_anew: bool = False
    of_cases: bool = False

    @property
    def sql(self) -> str:
        """Text of the files, each read once."""
        return "".join(map(_text, (*self.before, self.file)))


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
