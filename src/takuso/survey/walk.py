"""The steps of a survey walked over the tables of an engine: what is counted, and in which order."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from takuso.survey.definition import Annotate, Exclude, Include, ReachedFrom, Screens, Survey
from takuso.survey.figures import Figures, StepFigures, Unknown
from takuso.survey.source import Source
from takuso.survey.tables import Tables

Said = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who computes, over how many records of the period, and since when on the clock of `time.perf_counter`."""

    engine: str
    version: str
    records: int
    began: float


def walk(tables: Tables, survey: Survey, source: Source, asking: Asking, said: Said) -> Figures:
    """All figures of a survey; `said` is told what goes on, in Japanese."""
    steps, unknown = _steps(tables, survey, source, asking.records, said)
    _, now = tables.count("now")
    seconds = time.perf_counter() - asking.began
    said("一覧を作っています")
    return Figures(
        engine=asking.engine,
        version=asking.version,
        seconds=seconds,
        steps=steps,
        then=steps[-1].count,
        now=now,
        findings=tables.findings(
            [step.others for step in survey.steps if isinstance(step, Annotate)], source.log_before(survey.period)
        ),
        unknown=replace(unknown, screens={s: rows for s, rows in tables.screens().items() if not survey.asked(s)}),
    )


def _steps(tables: Tables, survey: Survey, source: Source, total: int, said: Said) -> tuple[list[StepFigures], Unknown]:
    done: list[StepFigures] = []
    strangers, no_predecessor = (0, 0), 0
    tables.fetch(survey.steps[0])
    rows = total
    for number, step in enumerate(survey.steps, start=1):
        said(f"段 {number}/{len(survey.steps)}: {step.name}")
        if isinstance(step, Include):
            tables.take_in(step, survey.steps[: number - 1])
        elif isinstance(step, ReachedFrom):
            no_predecessor += tables.find_predecessors(step, source.log_before(survey.period))
        # Reading for a first step that chooses screens has been the step itself.
        if not isinstance(step, Include | Annotate) and not (number == 1 and isinstance(step, Screens | Exclude)):
            tables.keep(step)
        left, count = tables.count("then")
        done.append(StepFigures(no=number, name=step.name, kind=step.kind, rows_in=rows, rows_out=left, count=count))
        rows = left
        if number == 1:
            strangers = tables.strangers()
    return done, Unknown(
        days_without_log=source.gaps(survey.period),
        no_person=strangers[0],
        no_holder=strangers[1],
        no_predecessor=no_predecessor,
    )
