"""`takuso serve`: the office, if the wall stands."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Final, Literal, NoReturn

import typer
from rich.table import Table

from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.barrier.standing import PROGRAM, Standing
from takuso.demo.companies import PERSONS
from takuso.doors.cli.answers import could_not_run, findings_table, say, service_log, talk
from takuso.doors.cli.database import database
from takuso.doors.cli.house import House, home, house
from takuso.doors.cli.patched import run_patched
from takuso.doors.cli.places import HOST, address, must_be_free, must_be_sheltered
from takuso.store.findings import Finding
from takuso.store.home import Home
from takuso.store.pools import Pools

Doors = Literal["network", "retailer", "all"]
_EVERY_DOOR: Final = ("web", "authn", "ticketer", "writer")
LOGINS: Final = {
    "network": (*_EVERY_DOOR, "reader_network", "surveyor"),
    "retailer": (*_EVERY_DOOR, "reader_retailer"),
    "all": (*_EVERY_DOOR, "reader_network", "reader_retailer", "surveyor"),
}
_AGAIN_SECONDS: Final = 5.0
_GRACE_SECONDS: Final = 10


def serve(
    context: typer.Context,
    doors: Annotated[Doors, typer.Option(help="どの会社の人を受け付けるか（ログインもその分だけ持つ）")] = "all",
    workers: Annotated[int, typer.Option(help="プロセスの数", min=1, max=32)] = 2,
    threads: Annotated[int, typer.Option(help="プロセスごとのスレッドの数", min=1, max=64)] = 4,
    host: Annotated[str, typer.Option(help="待ち受けるアドレス（ポートは環境変数 PORT、既定 8000）")] = HOST,
    name: Annotated[list[str] | None, typer.Option(help="受け付けるホスト名（何度でも）", metavar="HOST")] = None,
    https: Annotated[bool, typer.Option(help="前段の代理サーバーが HTTPS を受け持つ")] = False,
) -> None:
    """サーバーを起動する。壁が設計どおりでなければ起動しない。止めるには Ctrl-C。"""
    # Only this command needs gunicorn and the provider's library.
    from takuso.barrier.credentials.external import ExternalSignIn
    from takuso.barrier.credentials.provider import Provider, provider_settings
    from takuso.doors.cli.server import Server

    run_patched(home())
    service_log()
    must_be_sheltered(host, https=https)
    here = home()
    signal.signal(signal.SIGTERM, _leave)
    must_be_free(host)
    company = provider_settings(here, os.environ)
    with here.lock(), database(here), Pools(here, LOGINS[doors], _sizes(threads)) as pools:
        say("壁が設計どおりか確かめています")
        standing = _standing(house(context), pools)
        signins = SignIns(pools)
        wsgi = house(context).office(
            Gate(pools),
            signins,
            here,
            ready=standing.faults,
            enforced=standing.enforced,
            hosts=tuple(name or ()),
            https=https,
            company=ExternalSignIn(signins, Provider(company)) if company else None,
        )
        welcome = _welcome(here, pools, host)
        # Connections do not survive the fork into workers; each opens its own.
        pools.close()
        with _jobs(doors):
            Server(wsgi, welcome, host=host, workers=workers, threads=threads).run()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _sizes(threads: int) -> dict[str, int]:
    return dict.fromkeys(LOGINS["all"], threads)


def _standing(program: House, pools: Pools) -> Standing:
    """The checks, passed once. Raises Refused with every bad finding and its cure."""
    standing = Standing(pools, screens=program.screens, functions=program.functions)
    found = standing.findings()
    # A drill's program serves, so that it can be looked at, but is never ready.
    bad = [finding for finding in found if finding.state == "bad" and finding.name != PROGRAM]
    if bad:
        talk().print(findings_table(bad))
        raise could_not_run(_refusal(bad))
    for finding in found:
        if finding.state != "ok":
            say(f"注意: {finding.what} 対処: {finding.cure}")
    return standing


def _refusal(bad: Sequence[Finding]) -> str:
    names = ", ".join(finding.name for finding in bad)
    return f"壁が設計どおりでないため、起動しません（{names}）。上の対処のあとで、もう一度実行してください。"


def _welcome(here: Home, pools: Pools, host: str) -> Table | None:
    """In a demo the persons with a link each; elsewhere the administrators, as long as nobody can sign in yet."""
    signins = SignIns(pools)
    if here.kind != "demo":
        return _first(signins, host)
    table = Table(title="デモの利用者（リンクは 24 時間以内に 1 回だけ使えます）", title_justify="left")
    for heading in ("利用者", "氏名", "会社・職務", "サインインのリンク"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "サインインのリンク")
    for person in PERSONS:
        try:
            link = f"{address(host)}/login/once/{signins.issue_link(person.code)}"
        except UnknownPerson:
            link = "（いま有効な発令がありません）"
        table.add_row(person.code, person.name, person.organisation.name, link)
    return table


def _first(signins: SignIns, host: str) -> Table | None:
    state, persons = signins.beginning()
    if state == "empty":
        say("まだ利用者がいません。次は: takuso login first-administrator --help")
    if not persons:
        return None
    table = Table(title="最初の管理者（リンクは 24 時間以内に 1 回だけ使えます）", title_justify="left")
    for heading in ("利用者", "サインインのリンク"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "サインインのリンク")
    for person in persons:
        table.add_row(person, f"{address(host)}/login/once/{signins.issue_link(person)}")
    return table


@contextmanager
def _jobs(doors: Doors) -> Iterator[None]:
    """The jobs beside the office, as a process of its own; where no network login is held, there are none."""
    if doors == "retailer":
        yield
        return
    mine, ended = os.getpid(), threading.Event()
    children = [_child(mine)]
    # What is worked off at midnight must not wait for somebody to notice: a process that ended is started again.
    watch = threading.Thread(target=_watched, args=(children, mine, ended), daemon=True)
    watch.start()
    try:
        yield
    finally:
        if os.getpid() == mine:
            ended.set()
            watch.join()
            _end(children[-1])


def _child(parent: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "takuso.main", "jobs", "work", "--parent", str(parent)])


def _watched(children: list[subprocess.Popen[bytes]], parent: int, ended: threading.Event) -> None:
    while not ended.wait(_AGAIN_SECONDS):
        if children[-1].poll() is not None:
            say("定時の処理が終わっていたので、もう一度始めます。")
            children.append(_child(parent))


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
