"""The survey on the fast form: the same figures as on the plain folder, from codes instead of texts."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from takuso.survey.archive.counting import Tally
from takuso.survey.archive.findings import Names, findings, noted_screens
from takuso.survey.archive.form import SIDE_BY_SIDE, Manifest, NoForm
from takuso.survey.archive.kept import Kept, Mask
from takuso.survey.archive.records import Column, Records
from takuso.survey.archive.sessions import arrivals, visits
from takuso.survey.archive.supply import LONGEST, AsOf, Which
from takuso.survey.archive.words import NONE, Codes, Words, codes
from takuso.survey.checks import refuse_organisation
from takuso.survey.definition import (
    Annotate,
    CustomerHeldByOther,
    Exclude,
    Include,
    ReachedFrom,
    ScreenChoice,
    Screens,
    Step,
    Survey,
    ViewerAffiliation,
)
from takuso.survey.duck import ENGINE, no_records
from takuso.survey.figures import Count, Figures, StepFigures, Unknown
from takuso.survey.source import FAST_FORM, Source

_COLUMNS: Final = ("screen", "affiliation", "customer", "at_us", "person", "origin")
_NEVER_HELD: Final = -2
"""The code of a retailer that never held a point."""
Said = Callable[[str], None]


def answer(survey: Survey, source: Source, folder: Path, manifest: Manifest, said: Said) -> Figures:
    """Run the steps on the form in `folder`, which must be fresh and whole.

    Raises NoRecords, UnknownOrganisation and SourceFault as on the plain folder; NoForm where the form cannot be
    read, or has a point with so many periods that the plain folder is faster.
    """
    if not source.log(survey.period):
        raise no_records(survey)
    if manifest.longest > LONGEST:
        raise NoForm(f"1 つの供給地点に {manifest.longest:,} 行の供給期間があります。")
    try:
        return _Run(survey, source, folder, manifest).figures(said)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise NoForm(f"読めません（{str(error).splitlines()[0] if str(error) else type(error).__name__}）。") from error


@dataclass(slots=True, kw_only=True)
class _Passed:
    """What steps have left of a day, or of several: after each step the records in as known then, their persons and
    supply periods; of all steps together what is unknown.
    """

    kept: Kept
    left: list[int] = field(default_factory=list)
    codes: list[tuple[Codes, Codes]] = field(default_factory=list)
    no_person: int = 0
    no_holder: int = 0
    no_predecessor: int = 0


class _Run:
    """One survey on one form."""

    def __init__(self, survey: Survey, source: Source, folder: Path, manifest: Manifest) -> None:
        self._survey, self._source, self._folder, self._manifest = survey, source, folder, manifest

    def figures(self, said: Said) -> Figures:
        """All figures, then the findings."""
        survey = self._survey
        said("速い形の記録を数えています")
        began = time.perf_counter()
        self._open()
        self._check_organisations()
        kept, steps, unknown = self._steps(said)
        _, now = kept.count("now")
        seconds = time.perf_counter() - began
        said("一覧を作っています")
        noted = [self._chosen(step.others) for step in survey.steps if isinstance(step, Annotate)]
        names = Names(self._words, self._holders, [self._folder / part.file for part in self._manifest.customers])
        visited = visits(kept, self._records, self._manifest.known_points)
        notes = noted_screens(self._records, visited, frozenset[int]().union(*noted))
        return Figures(
            engine=ENGINE,
            version=duckdb.__version__,
            seconds=seconds,
            steps=steps,
            then=steps[-1].count,
            now=now,
            findings=findings(kept, visited, notes, names),
            unknown=unknown,
        )

    def _open(self) -> None:
        manifest, folder = self._manifest, self._folder
        if manifest.words is None or manifest.supply is None or manifest.known is None or manifest.offsets is None:
            raise NoForm("辞書か索引がありません。")
        self._words = Words.read(folder / manifest.words.file)
        self._holders = AsOf(*(folder / part.file for part in (manifest.supply, manifest.known, manifest.offsets)))
        days = {day: entry for day, entry in manifest.days.items() if self._survey.period.contains(day)}
        self._entries = list(days.items())
        self._records = Records({day: folder / entry.rows.file for day, entry in days.items()})
        self._counts = Counter[str]()
        for entry in days.values():
            self._counts.update(entry.screens)

    def _check_organisations(self) -> None:
        viewers = set(self._words.organisations)
        holders = viewers | set(self._words.holders)
        for number, step, named in self._survey.organisations():
            known = viewers if isinstance(step, ViewerAffiliation) else holders
            if self._source.meta.organisation(named) not in known:
                refuse_organisation(self._source, number, step, named)

    def _steps(self, said: Said) -> tuple[Kept, list[StepFigures], Unknown]:
        survey, done = self._survey, list[StepFigures]()
        by_day = list(takewhile(lambda step: not isinstance(step, Include), survey.steps))
        kept, days, counts = self._days(by_day)
        rows, no_predecessor = self._records.total, sum(day.no_predecessor for day in days)
        for number, step in enumerate(survey.steps, start=1):
            said(f"段 {number}/{len(survey.steps)}: {step.name}")
            if number <= len(by_day):
                left, count = sum(day.left[number - 1] for day in days), counts[number - 1]
            else:
                if isinstance(step, Include):
                    self._take_in(kept, step, survey.steps[: number - 1])
                else:
                    no_predecessor += self._keep(kept, step)
                left, count = kept.count("then")
            done.append(
                StepFigures(no=number, name=step.name, kind=step.kind, rows_in=rows, rows_out=left, count=count)
            )
            rows = left
        return (
            kept,
            done,
            Unknown(
                days_without_log=self._source.gaps(survey.period),
                screens={s: rows for s, rows in sorted(self._counts.items()) if not survey.asked(s)},
                no_person=sum(day.no_person for day in days),
                no_holder=sum(day.no_holder for day in days),
                no_predecessor=no_predecessor,
            ),
        )

    def _days(self, steps: Sequence[Step]) -> tuple[Kept, list[_Passed], list[Count]]:
        """Take each day by itself through these steps, some days side by side."""
        tallies = [self._tally() for _ in steps]
        days = []
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for day in pool.map(lambda place: self._day(place, steps), range(len(self._records))):
                for tally, codes in zip(tallies, day.codes, strict=True):
                    tally.add(*codes)
                day.codes.clear()
                days.append(day)
        kept, *others = [day.kept for day in days]
        kept.join(*others)
        return kept, days, [tally.count() for tally in tallies]

    def _day(self, place: int, steps: Sequence[Step]) -> _Passed:
        self._must_hold(place)
        passed = _Passed(kept=Kept(self._first(self._survey.steps[0], place), self._holders))
        kept = passed.kept
        for number, step in enumerate(steps):
            # Reading for a first step that chooses by these has been the step itself.
            if number or not isinstance(step, Screens | Exclude | ViewerAffiliation):
                passed.no_predecessor += self._keep(kept, step)
            passed.left.append(int(np.count_nonzero(kept.then_in)))
            passed.codes.append(kept.codes("then"))
            if number == 0:
                passed.no_person, passed.no_holder = kept.strangers()
        if not steps:
            passed.no_person, passed.no_holder = kept.strangers()
        kept.hold("now")
        return passed

    def _must_hold(self, place: int) -> None:
        """Raise NoForm where the manifest tells other numbers of a day than its records."""
        day, entry = self._entries[place]
        counted = {self._words.screens[code]: rows for code, rows in self._records.by_screen(place).items()}
        if counted != dict(entry.screens) or entry.records != sum(counted.values()):
            # A builder keeps the days of a manifest whose raw files are the same, so that it would not mend this.
            raise NoForm(
                f"{day} の記録数が、{FAST_FORM}/{entry.rows.file} の記録と合いません。"
                f"先に {FAST_FORM} を消してください。"
            )

    def _tally(self) -> Tally:
        return Tally(persons=len(self._words.persons), periods=self._holders.contracts)

    def _first(self, step: Step, place: int) -> Mapping[str, Column]:
        """What a first step may keep of a day; the form is read no further."""
        screens = affiliations = None
        if isinstance(step, Screens):
            screens = self._words.screen_codes(step.screens)
        elif isinstance(step, Exclude):
            screens = set(range(len(self._words.screens))) - self._chosen(step.others)
        elif isinstance(step, ReachedFrom) and step.screens:
            screens = self._words.screen_codes(step.screens)
        elif isinstance(step, ViewerAffiliation):
            affiliations = self._affiliations(step)
        return self._records.find(screens, affiliations, _COLUMNS, place)

    def _keep(self, kept: Kept, step: Step) -> int:
        """Drop what does not meet the step; how many records have nothing that tells where they came from."""
        if isinstance(step, Annotate):
            return 0
        unknown = 0
        if isinstance(step, ReachedFrom):
            asked = kept.among("screen", self._words.screen_codes(step.screens)) if step.screens else True
            unknown = int(np.count_nonzero((kept.columns["origin"] == NONE) & asked))
        then = self._met(kept, step, "then")
        kept.keep(then, self._met(kept, step, "now") if isinstance(step, CustomerHeldByOther) else then)
        return unknown

    def _met(self, kept: Kept, step: Step, which: Which) -> Mask:
        if isinstance(step, CustomerHeldByOther):
            organisation = self._source.meta.organisation(step.organisation)
            return kept.held_by_other(which, codes(self._words.retailers).get(organisation, _NEVER_HELD))
        if isinstance(step, ViewerAffiliation):
            return kept.among("affiliation", self._affiliations(step))
        if isinstance(step, ReachedFrom):
            met = kept.among("origin", self._words.screen_codes(step.origins))
            return met & kept.among("screen", self._words.screen_codes(step.screens)) if step.screens else met
        if isinstance(step, Screens):
            return kept.among("screen", self._words.screen_codes(step.screens))
        if isinstance(step, Exclude):
            return ~kept.among("screen", self._chosen(step.others))
        return np.ones(len(kept), dtype=np.bool_)

    def _take_in(self, kept: Kept, step: Include, before: Sequence[Step]) -> None:
        """Add what the same sessions opened later for the same customers, if it meets the steps before."""
        found = self._records.find(self._chosen(step.others), None, (*_COLUMNS, "session"))
        visited = visits(kept, self._records, self._manifest.known_points)
        later, then, now = arrivals(kept, visited, found)
        columns = {name: column[later] for name, column in found.items() if name != "session"}
        more = Kept(columns, self._holders)
        more.then_in, more.now_in = then[later], now[later]
        for former in before:
            if isinstance(former, ViewerAffiliation | CustomerHeldByOther):
                more.keep(self._met(more, former, "then"), self._met(more, former, "now"))
        kept.join(more)

    def _affiliations(self, step: ViewerAffiliation) -> set[int]:
        organisation = self._source.meta.organisation(step.organisation)
        return self._words.with_organisation(organisation, contractors=step.contractors)

    def _chosen(self, others: ScreenChoice) -> set[int]:
        named = self._words.screen_codes(others.codes)
        return set(range(len(self._words.screens))) - named if others.all_but else named
