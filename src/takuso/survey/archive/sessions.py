"""A visit: one session's records of one customer, over days. Each has a number of its own within a survey."""

from collections.abc import Mapping

import numpy as np

from takuso.survey.archive.kept import Kept, Mask
from takuso.survey.archive.records import Column, Ids, Records
from takuso.survey.archive.words import NONE

_NEVER = np.iinfo(np.int64).max


class Visits:
    """The visits that some records belong to."""

    def __init__(self, session: Ids, customer: Column, points: int) -> None:
        self._sessions = np.unique(session)
        self._points = max(points, 1)
        self._customers = np.zeros(self._points, dtype=np.bool_)
        self._customers[customer] = True
        # A session's place times the points, and the point: every visit is another number.
        key = np.searchsorted(self._sessions, session) * self._points + customer
        self._keys, self.of = np.unique(key, return_inverse=True)

    def __len__(self) -> int:
        return len(self._keys)

    def number(self, session: Ids, customer: Column) -> Ids:
        """The visit of each of these records; NONE for those of another visit."""
        found = np.full(len(session), NONE, dtype=np.int64)
        if not len(self):
            return found
        # Few records are of these customers, so the searches are few.
        near = np.flatnonzero(self._customers[customer])
        place = np.minimum(np.searchsorted(self._sessions, session[near]), len(self._sessions) - 1)
        hit = self._sessions[place] == session[near]
        near, place = near[hit], place[hit]
        key = place * self._points + customer[near]
        where = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        same = self._keys[where] == key
        found[near[same]] = where[same]
        return found

    def first(self, at_us: Ids, inside: Mask) -> Ids:
        """From when on each visit has a record that is in; the end of time if never."""
        found = np.full(len(self), _NEVER, dtype=np.int64)
        np.minimum.at(found, self.of[inside], at_us[inside])
        return found


def visits(kept: Kept, records: Records, points: int) -> Visits:
    """The visits of the records still in."""
    return Visits(records.column("session", kept.columns["id"]), kept.columns["customer"], points)


def arrivals(kept: Kept, visited: Visits, columns: Mapping[str, Column]) -> tuple[Mask, Mask, Mask]:
    """Of other records: which come later in a visit of those still in, at all, as known then and as known now."""
    visit = visited.number(columns["session"], columns["customer"])
    known = visit != NONE
    known &= ~np.isin(columns["id"], kept.columns["id"], assume_unique=True)
    masks = []
    for which in ("then", "now"):
        first = visited.first(kept.columns["at_us"], kept.inside("then" if which == "then" else "now"))
        later = known.copy()
        later[known] = columns["at_us"][known] > first[visit[known]]
        masks.append(later)
    then, now = masks
    return then | now, then, now
