"""`takuso survey`: a question to an access log."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from takuso.doors.cli.answers import Code, Json, Refused, could_not_run, emit, paper, say, talk, wrong_use
from takuso.doors.cli.warming import once_warm
from takuso.store.settings import JAVA_HOME, SPARK_HOST, SPARK_MASTER, SPARK_MEMORY

if TYPE_CHECKING:
    from takuso.survey.run import Ran
    from takuso.survey.spark.cluster import Cluster

app = typer.Typer(help="ログ調査: 閲覧記録への問い")
_MOST: Final = 40
"""Findings that a terminal is shown of a difference."""


class Form(StrEnum):
    """A form of the report."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"


class Engine(StrEnum):
    """What computes a survey."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@app.callback()
def survey() -> None:
    """ログ調査。"""


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="調査ファイル（YAML）", metavar="FILE", show_default=False)],
    source: Annotated[
        Path | None, typer.Option(help="調査する記録のフォルダー（meta.json のあるところ）", metavar="DIR")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="計算に使うもの。spark はクラスター向け（make spark が入れる）")
    ] = Engine.DUCKDB,
    out: Annotated[
        Path | None,
        typer.Option(
            help="結果を書くフォルダー。そこにある結果が新しい結果と違えば、前のものを DIR.1、DIR.2 … に残す",
            metavar="DIR",
        ),
    ] = None,
    papers: Annotated[
        list[Form] | None,
        typer.Option("--paper", help="報告書の形（繰り返せる）。省けばすべて。HTML はいつも書く", show_default=False),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="常設の調査で、元の記録から作り直して確かめる日を選ぶくじの種。省けば毎回違う", metavar="N", min=0
        ),
    ] = None,
    json: Json = False,
) -> int:
    """調査する。当たる閲覧がなければ 0、あれば 1 で終わる。"""
    # DuckDB and Arrow are loaded only here.
    from takuso.survey.result import summary

    forms = frozenset(form.value for form in papers or Form)
    ran = _ran(file, source, out, forms, seed, engine)
    for note in _notes(ran):
        say(note)
    _show(summary(ran.answer), json=json)
    for note in _placed(ran, out):
        say(note)
    return Code.FINDINGS if ran.answer.figures.findings else Code.GOOD


def _ran(
    file: Path, source: Path | None, out: Path | None, forms: frozenset[str], seed: int | None, engine: Engine
) -> "Ran":
    """The survey's answer; what stops it is the end of the command."""
    from takuso.papers.fonts import NoFont
    from takuso.papers.pages import PaperFailed
    from takuso.survey.checks import UnknownOrganisation
    from takuso.survey.duck import EngineFailed, NoRecords
    from takuso.survey.reading import WrongSurveyFile, read_survey
    from takuso.survey.result import CouldNotWrite, WrongPlace
    from takuso.survey.run import NoSource
    from takuso.survey.run import run as run_survey
    from takuso.survey.source import NoSuchSource, SourceFault
    from takuso.survey.spark.cluster import WrongCluster
    from takuso.survey.standing.tally import Contradicted

    def once() -> "Ran":
        with _progress() as said:
            return run_survey(asked, source, out, said, forms, say, seed=seed, cluster=spark)

    try:
        asked = read_survey(file)
        spark = _cluster() if engine is Engine.SPARK else None
        return once_warm(once)
    except (WrongSurveyFile, WrongCluster, UnknownOrganisation, NoSource, NoSuchSource, WrongPlace) as error:
        raise wrong_use(str(error)) from None
    except (SourceFault, NoRecords, EngineFailed, CouldNotWrite, NoFont, PaperFailed) as error:
        raise could_not_run(str(error)) from None
    except Contradicted as finding:
        # A finding about the archive, though the survey found nothing.
        raise Refused(Code.FINDINGS, str(finding)) from None


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="前の結果のフォルダー（survey run の --out）", metavar="A")],
    after: Annotated[Path, typer.Argument(help="後の結果のフォルダー", metavar="B")],
    out: Annotated[
        Path | None,
        typer.Option(help="違いのすべてを書くファイル（.html、.json か .txt）", metavar="FILE"),
    ] = None,
    json: Json = False,
) -> int:
    """同じ調査の 2 つの結果の違いを、記録ごとの理由とともに示す。違いがなければ 0、あれば 1 で終わる。"""
    from takuso.survey.restating.compare import OtherSurvey, compare
    from takuso.survey.restating.outcome import BrokenAnswer, NoAnswer, open_outcome
    from takuso.survey.restating.telling import document, lines
    from takuso.survey.restating.writing import WrongFileName, write_difference
    from takuso.survey.result import CouldNotWrite

    try:
        found = compare(open_outcome(before), open_outcome(after))
        if out is not None:
            write_difference(found, out)
    except (NoAnswer, OtherSurvey, WrongFileName) as error:
        raise wrong_use(str(error)) from None
    except (BrokenAnswer, CouldNotWrite) as error:
        raise could_not_run(str(error)) from None
    if json:
        emit(document(found))
    else:
        for line in lines(found, most=_MOST):
            paper().print(Text(line))
    if out is not None:
        say(f"違いを書きました: {out}")
    return Code.GOOD if found.same else Code.FINDINGS


