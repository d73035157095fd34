"""The survey in DuckDB, on the plain folder."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from takuso.kernel.periods import DatePeriod
from takuso.survey.checks import check_day_folders, check_organisations, check_people, check_supply, first_unreadable
from takuso.survey.definition import Survey
from takuso.survey.figures import Figures
from takuso.survey.footers import check_log, check_tables
from takuso.survey.source import Source
from takuso.survey.statements import condition, filled
from takuso.survey.tables import Tables
from takuso.survey.walk import Asking, walk

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
    """An engine gave up: out of memory, out of disk, or not to be reached."""


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


class DuckStatements:
    """The statement files run by a connection of DuckDB; `mixed` if log files differ in the types of a column."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, source: Source, period: DatePeriod, *, mixed: bool) -> None:
        self._engine = engine
        self._mixed = {"mixed": str(mixed).lower()}
        self._files: dict[str, Any] = {
            "log": [str(file) for file in source.log(period)],
            "people": str(source.people),
            "supply": str(source.supply),
        }

    def ask(self, name: str, gaps: Mapping[str, str], earlier: Sequence[Path] = ()) -> list[tuple[Any, ...]]:
        """Run a statement file, its gaps filled; the rows of its last statement."""
        files = {**self._files, "earlier": [str(file) for file in earlier]}
        rows: list[tuple[Any, ...]] = []
        for sql in filled(name, {**gaps, **self._mixed}):
            given = {key: files[key] for key in files if f"${key}" in sql}
            rows = self._engine.execute(sql, given or None).fetchall()
        return rows

    def over(self, log: Sequence[Path]) -> None:
        """Read these log files from now on."""
        self._files["log"] = [str(file) for file in log]

    def arrow(self, name: str) -> pa.Table:
        """The rows of a statement file of one statement, in its order."""
        # A result of `execute` would come in any order, for insertion order is not preserved.
        return self._engine.sql(filled(name, {})[0]).to_arrow_table()

    def condition(self, name: str, **gaps: str) -> str:
        """The condition in a file, its gaps filled."""
        return condition(name, gaps)


def _figures(engine: duckdb.DuckDBPyConnection, survey: Survey, source: Source, said: Said) -> Figures:
    said("記録を数えています")
    began = time.perf_counter()
    log = check_log(source, source.log(survey.period))
    check_tables(source)
    tables = Tables(DuckStatements(engine, source, survey.period, mixed=log.mixed), source.meta)
    check_organisations(engine, source, survey)
    asking = Asking(engine=ENGINE, version=duckdb.__version__, records=log.records, began=began)
    return walk(tables, survey, source, asking, said)
