"""The program, and twins of the tests' home."""

from collections.abc import Iterator

import pytest

from takuso.main import program as whole_program
from takuso.proof.canary import World
from takuso.proof.desk import Site, site
from takuso.proof.program import Program
from takuso.store.home import Home


@pytest.fixture(scope="session")
def program() -> Program:
    """Everything that can be entered."""
    return whole_program()


@pytest.fixture(scope="session")
def server(admin: str) -> str:
    """A superuser's address of the server, whatever the database."""
    return admin.replace("dbname=takuso", "dbname=postgres")


@pytest.fixture
def twin_site(home: Home, server: str, program: Program) -> Iterator[Site]:
    """An office on a twin with one canary of each kind; a test may do to it what it likes."""
    with site(home, server, program, World()) as made:
        yield made
