"""`takuso log close`: ended days of the product's own log into the archive, from where surveys read them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import psycopg
import typer

from takuso.accesslog import erasures
from takuso.barrier.deployment import deployer
from takuso.doors.cli.answers import Code, Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.cold_place import cold_objects
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.progress import progress
from takuso.kernel.periods import jst_day
from takuso.store import settings
from takuso.store.home import CorruptHome
from takuso.survey.closing import OWN_LOG

_DAY: Final = ["%Y-%m-%d"]


def close_command(
    out: Annotated[
        Path | None, typer.Option(help="書庫のフォルダー [既定: TAKUSO_HOME/sources/own-log]", metavar="DIR")
    ] = None,
    again: Annotated[
        list[datetime] | None, typer.Option(help="この日をもう一度書き出す（何度でも）", formats=_DAY)
    ] = None,
    affiliate: Annotated[str, typer.Option(help="特定関係事業者が何社もあるとき、そのうちの 1 社")] = "",
    check: Annotated[bool, typer.Option("--check", help="書き出さず、書庫のファイルを確かめる")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="--check で、置き場に移した日も、全体を読んで確かめる")] = False,
    json: Json = False,
) -> int:
    """終わった日の閲覧記録を書庫に書き出す。毎日の締めとして、配備の権限で動かす。"""
    # Arrow is loaded only here.
    from takuso.survey.closing.files import Busy, NoArchive, alone
    from takuso.survey.closing.frame import NoAffiliate
    from takuso.survey.closing.run import Differs, NotEnded

    here = home()
    folder = out or here.path / settings.SOURCES.name / OWN_LOG
    days = [one.date() for one in again or ()]
    if (deep and not check) or (check and days):
        raise wrong_use(
            "--deep は --check とともに、--check は --again なしに使います。\n対処: どちらかを外してください。"
        )
    try:
        with database(here), deployer(here) as connection, alone(folder, make=not check):
            if check:
                return _check(connection, folder, affiliate, deep=deep, json=json)
            _scrub(connection)
            return _close(connection, folder, days, affiliate, json)
    except (NoAffiliate, NoArchive, NotEnded) as error:
        raise wrong_use(str(error)) from None
    except (Busy, Differs) as error:
        raise could_not_run(str(error)) from None
    except OSError as error:
        raise could_not_run(
            f"{folder} に書けませんでした（{error.strerror or error}）。締めた日は、ファイルのそろった日だけです。\n"
            "対処: 書き込みの権限とディスクの空きを確かめて、もう一度実行してください。"
        ) from None


def _scrub(connection: psycopg.Connection[Any]) -> None:
    """Rewrite days that are over and had an erasure while they were not; a closing goes on without it."""
    try:
        erasures.scrub_ended(connection, home(), jst_day(datetime.now(UTC)))
    except (psycopg.Error, CorruptHome):
        say("注意: 消去した文字の跡を、ファイルから片付けられませんでした。次の takuso log close がもう一度試します。")


def _close(connection: psycopg.Connection[Any], folder: Path, again: list[date], affiliate: str, json: bool) -> int:
    from takuso.survey.closing.run import close, closed_days

    with progress() as show:
        done = close(connection, folder, again, show, affiliate)
    closed = len(closed_days(folder))
    form = mend_form(folder) if closed else "nothing closed"
    if json:
        days = [
            {
                "day": str(one.day),
                "records": one.records,
                "subjects": one.subjects,
                "outcomes": one.outcomes,
                "views": one.views,
                "digest": one.digest.hex(),
            }
            for one in done
        ]
        emit({"out": str(folder), "days": days, "form": form is None})
        return Code.GOOD
    for one in done:
        typer.echo(
            f"{one.day}: 記録 {one.records:,} 件、対象 {one.subjects:,}、結果 {one.outcomes:,}、表示 {one.views:,}"
        )
    say(_outcome(len(done), closed, folder))
    return Code.GOOD


def _outcome(done: int, closed: int, folder: Path) -> str:
    if not closed:
        return "締める日がまだありません。日が終わると、1 時間ほどあとに定時の処理が数え、締められるようになります。"
    if not done:
        return f"新たに締める日はありません（締めてある日: {closed} 日）。"
    return f"{done} 日を {folder} に書き出しました。takuso survey run FILE --source {folder} で調査できます。"


def mend_form(folder: Path) -> str | None:
    """Make or mend the fast form of the archive; why it could not be made, which is also said.

    Nothing but the speed of surveys hangs on it: without one a survey reads the files.
    """
    from takuso.survey.archive.building import Busy, CouldNotArchive, archive
    from takuso.survey.source import SourceFault

    try:
        archive(folder, lambda _: None)
    except (SourceFault, Busy, CouldNotArchive) as error:
        say(f"注意: 調査を速くする形を作れませんでした。調査は元のファイルを読みます。{error}")
        return str(error)
    return None


def _check(connection: psycopg.Connection[Any], folder: Path, affiliate: str, *, deep: bool, json: bool) -> int:
    from takuso.survey.closing.checking import check
    from takuso.survey.cold.checking import looking_away
    from takuso.survey.cold.manifest import BrokenManifest, read_manifest
    from takuso.survey.cold.objects import StoreFailed

    try:
        away = looking_away(folder, lambda: cold_objects(home()), deep=deep)
        found = check(connection, folder, affiliate, away, read_manifest(folder))
    except (BrokenManifest, StoreFailed) as error:
        raise could_not_run(str(error)) from None
    for one in found.notes:
        say(f"注意: {one.place}: {one.what}")
    if json:
        told = {
            name: [{"place": one.place, "what": one.what} for one in some]
            for name, some in (("faults", found.faults), ("notes", found.notes))
        }
        emit({"out": str(folder)} | told)
    else:
        for one in found.faults:
            typer.echo(f"{one.place}: {one.what}")
        say(
            f"書庫は締めた時と {len(found.faults)} か所で違います。それぞれの行に、どうすればよいかがあります。"
            if found.faults
            else "書庫のファイルは、締めた時のままです。"
        )
    return Code.FINDINGS if found.faults else Code.GOOD
