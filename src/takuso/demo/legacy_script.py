"""What planted persons do: sessions that end in the record that matters, and what is true of that record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from takuso.demo.legacy_numbers import session_codes
from takuso.demo.legacy_people import Access, Roster
from takuso.demo.legacy_spells import Spell, Spells
from takuso.demo.legacy_week import END, FIRST, HOUR, SCREEN, SECOND, Week, instant
from takuso.demo.numbering import Shuffle

Record = tuple[int, int, int, int, int, int, int, int]
"""at, user, session, screen, came_from (-1: not recorded), point, action, terminal."""
Path = Sequence[tuple[str, int]]

_PLANTED_SESSIONS: Final = 5_000_000
"""Sessions of the crowd are numbered below this, planted ones from it."""
_TERMINALS: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A planted view: its kinds, who, what, when; the contract by which it counts, if it does, then and now."""

    kinds: tuple[str, ...]
    access: Access
    point: int
    at: int
    session: int
    then: Spell | None = None
    now: Spell | None = None
    contract: Spell | None = None


class TooSmall(ValueError):
    """The week asked for has no room for the leak and every near miss."""

    def __init__(self, option: str, least: int) -> None:
        super().__init__(
            f"{option} が小さすぎて、漏洩と紛らわしい閲覧のすべてを置けません。\n"
            f"対処: {option} を {least:,} 以上にしてください。"
        )


@dataclass(slots=True)
class Script:
    """Collects sessions, histories and cases; points are taken so that each case has its own."""

    week: Week
    roster: Roster
    rng: Random
    spells: Spells
    cases: list[Case] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    _sessions: int = 0

    @classmethod
    def blank(cls, week: Week, roster: Roster) -> "Script":
        """Nothing yet."""
        rng = Random(f"legacy/script/{week.seed}")  # noqa: S311 - repeatable on purpose
        return cls(week=week, roster=roster, rng=rng, spells=Spells(rng=rng))

    @property
    def within(self) -> int:
        """Records in the period."""
        start, end = instant(FIRST), instant(END)
        return sum(start <= record[0] < end for record in self.records)

    def points(self) -> Iterator[int]:
        """Points nobody has taken; raises TooSmall when more than half are."""
        shuffle = Shuffle(self.week.points, f"legacy/planted/{self.week.seed}")
        for place in range(self.week.points // 2):
            point = shuffle.at(place)
            self.taken.append(point)
            yield point
        raise TooSmall("--points", 2 * self.week.points)

    def office_hours(self, day: int) -> int:
        """A moment of this day between 08:30 and 20:00."""
        return instant(day, self.rng.randrange(17 * HOUR // 2, 20 * HOUR))

    def terminal(self, user: int) -> int:
        """Mostly the user's own desk; often one that several share."""
        shared = self.rng.random() < 0.3
        return self.rng.randrange(_TERMINALS // 10) if shared else user % _TERMINALS

    def visit(
        self,
        user: int,
        at: int,
        path: Path,
        *,
        hidden: bool = False,
        recorded: str | None = None,
        copies: int = 1,
        terminal: int | None = None,
    ) -> int:
        """One session whose last record is at this instant; returns its code.

        Earlier records stand 6 to 40 seconds apart. `hidden`: the last one's predecessor is not recorded; of the
        others each may be missing. `recorded`: what it is recorded as, where that is not the record before it.
        `copies`: how often the last two are written.
        """
        gaps = [self.rng.randrange(6 * SECOND, 40 * SECOND) for _ in path[1:]]
        times = [at - sum(gaps[place:]) for place in range(len(path))]
        self._sessions += 1
        day = (times[0] + 9 * HOUR) // (24 * HOUR)
        session = int(session_codes(day, np.array([_PLANTED_SESSIONS + self._sessions]))[0])
        place_of_work = self.terminal(user) if terminal is None else terminal
        for place, (screen, point) in enumerate(path):
            last = place == len(path) - 1
            came_from = -1 if place == 0 else SCREEN[path[place - 1][0]]
            if last and recorded:
                came_from = SCREEN[recorded]
            if (last and hidden) or self.rng.random() < self.week.missing:
                came_from = -1
            action = 0 if self.rng.random() < 0.9 else 1
            record = (times[place], user, session, SCREEN[screen], came_from, point, action, place_of_work)
            self.records += [record] * (copies if place >= len(path) - 2 else 1)
        return session
