"""A survey answered from the extracts of its days: the same figures as from the form, of far fewer records.

Daily steps are counted by putting the codes of the days together. What the last of them leaves goes through the other
steps in runs of days, so that what is in memory stays small; only what is left after those is held all at once.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from takuso.survey.archive.days import number
from takuso.survey.archive.findings import Names, findings
from takuso.survey.archive.form import Manifest, NoForm, Part, damaged, place, read_manifest
from takuso.survey.archive.kept import Kept
from takuso.survey.archive.reads import changes
from takuso.survey.archive.records import Column
from takuso.survey.archive.sessions import Visits, arrivals
from takuso.survey.archive.supply import Which
from takuso.survey.checks import UnknownOrganisation
from takuso.survey.definition import Annotate, CustomerHeldByOther, Include, Step, Survey, ViewerAffiliation
from takuso.survey.figures import Figures, StandingUse, StepFigures, Unknown
from takuso.survey.source import FAST_FORM, Source, SourceFault
from takuso.survey.standing.arrays import Array, Arrays
from takuso.survey.standing.beside import Beside, names_of
from takuso.survey.standing.deriving import COLUMNS, Extract, View, derive
from takuso.survey.standing.entries import Extracts, NoStanding, read_extracts, stale
from takuso.survey.standing.organisations import check_organisations
from takuso.survey.standing.question import CannotStand, Question, question
from takuso.survey.standing.tally import Tally

ENGINE: Final = "standing"
MOST: Final = 1_000_000
"""So many records are put through the steps at once."""
Said = Callable[[str], None]
_UNREADABLE: Final = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, IndexError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer with what it rests on. `derived` are the days that had no extract which was right, and why."""

    figures: Figures
    view: View
    question: Question
    days: Sequence[date]
    derived: Mapping[date, str]
    extract: Callable[[date], Extract]


def answer_from_extracts(survey: Survey, source: Source, said: Said) -> Answered:
    """The figures of a standing survey. Days without an extract that is right are computed from the form.

    As with the form, who has the hashes of the source's files asks for them; the extracts of some days are to be
    derived again from the raw files before the answer stands. Raises NoStanding where the form has to do; Contradicted.
    """
    try:
        # Whether it is registered is asked first: most surveys are not.
        extracts = read_extracts(place(source.folder), survey.name)
        return _Run(survey, source, extracts).answered(said)
    except (NoForm, CannotStand, UnknownOrganisation, SourceFault) as reason:
        # The form says itself what is wrong with it.
        raise NoStanding("") from reason
    except _UNREADABLE as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NoStanding(f"読めません（{why}）。") from error


def _manifest(source: Source) -> Manifest:
    folder = place(source.folder)
    manifest = read_manifest(folder)
    if changes(source, manifest):
        raise NoForm("")
    for part in (manifest.words, manifest.supply, manifest.known, manifest.offsets, *manifest.customers):
        if part is not None and damaged(folder, part):
            raise NoForm("")
    return manifest


