"""What the program is made of, handed to the commands by the one module that knows it all."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from takuso.barrier.screen import Screen
from takuso.store.home import Home

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Applications to migrate, scripts in their order, every screen, and the maker of the office.

    `functions` are all files that define functions of the database: scripts and migrations.
    """

    apps: Sequence[str]
    scripts: Sequence[Path]
    functions: Sequence[Path]
    screens: Sequence[Screen]
    office: Callable[..., Wsgi]


def house(context: typer.Context) -> House:
    """The house of this run."""
    found = context.obj
    if not isinstance(found, House):
        raise TypeError("the command was not mounted by takuso.main")
    return found


def home() -> Home:
    """The home that TAKUSO_HOME and DATABASE_URL name; raises WrongDatabaseUrl."""
    return Home.from_environment(os.environ)
