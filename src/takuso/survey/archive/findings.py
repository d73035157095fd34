"""The findings out of the form: persons and contracts of the records that are left, in texts again."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from takuso.survey.archive.engine import Engine
from takuso.survey.archive.kept import Kept
from takuso.survey.archive.records import Column, Ids, Records
from takuso.survey.archive.sessions import Visits
from takuso.survey.archive.supply import AsOf
from takuso.survey.archive.words import NONE, Words
from takuso.survey.figures import Finding

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Notes = Mapping[int, Mapping[int, int]]
"""By visit: records by screen."""


class Names:
    """Codes into texts."""

    def __init__(self, words: Words, holders: AsOf, customers: Sequence[Path]) -> None:
        self._words, self._holders, self._customers = words, holders, customers

    def viewers(self, person: Column) -> list[str]:
        """Persons, empty for nobody."""
        return ["" if code == NONE else self._words.persons[code] for code in person.tolist()]

    def screen(self, code: int) -> str:
        """A screen, `?` for none."""
        return "?" if code == NONE else self._words.screens[code]

    def contracts(self, contract: Column, retailer: Column, customer: Column) -> list[str]:
        """Contracts as customer | retailer | from, empty for none."""
        held = contract != NONE
        if not held.any():
            return [""] * len(contract)
        engine = Engine(duckdb.connect())
        engine.table("wanted", {"code": pa.array(np.unique(customer[held]), pa.int32())})
        (names,) = engine.ask("archive_names", {"customers": [str(file) for file in self._customers]})
        points = dict(names)
        engine.table("wanted", {"day": pa.array(self._holders.since(contract[held]), pa.int32())})
        (days,) = engine.ask("archive_days_as_text")
        texts = zip(customer[held].tolist(), retailer[held].tolist(), days, strict=True)
        said = iter([f"{points[point]}|{self._words.retailers[holder]}|{day}" for point, holder, (day,) in texts])
        return [next(said) if one else "" for one in held.tolist()]


def noted_screens(records: Records, visited: Visits, screens: Collection[int]) -> Notes:
    """The records of some screens in each visit."""
    notes: dict[int, Counter[int]] = {}
    if not screens or not len(visited):
        return notes
    found = records.find(screens, None, ("session", "customer", "screen"))
    visit = visited.number(found["session"], found["customer"])
    inside = visit != NONE
    for one, screen in zip(visit[inside].tolist(), found["screen"][inside].tolist(), strict=True):
        notes.setdefault(one, Counter())[screen] += 1
    return notes


def findings(kept: Kept, visited: Visits, notes: Notes, names: Names) -> list[Finding]:
    """One for each person and contract, in order."""
    kept.hold("now")
    then, now = np.flatnonzero(kept.then_in), np.flatnonzero(kept.now_in)
    rows = np.concatenate((then, now))
    contract, retailer = (
        np.concatenate((kept.columns[f"then_{what}"][then], kept.columns[f"now_{what}"][now]))
        for what in ("contract", "retailer")
    )
    viewers, viewer = _ranked(kept.columns["person"][rows], lambda found, _: names.viewers(found))
    customer = kept.columns["customer"][rows]
    contracts, held = _ranked(
        contract, lambda found, places: names.contracts(found, retailer[places], customer[places])
    )
    pairs, pair = np.unique(viewer * max(len(contracts), 1) + held, return_inverse=True)
    noted = _noted(visited, notes, names, pair, rows)
    paths = _paths(kept, noted, names, pair, rows)
    first, last = _reach(kept.columns["at_us"][rows], pair, len(pairs))
    # A record that is in as known then and now is one view.
    views = np.bincount(np.unique(pair * max(len(kept), 1) + rows) // max(len(kept), 1), minlength=len(pairs))
    in_then, in_now = (np.bincount(part, minlength=len(pairs)) > 0 for part in np.split(pair, [len(then)]))
    return [
        Finding(
            viewer=viewers[code // len(contracts)],
            contract=contracts[code % len(contracts)],
            first_at=_EPOCH + timedelta(microseconds=int(first[place])),
            last_at=_EPOCH + timedelta(microseconds=int(last[place])),
            views=int(views[place]),
            path=paths[place],
            verdict_then=bool(in_then[place]),
            verdict_now=bool(in_now[place]),
            noted=tuple(sorted(noted.get(place, ()))),
        )
        for place, code in enumerate(pairs.tolist())
    ]


def _ranked(codes: Column, texts_of: Callable[[Column, Ids], list[str]]) -> tuple[list[str], Ids]:
    """Different texts in order, and the rank of each code's text; `texts_of` gets codes and where they stand first."""
    found, first, places = np.unique(codes, return_index=True, return_inverse=True)
    texts = texts_of(found, first)
    ordered = sorted(set(texts))
    rank = {text: number for number, text in enumerate(ordered)}
    return ordered, np.array([rank[text] for text in texts], dtype=np.int64)[places]


def _reach(at_us: Column, pair: Ids, count: int) -> tuple[Ids, Ids]:
    """The first and the last instant of each pair."""
    first = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    last = np.full(count, np.iinfo(np.int64).min, dtype=np.int64)
    np.minimum.at(first, pair, at_us)
    np.maximum.at(last, pair, at_us)
    return first, last


def _noted(visited: Visits, notes: Notes, names: Names, pair: Ids, rows: Ids) -> dict[int, Counter[str]]:
    """The noted screens of each pair's visits with their records."""
    noted: dict[int, Counter[str]] = {}
    if notes:
        for one, visit in np.unique(np.column_stack((pair, visited.of[rows])), axis=0).tolist():
            for screen, records in notes.get(visit, {}).items():
                noted.setdefault(one, Counter())[names.screen(screen)] += records
    return noted


def _paths(kept: Kept, noted: Mapping[int, Counter[str]], names: Names, pair: Ids, rows: Ids) -> list[str]:
    """The path of each pair: its transitions, then the noted screens of its visits with their records."""
    steps: dict[int, set[str]] = {}
    columns = (pair, kept.columns["origin"][rows], kept.columns["screen"][rows])
    for one, origin, screen in np.unique(np.column_stack(columns), axis=0).tolist():
        steps.setdefault(one, set()).add(f"{names.screen(origin)}>{names.screen(screen)}")
    return [
        "; ".join(
            [*sorted(steps[one]), *(f"+{screen}:{count}" for screen, count in sorted(noted.get(one, {}).items()))]
        )
        for one in sorted(steps)
    ]
