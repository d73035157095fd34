"""A fault as a value: what it changes, what undoes it, and the smallest check that has to catch it.

`also` are larger checks that have to catch it as well, if the smallest one is left out.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["database", "code"]
CheckName = Literal[
    "doors",
    "imports",
    "rule",
    "catalogue",
    "stamps",
    "walk",
    "completeness",
    "sinks",
    "walls",
    "agreement",
    "two-run",
    "commands",
    "tampering",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyEdit:
    """A change in a function of the database: `old` stands exactly once in its definition, `new` does not yet."""

    function: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A change in a file of the program: `old` stands exactly once in it. `file` is relative to the package."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFault:
    """A change of the home's database, made by a superuser in one transaction.

    `undo` can be run whether the fault is there or not. A deployment follows it, so it need not restate what every
    deployment states: policies, row security, rights on tables, functions of the scripts. `choose` is a query for
    one text, remembered from planting to healing; statements find it in the setting `drill.chosen`.
    """

    name: str
    title: str
    caught_by: CheckName
    plant: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    bodies: tuple[BodyEdit, ...] = ()
    choose: str | None = None
    also: tuple[CheckName, ...] = ()

    @property
    def kind(self) -> Kind:
        """Where it is planted."""
        return "database"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFault:
    """A change of the program, made in a copy of the package."""

    name: str
    title: str
    caught_by: CheckName
    swaps: tuple[Swap, ...]
    also: tuple[CheckName, ...] = ()

    @property
    def kind(self) -> Kind:
        """Where it is planted."""
        return "code"


Fault = DatabaseFault | CodeFault
