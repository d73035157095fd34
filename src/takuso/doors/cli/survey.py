"""`takuso survey`: a question to an access log."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from takuso.doors.cli.answers import Code, Json, could_not_run, emit, paper, say, talk, wrong_use

app = typer.Typer(help="ログ調査: 閲覧記録への問い")


class Engine(StrEnum):
    """What computes a survey."""

    DUCKDB = "duckdb"


@app.callback()
def survey() -> None:
    """ログ調査。"""


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="調査ファイル（YAML）", metavar="FILE", show_default=False)],
    source: Annotated[
        Path | None, typer.Option(help="調査する記録のフォルダー（meta.json のあるところ）", metavar="DIR")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="計算に使うもの")] = Engine.DUCKDB,
    out: Annotated[
        Path | None,
        typer.Option(help="結果（summary.json、findings.parquet、report.html）を書くフォルダー", metavar="DIR"),
    ] = None,
    json: Json = False,
) -> int:
    """調査する。当たる閲覧がなければ 0、あれば 1 で終わる。"""
    # DuckDB and Arrow are loaded only here.
    from takuso.survey.checks import UnknownOrganisation
    from takuso.survey.duck import EngineFailed, NoRecords
    from takuso.survey.reading import WrongSurveyFile, read_survey
    from takuso.survey.result import CouldNotWrite, WrongPlace, summary
    from takuso.survey.run import NoSource
    from takuso.survey.run import run as run_survey
    from takuso.survey.source import NoSuchSource, SourceFault

    del engine
    try:
        with _progress() as said:
            answer, opened = run_survey(read_survey(file), source, out, said)
    except (WrongSurveyFile, UnknownOrganisation, NoSource, NoSuchSource, WrongPlace) as error:
        raise wrong_use(str(error)) from None
    except (SourceFault, NoRecords, EngineFailed, CouldNotWrite) as error:
        raise could_not_run(str(error)) from None
    document = summary(answer)
    for day in answer.figures.unknown.days_without_log:
        say(f"注意: {day} の閲覧記録がありません。この日は数に入っていません。")
    for screen in sorted(answer.survey.screens() - opened.meta.screens.keys()):
        say(f"注意: 画面 {screen} は meta.json の screens にありません。コードの書き間違いでないか確かめてください。")
    if json:
        emit(document)
    else:
        paper().print(_table(document))
        paper().print(Text(_closing(document)))
    if out is not None:
        say(f"結果を書きました: {out}")
    return Code.FINDINGS if answer.figures.findings else Code.GOOD


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
