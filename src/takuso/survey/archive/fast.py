"""The survey on the fast form: the same figures as on the plain folder, from codes instead of texts."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from takuso.survey.archive.findings import Names, findings, noted_screens
from takuso.survey.archive.form import Manifest, NoForm
from takuso.survey.archive.kept import Kept, Mask
from takuso.survey.archive.records import Column, Records
from takuso.survey.archive.sessions import arrivals, visits
from takuso.survey.archive.supply import LONGEST, AsOf, Which
from takuso.survey.archive.words import NONE, Words, codes
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
from takuso.survey.figures import Figures, StepFigures, Unknown
from takuso.survey.source import Source

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
        strangers, no_predecessor = (0, 0), 0
        kept = Kept(self._first(survey.steps[0]), self._holders)
        rows = self._records.total
        for number, step in enumerate(survey.steps, start=1):
            said(f"段 {number}/{len(survey.steps)}: {step.name}")
            if isinstance(step, Include):
                self._take_in(kept, step, survey.steps[: number - 1])
            elif not isinstance(step, Annotate):
                no_predecessor += self._keep(kept, step)
            left, count = kept.count("then")
            done.append(
                StepFigures(no=number, name=step.name, kind=step.kind, rows_in=rows, rows_out=left, count=count)
            )
            rows = left
            if number == 1:
                strangers = kept.strangers()
        return (
            kept,
            done,
            Unknown(
                days_without_log=self._source.gaps(survey.period),
                screens={s: rows for s, rows in sorted(self._counts.items()) if not survey.asked(s)},
                no_person=strangers[0],
                no_holder=strangers[1],
                no_predecessor=no_predecessor,
            ),
        )

    def _first(self, step: Step) -> Mapping[str, Column]:
        """What a first step may keep; the form is read no further."""
        screens = affiliations = None
        if isinstance(step, Screens):
            screens = self._words.screen_codes(step.screens)
        elif isinstance(step, Exclude):
            screens = set(range(len(self._words.screens))) - self._chosen(step.others)
        elif isinstance(step, ReachedFrom) and step.screens:
            screens = self._words.screen_codes(step.screens)
        elif isinstance(step, ViewerAffiliation):
            affiliations = self._affiliations(step)
        return self._records.find(screens, affiliations, _COLUMNS)

    def _keep(self, kept: Kept, step: Step) -> int:
        """Drop what does not meet the step; how many records have nothing that tells where they came from."""
        unknown = 0
        if isinstance(step, ReachedFrom):
            asked = kept.among("screen", self._words.screen_codes(step.screens)) if step.screens else True
            unknown = int(np.count_nonzero((kept.columns["origin"] == NONE) & asked))
        kept.keep(self._met(kept, step, "then"), self._met(kept, step, "now"))
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
