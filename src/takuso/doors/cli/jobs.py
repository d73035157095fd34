"""`takuso jobs`: the work nobody asks for."""

import signal
import threading
from dataclasses import asdict
from typing import Annotated

import typer

from takuso.doors.cli.answers import Code, Json, emit, say, service_log
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.jobs import EVERY, LOGINS
from takuso.store.pools import Pools

app = typer.Typer(help="定時の処理（期限切れの閲覧票、閲覧記録の置き場所、異動の効果）")


@app.command("once")
def once_command(json: Json = False) -> None:
    """すべての処理を 1 回ずつ行う。"""
    from takuso.doors.jobs.work import once

    service_log()
    here = home()
    with database(here), Pools(here, LOGINS) as pools:
        done = once(pools)
    failed = any(entry.error for entry in done)
    if json:
        emit({"ok": not failed, "jobs": [asdict(entry) for entry in done]})
    else:
        for entry in done:
            say(f"{entry.job}: " + (f"できませんでした（{entry.error}）" if entry.error else f"{entry.changed} 件"))
    if failed:
        raise typer.Exit(Code.COULD_NOT_RUN)


@app.command("work", help=f"{EVERY:.0f} 秒ごとに行い続ける（takuso serve が自分で起動する）。")
def work_command(
    parent: Annotated[int | None, typer.Option(help="このプロセスが終わったら止まる", hidden=True)] = None,
) -> None:
    """Rounds until a signal."""
    from takuso.doors.jobs.work import work

    service_log()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    here = home()
    with database(here):
        work(here, stop, parent=parent)
