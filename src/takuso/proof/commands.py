"""Check `commands`: what the command line says, as a process of its own on the twin, holds nobody's data.

`log show` alone may print customers: the log's own numbers, to the compliance duty, as a recorded look. `barrier
explain` says to the same duty which row decided, and prints nothing of a customer.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from takuso.barrier.matrix import DataClass
from takuso.proof.desk import Site
from takuso.proof.judge import Wrong
from takuso.proof.people import REFERENCES
from takuso.proof.scan import leaked
from takuso.proof.walk import kinds_of

_SECONDS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A command as typed, the exit codes it may end with, the classes that may stand in what it prints."""

    words: tuple[str, ...]
    ends: tuple[int, ...] = (0,)
    classes: frozenset[DataClass] = frozenset()


def lines() -> Iterator[Line]:
    """What is typed: by whom it is meant for, and by those it is not."""
    own, foreign = kinds_of()["own"], kinds_of()["foreign"]
    place = frozenset({DataClass.PLACE})
    yield Line(words=("doctor", "--json"), ends=(0, 1))
    yield Line(words=("barrier", "matrix", "--json"))
    yield Line(words=("jobs", "once", "--json"))
    yield Line(words=("login", "link", "proof-clerk"))
    yield Line(words=("login", "link", "nobody"), ends=(2, 3))
    yield Line(words=("log", "show", "--as", "proof-compliance", "--last", "200", "--json"), classes=place)
    yield Line(words=("log", "show", "--as", "proof-compliance", "--customer", foreign), classes=place)
    for person in ("proof-clerk", "proof-contact", "proof-admin"):
        yield Line(words=("log", "show", "--as", person, "--customer", foreign, "--json"), ends=(2, 3))
    for kind in (own, foreign):
        yield Line(words=("barrier", "explain", "proof-clerk", "CI20", kind, "--as", "proof-compliance", "--json"))
        yield Line(words=("barrier", "explain", "proof-clerk", "CI20", kind, "--as", "proof-compliance"))
    for person in ("proof-clerk", "proof-contact", "proof-admin"):
        yield Line(words=("barrier", "explain", "proof-clerk", "CI20", own, "--as", person, "--json"), ends=(3,))
    # Refused or without anything to say: no file is written.
    nowhere = str(Path(gettempdir()) / "takuso-proof-nowhere" / "out")
    for person in ("proof-clerk", "proof-contact", "proof-admin"):
        yield Line(words=("log", "evidence", "--out", nowhere, "--as", person, "--json"), ends=(2, 3))
        yield Line(words=("log", "prove", "x", "--out", nowhere, "--as", person, "--json"), ends=(2, 3))
    yield Line(words=("log", "verify", nowhere, "--json"), ends=(3,))
    yield Line(words=("log", "checkpoint", "--out", nowhere, "--json"), ends=(3,))
    yield Line(words=("log", "gap", "--by", "proof-admin", "--reason", "検証", "--json"), ends=(3,))
    purpose = ("--purpose", "IDO", "--reference", REFERENCES["IDO"])
    for person, customer in (("proof-clerk", own), ("proof-rival-clerk", own), ("proof-contact", foreign)):
        change = ("--retailer", "proof-rival", "--from", "2026-01-01", "--reason", "検証", "--as", person, *purpose)
        yield Line(words=("points", "record-supply", customer, *change), ends=(2, 3))
    yield Line(words=("points", "record-supply", f"{foreign}x", "--as", "proof-intake"), ends=(2,))


def command_faults(site: Site, *, stop: bool = False) -> tuple[list[Wrong], int]:
    """(where, what) of every marker printed and every end that was not foreseen, and how many were run.

    `stop` ends it after the first line in which something is found.
    """
    wrong: list[Wrong] = []
    typed = tuple(lines())
    for count, line in enumerate(typed, start=1):
        wrong += _run(site, line)
        if stop and wrong:
            return wrong, count
    return wrong, len(typed)


def _run(site: Site, line: Line) -> Iterator[Wrong]:
    where = "takuso " + " ".join(line.words[:2])
    home = site.twin.home
    env = os.environ | {"TAKUSO_HOME": str(home.path), "DATABASE_URL": home.database_url}
    done = subprocess.run(
        [sys.executable, "-m", "takuso.main", *line.words], capture_output=True, check=False, env=env, timeout=_SECONDS
    )
    if done.returncode not in line.ends:
        yield where, f"終了コード {done.returncode} で終わりました（{line.ends} のはず）"
    for name, said in (("標準出力", done.stdout), ("標準エラー", done.stderr)):
        for _, mark in leaked(said, site.canaries.marks):
            if mark.letter not in line.classes:
                yield f"{where}（{name}）", f"{mark.kind} の区分 {mark.letter} が印字されました"
        if b"Traceback" in said:
            yield f"{where}（{name}）", "プログラムの内部が印字されました"
