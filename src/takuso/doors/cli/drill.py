"""`takuso drill`: plant a fault in a demo home, see it caught, take it back."""

from typing import Annotated, Any

import typer
from rich.table import Table

from takuso.barrier.standing import declared_shift, forget_scripts
from takuso.doors.cli.answers import Json, could_not_run, emit, paper, say, wrong_use
from takuso.doors.cli.database import bring_up, database
from takuso.doors.cli.house import Fault, home, house
from takuso.store.embedded import EmbeddedServer
from takuso.store.home import Home
from takuso.store.init import init

app = typer.Typer(help="訓練: デモのホームに欠陥を植え、見つかることを確かめる")
KINDS = {"database": "データベース", "code": "プログラム"}
AdminUrl = Annotated[
    str | None,
    typer.Option(help="DATABASE_URL のサーバーに管理者（スーパーユーザー）で接続する先", metavar="URL"),
]


@app.callback()
def drill() -> None:
    """訓練。デモのホームだけで使える。"""


@app.command("list")
def list_command(context: typer.Context, json: Json = False) -> None:
    """植えられる欠陥と、それを見つけるはずの検査（takuso barrier verify）を挙げる。"""
    here = demo_home()
    known = house(context).drill()
    planted = known.planted(here)
    if json:
        emit({"faults": [_row(fault) for fault in known.faults()], "planted": planted})
        return
    table = Table(title="訓練の欠陥", title_justify="left", pad_edge=False)
    for heading in ("名前", "種類", "見つける検査", "内容"):
        table.add_column(heading, overflow="fold")
    for fault in known.faults():
        mark = "（植えてある）" if fault.name == planted else ""
        table.add_row(fault.name, KINDS[fault.kind], fault.caught_by, fault.title + mark)
    paper().print(table)


@app.command()
def plant(
    context: typer.Context,
    fault: Annotated[str, typer.Argument(help="欠陥の名前（takuso drill list）", metavar="FAULT")],
    admin_url: AdminUrl = None,
    json: Json = False,
) -> None:
    """欠陥を 1 つ植える。動いているサーバーは、heal まで「準備ができていない」と答える。"""
    here = demo_home()
    known = house(context).drill()
    wanted = next((one for one in known.faults() if one.name == fault), None)
    if wanted is None:
        raise wrong_use(f"欠陥 {fault} はありません。\n対処: takuso drill list で名前を確かめてください。")
    planted = known.planted(here)
    if planted is not None:
        raise wrong_use(
            f"欠陥 {planted} が植えられています。一度に植えられるのは 1 つです。\n"
            "対処: takuso drill heal を実行してから、もう一度植えてください。"
        )
    if wanted.kind == "database":
        with database(here) as server:
            known.plant(here, fault, administrator(server, admin_url))
    else:
        known.plant(here, fault, None)
    if json:
        emit({"ok": True, "planted": _row(wanted)})
        return
    say(f"植えました: {wanted.title}（{wanted.name}）")
    say(f"次は: takuso barrier verify で見つかること（検査 {wanted.caught_by}）を確かめ、takuso drill heal で終える。")


@app.command()
def heal(context: typer.Context, admin_url: AdminUrl = None, json: Json = False) -> None:
    """植えた欠陥を取り除き、壁を配備し直す（何度実行してもよい）。"""
    here = demo_home()
    known = house(context).drill()
    with database(here) as server:
        url = server.admin_url if server is not None else admin_url
        healed = known.heal(here, url, lambda: redeploy(context, here, url))
    if json:
        emit({"ok": True, "healed": healed})
        return
    say(f"取り除きました: {healed}" if healed else "植えられた欠陥はありませんでした。壁を配備し直しました。")
    say("動いているサーバーが書き換えたプログラムのものなら、起動し直してください。")


def redeploy(context: typer.Context, here: Home, admin_url: str | None) -> None:
    """State logins and wall anew, whatever was changed."""
    if admin_url is not None:
        init(here, admin_url)
    shift = declared_shift(here)
    forget_scripts(here)
    bring_up(house(context), here, None, shift=shift)


def demo_home() -> Home:
    """The home, if it is a demo's and has been built. Raises Refused."""
    here = home()
    if here.kind != "demo":
        raise could_not_run(
            f"このホーム（{here.path}）は {here.kind} です。訓練はデモのホームだけで行えます。\n"
            "対処: takuso demo で作ったフォルダーを TAKUSO_HOME に指定してください。"
        )
    return here


def administrator(server: EmbeddedServer | None, given: str | None) -> str:
    """A superuser's address: of the home's own server, or as given. Raises Refused."""
    if server is not None:
        return server.admin_url
    if given is None:
        raise wrong_use(
            "DATABASE_URL のサーバーには管理者の接続先が必要です。\n"
            "対処: --admin-url postgresql://postgres@ホスト/postgres を付けてください。"
        )
    return given


def _row(fault: Fault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "title": fault.title,
        "kind": fault.kind,
        "caught_by": fault.caught_by,
        "also": list(fault.also),
    }
