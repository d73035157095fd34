"""Customers of every kind, made once for the folder, and connections of the real logins."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from takuso.barrier.signin import Proof
from takuso.kernel.periods import jst_day
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.area import KINDS, Area, Customer
from tests.barrier.behind import Db, Ticket, connect, open_ticket, rolled_back


@pytest.fixture(scope="session")
def customers(home: Home) -> dict[str, Customer]:
    """One customer of every kind, as of today. Tests that change a customer make their own."""
    area = Area(home, jst_day(datetime.now(UTC)))
    return {kind: area.add(kind) for kind in KINDS}


@pytest.fixture(scope="session")
def logins(home: Home) -> Iterator[Callable[[str], Db]]:
    """A connection of each login, kept for the session; whoever uses it leaves no transaction and no ticket."""
    made: dict[str, Db] = {}

    def of(login: str) -> Db:
        if login not in made:
            made[login] = connect(home, login)
        made[login].execute("RESET ALL")
        made[login].execute("SET default_transaction_read_only = off")
        return made[login]

    yield of
    for conn in made.values():
        conn.close()


@pytest.fixture
def retailer(home: Home) -> Iterator[Db]:
    """A fresh connection of reader_retailer."""
    with connect(home, "reader_retailer") as conn:
        yield conn


@pytest.fixture
def network(home: Home) -> Iterator[Db]:
    """A fresh connection of reader_network."""
    with connect(home, "reader_network") as conn:
        yield conn


@pytest.fixture
def behind(admin: str) -> Iterator[Db]:
    """A superuser's transaction that leaves nothing behind."""
    with rolled_back(admin) as conn:
        yield conn


@pytest.fixture(scope="session")
def eyes(admin: str) -> Iterator[Db]:
    """A superuser's connection that looks at what was written; every statement is its own transaction."""
    with psycopg.connect(admin, autocommit=True) as conn:
        yield conn


@pytest.fixture
def aoi(sign_in: Callable[[str], Proof]) -> Proof:
    """A sign-in of 葵電力's clerk."""
    return sign_in("aoi-clerk")


@pytest.fixture
def asahi(sign_in: Callable[[str], Proof]) -> Proof:
    """A sign-in of あさひ電力's clerk."""
    return sign_in("asahi-clerk")


@pytest.fixture
def own(pools: Pools, aoi: Proof, customers: dict[str, Customer]) -> Ticket:
    """葵電力's clerk, on お客さま情報Ⅱ of an own customer."""
    return open_ticket(pools, aoi, "CI20", customers["own"].code)


@pytest.fixture
def other(pools: Pools, asahi: Proof, customers: dict[str, Customer]) -> Ticket:
    """あさひ電力's clerk, on the same screen of their own customer, who is foreign to 葵電力."""
    return open_ticket(pools, asahi, "CI20", customers["foreign"].code)
