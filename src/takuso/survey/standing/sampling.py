"""Which days of an answer are derived again from the raw files: the first, the last, and some chosen by a seed.

The seed is a new one at each run unless it is given, so that nobody knows beforehand which days will be looked at; the
answer's report names seed and days.
"""

import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from takuso.survey.figures import Figures
from takuso.survey.source import Source
from takuso.survey.standing.answering import Answered
from takuso.survey.standing.rederiving import check_day

SOME: Final = 1
"""So many days are drawn beside the first and the last."""
_SEEDS: Final = 1 << 32
Said = Callable[[str], None]


def sample(days: Sequence[date], seed: int) -> tuple[date, ...]:
    """The days to be derived again, in order."""
    between = sorted(days)[1:-1]
    # The seed itself is none that can be guessed.
    drawn = random.Random(seed).sample(between, min(SOME, len(between)))  # noqa: S311
    return tuple(sorted({min(days), max(days), *drawn}))


def check_samples(answered: Answered, source: Source, seed: int | None, said: Said) -> Figures:
    """The figures with what was looked at. Raises Contradicted, SourceFault, EngineFailed."""
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    days = sample(answered.days, seed)
    for count, day in enumerate(days, start=1):
        said(f"{day} の抜き書きを元の記録から作り直して確かめています（{count}/{len(days)}）")
        check_day(answered.view, answered.question, source, day, answered.extract(day))
    use = answered.figures.standing
    return replace(answered.figures, standing=None if use is None else replace(use, sampled=days, seed=seed))
