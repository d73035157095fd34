"""What of a survey can be answered day by day, and its steps in the codes of a form.

Whether a record passes a step that looks at its screens or its viewer depends on the record and its day alone. The
steps before the first one that asks for holders or takes in further records are therefore counted once for each day;
the rest is asked of the few records that they leave, when the survey is run.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from takuso.survey.archive.form import VERSION as FORM
from takuso.survey.archive.form import key_of
from takuso.survey.archive.records import among
from takuso.survey.archive.words import Words, codes
from takuso.survey.definition import (
    Annotate,
    CustomerHeldByOther,
    Exclude,
    Include,
    ReachedFrom,
    ScreenChoice,
    Screens,
    Step,
    Survey,
    ViewerAffiliation,
)
from takuso.survey.source import Meta

VERSION: Final = f"1 form-{FORM}"
"""Version of the extracts; those of another one are made again."""
_NEVER_HELD: Final = -2
"""The code of a retailer that never held a point."""
Mask = npt.NDArray[np.bool_]
Column = npt.NDArray[Any]


class CannotStand(Exception):
    """A survey that gains nothing from extracts, or a source of which none can be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The steps of a survey. `daily` of them, the first ones, are counted by day; `key` is a hash of what they ask."""

    steps: tuple[Step, ...]
    daily: int
    key: str

    @property
    def alone(self) -> tuple[Step, ...]:
        """The steps after the daily ones, up to one that takes records in: each looks at one record alone."""
        rest = self.steps[self.daily :]
        taking = [place for place, step in enumerate(rest) if isinstance(step, Include)]
        return rest[: taking[0]] if taking else rest

    @property
    def wanted(self) -> tuple[ScreenChoice, ...]:
        """Screens of which the survey wants more of the same visits: to take them in, or to note them."""
        return tuple(step.others for step in self.steps if isinstance(step, Annotate | Include))


def question(survey: Survey, meta: Meta) -> Question:
    """What a survey asks of a source with this meta.json. Raises CannotStand."""
    steps = survey.steps
    asking = [place for place, step in enumerate(steps) if isinstance(step, CustomerHeldByOther | Include)]
    daily = asking[0] if asking else len(steps)
    if all(isinstance(step, Annotate) for step in steps[:daily]):
        raise CannotStand(
            f"{survey.name}: 画面か閲覧者で絞る段より前に、供給者の段か取り入れる段があるので、"
            "日ごとの抜き書きでは小さくなりません。\n"
            "対処: 画面か閲覧者で絞る段を先に書く。数の変わる問いなら、そのまま takuso survey run で調べる。"
        )
    return Question(steps=steps, daily=daily, key=key_of(VERSION, [_told(step, meta) for step in steps]))


def _told(step: Step, meta: Meta) -> dict[str, Any]:
    """All of a step that can change a figure: neither its name nor its label."""
    told = {name: value for name, value in asdict(step).items() if name not in ("name", "item")}
    if isinstance(step, ViewerAffiliation | CustomerHeldByOther):
        told["organisation"] = meta.organisation(step.organisation)
    return {"kind": step.kind, **told}


class Coded:
    """Steps in the codes of a form."""

    def __init__(self, words: Words, meta: Meta) -> None:
        self._words, self._meta = words, meta

    def first(self, step: Step) -> tuple[set[int] | None, set[int] | None]:
        """Screens and affiliations outside which a first step keeps nothing; None is any."""
        if isinstance(step, Screens):
            return self._words.screen_codes(step.screens), None
        if isinstance(step, Exclude):
            return set(range(len(self._words.screens))) - self.chosen(step.others), None
        if isinstance(step, ReachedFrom) and step.screens:
            return self._words.screen_codes(step.screens), None
        if isinstance(step, ViewerAffiliation):
            return None, self._affiliations(step)
        return None, None

    def met(self, step: Step, columns: Mapping[str, Column]) -> Mask:
        """Which records meet a step that looks at one record and its day alone; any other step is met."""
        if isinstance(step, Screens):
            return among(columns["screen"], self._words.screen_codes(step.screens))
        if isinstance(step, Exclude):
            return ~among(columns["screen"], self.chosen(step.others))
        if isinstance(step, ViewerAffiliation):
            return among(columns["affiliation"], self._affiliations(step))
        if isinstance(step, ReachedFrom):
            met = among(columns["origin"], self._words.screen_codes(step.origins))
            return met & self._asked(step, columns)
        return np.ones(len(columns["screen"]), dtype=np.bool_)

    def untold(self, step: Step, columns: Mapping[str, Column]) -> int:
        """Records that a step drops because nothing tells where they came from."""
        if not isinstance(step, ReachedFrom):
            return 0
        return int(np.count_nonzero((columns["origin"] < 0) & self._asked(step, columns)))

    def retailer(self, step: CustomerHeldByOther) -> int:
        """The code of the step's organisation as a holder."""
        return codes(self._words.retailers).get(self._meta.organisation(step.organisation), _NEVER_HELD)

    def chosen(self, others: ScreenChoice) -> set[int]:
        """The screens of a choice."""
        named = self._words.screen_codes(others.codes)
        return set(range(len(self._words.screens))) - named if others.all_but else named

    def _asked(self, step: ReachedFrom, columns: Mapping[str, Column]) -> Mask:
        if not step.screens:
            return np.ones(len(columns["screen"]), dtype=np.bool_)
        return among(columns["screen"], self._words.screen_codes(step.screens))

    def _affiliations(self, step: ViewerAffiliation) -> set[int]:
        return self._words.with_organisation(self._meta.organisation(step.organisation), contractors=step.contractors)
