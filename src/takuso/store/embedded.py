"""The home's own PostgreSQL: made, started, found again after a crash, stopped.

It listens on a Unix socket in a private folder, admits nobody without SCRAM, and writes no value of a
statement into its log.
"""

import errno
import fcntl
import hashlib
import json
import os
import secrets as entropy
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo

from takuso.store import settings
from takuso.store.binaries import Binaries, Runner, find_binaries, find_runner
from takuso.store.errors import StoreError
from takuso.store.home import EMBEDDED_PORT, CorruptHome, Home, new_secret
from takuso.store.processes import drop_stale, is_ready, postmaster_pid

SUPERUSER: Final = "postgres"
# sun_path holds 108 bytes on Linux, the terminating zero among them.
_LONGEST_SOCKET: Final = 107
_LARGEST_LOG: Final = 10_000_000
_START_SECONDS: Final = 300
_SETTINGS: Final = {
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "Asia/Tokyo",
    "log_timezone": "Asia/Tokyo",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "max_connections": "100",
    "max_prepared_transactions": "0",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # An error message or its detail may quote a customer's value, so errors stay out of the server's log.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class EmbeddedFailed(StoreError):
    """The embedded server could not be made, started or stopped."""


class DiskFull(EmbeddedFailed):
    """No space left for the embedded server."""


class WrongMajor(EmbeddedFailed):
    """The data folder was made by another major version of PostgreSQL."""


class NotEmbedded(StoreError):
    """The home uses the server of DATABASE_URL, so there is none of its own to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """A running server.  ``admin_url`` is for the superuser and holds its password; ``version`` like 18.6."""

    admin_url: str
    version: str
    socket: Path
    port: int
    data: Path

    def __repr__(self) -> str:
        return f"EmbeddedServer({self.version}, {str(self.data)!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """Whether the home's server runs, as which process; the major version of its data (None: no data)."""

    running: bool
    pid: int | None
    major: int | None


def start(home: Home, *, listen_port: int | None = None, settings: Mapping[str, str] | None = None) -> EmbeddedServer:
    """Start the home's server, making its data folder first if there is none; a running one is returned.

    ``listen_port`` opens 127.0.0.1 on that port too; ``settings`` override the server settings.
    Raises NotEmbedded, NoBinaries, NoUnprivilegedWay, DiskFull, WrongMajor, CorruptHome, EmbeddedFailed.
    """
    if not home.embedded:
        raise NotEmbedded(
            "DATABASE_URL が指定されているため、組み込みのサーバーは起動しません。\n"
            "対処: 組み込みのサーバーを使うときは DATABASE_URL を外してください。"
        )
    try:
        home.create()
        with _one_at_a_time(home):
            return _start(home, listen_port, settings or {})
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _disk_full(home) from error
        raise


def stop(home: Home) -> None:
    """Stop the home's server; a stopped one is left as it is.  Raises EmbeddedFailed."""
    if not (_data(home) / "PG_VERSION").exists():
        return
    with _one_at_a_time(home):
        drop_stale(_data(home), home.embedded_address()[0])
        if postmaster_pid(_data(home)) is None:
            return
        binaries = find_binaries()
        done = find_runner(binaries, home.path).run(
            [binaries.folder / "pg_ctl", "-D", _data(home), "-m", "fast", "-w", "-t", "60", "stop"]
        )
        if done.returncode:
            raise EmbeddedFailed(
                f"データベースを停止できませんでした。\n{done.stdout.strip()}\n"
                f"対処: {log_file(home)} を確かめてください。"
            )


def status(home: Home) -> ServerStatus:
    """Whether the home's server runs."""
    pid = postmaster_pid(_data(home))
    try:
        major = int((_data(home) / "PG_VERSION").read_text(encoding="ascii"))
    except (OSError, ValueError):
        major = None
    return ServerStatus(running=pid is not None, pid=pid, major=major)


def _start(home: Home, listen_port: int | None, settings: Mapping[str, str]) -> EmbeddedServer:
    binaries = find_binaries()
    runner = find_runner(binaries, home.path)
    data = _data(home)
    if runner.account is not None:
        home.path.chmod(0o711)
        runner.own(data.parent)
    if not (data / "PG_VERSION").exists():
        _make(home, binaries, runner)
    _check_major(data, binaries)
    socket, port = home.embedded_address()
    drop_stale(data, socket)
    if postmaster_pid(data) is None:
        socket, port = _place_socket(home, runner, listen_port or EMBEDDED_PORT)
        _configure(data, runner, socket, port, listen_port is not None, settings)
        _launch(home, binaries, runner)
    elif listen_port not in {None, port}:
        raise EmbeddedFailed(
            f"データベースは別のポート（{port}）で動いています。\n対処: 停止してからもう一度実行してください。"
        )
    _await_ready(data)
    return EmbeddedServer(
        admin_url=make_conninfo(
            "",
            host=str(socket),
            port=port,
            dbname="postgres",
            user=SUPERUSER,
            password=home.secret(SUPERUSER),
        ),
        version=binaries.version,
        socket=socket,
        port=port,
        data=data,
    )


def _make(home: Home, binaries: Binaries, runner: Runner) -> None:
    """initdb into a folder beside, renamed when finished: an interrupted one leaves no half-made data."""
    data = _data(home)
    if data.exists() and any(data.iterdir()):
        raise CorruptHome(
            f"{data} は PostgreSQL のデータフォルダーとして不完全です。",
            f"控えから戻すか、データが要らなければ次を実行して作り直してください: rm -r '{data}'",
        )
    for old in data.parent.glob("data.new-*"):
        shutil.rmtree(old, ignore_errors=True)
    if not home.has_secret(SUPERUSER):
        home.write_secret(SUPERUSER, new_secret())
    new = data.with_name(f"data.new-{entropy.token_hex(4)}")
    password = new.with_suffix(".password")
    try:
        password.touch(mode=0o600)
        password.write_text(home.secret(SUPERUSER), encoding="ascii")
        runner.own(password)
        options = ["-U", SUPERUSER, "-E", "UTF8", "--data-checksums", *_locale(binaries.major)]
        options += ["-A", "scram-sha-256", f"--pwfile={password}"]
        done = runner.run([binaries.folder / "initdb", "-D", new, *options])
    finally:
        password.unlink(missing_ok=True)
    if done.returncode:
        shutil.rmtree(new, ignore_errors=True)
        raise _failure(home, "データベースを作れませんでした。", done.stdout)
    with (new / "postgresql.conf").open("a", encoding="ascii") as file:
        file.write("include 'takuso.conf'\n")
    new.rename(data)


def _locale(major: int) -> list[str]:
    if major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _check_major(data: Path, binaries: Binaries) -> None:
    made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != str(binaries.major):
        raise WrongMajor(
            f"データフォルダーは PostgreSQL {made_by} のもので、プログラムは {binaries.version} です。\n"
            f"対処: PG_BINDIR に PostgreSQL {made_by} のフォルダーを指定するか、"
            "pg_dump と takuso store init で新しいホームへ移してください。"
        )


def _place_socket(home: Home, runner: Runner, port: int) -> tuple[Path, int]:
    """Decide and record where the socket is; raises EmbeddedFailed if the folder is someone else's."""
    folder = _data(home).parent / "s"
    if _too_long(folder, port):
        recorded = home.embedded_address()[0]
        name = f"takuso-{hashlib.sha256(os.fsencode(home.path)).hexdigest()[:16]}"
        folder = Path(tempfile.gettempdir()) / name if _too_long(recorded, port) else recorded
    if _too_long(folder, port):
        raise EmbeddedFailed(
            f"ソケットの置き場所（{folder}）が長すぎます。\n対処: TAKUSO_HOME を短いパスにしてください。"
        )
    folder.mkdir(exist_ok=True, mode=0o700)
    runner.own(folder)
    info = folder.lstat()
    owner = runner.ids[0] if runner.ids else os.geteuid()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != owner or info.st_mode & 0o077:
        raise EmbeddedFailed(
            f"ソケットの置き場所（{folder}）がほかの利用者のものか、ほかの利用者に開かれています。\n"
            f"対処: 中身を確かめて次を実行してください: rm -r '{folder}'"
        )
    record = _data(home).parent / "address.json"
    record.write_text(json.dumps({"socket": str(folder), "port": port}) + "\n", encoding="utf-8")
    return folder, port


def _too_long(folder: Path, port: int) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{port}")) > _LONGEST_SOCKET


def _configure(data: Path, runner: Runner, socket: Path, port: int, listen: bool, more: Mapping[str, str]) -> None:
    place = {
        "unix_socket_directories": f'"{socket}"',
        "port": str(port),
        "listen_addresses": "127.0.0.1" if listen else "",
    }
    lines = [f"{name} = {_quoted(value)}\n" for name, value in (_SETTINGS | place | dict(more)).items()]
    file = data / "takuso.conf"
    file.write_text("# Written at every start.\n" + "".join(lines), encoding="utf-8")
    file.chmod(0o600)
    runner.own(file)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _launch(home: Home, binaries: Binaries, runner: Runner) -> None:
    log = log_file(home)
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    command: list[str | Path] = [
        binaries.folder / "pg_ctl",
        "-D",
        _data(home),
        "-w",
        "-t",
        str(_START_SECONDS),
        "-l",
        log,
        "start",
    ]
    for attempt in range(20):
        before = log.stat().st_size if log.exists() else 0
        done = runner.run(command)
        if not done.returncode:
            return
        said = _tail(log, before)
        # The processes of a killed server need a moment to notice and let go of its memory.
        if "shared memory block" not in said or attempt == 19:
            raise _failure(home, "データベースを起動できませんでした。", done.stdout + said)
        time.sleep(0.25)


def _await_ready(data: Path) -> None:
    """A server found running may still be recovering from a crash."""
    for _ in range(_START_SECONDS * 10):
        if is_ready(data):
            return
        time.sleep(0.1)
    raise EmbeddedFailed("データベースの起動が終わりません。\n対処: しばらく待ってから、もう一度実行してください。")


def _tail(log: Path, before: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(before, log.stat().st_size - 4000))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _failure(home: Home, what: str, said: str) -> EmbeddedFailed:
    if "No space left on device" in said:
        return _disk_full(home)
    return EmbeddedFailed(f"{what}\n{said.strip()}\n対処: 上の理由を取り除いて、もう一度実行してください。")


def _disk_full(home: Home) -> DiskFull:
    return DiskFull(f"ディスクに空きがありません（{home.path}）。\n対処: 空きを作ってから、もう一度実行してください。")


@contextmanager
def _one_at_a_time(home: Home) -> Iterator[None]:
    folder = _data(home).parent
    folder.mkdir(exist_ok=True, mode=0o700)
    with (folder / "start.lock").open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _data(home: Home) -> Path:
    return home.path / settings.POSTGRES.name / "data"


def log_file(home: Home) -> Path:
    """Where the embedded server writes what it has to say."""
    return home.path / settings.POSTGRES.name / "server.log"
