"""How a long command shows how far it is: stages with something done of a total, on stderr."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from takuso.doors.cli.answers import say, talk

_EVERY: Final = 60.0


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal; elsewhere one line a stage, and one a minute within it.

    Gives a function of (stage name, done, total).
    """
    console = talk()
    if not console.is_terminal:
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} / {task.total:,.0f}"))
    with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def _lines() -> Callable[[str, int, int], None]:
    said: dict[str, float] = {}

    def show(stage: str, done: int, total: int) -> None:
        began = said.setdefault(stage, time.monotonic())
        if done == total or time.monotonic() - began >= _EVERY:
            said[stage] = time.monotonic()
            say(f"{stage}: {done:,} / {total:,}")

    return show
