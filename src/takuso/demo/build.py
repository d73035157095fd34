"""Puts a plan into a home: the rows through a loader, the answers beside them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

from takuso.demo.companies import Row
from takuso.demo.customers import AnswerBook
from takuso.demo.plan import GENERAL_TABLES, SITE_TABLES, Plan, Settled

CHUNK: Final = 2_000
Progress = Callable[[str, int, int], None]
"""Called with (stage name, done, total)."""


class Loader(Protocol):
    """Writes rows past the screens, in a demo or sandbox home only."""

    def load(self, table: str, rows: Iterable[Mapping[str, object]]) -> int:
        """Copy rows in; returns how many."""

    def restamp(self, points: Sequence[int]) -> int:
        """Derive the stamps and search keys of these points; returns how many."""


def build(loader: Loader, plan: Plan, progress: Progress, answers: AnswerBook | None = None) -> int:
    """Load the plan, in chunks of 2,000 sites; returns the number of rows.

    `answers` receives what `takuso demo customers` answers from.
    """
    general = plan.general()
    loaded = sum(loader.load(table, general[table]) for table in (*GENERAL_TABLES, "wall.cases"))
    progress("会社・担当者", len(general["wall.org"]), len(general["wall.org"]))
    done = 0
    for chunk in _chunks(plan.settle()):
        rows: dict[str, list[Row]] = defaultdict(list)
        for settled in chunk:
            for table, found in settled.rows.items():
                rows[table] += found
            if answers is not None:
                answers.add(settled.site)
        loaded += sum(loader.load(table, rows[table]) for table in SITE_TABLES if rows[table])
        points = [contract.point for settled in chunk for contract in settled.site.contracts]
        loader.restamp(points)
        done += len(points)
        progress("供給地点", done, plan.points)
    return loaded


def _chunks(settled: Iterator[Settled]) -> Iterator[list[Settled]]:
    while chunk := list(islice(settled, CHUNK)):
        yield chunk
