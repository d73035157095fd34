"""Telling a live postmaster from what a crash leaves behind: dead process ids, zombies, lock files."""

import os
from pathlib import Path


def postmaster_pid(data: Path) -> int | None:
    """The process id of the live server of this data folder, None if there is none."""
    pid = _first_number(data / "postmaster.pid")
    return pid if pid is not None and _is_postmaster(pid, data) else None


def is_ready(data: Path) -> bool:
    """Whether the live server of this data folder says that it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def drop_stale(data: Path, socket: Path) -> None:
    """Remove the lock files a dead server of this data folder left.

    A killed postmaster whose parent does not reap (process 1 of many containers) stays a zombie that
    answers signals, so PostgreSQL itself takes it for a running server and refuses to start.
    """
    if postmaster_pid(data) is not None:
        return
    for lock in [data / "postmaster.pid", *socket.glob(".s.PGSQL.*.lock")]:
        pid = _first_number(lock)
        if pid is None or not _is_postmaster(pid, data):
            lock.unlink(missing_ok=True)


def _first_number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="utf-8", errors="replace").split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_postmaster(pid: int, data: Path) -> bool:
    if pid <= 0:
        return False
    if not Path("/proc/self").exists():
        return _answers(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    if fields.split()[0] in {"Z", "X"}:
        return False
    # The id may belong to another program, or to another home's server, by now.
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except OSError:
        return os.fsencode(data) in arguments


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
