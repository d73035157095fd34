"""The survey in DuckDB, on the plain folder."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import duckdb

from takuso.survey.checks import check_day_folders, check_organisations, check_people, check_supply, first_unreadable
from takuso.survey.definition import Annotate, Exclude, Include, ReachedFrom, Screens, Survey
from takuso.survey.figures import Figures, StepFigures, Unknown
from takuso.survey.footers import check_log, check_tables
from takuso.survey.source import Source
from takuso.survey.statements import filled
from takuso.survey.tables import Tables

ENGINE: Final = "duckdb"
Said = Callable[[str], None]


class NoRecords(Exception):
    """The source has no log for any day of the period."""


def no_records(survey: Survey) -> NoRecords:
    """What is raised where the period has no log."""
    return NoRecords(
        f"{survey.period.start} から {survey.period.last_day} までの閲覧記録がありません。\n"
        "対処: 調査ファイルの period と、log/day=… の日を合わせる。"
    )


class EngineFailed(Exception):
    """DuckDB gave up: out of memory, out of disk."""


def answer(survey: Survey, source: Source, said: Said) -> Figures:
    """Run the steps; `said` is told what goes on, in Japanese.

    Checks that change no figure run after the last figure, so that `seconds` is the time of the question alone;
    if they find a fault there is no answer. Raises SourceFault, UnknownOrganisation, NoRecords, EngineFailed.
    """
    if not source.log(survey.period):
        raise no_records(survey)
    with open_engine() as engine:
        try:
            figures = _figures(engine, survey, source, said)
            said("記録と台帳を検査しています")
            check_day_folders(source, survey.period)
            check_people(engine, source)
            check_supply(engine, source)
        except duckdb.Error as error:
            fault = first_unreadable(source)
            if fault is not None:
                raise fault from error
            raise EngineFailed(
                f"DuckDB が止まりました（{str(error).splitlines()[0]}）。\n"
                "対処: 空きメモリーと一時フォルダーの空き（TMPDIR）を確かめ、期間を分けて調査する。"
            ) from error
    return figures


@contextmanager
def open_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the survey's settings and a folder of its own to spill to. Raises EngineFailed."""
    try:
        spill = tempfile.TemporaryDirectory(prefix="takuso-survey-")
    except OSError as error:
        raise EngineFailed(
            f"一時フォルダーを作れません（{error.strerror}）。何も書いていません。\n"
            "対処: 空きを作って、または空きのあるところを TMPDIR に指定して、もう一度実行する。"
        ) from error
    with spill as folder, duckdb.connect(config={"temp_directory": folder}) as connection:
        for sql in filled("setup", {}):
            connection.execute(sql)
        yield connection


def _figures(engine: duckdb.DuckDBPyConnection, survey: Survey, source: Source, said: Said) -> Figures:
    said("記録を数えています")
    began = time.perf_counter()
    log = check_log(source, source.log(survey.period))
    check_tables(source)
    tables = Tables(engine, source, survey.period, mixed=log.mixed)
    check_organisations(engine, source, survey)
    steps, unknown = _steps(tables, survey, source, log.records, said)
    _, now = tables.count("now")
    seconds = time.perf_counter() - began
    said("一覧を作っています")
    return Figures(
        engine=ENGINE,
        version=duckdb.__version__,
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
