"""The crowd: everybody's daily work at the legacy system, as columns, one day at a time.

A session is a run of tasks; a task starts at the menu, where screen and customer are typed, and walks some screens.
IDs that ever work for the affiliate go from 口振異動通知 to お客さま情報Ⅱ only for customers whom the affiliate
supplies all through the week, or at points that nobody supplies; for the rest they see anyone. So the crowd adds
nothing to the leak, then or now. Shares are EXAMPLE.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from takuso.demo.legacy_numbers import session_codes
from takuso.demo.legacy_people import Roster
from takuso.demo.legacy_week import ACTIONS, DAY, HOUR, HOUR_WEIGHTS, NOBODY, OWN, RETAILERS, SCREEN, SECOND, instant

Column = npt.NDArray[Any]
NOT_RECORDED: Final = -1
COLUMNS: Final = ("at", "user", "session", "screen", "came_from", "point", "action", "terminal")
_TERMINALS: Final = 4_000
_GAPS: Final = (SECOND, 29 * SECOND)
_TASKS: Final = (3, 24)

# (weight, screens after the menu)
_TASK_KINDS: Final = (
    (190, ("CI10",)),
    (60, ("CI10", "ID20")),
    (70, ("ID10", "ID20")),
    (50, ("KS20", "ID20", "SB10")),
    (80, ("SB10", "YK10")),
    (90, ("SY10",)),
    (60, ("KN10", "KN20")),
    (40, ("KI10", "KJ10", "KN20")),
    (70, ("TS10", "YK10", "SB10")),
    (60, ("RY10", "SK10", "NK10")),
    (60, ("SK10", "NK10")),
    (22, ("CI20",)),
    (15, ("CI10", "CI20")),
    (10, ("CI20", "CI10", "SY10")),
    (10, ("KF10",)),
    (8, ("KF10", "CI10")),
    (4, ("KF10", "CI10", "CI20")),
    (4, ("KF10", "NK10")),
    (24, ("KF10", "CI20")),
    (7, ("KF10", "CI20", "CI10")),
)
_WEIGHTS: Final = np.cumsum([weight for weight, _ in _TASK_KINDS])
_LENGTHS: Final = np.array([1 + len(screens) for _, screens in _TASK_KINDS])
_WALKS: Final = np.array(
    [[SCREEN[code] for code in ("MN00", *screens, *["MN00"] * (3 - len(screens)))] for _, screens in _TASK_KINDS],
    np.int8,
)
_BARRED: Final = np.array([screens[:2] == ("KF10", "CI20") for _, screens in _TASK_KINDS])
_MEAN: Final = float((_LENGTHS * np.diff(_WEIGHTS, prepend=0)).sum() / _WEIGHTS[-1])


class Crowd:
    """Who works, and at whose customers."""

    def __init__(self, roster: Roster, settled: npt.NDArray[np.int8]) -> None:
        self._employer = roster.employers()
        self._careful = np.zeros(roster.users, np.bool_)
        self._careful[sorted(roster.careful)] = True
        self._points = len(settled)
        self._of = {number: np.flatnonzero(settled == number).astype(np.int32) for number in range(len(RETAILERS))}
        self._empty = np.flatnonzero(settled == NOBODY).astype(np.int32)

    def day(self, rng: np.random.Generator, day: int, rows: int, missing: float, *, closed: bool) -> dict[str, Column]:
        """This many records of sessions that begin on the day; `closed`: none of them reaches the next day."""
        if rows == 0:
            return {name: np.empty(0, np.int64) for name in COLUMNS}
        repeated = rows // 1_000
        kinds = self._tasks(rng, rows - repeated)
        lengths = _LENGTHS[kinds]
        task = np.repeat(np.arange(len(kinds)), lengths)[: rows - repeated]
        place = np.arange(len(task)) - (np.cumsum(lengths) - lengths)[task]
        session_of_task = _sessions(rng, len(kinds))
        session = session_of_task[task]
        starts = np.flatnonzero(np.diff(session, prepend=-1))
        screen = _WALKS[kinds[task], place]
        came_from = np.concatenate([[NOT_RECORDED], screen[:-1]]).astype(np.int8)
        came_from[starts] = NOT_RECORDED
        came_from[rng.random(len(task)) < missing] = NOT_RECORDED
        user = rng.integers(0, len(self._employer), session_of_task[-1] + 1)
        terminal = np.where(
            rng.integers(0, 10, len(user)) < 3, rng.integers(0, _TERMINALS // 10, len(user)), user % _TERMINALS
        )
        made = {
            "at": _instants(rng, day, session, starts, closed=closed),
            "user": user[session],
            "session": session_codes(day, np.arange(len(user)))[session],
            "screen": screen,
            "came_from": came_from,
            "point": self._customers(rng, user[session_of_task], _BARRED[kinds])[task],
            "action": np.maximum(rng.integers(-40, len(ACTIONS), len(task)), 0),
            "terminal": terminal[session],
        }
        again = rng.integers(0, len(task), repeated)
        return {name: np.concatenate([column, column[again]]) for name, column in made.items()}

    def _tasks(self, rng: np.random.Generator, rows: int) -> Column:
        """Kinds of tasks that together have at least this many records, the last of them just reaching it."""
        drawn = np.searchsorted(_WEIGHTS, rng.integers(0, _WEIGHTS[-1], int(rows / _MEAN * 1.1) + 50), side="right")
        while _LENGTHS[drawn].sum() < rows:
            more = np.searchsorted(_WEIGHTS, rng.integers(0, _WEIGHTS[-1], len(drawn)), side="right")
            drawn = np.concatenate([drawn, more])
        enough = int(np.searchsorted(np.cumsum(_LENGTHS[drawn]), rows)) + 1
        return drawn[:enough]

    def _customers(self, rng: np.random.Generator, user: Column, barred: Column) -> Column:
        """A point for each task: mostly one's own customers; of the network company's staff, anyone's."""
        found = rng.integers(0, self._points, len(user)).astype(np.int32)
        employer = self._employer[user]
        stranger = rng.integers(0, 100, len(user)) < 12
        for number, points in self._of.items():
            own = np.flatnonzero((employer == number) & ~stranger)
            if len(points):
                found[own] = points[rng.integers(0, len(points), len(own))]
        careful = np.flatnonzero(self._careful[user] & barred)
        found[careful] = self._of[OWN][rng.integers(0, len(self._of[OWN]), len(careful))]
        if len(self._empty):
            vacant = careful[rng.integers(0, 100, len(careful)) < 3]
            found[vacant] = self._empty[rng.integers(0, len(self._empty), len(vacant))]
        return found


def _sessions(rng: np.random.Generator, tasks: int) -> Column:
    """The session, from 0, of each task: 3 to 23 tasks each."""
    sizes = rng.integers(*_TASKS, tasks // _TASKS[0] + 1)
    return np.repeat(np.arange(len(sizes)), sizes)[:tasks]


def _instants(rng: np.random.Generator, day: int, session: Column, starts: Column, *, closed: bool) -> Column:
    """Microseconds UTC: sessions begin by the hour's weight; records follow in 1 to 29 seconds."""
    weights = np.cumsum(HOUR_WEIGHTS)
    hours = np.searchsorted(weights, rng.integers(0, weights[-1], len(starts)), side="right")
    begun = hours * HOUR + rng.integers(0, HOUR, len(starts))
    passed = np.cumsum(rng.integers(*_GAPS, len(session)))
    passed -= passed[starts][session]
    if closed:
        ends = passed[np.append(starts[1:], len(session)) - 1]
        begun = np.minimum(begun, DAY - 1 - ends)
    return instant(day) + begun[session] + passed
