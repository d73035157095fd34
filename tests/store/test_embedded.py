"""The home's own server: made, started beside others, killed, found half-made, refused to strangers."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from takuso.store.binaries import NoBinaries
from takuso.store.embedded import (
    DiskFull,
    EmbeddedFailed,
    NotEmbedded,
    WrongMajor,
    start,
    status,
    stop,
)
from takuso.store.home import CorruptHome, Home
from takuso.store.pools import dsn

from .conftest import Running, Templates, choose


def keep(running: Running, value: str) -> None:
    """Commit one row."""
    with running.admin() as admin:
        admin.execute("CREATE TABLE IF NOT EXISTS public.kept (value text)")
        admin.execute("INSERT INTO public.kept VALUES (%s)", [value])


def kept(running: Running) -> list[str]:
    """The committed rows."""
    with running.admin() as admin:
        return [str(value) for (value,) in admin.execute("SELECT value FROM public.kept ORDER BY 1")]


def kill_server(home: Home) -> int:
    """Kill the postmaster as a power cut would, and wait until it is dead (possibly a zombie)."""
    pid = status(home).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    for _ in range(200):
        if not status(home).running:
            return pid
        time.sleep(0.05)
    raise AssertionError("still running")


def test_start_and_stop_again_and_again(embedded: Running) -> None:
    assert status(embedded.home).running
    assert start(embedded.home) == embedded.server
    keep(embedded, "行")
    stop(embedded.home)
    stop(embedded.home)
    assert not status(embedded.home).running
    assert status(embedded.home).major == 18
    start(embedded.home)
    assert kept(embedded) == ["行"]


def test_a_home_without_a_server_has_nothing_to_stop(tmp_path: Path) -> None:
    stop(Home(tmp_path))
    assert not status(Home(tmp_path)).running
    assert list(tmp_path.iterdir()) == []


def test_a_home_with_a_database_url_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotEmbedded, match="DATABASE_URL"):
        start(Home(tmp_path / "home", database_url="postgresql://db.example/takuso"))
    assert not (tmp_path / "home").exists()


def test_the_server_is_what_was_asked_for(shared: Running) -> None:
    with shared.admin() as admin:

        def show(name: str) -> object:
            return admin.execute("SELECT current_setting(%s)", [name]).fetchone()

        assert show("server_encoding") == ("UTF8",)
        assert show("data_checksums") == ("on",)
        assert show("listen_addresses") == ("",)
        assert show("TimeZone") == ("Asia/Tokyo",)
        assert show("server_version")[0].startswith(shared.server.version)  # type: ignore[index]
        row = admin.execute("SELECT array_agg(k ORDER BY k) FROM unnest(%s::text[]) k", [list("亜いアAーあ")])
        assert row.fetchone() == (["A", "あ", "い", "ア", "ー", "亜"],)


def test_nobody_else_can_open_the_folders(embedded: Running) -> None:
    home = embedded.home
    for folder in (
        home.path / "postgres",
        home.path / "postgres" / "data",
        embedded.server.socket,
        home.secrets,
    ):
        assert folder.stat().st_mode & 0o077 == 0, folder
    for file in home.secrets.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file
    assert (home.path / "postgres" / "server.log").stat().st_mode & 0o077 == 0
    [socket] = embedded.server.socket.glob(".s.PGSQL.*[0-9]")
    assert socket.stat().st_mode & 0o077 == 0


def test_only_the_right_password_opens(embedded: Running) -> None:
    rules = (embedded.server.data / "pg_hba.conf").read_text().splitlines()
    assert {line.split()[-1] for line in rules if line and not line.startswith("#")} == {"scram-sha-256"}
    for password in ("wrong", "", None):
        url = embedded.server.admin_url if password is None else dsn(embedded.home, "web")
        with pytest.raises(psycopg.OperationalError, match=r"password|authentication"):
            psycopg.connect(make_conninfo(url, password=password or "", passfile="/nonexistent"))


def test_no_value_of_a_statement_reaches_the_log(shared: Running) -> None:
    canary = "葵山太郎"
    with shared.admin() as admin:
        admin.execute("DROP TABLE IF EXISTS public.named")
        admin.execute("CREATE TABLE public.named (name text PRIMARY KEY)")
        for statement in (
            "INSERT INTO public.named VALUES (%s), (%s)",
            "SELECT (%s || %s)::integer",
            "SELECT pg_sleep(0.01), %s::text, nowhere(%s)",
            "DO $$ BEGIN RAISE WARNING '葵山太郎'; END $$ -- %% %s %s",
        ):
            with pytest.raises(psycopg.Error):
                admin.execute(statement, [canary, canary])
        admin.execute(f"DO $$ BEGIN RAISE WARNING '{canary}'; END $$")
    log = (shared.home.path / "postgres" / "server.log").read_text(encoding="utf-8")
    assert "ready to accept connections" in log
    assert canary not in log


def test_a_second_copy_runs_beside(embedded: Running, templates: Templates, tmp_path: Path) -> None:
    home = templates.copy("embedded", tmp_path / "second")
    second = Running(home=home, server=start(home))
    try:
        keep(embedded, "first")
        keep(second, "second")
        assert kept(embedded) == ["first"]
        stop(home)
        assert status(embedded.home).running
        assert kept(embedded) == ["first"]
    finally:
        stop(home)


def test_a_server_may_listen_on_loopback(embedded: Running, free_port: int) -> None:
    home = embedded.home
    stop(home)
    try:
        start(home, listen_port=free_port)
        url = f"postgresql://127.0.0.1:{free_port}/takuso"
        assert f"port={free_port}" in home.database_url
        psycopg.connect(dsn(home, "web")).close()
        with psycopg.connect(make_conninfo(url, user="web", password=home.secret("web"))) as web:
            assert web.execute("SELECT current_user").fetchone() == ("web",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(make_conninfo(url, user="web", password="wrong"))
        with pytest.raises(EmbeddedFailed, match=str(free_port)):
            start(home, listen_port=free_port + 1)
    finally:
        stop(home)


def test_committed_rows_survive_a_kill(embedded: Running) -> None:
    keep(embedded, "committed")
    unfinished = embedded.admin()
    unfinished.execute("BEGIN")
    unfinished.execute("INSERT INTO public.kept VALUES ('uncommitted')")
    kill_server(embedded.home)
    unfinished.close()
    start(embedded.home)
    assert kept(embedded) == ["committed"]


@contextmanager
def a_zombie() -> Iterator[int]:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    while ") Z" not in Path(f"/proc/{pid}/stat").read_text():
        time.sleep(0.01)
    try:
        yield pid
    finally:
        os.waitpid(pid, 0)


@contextmanager
def a_dead_process() -> Iterator[int]:
    process = subprocess.Popen(["true"])
    process.wait()
    yield process.pid


@contextmanager
def another_program() -> Iterator[int]:
    yield os.getpid()


@pytest.mark.parametrize("holder", [a_zombie, a_dead_process, another_program])
def test_lock_files_of_a_dead_server_are_dropped(
    embedded: Running, holder: Callable[[], AbstractContextManager[int]]
) -> None:
    keep(embedded, "here")
    lock = embedded.server.data / "postmaster.pid"
    text = lock.read_text()
    stop(embedded.home)
    with holder() as pid:
        for file in (lock, embedded.server.socket / ".s.PGSQL.5432.lock"):
            file.write_text("\n".join([str(pid), *text.splitlines()[1:]]) + "\n")
        assert not status(embedded.home).running
        start(embedded.home)
        assert kept(embedded) == ["here"]


def test_the_lock_file_of_another_home_s_server_is_no_obstacle(
    embedded: Running, templates: Templates, tmp_path: Path
) -> None:
    home = templates.copy("embedded", tmp_path / "second")
    (home.path / "postgres" / "data" / "postmaster.pid").write_text(
        (embedded.server.data / "postmaster.pid").read_text()
    )
    try:
        assert not status(home).running
        start(home)
        assert status(home).running
    finally:
        stop(home)
    assert status(embedded.home).running


def test_an_interrupted_initdb_is_redone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    script = (
        "import sys, pathlib; from takuso.store import embedded, home;"
        "embedded.start(home.Home(pathlib.Path(sys.argv[1])))"
    )
    maker = subprocess.Popen([sys.executable, "-c", script, home.path], start_new_session=True)
    while not list(home.path.glob("postgres/data.new-*/base")):
        assert maker.poll() is None
        time.sleep(0.005)
    os.killpg(maker.pid, signal.SIGKILL)
    maker.wait()
    assert not (home.path / "postgres" / "data").exists()
    try:
        server = start(home)
        with psycopg.connect(server.admin_url) as admin:
            assert admin.execute("SELECT 1").fetchone() == (1,)
        assert not list(home.path.glob("postgres/data.new-*"))
    finally:
        stop(home)


def test_two_starts_at_once_make_one_server(embedded: Running) -> None:
    home = embedded.home
    stop(home)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(start(home))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [embedded.server] * 3


def test_a_long_path_puts_the_socket_elsewhere(templates: Templates, tmp_path: Path) -> None:
    home = templates.copy("embedded", tmp_path / ("長" * 30) / ("い" * 30))
    try:
        server = start(home)
        assert not server.socket.is_relative_to(home.path)
        assert server.socket.stat().st_mode & 0o777 == 0o700
        psycopg.connect(dsn(home, "web")).close()
        stop(home)
        assert start(home).socket == server.socket
        stop(home)
        server.socket.rename(server.socket.with_name(f"{server.socket.name}.gone"))
        server.socket.symlink_to(tmp_path)
        with pytest.raises(EmbeddedFailed, match="rm -r"):
            start(home)
        server.socket.unlink()
        server.socket.with_name(f"{server.socket.name}.gone").rmdir()
    finally:
        stop(home)


def test_half_a_data_folder_is_never_overwritten(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (home.path / "postgres" / "data" / "base" / "5").mkdir(parents=True)
    with pytest.raises(CorruptHome, match="不完全"):
        start(home)
    assert (home.path / "postgres" / "data" / "base" / "5").is_dir()


def test_a_damaged_data_folder_says_why(templates: Templates, tmp_path: Path) -> None:
    home = templates.copy("embedded", tmp_path / "home")
    (home.path / "postgres" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedFailed, match="pg_control"):
        start(home)


def test_a_lost_superuser_password_is_told(embedded: Running) -> None:
    secret = embedded.home.secret("postgres")
    (embedded.home.secrets / "postgres").unlink()
    try:
        with pytest.raises(CorruptHome, match="postgres のパスワード"):
            start(embedded.home)
    finally:
        embedded.home.write_secret("postgres", secret)


@pytest.mark.second_server
def test_data_of_another_major_version_is_refused(embedded: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(embedded.home)
    choose("debian15", monkeypatch)
    with pytest.raises(WrongMajor, match="PostgreSQL 18"):
        start(embedded.home)


def test_no_programs_is_told_with_three_ways_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(tmp_path))
    with pytest.raises(NoBinaries, match="PG_BINDIR"):
        start(Home(tmp_path / "home"))
    monkeypatch.delenv("PG_BINDIR")
    monkeypatch.setattr("takuso.store.binaries._candidates", lambda: iter(()))
    with pytest.raises(NoBinaries, match="DATABASE_URL"):
        start(Home(tmp_path / "home"))


def test_a_program_older_than_15_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PG_BINDIR", str(tmp_path))
    with pytest.raises(NoBinaries, match="15"):
        start(Home(tmp_path / "home"))


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        with pytest.raises(DiskFull, match="空き"):
            start(Home(small / "home"))
        assert not list(small.glob("home/postgres/data*"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_the_address_is_recorded_for_the_next_process(embedded: Running) -> None:
    record = json.loads((embedded.home.path / "postgres" / "address.json").read_text())
    assert record == {"socket": str(embedded.server.socket), "port": 5432}
    assert Home(embedded.home.path).database_url == embedded.home.database_url
