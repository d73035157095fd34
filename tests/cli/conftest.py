"""One small demo home for all, its server kept running, and a way to run the command on it or on another."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.main import house
from takuso.store import embedded
from takuso.store.home import Home
from tests.ready import READY

POINTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document of stdout; fails if there is more or less."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Takuso:
    """The command, on one home."""

    folder: Path
    env: dict[str, str]

    @property
    def home(self) -> Home:
        """Its home."""
        return Home(self.folder)

    def __call__(self, *arguments: str, **env: str) -> Ended:
        done = READY.run(arguments, self.env | env, timeout=300)
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Run it in the background."""
        return subprocess.Popen(
            [sys.executable, "-m", "takuso.main", *arguments],
            env=self.env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def on(self, folder: Path) -> "Takuso":
        """The command on another home."""
        return Takuso(folder=folder, env=self.env | {"TAKUSO_HOME": str(folder)})

    def customers(self, kind: str, person: str, limit: int = 1) -> list[dict[str, str]]:
        """What the demo's plan answers."""
        told = self("demo", "customers", "--kind", kind, "--person", person, "--limit", str(limit), "--json")
        customers: list[dict[str, str]] = told.document["customers"]
        return customers


def _runner(folder: Path) -> Takuso:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PORT", "TAKUSO_HOME")}
    return Takuso(folder=folder, env=kept | {"TAKUSO_HOME": str(folder)})


@pytest.fixture(scope="session")
def takuso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Takuso]:
    """The command on a built demo home whose database stays up."""
    runner = _runner(tmp_path_factory.mktemp("cli") / "home")
    built = runner("demo", "--points", str(POINTS), "--json")
    assert built.code == 0, built.err
    assert built.document["built"] is True
    assert runner("store", "start").code == 0
    try:
        yield runner
    finally:
        runner("store", "stop")
        shutil.rmtree(runner.folder)


@pytest.fixture
def empty(takuso: Takuso, tmp_path: Path) -> Takuso:
    """The command on a folder where nothing is."""
    return takuso.on(tmp_path / "empty")


@pytest.fixture
def superuser(takuso: Takuso) -> Iterator[psycopg.Connection[Any]]:
    """Someone who can break the wall by hand."""
    url = embedded.start(takuso.home).admin_url
    with psycopg.connect(url, dbname="takuso", autocommit=True) as connection:
        yield connection


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on at this moment."""
    return _free_port()


@pytest.fixture
def another_port() -> int:
    """Another one."""
    return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def program() -> Any:
    """What the program is made of."""
    return house()
