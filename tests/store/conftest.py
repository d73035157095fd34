"""Homes with a real server each: made once a server version, copied for every test that changes one."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from takuso.store.embedded import EmbeddedServer, start, stop
from takuso.store.home import Home
from takuso.store.init import init

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
SERVERS = [
    pytest.param("embedded"),
    pytest.param("debian15", marks=pytest.mark.second_server),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A started home and the way in for its superuser."""

    home: Home
    server: EmbeddedServer

    def admin(self, database: str = "takuso") -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection to one of its databases."""
        return psycopg.connect(self.server.admin_url, dbname=database, autocommit=True)


def choose(kind: str, patch: pytest.MonkeyPatch) -> None:
    """Point PG_BINDIR at the wanted server."""
    if kind == "embedded":
        patch.delenv("PG_BINDIR", raising=False)
    elif (DEBIAN_15 / "initdb").exists():
        patch.setenv("PG_BINDIR", str(DEBIAN_15))
    else:
        pytest.skip("PostgreSQL 15 of Debian is not installed")


class Templates:
    """Stopped homes, initialised, one a server version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: set[str] = set()

    def copy(self, kind: str, to: Path) -> Home:
        """A copy of the home of that server version."""
        template = self.folder / kind
        if kind not in self.made:
            home = Home(template)
            try:
                init(home, start(home).admin_url)
            finally:
                stop(home)
            self.made.add(kind)
        to.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", template, to], check=True)
        shutil.rmtree(to / "postgres" / "s")
        (to / "postgres" / "address.json").unlink()
        return Home(to)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The templates of this test run."""
    return Templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(autouse=True)
def _embedded_unless_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BINDIR", raising=False)


@pytest.fixture(scope="session", params=SERVERS)
def shared(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A started home for tests that leave it as it was, on each server version."""
    yield from _run(request.param, templates, tmp_path_factory.mktemp("shared") / "home")


@pytest.fixture(scope="session")
def _own(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from _run("embedded", templates, tmp_path_factory.mktemp("own") / "home")


@pytest.fixture
def embedded(_own: Running) -> Running:
    """A started home that a test may stop, kill and start, on the embedded server; its data must survive."""
    assert start(_own.home) == _own.server
    with _own.admin() as admin:
        admin.execute("DROP TABLE IF EXISTS public.kept")
    return _own


def _run(kind: str, templates: Templates, to: Path) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        choose(kind, patch)
        home = templates.copy(kind, to)
        server = start(home)
    try:
        yield Running(home=home, server=server)
    finally:
        with pytest.MonkeyPatch.context() as patch:
            choose(kind, patch)
            stop(home)
        shutil.rmtree(home.path)


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
