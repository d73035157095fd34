"""What a survey asks: a period and steps. A step keeps, drops or adds records; units are never mixed.

Organisations are `affiliate` or `network`, which the source's meta.json resolves, or a code of the source.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

from takuso.kernel.periods import DatePeriod

AFFILIATE: Final = "affiliate"
NETWORK: Final = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenChoice:
    """Screens by code, or every screen but these."""

    codes: tuple[str, ...]
    all_but: bool = False

    def holds(self, screen: str) -> bool:
        """True if the choice names this screen."""
        return (screen in self.codes) != self.all_but


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    name: str
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screens(_Step):
    """Keep the records of these screens."""

    kind: ClassVar = "screens"
    screens: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedFrom(_Step):
    """Keep the records whose predecessor is one of `origins`; with `screens`, of those screens only.

    The predecessor is the recorded screen, or the record before it in the whole, unfiltered session.
    """

    kind: ClassVar = "reached_from"
    origins: tuple[str, ...]
    screens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerAffiliation(_Step):
    """Keep the records of persons employed by the organisation on the JST day of the view."""

    kind: ClassVar = "viewer_affiliation"
    organisation: str
    contractors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerHeldByOther(_Step):
    """Keep the records of points that had a holder at the view, and another one than the organisation."""

    kind: ClassVar = "customer_held_by_other"
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Include(_Step):
    """Take in what was opened later in the same session for the same customer on these screens.

    What is taken in has passed the viewer and customer steps that stand before this one.
    """

    kind: ClassVar = "include"
    others: ScreenChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclude(_Step):
    """Drop the records of these screens."""

    kind: ClassVar = "exclude"
    others: ScreenChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotate(_Step):
    """Change no figure; note in the findings which of these screens the same session opened for the same customer."""

    kind: ClassVar = "annotate"
    others: ScreenChoice


Step = Screens | ReachedFrom | ViewerAffiliation | CustomerHeldByOther | Include | Exclude | Annotate
STEPS: Final = (Screens, ReachedFrom, ViewerAffiliation, CustomerHeldByOther, Include, Exclude, Annotate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A survey file. `sha256` is of its bytes; `period` is closed on both sides and not empty."""

    name: str
    title: str
    period: DatePeriod
    steps: tuple[Step, ...]
    sha256: str
    source: Path | None = field(default=None)

    def organisations(self) -> Iterable[tuple[int, Step, str]]:
        """Every organisation a step names: step number, step, organisation."""
        for number, step in enumerate(self.steps, start=1):
            if isinstance(step, ViewerAffiliation | CustomerHeldByOther):
                yield number, step, step.organisation

    def asked(self, screen: str) -> bool:
        """True if a step speaks of this screen by its code, other than to drop or to note it."""
        return any(screen in named for named in map(_named, self.steps))

    def screens(self) -> frozenset[str]:
        """Every screen that a step speaks of by its code."""
        others = (step.others.codes for step in self.steps if isinstance(step, Include | Exclude | Annotate))
        return frozenset(code for named in (*map(_named, self.steps), *others) for code in named)


def _named(step: Step) -> tuple[str, ...]:
    if isinstance(step, Screens):
        return step.screens
    if isinstance(step, ReachedFrom):
        return (*step.origins, *step.screens)
    if isinstance(step, Include) and not step.others.all_but:
        return step.others.codes
    return ()
