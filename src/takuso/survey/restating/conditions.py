"""The steps as conditions on one record with its facts: the rule of the engine once more, to ask what would have been.

An included record stands in for its session: that something it followed is still in is asked elsewhere.
"""

from collections.abc import Sequence
from typing import Final

from takuso.survey.definition import (
    Annotate,
    CustomerHeldByOther,
    Exclude,
    Include,
    ReachedFrom,
    Screens,
    Step,
    ViewerAffiliation,
)
from takuso.survey.restating.outcome import Fact, Which
from takuso.survey.source import Meta

_CONTRACTOR: Final = ">"


def falls_at(fact: Fact, which: Which, steps: Sequence[Step], meta: Meta) -> int | None:
    """Index of the step at which the record falls out, None if it stays or a step takes it in again."""
    first = _first(fact, which, steps, meta)
    return None if first is None or _taken_in(fact, which, steps, meta) else first


def follows(fact: Fact, which: Which, steps: Sequence[Step], meta: Meta) -> bool:
    """True if the record is in only because of another one before it."""
    return _first(fact, which, steps, meta) is not None and _taken_in(fact, which, steps, meta)


def _first(fact: Fact, which: Which, steps: Sequence[Step], meta: Meta) -> int | None:
    return next((place for place, step in enumerate(steps) if not _met(fact, which, step, meta)), None)


def _taken_in(fact: Fact, which: Which, steps: Sequence[Step], meta: Meta) -> bool:
    for place, step in enumerate(steps):
        if not isinstance(step, Include) or not step.others.holds(fact.look.screen):
            continue
        before = [former for former in steps[:place] if isinstance(former, ViewerAffiliation | CustomerHeldByOther)]
        if all(_met(fact, which, other, meta) for other in (*before, *steps[place + 1 :])):
            return True
    return False


def _met(fact: Fact, which: Which, step: Step, meta: Meta) -> bool:
    screen = fact.look.screen
    if isinstance(step, Screens):
        return screen in step.screens
    if isinstance(step, Exclude):
        return not step.others.holds(screen)
    if isinstance(step, ReachedFrom):
        return fact.came_from in step.origins and (not step.screens or screen in step.screens)
    if isinstance(step, ViewerAffiliation):
        return _works_for(fact, meta.organisation(step.organisation), contractors=step.contractors)
    if isinstance(step, CustomerHeldByOther):
        holder = fact.holders[which]
        return holder is not None and holder.retailer != meta.organisation(step.organisation)
    assert isinstance(step, Include | Annotate)  # noqa: S101 - tells the type checker that no step is left
    return True


def _works_for(fact: Fact, organisation: str, *, contractors: bool) -> bool:
    for post in fact.posts:
        employer, sign, principal = post.partition(_CONTRACTOR)
        if (organisation == employer and (contractors or not sign)) or (contractors and organisation == principal):
            return True
    return False
