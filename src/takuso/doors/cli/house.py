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


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Applications to migrate, scripts in their order, every screen, the makers of the office and of the proof.

    `functions` are all files that define functions of the database: scripts and migrations.
    """

    apps: Sequence[str]
    scripts: Sequence[Path]
    functions: Sequence[Path]
    screens: Sequence[Screen]
    office: Callable[..., Wsgi]
    proof: Callable[[], Proof]


def house(context: typer.Context) -> House:
    """The house of this run."""
    found = context.obj
    if not isinstance(found, House):
        raise TypeError("the command was not mounted by takuso.main")
    return found


def home() -> Home:
    """The home that TAKUSO_HOME and DATABASE_URL name; raises WrongDatabaseUrl."""
    return Home.from_environment(os.environ)
