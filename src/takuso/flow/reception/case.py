"""案件: an application and where it stands."""

from dataclasses import dataclass
from datetime import date, datetime

from takuso.flow.reception.model import Application, Content, day_of
from takuso.flow.reception.refusals.decisions import Conflict, Refusal
from takuso.flow.reception.vocabulary import COMMITTED, FINAL, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An application, its state, the last day for what is waited for, and why it was refused.

    `counterparts` are the retailers on the other side: the holder of a relay, the two halves of a switch. `partner` is
    the 受付番号 of the other half, from the moment both are matched.
    """

    application: Application
    state: State
    since: datetime
    due: date | None = None
    refusals: tuple[Refusal, ...] = ()
    counterparts: frozenset[str] = frozenset()
    partner: str = ""

    @property
    def number(self) -> str:
        """受付番号."""
        return self.application.number

    @property
    def content(self) -> Content:
        """What the application says."""
        return self.application.content

    @property
    def day(self) -> date | None:
        """効力日."""
        return day_of(self.application.content)

    @property
    def is_open(self) -> bool:
        """True as long as anything can still happen before it is in force, or wait for its effect."""
        return self.state not in FINAL and self.state is not State.EFFECTIVE

    @property
    def is_committed(self) -> bool:
        """True if it is fixed that it will take effect, and it has not yet."""
        return self.state in COMMITTED

    @property
    def parties(self) -> frozenset[str]:
        """The retailers that may know of it."""
        return self.counterparts | {self.application.sender}

    def as_conflict(self) -> Conflict:
        """To be named in a refusal."""
        return Conflict(number=self.number, procedure=self.application.procedure, day=self.day, parties=self.parties)


def own_conflict(application: Application) -> Conflict:
    """An application that is only being judged, named beside what it clashes with."""
    return Conflict(
        number=application.number,
        procedure=application.procedure,
        day=day_of(application.content),
        parties=frozenset({application.sender}),
    )
