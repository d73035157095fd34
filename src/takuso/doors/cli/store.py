"""`takuso store`: the database of a home, from nothing to deployed."""

from typing import Annotated

import typer

from takuso.barrier.signin import SignIns
from takuso.barrier.standing import declared_shift, forget_scripts
from takuso.doors.cli.answers import Json, emit, say, wrong_use
from takuso.doors.cli.database import bring_up, database, keep_running, must_be_prepared, stop_running
from takuso.doors.cli.house import home, house
from takuso.store.home import Kind
from takuso.store.init import init
from takuso.store.pools import Pools

app = typer.Typer(help="データベースの用意・移行・起動と停止")


@app.command("init")
def init_command(
    context: typer.Context,
    admin_url: Annotated[
        str | None,
        typer.Option(help="DATABASE_URL のサーバーに管理者（スーパーユーザー）で接続する先", metavar="URL"),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(help="ホームの種類（一度決めると変えられない。指定がなければ production）"),
    ] = None,
    reset_passwords: Annotated[bool, typer.Option(help="すべてのログインのパスワードを作り直す")] = False,
    json: Json = False,
) -> None:
    """ログインとデータベースを用意し、表・情報遮断の壁・規則・画面定義を配備する（何度実行してもよい）。"""
    here = home()
    here.declare(kind or here.kind)
    if not here.embedded and not admin_url:
        raise wrong_use(
            "DATABASE_URL のサーバーには管理者の接続先が必要です。\n"
            "対処: --admin-url postgresql://postgres@ホスト/postgres を付けてください。"
        )
    with database(here, fresh=True) as server:
        url = server.admin_url if server is not None else str(admin_url)
        init(here, url, reset_passwords=reset_passwords)
        forget_scripts(here)
        version = bring_up(house(context), here, None, shift=declared_shift(here))
        with Pools(here, ["authn"]) as pools:
            state, _ = SignIns(pools).beginning()
    if json:
        emit({"ok": True, "home": str(here.path), "kind": here.kind, "rule_version": version, "people": state})
        return
    say(f"用意しました: {here.path}（{here.kind}、規則の版 {version}）")
    if state == "empty" and here.kind != "demo":
        say(
            "まだ利用者がいません。次は、最初の管理者を作ってください（ワンタイムリンクが出ます。既定のパスワードはありません）:\n"
            "  takuso login first-administrator CODE --name 氏名 --company CODE --company-name 会社名"
        )
        return
    say("次は: takuso doctor で確かめ、takuso serve で起動してください。")


@app.command()
def migrate(context: typer.Context, json: Json = False) -> None:
    """配備だけを行う: 表の移行、壁の適用、規則・画面定義の読み込み。"""
    here = home()
    with database(here):
        forget_scripts(here)
        version = bring_up(house(context), here, None, shift=declared_shift(here))
    if json:
        emit({"ok": True, "rule_version": version})
        return
    say(f"配備しました（規則の版 {version}）。")


@app.command()
def start() -> None:
    """組み込みのサーバーを起動し、止めるまで動かしておく。"""
    server = keep_running(home())
    if server is None:
        raise wrong_use("DATABASE_URL のサーバーは、そのサーバーの管理者が起動・停止します。")
    say(f"PostgreSQL {server.version} が動いています。止めるには: takuso store stop")


@app.command()
def stop() -> None:
    """組み込みのサーバーを止める。"""
    here = home()
    must_be_prepared(here)
    if stop_running(here):
        say("止めました。")
        return
    say("takuso serve などが使っているため、それらが終わったあとに止まります。")
