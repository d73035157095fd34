"""The program as it is proved: handed over by `takuso.main`, which alone knows every door."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from takuso.barrier.query import Query
from takuso.barrier.screen import Screen
from takuso.doors.register import Door
from takuso.store.home import Home

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address of the office as its URL configuration has it; `<str:name>` stands for a part that varies."""

    path: str
    view: str
    csrf_exempt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageShape:
    """A screen's page: its definition, the queries it hands to the gate, the screens it says it leads to."""

    screen: Screen
    queries: tuple[Query[Any], ...]
    leads_to: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Everything that can be entered, and what is declared of it.

    `root` is the folder of the package. `functions` are all files that define functions of the database, `scripts`
    those that are applied at a deployment. `machine` are the addresses of the API, each with the screen that does
    the same for a person. `jobs` names the login of each. `failures` are the statuses of the error
    pages. `office` makes the WSGI application (as `doors.web.wsgi.application`).
    """

    root: Path
    apps: Sequence[str]
    scripts: Sequence[Path]
    functions: Sequence[Path]
    screens: Sequence[Screen]
    pages: Mapping[str, PageShape]
    routes: Sequence[Route]
    machine: Mapping[str, str]
    failures: Sequence[int]
    commands: Sequence[str]
    jobs: Mapping[str, str]
    doors: Sequence[Door]
    office: Callable[..., Wsgi]
    home_of: Callable[[Path], Home] = Home
