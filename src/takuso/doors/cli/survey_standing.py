"""`takuso survey stand` and `takuso survey standing`: surveys that an archive answers from an extract of each day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from takuso.doors.cli.answers import Code, Json, could_not_run, emit, paper, say, talk, wrong_use

if TYPE_CHECKING:
    from takuso.survey.standing.building import Stood

Where = Annotated[Path, typer.Option(help="速い形のある、調査する記録のフォルダー", metavar="DIR", show_default=False)]


def stand_command(
    file: Annotated[Path, typer.Argument(help="調査ファイル（YAML）", metavar="FILE", show_default=False)],
    source: Where,
    json: Json = False,
) -> int:
    """調査を常設にし、DIR/.takuso/ に日ごとの抜き書きを作る。すでにあれば、ない日と古い日だけを作り直す。"""
    from takuso.survey.standing.building import stand

    with _answers(), _progress() as said:
        stood = stand(file, source, said)
    if json:
        emit(stood.document())
    else:
        _tell(stood)
    return Code.GOOD


def standing_command(
    source: Where,
    refresh: Annotated[bool, typer.Option("--refresh", help="ない日と古い日の抜き書きを作り直す")] = False,
    drop: Annotated[
        str | None,
        typer.Option(help="この名前の調査を常設でなくし、抜き書きを消す", metavar="NAME", show_default=False),
    ] = None,
    json: Json = False,
) -> int:
    """常設の調査を並べる。使えない日がなければ 0、あれば 1 で終わる。"""
    from takuso.survey.standing import building

    with _answers(), _progress() as said:
        if drop is not None:
            building.drop(source, drop)
            said(f"{drop} を常設でなくし、抜き書きを消しました。")
        found = building.refresh(source, said) if refresh else building.look(source)
    if json:
        emit({"source": str(source), "standing": [one.document() for one in found]})
    else:
        _show(found)
    return Code.FINDINGS if any(one.stale for one in found) else Code.GOOD


@contextmanager
def _answers() -> Iterator[None]:
    """What goes wrong, as an end of the command."""
    from takuso.survey.checks import UnknownOrganisation
    from takuso.survey.reading import WrongSurveyFile
    from takuso.survey.source import NoSuchSource, SourceFault
    from takuso.survey.standing.building import Busy, CouldNotStand, NotArchived, NotRegistered
    from takuso.survey.standing.question import CannotStand

    try:
        yield
    except (WrongSurveyFile, UnknownOrganisation, CannotStand, NoSuchSource, NotRegistered) as error:
        raise wrong_use(str(error)) from None
    except (SourceFault, NotArchived, Busy, CouldNotStand) as error:
        raise could_not_run(str(error)) from None


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    if not talk().is_terminal:
        yield say
        return
    with talk().status("抜き書きを調べます") as status:

        def said(what: str) -> None:
            status.update(what)

        yield said


def _tell(stood: "Stood") -> None:
    document = stood.document()
    made = f"作った日 {len(document['made']):,}、そのままの日 {document['kept']:,}"
    whole = f"{document['days']:,} 日、{document['bytes'] / 1e6:,.1f} MB"
    say(f"{document['survey']} は常設です: {whole}（{made}）。{document['seconds']:.1f} 秒")


def _show(found: "list[Stood]") -> None:
    if not found:
        say("常設の調査はありません。takuso survey stand FILE --source DIR で常設にします。")
        return
    table = Table(pad_edge=False)
    for heading in ("調査", "題"):
        table.add_column(heading, overflow="fold")
    for heading in ("使える日", "使えない日", "MB"):
        table.add_column(heading, justify="right")
    documents: list[dict[str, Any]] = [one.document() for one in found]
    for one in documents:
        numbers = (f"{one['kept'] + len(one['made']):,}", f"{len(one['stale']):,}", f"{one['bytes'] / 1e6:,.1f}")
        table.add_row(Text(one["survey"]), Text(one["title"]), *numbers)
    paper().print(table)
    for one in documents:
        for day, why in one["stale"].items():
            paper().print(Text(f"{one['survey']} {day}: {why}"))
