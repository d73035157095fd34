"""Write docs/reference anew: `make docs`. Starts a database of its own, in a temporary home, for the tables."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg

from takuso.barrier.deployment import deploy
from takuso.main import APPS, SCREENS, SCRIPTS
from takuso.store import embedded
from takuso.store.home import Home
from takuso.store.init import init
from tools.pages import PAGES, tables

FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference"


@contextmanager
def deployed() -> Iterator["psycopg.Connection[Any]"]:
    """A superuser's connection to an empty database as a deployment leaves it."""
    with TemporaryDirectory(prefix="takuso-docs-") as folder:
        home = Home(Path(folder) / "home")
        home.declare("sandbox")
        server = embedded.start(home)
        try:
            init(home, server.admin_url)
            deploy(home, apps=APPS, scripts=SCRIPTS, screens=SCREENS, shift=timedelta(0))
            with psycopg.connect(server.admin_url.replace("dbname=postgres", "dbname=takuso")) as connection:
                yield connection
        finally:
            embedded.stop(home)


def main() -> int:
    """Write the pages; always 0."""
    with deployed() as connection:
        made = {"tables.md": tables.page(tables.columns(connection))}
    made |= {name: write() for name, write in PAGES.items()}
    for name, text in sorted(made.items()):
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
