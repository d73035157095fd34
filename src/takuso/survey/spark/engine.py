"""The survey on Spark, on the plain folder: its statements, its figures, its evidence.

Footers, people.parquet and supply.parquet are checked on this machine, as ever; what grows with the log is Spark's.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from takuso.kernel.periods import DatePeriod
from takuso.survey.checks import check_day_folders, check_organisations, check_people, check_supply, first_unreadable
from takuso.survey.definition import Survey
from takuso.survey.duck import EngineFailed, Said, no_records, open_engine
from takuso.survey.figures import Figures
from takuso.survey.footers import check_log, check_tables
from takuso.survey.restating.evidence import Evidence, Marking, evidence_of
from takuso.survey.source import Source
from takuso.survey.spark.cluster import Cluster
from takuso.survey.spark.opening import open_spark
from takuso.survey.spark.views import log_view, numbers_view, partitions, spelled, table_views
from takuso.survey.statements import condition, filled
from takuso.survey.tables import Tables
from takuso.survey.walk import Asking, walk

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENGINE: Final = "spark"
_DIALECT: Final = "spark"
_SMALL: Final = 100_000
_MADE: Final = re.compile(r"CREATE OR REPLACE (TABLE|VIEW) (\w+) AS\s+(.+?);?", re.DOTALL)


class Spark:
    """Answers surveys in one session, which is started when it is first needed; to be closed."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._open = ExitStack()
        self._session: SparkSession | None = None

    def session(self, said: Said) -> "SparkSession":
        """The session. Raises NoSpark, EngineFailed."""
        if self._session is None:
            said("Spark を始めています")
            self._session = self._open.enter_context(open_spark(self._cluster))
        return self._session

    def close(self) -> None:
        """End the session and its process."""
        self._session = None
        self._open.close()

    def answer(self, survey: Survey, source: Source, said: Said) -> Figures:
        """The figures, as from DuckDB. Raises SourceFault, UnknownOrganisation, NoRecords, EngineFailed.

        Everything that this machine can find fault with is looked at before Spark is started; neither that nor the
        start is in `seconds`, but for the footers of the log.
        """
        log = source.log(survey.period)
        if not log:
            raise no_records(survey)
        said("記録と台帳を検査しています")
        began = time.perf_counter()
        records = check_log(source, log).records
        footers = time.perf_counter() - began
        check_tables(source)
        with _histories(source) as histories:
            check_organisations(histories, source, survey)
            check_day_folders(source, survey.period)
            check_people(histories, source)
            check_supply(histories, source)
        session = self.session(said)
        said("記録を数えています")
        began = time.perf_counter() - footers
        with _statements(session, source, survey.period) as statements:
            asking = Asking(engine=ENGINE, version=session.version, records=records, began=began)
            return walk(Tables(statements, source.meta), survey, source, asking, said)

    def evidence(self, survey: Survey, source: Source) -> Evidence:
        """What the verdicts rest on, as from DuckDB. Raises EngineFailed."""
        with _statements(self.session(lambda _: None), source, survey.period) as statements:
            return evidence_of(Marking(statements, source.meta), survey, source)


class SparkStatements:
    """The statement files run by a session of Spark: a TABLE is computed at once and kept, a VIEW where it is read."""

    def __init__(self, session: "SparkSession", source: Source, period: DatePeriod) -> None:
        self._session = session
        self._made: set[str] = set()
        self._rows: dict[str, int] = {}
        log = source.log(period)
        parts = partitions(log, session.sparkContext.defaultParallelism)
        session.conf.set("spark.sql.shuffle.partitions", parts.number)
        session.conf.set("spark.sql.adaptive.enabled", str(parts.large).lower())
        table_views(session, source)
        log_view(session, "log_files", log)
        numbers_view(session, "log_numbers", "log_files")

    def ask(self, name: str, gaps: Mapping[str, str], earlier: Sequence[Path] = ()) -> list[tuple[Any, ...]]:
        """Run a statement file, its gaps filled; the rows of its last statement."""
        if earlier:
            log_view(self._session, "earlier_files", earlier)
        if name == "number" and gaps["records"] in self._rows:
            return [(self._rows[gaps["records"]],)]
        rows: list[tuple[Any, ...]] = []
        for sql in map(spelled, filled(name, gaps, _DIALECT)):
            made = _MADE.fullmatch(sql)
            if made is None:
                rows = [tuple(row) for row in self._session.sql(sql.rstrip(";")).collect()]
            else:
                self._make(made[2], made[3], kept=made[1] == "TABLE")
        return rows

    def arrow(self, name: str) -> pa.Table:
        """The rows of a statement file of one statement, in its order."""
        return self._session.sql(spelled(filled(name, {}, _DIALECT)[0]).rstrip(";")).toArrow()

    def condition(self, name: str, **gaps: str) -> str:
        """The condition in a file, its gaps filled."""
        return condition(name, gaps, _DIALECT)

    def forget(self) -> None:
        """Let go of what is kept."""
        for name in self._made:
            self._session.catalog.dropTempView(name)
        self._made.clear()

    def _make(self, name: str, select: str, *, kept: bool) -> None:
        frame = self._session.sql(select)
        if kept:
            # A kept table has no plan: tables made from tables would otherwise be planned over and over, with all
            # that they were made from. Its size is known now, and a small one is sent to where the large one lies.
            frame = frame.localCheckpoint(eager=True)
            self._rows[name] = frame.count()
            if self._rows[name] <= _SMALL:
                frame = frame.hint("broadcast")
        frame.createOrReplaceTempView(name)
        self._made.add(name)


@contextmanager
def _statements(session: "SparkSession", source: Source, period: DatePeriod) -> Iterator[SparkStatements]:
    """The statements over a source; whatever Spark says is told as it would be of DuckDB."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    statements = None
    try:
        statements = SparkStatements(session, source, period)
        yield statements
        statements.forget()
    except (PySparkException, Py4JError, OSError) as error:
        fault = first_unreadable(source)
        if fault is not None:
            raise fault from error
        raise EngineFailed(
            f"Spark が止まりました（{_first_line(error)}）。\n"
            "対処: すべてのワーカーが記録のフォルダーを同じパスで読めること、空きメモリー（TAKUSO_SPARK_MEMORY）と"
            "一時フォルダーの空きを確かめる。"
        ) from error


def _first_line(error: Exception) -> str:
    return next((line.strip()[:300] for line in str(error).splitlines() if line.strip()), type(error).__name__)


@contextmanager
def _histories(source: Source) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with people.parquet as a table, for the checks that read the histories alone."""
    with open_engine() as engine:
        try:
            engine.execute(filled("people", {})[0], {"people": str(source.people)})
            yield engine
        except duckdb.Error as error:
            fault = first_unreadable(source)
            if fault is not None:
                raise fault from error
            raise EngineFailed(
                f"DuckDB が止まりました（{str(error).splitlines()[0]}）。\n対処: 空きメモリーを確かめる。"
            ) from error
