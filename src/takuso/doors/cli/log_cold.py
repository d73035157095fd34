"""`takuso log cold`: closed days of the own log into an S3-compatible store, and back."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from takuso.barrier.deployment import deployer
from takuso.doors.cli.answers import Code, Json, Refused, could_not_run, emit, say, wrong_use
from takuso.doors.cli.cold_place import cold_objects, days_kept
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.log_close import mend_form
from takuso.doors.cli.progress import progress
from takuso.kernel.periods import jst_day
from takuso.store import settings
from takuso.survey.closing import OWN_LOG

if TYPE_CHECKING:
    from takuso.survey.cold.moving import Moved

_DAY: Final = ["%Y-%m-%d"]


def cold_command(
    out: Annotated[
        Path | None, typer.Option(help="書庫のフォルダー [既定: TAKUSO_HOME/sources/own-log]", metavar="DIR")
    ] = None,
    older: Annotated[
        int | None, typer.Option(help="何日より前の日を移すか [既定: TAKUSO_COLD_DAYS]", min=1, metavar="N")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="置き場から読み返して確かめたあと、手元のファイルを消す")
    ] = False,
    fetch: Annotated[bool, typer.Option("--fetch", help="移すのではなく、取り寄せる")] = False,
    days: Annotated[list[datetime] | None, typer.Option("--day", help="この日だけ（何度でも）", formats=_DAY)] = None,
    since: Annotated[datetime | None, typer.Option("--from", help="この日から", formats=_DAY)] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="この日の前まで", formats=_DAY)] = None,
    json: Json = False,
) -> int:
    """締めた日のうち古いものを、S3 互換の置き場へ移す。取り寄せるのも、このコマンド。"""
    chosen = _chosen([one.date() for one in days or ()], since, until)
    if fetch and (chosen is None or remove or older is not None):
        raise wrong_use(
            "--fetch には、取り寄せる日が要ります。\n"
            "対処: --day か --from と --to を付け、--remove と --older を外してください。"
        )
    if chosen is not None and older is not None:
        raise wrong_use("--older は、--day・--from・--to と一緒には使えません。\n対処: どちらかを外してください。")
    here = home()
    folder = out or here.path / settings.SOURCES.name / OWN_LOG
    wanted = chosen or _before(jst_day(datetime.now(UTC)) - timedelta(days=older or days_kept()))
    done: list[Moved] = []
    try:
        with moving(folder) as (connection, objects, show):
            from takuso.survey.cold import moving as way

            steps = (
                way.fetch(connection, folder, objects, wanted, show)
                if fetch
                else way.move(connection, folder, objects, wanted, show, remove=remove, again=chosen is not None)
            )
            for one in steps:
                done.append(one)
                if not json:
                    _tell(one)
            if any(one.removed or one.fetched for one in done):
                mend_form(folder)
    except Refused:
        if done and not json:
            say(_outcome(done))
        raise
    _end(done, folder, json=json)
    return Code.FINDINGS if any(one.faults for one in done) else Code.GOOD


@contextmanager
def moving(folder: Path) -> Iterator[tuple[Any, Any, Callable[[str, int, int], None]]]:
    """The log's database, the store, and a way to show progress, with the folder to oneself. Raises Refused."""
    from takuso.survey.closing.files import Busy, NoArchive, alone
    from takuso.survey.cold.manifest import BrokenManifest
    from takuso.survey.cold.objects import StoreFailed

    here = home()
    try:
        objects = cold_objects(here)
        with database(here), deployer(here) as connection, alone(folder, make=False), progress() as show:
            yield connection, objects, show
    except NoArchive as error:
        raise wrong_use(str(error)) from None
    except (Busy, BrokenManifest, StoreFailed) as error:
        raise could_not_run(str(error)) from None
    except OSError as error:
        raise could_not_run(
            f"{folder} を読み書きできません（{error.strerror or error}）。どの日も、手元か置き場に全体があります。\n"
            "対処: 権限とディスクの空きを確かめて、もう一度実行してください。"
        ) from None


def _chosen(days: Sequence[date], since: datetime | None, until: datetime | None) -> Callable[[date], bool] | None:
    if not days and since is None and until is None:
        return None
    if days and (since is not None or until is not None):
        raise wrong_use("--day は、--from・--to と一緒には使えません。\n対処: どちらかを外してください。")
    if days:
        return lambda day: day in days
    first, end = since.date() if since else date.min, until.date() if until else date.max
    if first >= end:
        raise wrong_use("--from は --to より前の日です。\n対処: 日付を確かめてください。")
    return lambda day: first <= day < end


def _before(end: date) -> Callable[[date], bool]:
    return lambda day: day < end


def _tell(one: "Moved") -> None:
    for fault in one.faults:
        typer.echo(f"{one.day}: {fault.place}: {fault.what}")
    words = {"送りました": one.copied, "手元から消しました": one.removed, "取り寄せました": one.fetched}
    what = "、".join(word for word, true in words.items() if true)
    if what:
        typer.echo(f"{one.day}: {one.files} ファイル、{one.size:,} バイト: {what}")


def _outcome(done: "Sequence[Moved]") -> str:
    if not done:
        return "移す日も取り寄せる日もありません。"
    bad = sum(bool(one.faults) for one in done)
    return f"{len(done) - bad} 日が済みました。" + (f"できなかった日: {bad}" if bad else "")


def _end(done: "Sequence[Moved]", folder: Path, *, json: bool) -> None:
    if json:
        entries = [
            {
                "day": str(one.day),
                "files": one.files,
                "bytes": one.size,
                "copied": one.copied,
                "removed": one.removed,
                "fetched": one.fetched,
                "faults": [{"place": fault.place, "what": fault.what} for fault in one.faults],
            }
            for one in done
        ]
        emit({"out": str(folder), "days": entries})
        return
    say(_outcome(done))
