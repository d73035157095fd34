"""Real PostgreSQL for the whole session: the embedded one, or Debian's 15 as a server behind DATABASE_URL."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from takuso.barrier.deployment import deploy
from takuso.barrier.gate import Gate
from takuso.barrier.signin import Proof, SignIns
from takuso.kernel.periods import jst_day
from takuso.main import APPS, SCREENS, SCRIPTS
from takuso.store import embedded
from takuso.store.home import Home
from takuso.store.init import init
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import Pools
from tests.area import Area

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which server the tests of the wall run on."""
    parser.addoption("--server", choices=["embedded", "debian15"], default="embedded")


@pytest.fixture(scope="session")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A deployed demo home with the twelve persons and no customers."""
    root = tmp_path_factory.mktemp("home")
    if request.config.getoption("--server") == "debian15":
        yield from _behind_url(root)
        return
    made = Home(root / "home")
    made.declare("demo")
    server = embedded.start(made)
    try:
        yield _deployed(made, server.admin_url)
    finally:
        embedded.stop(made)


def _behind_url(root: Path) -> Iterator[Home]:
    if not DEBIAN_15.exists():
        if os.environ.get("CI"):
            pytest.fail("Debian's PostgreSQL 15 is missing: apt-get install postgresql-15")
        pytest.skip("Debian's PostgreSQL 15 is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    former = os.environ.get("PG_BINDIR")
    os.environ["PG_BINDIR"] = str(DEBIAN_15)
    host = Home(root / "server")
    host.declare("sandbox")
    server = embedded.start(host, listen_port=port)
    try:
        made = Home(root / "home", database_url=f"postgresql://127.0.0.1:{port}/takuso")
        made.declare("demo")
        yield _deployed(made, server.admin_url)
    finally:
        embedded.stop(host)
        if former is None:
            del os.environ["PG_BINDIR"]
        else:
            os.environ["PG_BINDIR"] = former


def _deployed(home: Home, admin_url: str) -> Home:
    init(home, admin_url)
    deploy(home, apps=APPS, scripts=SCRIPTS, screens=SCREENS, shift=timedelta(0))
    Area(home, jst_day(datetime.now(UTC))).people()
    return home


@pytest.fixture(scope="session")
def admin(home: Home, request: pytest.FixtureRequest) -> str:
    """A superuser's address, for looking behind the wall."""
    folder = home.path if request.config.getoption("--server") == "embedded" else home.path.parent / "server"
    return embedded.start(Home(folder)).admin_url.replace("dbname=postgres", "dbname=takuso")


@pytest.fixture(scope="session")
def pools(home: Home) -> Iterator[Pools]:
    """All logins, as `takuso serve --doors all` holds them, and those of the tests."""
    with Pools(home, LOGIN_NAMES, dict.fromkeys(LOGIN_NAMES, 4)) as made:
        yield made


@pytest.fixture(scope="session")
def gate(pools: Pools) -> Gate:
    """The gate."""
    return Gate(pools)


@pytest.fixture(scope="session")
def signins(pools: Pools) -> SignIns:
    """Sign-ins."""
    return SignIns(pools)


@pytest.fixture
def today() -> date:
    """The business day of the home."""
    return jst_day(datetime.now(UTC))


@pytest.fixture
def area(home: Home, today: date) -> Area:
    """Makes customers."""
    return Area(home, today)


@pytest.fixture
def sign_in(signins: SignIns) -> Callable[[str], Proof]:
    """Signs a demo person in."""
    return signins.by_demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of the system, for one module: while it runs, its event loop admits no second one, nor a deployment."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "no Chromium on this machine: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()
