"""What the verdicts rest on: the log records in question with the facts that decided about each, then and now.

In question is every record that the survey's choices of screens leave, whether it was found or not: only so can a
later run tell why one came in or fell out. Where these are too many, the evidence has only what was found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from takuso.survey.definition import Annotate, Exclude, Include, ReachedFrom, Screens, Step, Survey
from takuso.survey.duck import DuckStatements, EngineFailed, open_engine
from takuso.survey.figures import EVIDENCE, FINDINGS, Finding
from takuso.survey.footers import check_log
from takuso.survey.source import Source
from takuso.survey.statements import codes
from takuso.survey.tables import Tables

MOST: Final = 1_500_000
"""So many records in question are kept at most; above that only the found ones."""
_EVERY: Final = "true"
_INSTANT: Final = pa.timestamp("us", tz="UTC")
_SCHEMA: Final = pa.schema(
    [
        pa.field("at", _INSTANT, nullable=False),
        *(pa.field(name, pa.string(), nullable=False) for name in ("user_id", "session_id", "screen")),
        pa.field("came_from", pa.string()),
        pa.field("customer", pa.string(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("person", pa.string()),
        pa.field("posts", pa.list_(pa.string()), nullable=False),
        pa.field("then_retailer", pa.string()),
        pa.field("then_from", pa.date32()),
        pa.field("then_to", pa.date32()),
        pa.field("then_known_from", _INSTANT),
        pa.field("then_known_to", _INSTANT),
        pa.field("now_retailer", pa.string()),
        pa.field("now_from", pa.date32()),
        pa.field("now_to", pa.date32()),
        pa.field("now_known_from", _INSTANT),
        pa.field("then_in", pa.bool_(), nullable=False),
        pa.field("now_in", pa.bool_(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Log records, equal ones once with their number in `records`. `whole` if those that fell out are there too.

    `came_from` is the screen before, recorded or found in the session; `posts` are organisations of the person on
    that day, a contractor's as `ORG>ITS PRINCIPAL`; `then_…` is the supply period as known at the view, `now_…` as
    known now; `then_in` and `now_in` are the verdicts.
    """

    table: pa.Table
    whole: bool


class Contradiction(EngineFailed):
    """The evidence and the findings of one run do not agree: a fault of the program."""


class Marking(Tables):
    """Tables in which a record that falls out is marked and stays."""

    def screens_chosen(self, steps: Sequence[Step]) -> str:
        """A condition on the log: what the choices of screens leave, up to a step that adds records."""
        wanted = []
        for step in steps:
            if isinstance(step, Include):
                break
            if isinstance(step, Screens | Exclude):
                wanted.append(self._may_keep(step))
            elif isinstance(step, ReachedFrom) and step.screens:
                wanted.append(f"screen IN {codes(step.screens)}")
        return " AND ".join(wanted) or _EVERY

    def few(self, where: str) -> bool:
        """True if so many records can be kept."""
        ((number,),) = self._ask("evidence_count", where=where)
        return int(number) <= MOST

    def read(self, where: str) -> None:
        """Read them, with what is known about each."""
        self._read("records", where)

    def mark(self, step: Step) -> None:
        """Mark as out what does not meet the step's condition."""
        then, now = self._conditions(step)
        self._ask("mark", then=then, now=now)

    def take_in(self, step: Include, before: Sequence[Step]) -> None:
        """As in the tables of the figures, to which a record that is marked as out is none."""
        self._ask("aside")
        super().take_in(step, before)
        self._ask("back")
        self._ask("viewers", records="records")

    def evidence(self) -> pa.Table:
        """The records as they stand, in order."""
        self._ask("stretches")
        return self._engine.arrow("evidence").cast(_SCHEMA)


def evidence(survey: Survey, source: Source) -> Evidence:
    """Look once more at the records in question, in DuckDB. Raises EngineFailed."""
    log = source.log(survey.period)
    mixed = check_log(source, log).mixed
    with open_engine() as engine:
        try:
            tables = Marking(DuckStatements(engine, source, survey.period, mixed=mixed), source.meta)
            return evidence_of(tables, survey, source)
        except duckdb.Error as error:
            raise EngineFailed(
                f"DuckDB が判定の根拠を書き出すあいだに止まりました（{str(error).splitlines()[0]}）。\n"
                "対処: 空きメモリーと一時フォルダーの空き（TMPDIR）を確かめ、期間を分けて調査する。"
            ) from error


def evidence_of(tables: Marking, survey: Survey, source: Source) -> Evidence:
    """Look once more at the records in question, in the tables of an engine."""
    chosen = tables.screens_chosen(survey.steps)
    whole = tables.few(chosen)
    _walk(tables, survey, source, chosen if whole else None)
    return Evidence(table=tables.evidence(), whole=whole)


def _walk(tables: Marking, survey: Survey, source: Source, chosen: str | None) -> None:
    """The steps; with `chosen` what falls out is marked, without it is dropped."""
    earlier = source.log_before(survey.period)
    if chosen is None:
        tables.fetch(survey.steps[0])
    else:
        tables.read(chosen)
    for number, step in enumerate(survey.steps):
        if isinstance(step, Include):
            tables.take_in(step, survey.steps[:number])
            continue
        if isinstance(step, Annotate):
            continue
        if isinstance(step, ReachedFrom):
            tables.find_predecessors(step, earlier)
        if chosen is None:
            tables.keep(step)
        else:
            tables.mark(step)
    tables.find_all_predecessors(earlier)


def must_agree(found: Evidence, findings: Iterable[Finding]) -> None:
    """Raise Contradiction unless evidence and findings have the same viewers and contracts, then and now."""
    findings = list(findings)
    for which in ("then", "now"):
        told = {(one.viewer, one.contract) for one in findings if getattr(one, f"verdict_{which}")}
        differing = _pairs(found.table, which) ^ told
        if differing:
            viewer, contract = (part or "（なし）" for part in min(differing))
            raise Contradiction(
                f"判定の根拠（{EVIDENCE}）と一覧（{FINDINGS}）が {len(differing):,} 組で合いません"
                f"（たとえば {viewer} {contract}）。何も書いていません。\n"
                "対処: 調査ファイルとこの文を添えて、開発者に知らせる。"
            )


def _pairs(table: pa.Table, which: str) -> set[tuple[str, str]]:
    """Viewers and contracts of the records that are in."""
    inside = table.filter(table[f"{which}_in"])
    days = pc.cast(inside[f"{which}_from"], pa.string())
    contracts = pc.binary_join_element_wise(inside["customer"], inside[f"{which}_retailer"], days, "|")
    columns = {"person": pc.fill_null(inside["person"], ""), "contract": pc.fill_null(contracts, "")}
    pairs = pa.table(columns).group_by(["person", "contract"]).aggregate([])
    return set(zip(pairs["person"].to_pylist(), pairs["contract"].to_pylist(), strict=True))


def parquet(found: Evidence) -> bytes:
    """The bytes of evidence.parquet."""
    sink = BytesIO()
    pq.write_table(found.table, sink, version="2.6", compression="zstd", compression_level=3, row_group_size=1 << 20)
    return sink.getvalue()
