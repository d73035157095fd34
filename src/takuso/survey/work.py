"""Running the surveys that are waiting: a process of the program for each, one at a time, watched by a thread.

The process holds the lock of the runs. If the office is killed, a run that goes on ends by itself, and one that was
killed too is found to be interrupted.
"""

import atexit
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Final

from takuso.survey.runs import Run, Runs

LONGEST_SECONDS: Final = 3600
Command = Sequence[str]
Commands = Callable[[Run], Sequence[Command]]
_GOOD: Final = (0, 1)
_children: set["subprocess.Popen[bytes]"] = set()


def advance(runs: Runs, commands: Commands, home: Path) -> None:
    """Begin the oldest waiting run, unless another one runs; returns at once.

    `commands` are arguments of the program, run in that order in this home until one cannot go on.
    """
    with runs.turn() as turn:
        if turn is not None:
            run, lock = turn
            # A copy of the descriptor keeps the lock after this one is closed.
            Thread(target=_work, args=(runs, run, os.dup(lock), commands, home), daemon=True).start()


def _work(runs: Runs, run: Run, lock: int, commands: Commands, home: Path) -> None:
    code: int | None = 3
    try:
        with (runs.place(run.asked.id) / "said").open("wb") as said:
            for command in commands(run):
                code = _call(command, said.fileno(), lock, home)
                if code not in _GOOD:
                    break
        runs.end(run.asked.id, code)
    finally:
        os.close(lock)
    advance(runs, commands, home)


def _call(command: Command, said: int, lock: int, home: Path) -> int | None:
    """Code of the process, None if it took too long."""
    child = subprocess.Popen(
        [sys.executable, "-m", "takuso.main", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        pass_fds=(lock,),
        env=os.environ | {"TAKUSO_HOME": str(home)},
    )
    _children.add(child)
    try:
        return child.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return None
    finally:
        _children.discard(child)


@atexit.register
def _leave() -> None:
    """An office that closes takes its processes along."""
    for child in list(_children):
        child.terminate()
