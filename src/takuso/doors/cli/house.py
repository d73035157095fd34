"""What the program is made of, handed to the commands by the one module that knows it all."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import typer

from takuso.barrier.screen import Screen
from takuso.store.home import Home

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Proved(Protocol):
    """What a run of the proof found."""

    @property
    def ok(self) -> bool:
        """True if nothing was found."""

    def document(self) -> dict[str, Any]:
        """As JSON (design.md §6: `barrier verify`)."""


class Proof(Protocol):
    """The verifier of the whole program."""

    @property
    def checks(self) -> Mapping[str, str]:
        """Names and Japanese titles of the checks, in their order."""

    def verify(
        self,
        home: Home,
        admin_url: str | None,
        *,
        only: Sequence[str],
        fail_fast: bool,
        brief: bool,
        said: Callable[[str], None],
    ) -> Proved:
        """Run the checks; `said` is told what goes on. `admin_url` is a superuser's, None: no database to walk on."""

    def mutants(self, home: Home, admin_url: str) -> list[dict[str, Any]]:
        """Rules and policies changed one at a time: `kind`, `made` and `survivors` of each."""

    def book(self, report: Any, tried: Mapping[str, Any], folder: Path) -> None:
        """Write the book of a run (a Proved of this proof); `tried` as `drill try --json` prints it. Raises OSError."""

    def compare(self, one: Path, other: Path) -> list[str]:
        """What differs between two books; raises ValueError whose message says what to do."""


class Fault(Protocol):
    """One fault of the drill. `kind` is database or code; `caught_by` the check that must catch it."""

    @property
    def name(self) -> str:
        """What it is planted by."""

    @property
    def title(self) -> str:
        """What it changes, in a line."""

    @property
    def kind(self) -> str:
        """Where it is planted: database or code."""

    @property
    def caught_by(self) -> str:
        """The smallest check of the proof that must catch it."""

    @property
    def also(self) -> Sequence[str]:
        """Larger checks that must catch it as well."""


class Drill(Protocol):
    """Plants faults in a demo home, one at a time, and heals it (see takuso.proof.faults)."""

    def faults(self) -> Sequence[Fault]:
        """All of them."""

    def planted(self, home: Home) -> str | None:
        """Name of the one that is planted."""

    def plant(self, home: Home, name: str, admin_url: str | None) -> None:
        """Plant one that exists while none is planted."""

    def heal(self, home: Home, admin_url: str | None, redeploy: Callable[[], object]) -> str | None:
        """Undo, then redeploy; returns what was planted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Applications to migrate, scripts in their order, every screen, the makers of the office and of the proof.

    `functions` are all files that define functions of the database: scripts and migrations. `drill` is made when a
    command of it is called, since no other command needs the proof.
    """

    apps: Sequence[str]
    scripts: Sequence[Path]
    functions: Sequence[Path]
    screens: Sequence[Screen]
    office: Callable[..., Wsgi]
    proof: Callable[[], Proof]
    drill: Callable[[], Drill]


def house(context: typer.Context) -> House:
    """The house of this run."""
    found = context.obj
    if not isinstance(found, House):
        raise TypeError("the command was not mounted by takuso.main")
    return found


def home() -> Home:
    """The home that TAKUSO_HOME and DATABASE_URL name; raises WrongDatabaseUrl."""
    return Home.from_environment(os.environ)