def _cluster() -> "Cluster":
    """Where Spark computes, by the settings. Raises WrongCluster."""
    from takuso.survey.spark.cluster import cluster

    return cluster(SPARK_MASTER.read(), SPARK_HOST.read(), SPARK_MEMORY.read(), JAVA_HOME.read())


def _show(document: Mapping[str, Any], *, json: bool) -> None:
    if json:
        emit(document)
    else:
        paper().print(_table(document))
        paper().print(Text(_closing(document)))


def _notes(ran: "Ran") -> Iterator[str]:
    """What a reader of the figures must know."""
    use = ran.answer.figures.standing
    if use is not None:
        sampled = "、".join(map(str, use.sampled))
        yield (
            f"日ごとの抜き書き {use.days - len(use.derived):,} 日から答えました。"
            f"{sampled} は元の記録から作り直し、合いました（種 {use.seed}）。"
        )
    for day in ran.answer.figures.unknown.days_without_log:
        yield f"注意: {day} の閲覧記録がありません。この日は数に入っていません。"
    for screen in sorted(ran.answer.survey.screens() - ran.source.meta.screens.keys()):
        yield f"注意: 画面 {screen} は meta.json の screens にありません。コードの書き間違いでないか確かめてください。"


def _placed(ran: "Ran", out: Path | None) -> Iterator[str]:
    """Where the answer is, and the one that stood there."""
    if out is not None:
        yield f"結果を書きました: {out}"
    if ran.kept is not None:
        yield f"前の結果とは違います。前の結果は {ran.kept} に残しました。違い: takuso survey diff {ran.kept} {out}"


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """One line that changes on a terminal; elsewhere a line for each thing that goes on, for whoever watches it."""
    if not talk().is_terminal:
        yield say
        return
    with talk().status("調査を始めます") as status:

        def said(what: str) -> None:
            status.update(what)

        yield said


def _table(document: Mapping[str, Any]) -> Table:
    table = Table(pad_edge=False)
    table.add_column("段")
    table.add_column("抽出の内容", overflow="fold")
    for heading in ("入った記録", "残った記録", "閲覧者（人）", "お客さま（契約）"):
        table.add_column(heading, justify="right")
    for step in document["steps"]:
        numbers = (f"{step[key]:,}" for key in ("rows_in", "rows_out", "viewers", "contracts"))
        table.add_row(str(step["no"]), Text(step["name"]), *numbers)
    return table


def _closing(document: Mapping[str, Any]) -> str:
    now = document["now"]
    return (
        f"閲覧者 {document['viewers']:,} 人、お客さま {document['contracts']:,} 契約（当時の記録による。"
        f"いまの記録では {now['viewers']:,} 人、{now['contracts']:,} 契約）。計算 {document['seconds']:.2f} 秒"
    )