class _Run:
    """One survey on its extracts."""

    def __init__(self, survey: Survey, source: Source, extracts: Extracts) -> None:
        self._survey, self._source, self._extracts = survey, source, extracts
        manifest = _manifest(source)
        self._view = View(place(source.folder), manifest, source.meta)
        self._question = question(survey, source.meta)
        found = stale(self._view, self._question, extracts)
        self._days = [day for day in manifest.days if survey.period.contains(day)]
        self._stale = {day: why for day, why in found.items() if day in set(self._days)}
        if len(self._stale) == len(self._days):
            why = next(iter(self._stale.values()), "")
            raise NoStanding(f"使える抜き書きが 1 日もありません（{why}）。" if why else "")
        check_organisations(survey, source, self._view.words)
        self._tally = Tally(self._question)
        self._made: tuple[date, Extract] | None = None
        self._gathered: Beside | None = None

    def answered(self, said: Said) -> Answered:
        """All figures, then the findings."""
        said("日ごとの抜き書きを数えています")
        began = time.perf_counter()
        kept = self._narrowed()
        steps = self._rest(kept, said)
        _, now = kept.count("now")
        seconds = time.perf_counter() - began
        said("一覧を作っています")
        figures = Figures(
            engine=ENGINE,
            version=duckdb.__version__,
            seconds=seconds,
            steps=steps,
            then=steps[-1].count,
            now=now,
            findings=self._findings(kept),
            unknown=self._unknown(),
            standing=StandingUse(days=len(self._days), derived=tuple(sorted(self._stale))),
        )
        return Answered(
            figures=figures,
            view=self._view,
            question=self._question,
            days=self._days,
            derived=self._stale,
            extract=self._extract,
        )

    def _narrowed(self) -> Kept:
        """What is left after the steps that look at one record alone."""
        left = [self._run(columns) for columns in self._runs()]
        names = left[0].columns.keys()
        kept = Kept({name: np.concatenate([one.columns[name] for one in left]) for name in names}, self._view.holders)
        kept.then_in, kept.now_in = (
            np.concatenate([getattr(one, f"{of}_in") for one in left]) for of in ("then", "now")
        )
        return kept

    def _runs(self) -> Iterator[dict[str, Column]]:
        """The records that the daily steps leave, some days at a time; at least once."""
        days: list[dict[str, Column]] = []
        for day in self._days:
            rows, held = self._part(day, "rows"), self._part(day, "held")
            self._tally.day(day, rows, held)
            days.append(_records(day, rows))
            if sum(len(one["id"]) for one in days) >= MOST:
                yield _joined(days)
                days = [_records(day, _no_rows(rows))]
        yield _joined(days)
        self._tally.close()

    def _run(self, columns: Mapping[str, Column]) -> Kept:
        kept = Kept(columns, self._view.holders)
        self._tally.left(kept)
        for place_, step in enumerate(self._question.alone, start=self._question.daily):
            if not isinstance(step, Annotate):
                self._keep(kept, step)
            self._tally.count(place_, kept)
        return kept

    def _keep(self, kept: Kept, step: Step) -> None:
        self._tally.no_predecessor += self._view.coded.untold(step, kept.columns)
        kept.keep(self._met(kept, step, "then"), self._met(kept, step, "now"))

    def _met(self, kept: Kept, step: Step, which: Which) -> Any:
        if isinstance(step, CustomerHeldByOther):
            return kept.held_by_other(which, self._view.coded.retailer(step))
        return self._view.coded.met(step, kept.columns)

    def _rest(self, kept: Kept, said: Said) -> list[StepFigures]:
        """The steps from the first one on that takes records in, then the figures of all."""
        steps = self._survey.steps
        for place_ in range(self._question.daily + len(self._question.alone), len(steps)):
            step = steps[place_]
            said(f"段 {place_ + 1}/{len(steps)}: {step.name}")
            if isinstance(step, Include):
                self._take_in(kept, step, steps[:place_])
            elif not isinstance(step, Annotate):
                self._keep(kept, step)
            self._tally.count(place_, kept)
        counts = self._tally.figures()
        ins = [self._screens().total(), *(rows for rows, _ in counts)]
        return [
            StepFigures(no=no, name=step.name, kind=step.kind, rows_in=ins[no - 1], rows_out=rows, count=count)
            for no, (step, (rows, count)) in enumerate(zip(steps, counts, strict=True), start=1)
        ]

    def _take_in(self, kept: Kept, step: Include, before: Sequence[Step]) -> None:
        """Add what the same sessions opened later for the same customers, if it meets the steps before."""
        found = self._beside(kept).of(self._view.coded.chosen(step.others))
        later, then, now = arrivals(kept, self._visits(kept), found)
        more = Kept({name: column[later] for name, column in found.items()}, self._view.holders)
        more.then_in, more.now_in = then[later], now[later]
        for former in before:
            if isinstance(former, ViewerAffiliation | CustomerHeldByOther):
                more.keep(self._met(more, former, "then"), self._met(more, former, "now"))
        kept.join(more)

    def _visits(self, kept: Kept) -> Visits:
        return Visits(kept.columns["session"], kept.columns["customer"], self._view.manifest.known_points)

    def _beside(self, kept: Kept) -> Beside:
        # Whatever is taken in belongs to a visit of what was left before, so that once is enough.
        if self._gathered is None:
            inside = [number(day) for day in self._days]
            self._gathered = Beside.gathered((self._part(day, "beside") for day in self._days), kept, inside)
        return self._gathered

    def _findings(self, kept: Kept) -> Any:
        visited, view = self._visits(kept), self._view
        noted = [view.coded.chosen(step.others) for step in self._survey.steps if isinstance(step, Annotate)]
        notes = self._beside(kept).notes(visited, set[int]().union(*noted)) if noted else {}
        customers = [view.folder / part.file for part in view.manifest.customers]
        return findings(kept, visited, notes, Names(view.words, view.holders, customers))

    def _unknown(self) -> Unknown:
        screens = sorted(self._screens().items())
        return Unknown(
            days_without_log=self._source.gaps(self._survey.period),
            screens={screen: rows for screen, rows in screens if not self._survey.asked(screen)},
            no_person=self._tally.no_person,
            no_holder=self._tally.no_holder,
            no_predecessor=self._tally.no_predecessor,
        )

    def _screens(self) -> Counter[str]:
        """The records of all days by screen, as the samples compare them."""
        found = Counter[str]()
        for day in self._days:
            found.update(self._view.entry(day).screens)
        return found

    def _part(self, day: date, what: str) -> Mapping[str, Array]:
        """A part of the extract of a day; of a day whose extract is not right, derived now."""
        if day not in self._stale:
            part = getattr(self._extracts.days[day], what)
            try:
                return {} if part is None else self._read(part)
            except (OSError, ValueError):
                self._stale[day] = f"{FAST_FORM}/{part.file} が欠けているか、書いたときと違う"
        if self._made is None or self._made[0] != day:
            self._made = (day, derive(self._view, self._question, day))
        return getattr(self._made[1], what) or {}

    def _read(self, part: Part) -> Arrays:
        content = (self._view.folder / part.file).read_bytes()
        if len(content) != part.bytes or hashlib.sha256(content).hexdigest() != part.sha256:
            raise ValueError(part.file)
        return Arrays(content)

    def _extract(self, day: date) -> Extract:
        """The extract that the answer rests on."""
        entry = self._extracts.days.get(day)
        if day in self._stale or entry is None:
            return derive(self._view, self._question, day)
        try:
            return Extract(
                rows=self._read(entry.rows),
                held=self._read(entry.held),
                beside=None if entry.beside is None else self._read(entry.beside),
                since=entry.since,
            )
        except (OSError, ValueError) as error:
            raise NoStanding(f"{day} の抜き書きが、調査のあいだに変わりました。") from error


def _records(day: date, rows: Mapping[str, Array]) -> dict[str, Column]:
    """The records of an extract, each with a name of its own among those of all days."""
    place_, today = rows["place"], number(day)
    columns = {name: rows[name] for name in COLUMNS}
    return columns | {"id": names_of(today, place_), "day": np.full(len(place_), today, dtype=np.int32)}


def _no_rows(rows: Mapping[str, Array]) -> dict[str, Array]:
    return {name: rows[name][:0] for name in (*COLUMNS, "place")}


def _joined(days: Sequence[Mapping[str, Column]]) -> dict[str, Column]:
    return {name: np.concatenate([one[name] for one in days]) for name in days[0]}
