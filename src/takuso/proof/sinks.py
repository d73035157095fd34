"""Check `sinks`: what the office and the database say beside their answers holds no customer.

The office's own log lines, the metrics, standard error and the embedded server's log, all written during the walk.
"""

import io
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from takuso.proof.canary import Canaries, Customer
from takuso.proof.judge import Wrong
from takuso.proof.scan import leaked


@dataclass(slots=True)
class Heard:
    """What was said while the walk went on."""

    lines: io.StringIO
    errors: io.StringIO
    server: Path | None
    server_from: int

    def texts(self) -> dict[str, bytes]:
        """Each sink's name and what it got."""
        said = {"サービスのログ": self.lines.getvalue().encode(), "標準エラー": self.errors.getvalue().encode()}
        if self.server is not None and self.server.exists():
            with self.server.open("rb") as file:
                file.seek(self.server_from)
                said["データベースのログ"] = file.read()
        return said


@contextmanager
def office_log(lines: io.StringIO) -> Iterator[None]:
    """Have the office's own log lines written there, and nowhere else."""
    was = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.PrintLoggerFactory(file=lines),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**was)


@contextmanager
def listening(server: Path | None) -> Iterator[Heard]:
    """Take the office's log lines, what libraries log, and standard error. `server` is the database's log file."""
    start = server.stat().st_size if server is not None and server.exists() else 0
    heard = Heard(lines=io.StringIO(), errors=io.StringIO(), server=server, server_from=start)
    former, handler = sys.stderr, logging.StreamHandler(heard.errors)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    sys.stderr = heard.errors
    try:
        with office_log(heard.lines):
            yield heard
    finally:
        sys.stderr = former
        root.removeHandler(handler)
        root.setLevel(level)


def sink_faults(heard: Heard, canaries: Canaries, more: dict[str, bytes]) -> tuple[list[Wrong], int]:
    """(where, what) of every marker and code in a sink, and how many sinks were read. `more`: further sinks."""
    sinks = heard.texts() | more
    wrong: list[Wrong] = []
    for name, said in sinks.items():
        wrong += [
            (name, f"{mark.kind} の区分 {mark.letter} が書かれました") for _, mark in leaked(said, canaries.marks)
        ]
        wrong += [
            (name, f"{kind} のお客さまコードが書かれました") for kind in _codes(said, canaries.customers.values())
        ]
    if not sinks["サービスのログ"]:
        wrong.append(("サービスのログ", "何も書かれていません: 調べたことになりません"))
    return wrong, len(sinks)


def _codes(said: bytes, customers: Iterable[Customer]) -> Iterator[str]:
    yield from (customer.kind for customer in customers if customer.code.encode() in said)
