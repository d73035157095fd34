"""What stands before a record in its session on one day, where the log has not recorded it.

Records of one session with the same time and screen stand together: the first of them comes after the group before,
the others after one with their own screen.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from takuso.survey.archive.order import Places, ordered
from takuso.survey.archive.raw import Instants
from takuso.survey.archive.words import NONE, Codes

Ranks = Callable[[Places], Sequence[Codes]]
"""Of some records: what else decides which of a group stands first, the most important one first."""


def last_screens(session: Codes, at_us: Instants, screen: Codes, sessions: int) -> Codes:
    """The last screen of each session; of several at that instant the greatest."""
    last = np.full(sessions, np.iinfo(np.int64).min, dtype=np.int64)
    np.maximum.at(last, session, at_us)
    found = np.full(sessions, NONE, dtype=np.int32)
    there = at_us == last.take(session)
    np.maximum.at(found, session[there], screen[there])
    return found


def before(session: Codes, at_us: Instants, screen: Codes, asked: Places, ranks: Ranks) -> Codes:
    """The screen before each record asked for, NONE if it is the first of its session that day."""
    found = np.full(len(session), NONE, dtype=np.int32)
    of_these = np.zeros(int(session.max(initial=NONE)) + 1, dtype=np.bool_)
    of_these[session[asked]] = True
    rows = np.flatnonzero(of_these.take(session))
    rows = rows.take(ordered([column.take(rows) for column in (session, at_us, screen)]))
    session, at_us, screen = session.take(rows), at_us.take(rows), screen.take(rows)
    same_session, same_group = _like_the_one_before(session, at_us, screen)
    previous = np.where(same_session, np.roll(screen, 1), NONE)
    if same_group.any():
        group = np.cumsum(~same_group) - 1
        of_group = previous.take(np.flatnonzero(~same_group)).take(group)
        previous = np.where(_first_of_group(rows, group, ranks), of_group, screen)
    found[rows] = previous
    return found.take(asked)


def _like_the_one_before(*columns: npt.NDArray[np.signedinteger]) -> tuple[npt.NDArray[np.bool_], ...]:
    """Whether each record is of the session of the one before it, and whether of its group."""
    session, *others = columns
    same_session = np.concatenate(([False], session[1:] == session[:-1]))[: len(session)]
    same_group = same_session.copy()
    for column in others:
        same_group[1:] &= column[1:] == column[:-1]
    return same_session, same_group


def _first_of_group(rows: Places, group: Places, ranks: Ranks) -> npt.NDArray[np.bool_]:
    """Whether each record is the first of its group; most groups have one record only."""
    is_first = np.ones(len(rows), dtype=np.bool_)
    shared = np.flatnonzero(np.bincount(group).take(group) > 1)
    order = shared.take(ordered([group.take(shared), *ranks(rows.take(shared))]))
    is_first[order[1:]] = group[order[1:]] != group[order[:-1]]
    return is_first
