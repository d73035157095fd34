"""The program: the only module that knows every door, every stage and every script."""

import atexit
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from takuso.doors.cli import screens as commands
from takuso.doors.cli.house import Drill, House, Proof, Wsgi
from takuso.doors.cli.program import names as command_names
from takuso.doors.cli.program import run as run_command
from takuso.doors.web import definitions

if TYPE_CHECKING:
    from takuso.proof.program import Program, Route

_HERE: Final = Path(__file__).parent

APPS: Final = ("takuso.accesslog", "takuso.barrier", "takuso.flow.points", "takuso.flow.reception")
SCRIPTS: Final = (
    _HERE / "accesslog" / "partitions.sql",
    _HERE / "barrier" / "walls.sql",
    _HERE / "barrier" / "signin.sql",
    _HERE / "barrier" / "external.sql",
    _HERE / "barrier" / "passkeys.sql",
    _HERE / "barrier" / "clients.sql",
    _HERE / "barrier" / "search.sql",
    _HERE / "barrier" / "administration.sql",
    _HERE / "flow" / "points" / "effects.sql",
    _HERE / "barrier" / "cases.sql",
    _HERE / "flow" / "reception" / "filing.sql",
    _HERE / "flow" / "reception" / "turns.sql",
    _HERE / "flow" / "reception" / "taking.sql",
    _HERE / "barrier" / "standing.sql",
    _HERE / "accesslog" / "keeping.sql",
    _HERE / "accesslog" / "evidence.sql",
    _HERE / "barrier" / "tally.sql",
    _HERE / "barrier" / "closing.sql",
    _HERE / "barrier" / "comments.sql",
)
SCREENS: Final = (*definitions.SCREENS, *commands.SCREENS)
_STATIC: Final = "/static/<path:file>"


def office(*arguments: Any, **options: Any) -> Wsgi:
    """The office; loaded only by the command that serves it, since the others need no Django."""
    from takuso.doors.web.wsgi import application

    make: Callable[..., Wsgi] = application
    return make(*arguments, **options)


def proof() -> Proof:
    """The verifier over the whole program; loaded only by the command that proves."""
    from takuso.proof.verify import Verifier

    return Verifier(program())


def program() -> "Program":
    """Everything that can be entered, as it is now, for the proof."""
    from takuso.doors.jobs.work import JOBS
    from takuso.doors.register import DOORS
    from takuso.doors.web.failures import FAILURES
    from takuso.doors.web.screens import PAGES
    from takuso.proof.program import PageShape, Program

    return Program(
        root=_HERE,
        apps=APPS,
        scripts=SCRIPTS,
        functions=_functions(),
        screens=SCREENS,
        pages={
            code: PageShape(screen=page.screen, queries=page.queries, leads_to=page.leads_to)
            for code, page in PAGES.items()
        },
        routes=_routes(),
        machine=_machine(),
        failures=tuple(FAILURES),
        commands=command_names(),
        jobs={name: job.login for name, job in JOBS.items()},
        doors=DOORS,
        office=office,
    )


def _routes() -> list["Route"]:
    from takuso.doors.web.settings import configured
    from takuso.proof.program import Route

    configured()
    from takuso.doors.api.urls import urlpatterns

    routes = [
        Route(
            path=f"/{pattern.pattern}",
            view=f"{pattern.callback.__module__}.{pattern.callback.__qualname__}",
            csrf_exempt=bool(getattr(pattern.callback, "csrf_exempt", False)),
        )
        for pattern in urlpatterns
    ]
    return [*routes, Route(path=_STATIC, view="whitenoise.WhiteNoise", csrf_exempt=False)]


def _machine() -> dict[str, str]:
    from takuso.doors.web.settings import configured

    configured()
    from takuso.doors.api.urls import screens_of

    return screens_of()


def _functions() -> tuple[Path, ...]:
    tables = [file for app in APPS for file in sorted((_HERE.parent / app.replace(".", "/")).glob("migrations/*.sql"))]
    return (*tables, *SCRIPTS)


def drill() -> Drill:
    """The drill; loaded only by its own commands."""
    from takuso.proof.faults.drill import Drill as Planted

    return Planted()


def house() -> House:
    """Everything the commands are given."""
    return House(
        apps=APPS, scripts=SCRIPTS, functions=_functions(), screens=SCREENS, office=office, proof=proof, drill=drill
    )


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Console entry.

    Leaves without taking the interpreter apart: a thread of Arrow or DuckDB that still waits for it would end the
    process by SIGABRT with its work done (apache/arrow#34314, duckdb/duckdb#13904). What was registered runs.
    """
    code = run_command(house(), sys.argv[1:] if arguments is None else arguments)
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 3
    os._exit(code)


if __name__ == "__main__":
    run()
