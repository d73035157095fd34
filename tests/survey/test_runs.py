"""Runs that were asked for: one at a time, what became of each, and what a kill in the middle leaves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from takuso.survey.runs import Asked, Run, Runs, State, new_id
from takuso.survey.shelf import shipped
from takuso.survey.work import advance
from tests.survey.test_result import PLACE

SURVEY = shipped()["notice-2022-12"]
LONG = ("demo", "log", "--rows", "30000000", "--points", "13000000", "--out")


def queued(runs: Runs, name: str | None = None) -> str:
    run = name or new_id()
    told = dict.fromkeys(("survey", "title", "source", "label", "person", "receipt"), "x")
    runs.ask(Asked(id=run, at="2026-11-27T00:00:00+00:00", **told), SURVEY)
    return run


def asks(runs: Runs, source: Path) -> Callable[[Run], list[Sequence[str]]]:
    def commands(run: Run) -> list[Sequence[str]]:
        place = runs.answer(run.asked.id)
        file = runs.survey(run.asked.id)
        return [("survey", "run", str(file), "--source", str(source), "--out", str(place), "--json")]

    return commands


def become(runs: Runs, run: str, *wanted: State, seconds: float = 90) -> Run:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = runs.find(run)
        assert found is not None
        if found.state in wanted:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{found.state}: {found.said}")


def test_runs_are_done_one_after_the_other_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    runs, source = Runs(tmp_path / "home" / "surveys"), PLACE.write(tmp_path / "source")
    first, second = queued(runs, "20261127-000000-aaaaaa"), queued(runs, "20261127-000001-bbbbbb")
    assert [run.state for run in runs.all()] == [State.QUEUED, State.QUEUED]
    advance(runs, asks(runs, source), tmp_path)
    # Whoever else comes finds the lock taken, and begins nothing.
    advance(runs, asks(runs, source), tmp_path)
    assert runs.running() == first
    assert runs.find(second).state is State.QUEUED  # type: ignore[union-attr]
    assert become(runs, first, State.DONE).steps == 5
    become(runs, second, State.DONE)
    until = time.monotonic() + 60
    while runs.running() is not None:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert [run.asked.id for run in runs.all()] == [second, first]
    assert runs.folder.stat().st_mode & 0o077 == 0
    assert runs.place(first).stat().st_mode & 0o077 == 0


def test_a_run_that_cannot_go_on_says_why_and_not_where_the_home_is(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "home" / "surveys")
    run = queued(runs)
    advance(runs, asks(runs, tmp_path / "home" / "gone"), tmp_path)
    found = become(runs, run, State.FAILED)
    assert "フォルダー" in found.said
    assert "対処: " in found.said
    assert str(tmp_path) not in found.said


_OFFICE = """
import os, sys, time
from pathlib import Path
from takuso.survey.runs import Runs
from takuso.survey.work import advance
runs = Runs(Path(sys.argv[1]))
advance(runs, lambda run: [(*sys.argv[2:], str(runs.place(run.asked.id) / "long"))], Path(sys.argv[1]).parent)
print(runs.running(), flush=True)
time.sleep(600)
"""


def test_a_finding_that_stops_a_survey_is_told_and_a_program_that_fell_over_is_not(tmp_path: Path) -> None:
    """Both end with 1 and leave no answer."""
    runs = Runs(tmp_path / "surveys")
    run = queued(runs)
    said = "段 1/2: x\n2022-12-07 の抜き書きが正しくありません。\n対処: 作り直す。\n"
    for words, expected in (
        (said, said.split("\n", 1)[1].strip()),
        ("Traceback\nKeyError: 1\n", "調査のプログラムが途中で止まりました"),
    ):
        (runs.place(run) / "said").write_text(words, encoding="utf-8")
        runs.end(run, 1)
        found = runs.find(run)
        assert found is not None
        assert (found.state, found.said.startswith(expected)) == (State.FAILED, True)


def _child_of(parent: int) -> int:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        others = [int(n) for task in Path(f"/proc/{parent}/task").iterdir()
                  for n in (task / "children").read_text().split()]  # fmt: skip
        if found or others:
            return (others or [int(n) for n in found])[0]
        time.sleep(0.05)
    raise AssertionError("no process")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for the process in /proc")
def test_a_kill_in_the_middle_leaves_an_interrupted_run_and_no_answer(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "home" / "surveys")
    run = queued(runs)
    office = subprocess.Popen([sys.executable, "-c", _OFFICE, str(runs.folder), *LONG], stdout=subprocess.PIPE)
    child = 0
    try:
        assert office.stdout is not None
        assert office.stdout.readline().decode().strip() == run
        child = _child_of(office.pid)
        office.send_signal(signal.SIGKILL)
        office.wait()
        # The office is gone and the process goes on: it still holds the lock.
        assert runs.find(run).state is State.RUNNING  # type: ignore[union-attr]
    finally:
        office.kill()
        office.stdout.close()  # type: ignore[union-attr]
        if child:
            os.kill(child, signal.SIGKILL)
    found = become(runs, run, State.INTERRUPTED)
    assert found.ended
    assert not runs.answer(run).exists()
    # The next one in the queue is not held up by it.
    after = queued(runs)
    advance(runs, asks(runs, PLACE.write(tmp_path / "source")), tmp_path)
    become(runs, after, State.DONE)
    assert runs.find(run).state is State.INTERRUPTED  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["..", "../x", "", "lock", "20261127-000000-aaaaaa/..", "20261127-000000-AAAAAA"])
def test_only_an_id_names_a_folder(name: str, tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    assert runs.find(name) is None
    with pytest.raises(KeyError):
        runs.place(name)
