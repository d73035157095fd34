"""The program: the only module that knows every door, every stage and every script."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from takuso.doors.cli import screens as commands
from takuso.doors.cli.house import Drill, House, Wsgi
from takuso.doors.cli.program import run as run_command
from takuso.doors.web import definitions

_HERE: Final = Path(__file__).parent

APPS: Final = ("takuso.accesslog", "takuso.barrier", "takuso.flow.points")
SCRIPTS: Final = (
    _HERE / "accesslog" / "partitions.sql",
    _HERE / "barrier" / "walls.sql",
    _HERE / "flow" / "points" / "effects.sql",
    _HERE / "barrier" / "standing.sql",
)
SCREENS: Final = (*definitions.SCREENS, *commands.SCREENS)


def office(*arguments: Any, **options: Any) -> Wsgi:
    """The office; loaded only by the command that serves it, since the others need no Django."""
    from takuso.doors.web.wsgi import application

    make: Callable[..., Wsgi] = application
    return make(*arguments, **options)


def drill() -> Drill:
    """The drill; loaded only by its own commands."""
    from takuso.proof.faults.drill import Drill as Planted

    return Planted()


def house() -> House:
    """Everything the commands are given."""
    tables = [file for app in APPS for file in sorted((_HERE.parent / app.replace(".", "/")).glob("migrations/*.sql"))]
    return House(apps=APPS, scripts=SCRIPTS, functions=(*tables, *SCRIPTS), screens=SCREENS, office=office, drill=drill)


def run(arguments: Sequence[str] | None = None) -> None:
    """Console entry."""
    sys.exit(run_command(house(), sys.argv[1:] if arguments is None else arguments))


if __name__ == "__main__":
    run()
