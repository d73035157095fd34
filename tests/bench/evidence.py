"""The log as evidence: records a second given their places, and records a second verified by the one file.

Sequenced from a log behind the desk (tickets, subjects, outcomes), in batches as the job takes them, hashing in
PostgreSQL; beside it the same hashing alone, in SQL and in Python, to see what is spent on what.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from takuso.accesslog import verify_log
from takuso.accesslog.sequencer import sequence
from takuso.doors.cli.log_bundle import Days, write_bundle
from takuso.doors.cli.log_reading import reader
from takuso.store.home import Home
from takuso.store.pools import Pools, dsn

Row = tuple[str, str, str, dict[str, Any]]
_WEEK = 9_660_899


def measure(home: Home, pools: Pools, admin: str) -> list[Row]:
    """(what, value, target, data) of each step over the log as it is."""
    with psycopg.connect(dsn(home, "sequencer"), autocommit=True) as connection:
        began = time.perf_counter()
        leaves = sequence(connection, home, "")
        sequenced = time.perf_counter() - began
    rows = [
        _row("records sequenced, hashed and signed", leaves, sequenced, "the log's own pace: > 500 /s"),
        *_hashing(admin),
    ]
    with tempfile.TemporaryDirectory(prefix="takuso-evidence-") as name:
        out = Path(name) / "bundle"
        began = time.perf_counter()
        with reader(pools, "td-compliance", screen="AL10", terminal="bench") as read:
            written = write_bundle(read, home, Days(since=None, until=None), out)
        rows.append(_row("bundle written at the gate", written.size, time.perf_counter() - began, ""))
        began = time.perf_counter()
        command = [sys.executable, "-I", str(out / "verify_log.py"), "--json", str(out)]
        told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        seconds = time.perf_counter() - began
        if not told["ok"] or told["records"] != written.size:
            raise AssertionError(told)
        rows.append(_row("bundle verified, one file alone", written.size, seconds, ""))
    return rows


def _hashing(admin: str) -> list[Row]:
    """200,000 records of 500 bytes: leaf and tree in Python; leaf in SQL."""
    data, count = b"x" * 500, 200_000
    tree = verify_log.Growing()
    began = time.perf_counter()
    for _ in range(count):
        tree.push(hashlib.sha256(b"\x00" + data).digest())
    python = time.perf_counter() - began
    with psycopg.connect(admin) as connection:
        began = time.perf_counter()
        connection.execute(
            "SELECT count(sha256('\\x00'::bytea || convert_to(repeat('x', 500 + (g & 0)), 'UTF8')))"
            "  FROM generate_series(1, %s) g",
            [count],
        )
        sql = time.perf_counter() - began
    return [
        _row("leaf and tree hashed in Python", count, python, f"{_WEEK:,} in {_WEEK * python / count:.0f} s"),
        _row("leaf hashed in SQL", count, sql, f"{_WEEK:,} in {_WEEK * sql / count:.0f} s"),
    ]


def _row(what: str, count: int, seconds: float, target: str) -> Row:
    value = f"{count / seconds:,.0f} /s ({count:,} in {seconds:.1f} s)"
    return f"evidence: {what}", value, target, {"count": count, "seconds": seconds}
