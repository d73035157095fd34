"""One small demo home for every fault."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from takuso.barrier.standing import Standing, declared_shift, forget_scripts
from takuso.doors.cli.database import bring_up
from takuso.doors.cli.house import House
from takuso.main import house
from takuso.proof.faults.drill import Drill
from takuso.store import embedded
from takuso.store.init import init
from takuso.store.pools import Pools
from tests.cli.conftest import Takuso, empty, free_port, superuser, takuso

__all__ = ["empty", "free_port", "superuser", "takuso"]


@pytest.fixture(scope="session")
def program() -> House:
    """What the program is made of."""
    return house()


@pytest.fixture(scope="session")
def admin_url(takuso: Takuso) -> str:
    """The superuser's address."""
    return embedded.start(takuso.home).admin_url


@pytest.fixture
def standing(takuso: Takuso, program: House) -> Iterator[Standing]:
    """The checks of a serving process that has just started."""
    with Pools(takuso.home, ["web", "ticketer"]) as pools:
        yield Standing(pools, screens=program.screens, functions=program.functions)


@pytest.fixture
def redeploy(takuso: Takuso, program: House, admin_url: str) -> Callable[[], None]:
    """What `takuso drill heal` has done at the end."""

    def again() -> None:
        init(takuso.home, admin_url)
        shift = declared_shift(takuso.home)
        forget_scripts(takuso.home)
        bring_up(program, takuso.home, None, shift=shift)

    return again


@pytest.fixture
def drill(takuso: Takuso, admin_url: str, redeploy: Callable[[], None]) -> Iterator[Drill]:
    """The drill, healed at the end whatever the test did."""
    made = Drill()
    yield made
    if made.planted(takuso.home) is not None or takuso.home.patched.exists():
        made.heal(takuso.home, admin_url, redeploy)


Db = psycopg.Connection[Any]
