"""Runs of surveys that somebody asked for: a folder each, one at a time, and what became of them.

A run's folder holds `run.json` (what was asked), `survey.yaml` (a copy of the file), `said` (what the processes wrote
to stderr), `started`, `ended.json` and `answer/`. Whoever runs holds the lock file, and with it its processes: a run
that was started, has no end and whose lock nobody holds was interrupted.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from takuso.survey.figures import SUMMARY

_ID: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
_STEP: Final = re.compile(r"段 ([0-9]+)/([0-9]+): ")
_LONGEST: Final = 4000


class State(StrEnum):
    """How far a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


ENDED: Final = frozenset({State.DONE, State.FAILED, State.INTERRUPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run was asked for. `person` is a code, `receipt` that of the ticket it was asked under; `source` is the
    source's key and `label` its name for people; `at` is UTC."""

    id: str
    survey: str
    title: str
    source: str
    label: str
    person: str
    receipt: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it stands. `step` of `steps` is counted from 1 while steps are computed; `said` is the last line of the
    processes, or for a failed run what they said went wrong."""

    asked: Asked
    state: State
    step: int = 0
    steps: int = 0
    said: str = ""

    @property
    def at(self) -> datetime:
        """When it was asked for."""
        return datetime.fromisoformat(self.asked.at)

    @property
    def ended(self) -> bool:
        """True if nothing more will become of it."""
        return self.state in ENDED


class Runs:
    """The runs below one folder, which is made for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, run: str) -> Path:
        """The folder of a run. Raises KeyError for what is no run's id."""
        if not _ID.fullmatch(run):
            raise KeyError(run)
        return self.folder / run

    def answer(self, run: str) -> Path:
        """Where the answer of a run stands once it is done."""
        return self.place(run) / "answer"

    def survey(self, run: str) -> Path:
        """The run's own copy of its survey file."""
        return self.place(run) / "survey.yaml"

    def ask(self, asked: Asked, survey: Path) -> None:
        """Queue a run, whole or not at all. Raises OSError."""
        self.make()
        making = self.folder / f".{asked.id}"
        making.mkdir(mode=0o700)
        shutil.copyfile(survey, making / "survey.yaml")
        (making / "run.json").write_text(json.dumps(asdict(asked), ensure_ascii=False) + "\n", encoding="utf-8")
        making.rename(self.place(asked.id))

    def make(self) -> None:
        """Make the folder if it is missing."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)

    def find(self, run: str) -> Run | None:
        """The run of that id, None if there is none."""
        try:
            place = self.place(run)
            asked = Asked(**json.loads((place / "run.json").read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError, OSError):
            return None
        # Who runs is asked before the files are looked at: a run that ends meanwhile must not seem interrupted. One
        # that begins meanwhile seems so, and is looked at again.
        found = _run(asked, place, holds=self.running() == run)
        return _run(asked, place, holds=self.running() == run) if found.state is State.INTERRUPTED else found

    def all(self) -> list[Run]:
        """Every run, the newest first."""
        try:
            names = sorted((child.name for child in self.folder.iterdir() if _ID.fullmatch(child.name)), reverse=True)
        except FileNotFoundError:
            return []
        return [run for run in map(self.find, names) if run is not None]

    def running(self) -> str | None:
        """Id of the run that holds the lock."""
        try:
            with self._lock_file.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return file.read().decode("ascii", "replace")
                return None
        except FileNotFoundError:
            return None

    @contextmanager
    def idle(self) -> Iterator[bool]:
        """Keep every run from beginning, within; False while one is going on. Raises OSError."""
        self.make()
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            os.ftruncate(descriptor, 0)
            yield True
        finally:
            os.close(descriptor)

    @contextmanager
    def turn(self) -> Iterator[tuple[Run, int] | None]:
        """The oldest run in the queue and the descriptor of the lock, held within; None while another one runs or none
        is waiting. A process that is given the descriptor holds the lock as long as it lives."""
        self.make()
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _taken(descriptor):
                yield None
                return
            waiting = [run for run in self.all() if run.state is State.QUEUED]
            if not waiting:
                yield None
                return
            run = waiting[-1]
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, run.asked.id.encode("ascii"), 0)
            (self.place(run.asked.id) / "started").touch()
            yield run, descriptor
        finally:
            os.close(descriptor)

    def end(self, run: str, code: int | None) -> None:
        """Note that the processes of a run have ended with this code, None if they took too long."""
        (self.place(run) / "ended.json").write_text(json.dumps({"code": code}) + "\n", encoding="ascii")

    @property
    def _lock_file(self) -> Path:
        return self.folder / "lock"


def new_id() -> str:
    """An id that sorts by the time it was made."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def _taken(descriptor: int) -> bool:
    # Whoever only looks holds a shared lock for a moment.
    for _ in range(5):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def _run(asked: Asked, place: Path, *, holds: bool) -> Run:
    # Where this home lies is nobody's business on a screen.
    said = _said(place / "said").replace(str(place.parent.parent), "$TAKUSO_HOME")
    steps = _STEP.findall(said)
    step, of = map(int, steps[-1]) if steps else (0, 0)
    last = said.strip().rpartition("\n")[2]
    if (place / "answer" / SUMMARY).is_file():
        return Run(asked=asked, state=State.DONE, step=of, steps=of)
    if (place / "ended.json").is_file():
        return Run(asked=asked, state=State.FAILED, step=step, steps=of, said=_trouble(place, said))
    if holds:
        return Run(asked=asked, state=State.RUNNING, step=step, steps=of, said=last)
    if (place / "started").exists():
        return Run(asked=asked, state=State.INTERRUPTED, step=step, steps=of, said=last)
    return Run(asked=asked, state=State.QUEUED)


def _said(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - _LONGEST))
            return stream.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _trouble(place: Path, said: str) -> str:
    """What went wrong: the last lines that are no progress. A process that fell over says so by its code alone."""
    ended: dict[str, Any] = json.loads((place / "ended.json").read_text(encoding="ascii"))
    if ended["code"] is None:
        return "時間がかかりすぎたため、止めました。\n対処: 期間を分けて調査してください。"
    # A survey that a finding stopped ends with 1, as a program does that fell over; only the former says what to do.
    told = ended["code"] == 1 and said.strip().rpartition("\n")[2].startswith("対処: ")
    if ended["code"] not in (2, 3) and not told:
        return (
            f"調査のプログラムが途中で止まりました（終了コード {ended['code']}）。\n"
            "対処: もう一度実行し、続くときはシステム管理の担当へ知らせてください。"
        )
    lines = said.strip().splitlines()
    cure = max((no for no, line in enumerate(lines) if line.startswith("対処: ")), default=len(lines) - 1)
    return "\n".join(lines[max(0, cure - 1) :])
