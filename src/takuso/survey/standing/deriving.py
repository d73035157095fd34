"""The extract of a day out of the fast form: counts of the daily steps, records they leave, what is beside them.

An extract has three parts, because they become stale for different reasons. `rows` depends on the day and on
people.parquet: records after each daily step, the codes of the persons among them, and the records that the last one
leaves. `held` has the codes of the supply periods after each daily step, and depends on supply.parquet too. `beside`
has the records that a step may want to take in or to note beside those left: whoever is left on one day of a visit
finds the other records of the visit in the extract of that day, or of a later one into which the session goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from takuso.survey.archive.days import number
from takuso.survey.archive.form import Day, Manifest, NoForm, damaged
from takuso.survey.archive.records import Records
from takuso.survey.archive.sessions import Visits
from takuso.survey.archive.supply import LONGEST, AsOf, pieces
from takuso.survey.archive.words import NONE, Words
from takuso.survey.source import FAST_FORM, Meta
from takuso.survey.standing.arrays import Array
from takuso.survey.standing.question import CannotStand, Coded, Column, Question

COLUMNS: Final = ("screen", "affiliation", "customer", "at_us", "person", "origin", "session")
"""What is kept of a record, beside its place in the day's file."""
LONGEST_SESSION: Final = timedelta(days=31)
"""With sessions that go on longer, each extract would have to look at too many days."""
_WIDE: Final = frozenset({"at_us", "session"})


class View:
    """A form that is fresh and whole, opened. Raises NoForm, OSError, ValueError, TypeError."""

    def __init__(self, folder: Path, manifest: Manifest, meta: Meta) -> None:
        if manifest.words is None or manifest.supply is None or manifest.known is None or manifest.offsets is None:
            raise NoForm("辞書か索引がありません。")
        if manifest.longest > LONGEST:
            raise NoForm(f"1 つの供給地点に {manifest.longest:,} 行の供給期間があります。")
        self.folder, self.manifest = folder, manifest
        self.words = Words.read(folder / manifest.words.file)
        self.index = (manifest.supply, manifest.known, manifest.offsets)
        self.holders = AsOf(*(folder / part.file for part in self.index))
        self.coded = Coded(self.words, meta)

    def entry(self, day: date) -> Day:
        """A day as the manifest has it."""
        return self.manifest.days[day]

    def records(self, day: date) -> Records:
        """The records of a day, of bytes that are as they were written. Raises NoForm."""
        part = self.entry(day).rows
        if damaged(self.folder, part):
            raise NoForm(f"{FAST_FORM}/{part.file}: 欠けているか、書いたときと違います。")
        return Records({day: self.folder / part.file})

    def contracts(self, columns: Mapping[str, Column]) -> Array:
        """The supply period of each record, as known at its view."""
        found = np.empty(len(columns["customer"]), dtype=np.int32)
        for piece in pieces(len(found)):
            point, at_us, day = (columns[name][piece] for name in ("customer", "at_us", "day"))
            found[piece], _ = self.holders.held(point, at_us, day, "then")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """The parts of a day's extract. `beside` was gathered from the days since `since`, None if nothing wants any."""

    rows: Mapping[str, Array]
    held: Mapping[str, Array]
    beside: Mapping[str, Array] | None
    since: date


def derive(view: View, question: Question, day: date) -> Extract:
    """The extract of a day. Raises NoForm, CannotStand, and what reading raises: OSError, ArrowException."""
    records, coded = view.records(day), view.coded
    columns = dict(records.find(*coded.first(question.steps[0]), COLUMNS))
    columns["contract"] = view.contracts(columns)
    rows: dict[str, Array] = {}
    held: dict[str, Array] = {}
    counts: list[int] = []
    no_predecessor = 0
    for place, step in enumerate(question.steps[: question.daily]):
        no_predecessor += coded.untold(step, columns)
        columns = _only(columns, coded.met(step, columns))
        counts.append(len(columns["id"]))
        rows[f"persons.{place}"] = _distinct(columns["person"])
        held[f"contracts.{place}"] = _distinct(columns["contract"])
        if not place:
            no_person, no_holder = (np.count_nonzero(columns[name] == NONE) for name in ("person", "contract"))
    rows["counts"] = np.array(counts, dtype=np.int64)
    rows["unknown"] = np.array([no_person, no_predecessor], dtype=np.int64)
    held["unknown"] = np.array([no_holder], dtype=np.int64)
    columns = _only(columns, np.lexsort((columns["id"], columns["customer"])))
    rows["place"] = columns["id"].astype(np.int32)
    rows |= {name: _settled(name, columns[name]) for name in COLUMNS}
    beside, since = _beside(view, question, day, columns, records)
    return Extract(rows=rows, held=held, beside=beside, since=since)


def _beside(
    view: View, question: Question, day: date, columns: Mapping[str, Column], records: Records
) -> tuple[Mapping[str, Array] | None, date]:
    """The records that may be wanted beside those left, and since when there are such."""
    if not question.wanted:
        return None, day
    coded, today = view.coded, number(day)
    screens = set[int]().union(*map(coded.chosen, question.wanted))
    left = np.ones(len(columns["id"]), dtype=np.bool_)
    for step in question.alone:
        left &= coded.met(step, columns)
    visits = _visits(columns, left, view)
    found = records.find(screens, None, COLUMNS)
    inside = (visits.number(found["session"], found["customer"]) != NONE) | _carried(found, today)
    parts = [_only(found, inside)]
    carried = left & _carried(columns, today)
    since = day
    if carried.any():
        since = day - timedelta(days=today - int((columns["session"][carried] >> 32).min()))
        if day - since > LONGEST_SESSION:
            raise CannotStand(
                f"{since} に始まったセッションが {day} まで続いています。"
                f"{LONGEST_SESSION.days} 日より長いセッションのある記録では、添える段・取り入れる段のある調査を"
                "常設にできません。\n対処: takuso survey run で調べる。"
            )
        visits = _visits(columns, carried, view)
        for earlier in (one for one in view.manifest.days if since <= one < day):
            found = view.records(earlier).find(screens, None, COLUMNS)
            parts.append(_only(found, visits.number(found["session"], found["customer"]) != NONE))
    joined = {name: np.concatenate([part[name] for part in parts]) for name in (*COLUMNS, "id", "day")}
    joined = _only(joined, np.lexsort((joined["id"], joined["customer"], joined["day"])))
    made = {name: _settled(name, joined[name]) for name in (*COLUMNS, "day")}
    return made | {"place": joined["id"].astype(np.int32)}, since


def _visits(columns: Mapping[str, Column], left: Column, view: View) -> Visits:
    return Visits(columns["session"][left], columns["customer"][left], view.manifest.known_points)


def _carried(columns: Mapping[str, Column], today: int) -> Column:
    """Which records' sessions began on an earlier day: a session's code begins with the day of its first record."""
    return np.asarray((columns["session"] >> 32) < today)


def _only(columns: Mapping[str, Column], chosen: Column) -> dict[str, Column]:
    return {name: column[chosen] for name, column in columns.items()}


def _settled(name: str, column: Column) -> Array:
    return column.astype(np.int64 if name in _WIDE else np.int32, copy=False)


def _distinct(codes: Column) -> Array:
    """The different codes in order, NONE left out."""
    return np.unique(codes[codes != NONE]).astype(np.int32)
