"""`takuso login`: one-time links for people who have no other way in yet."""

import re
from typing import Annotated, Final

import typer

from takuso.barrier.deployment import settle_first
from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.doors.cli.answers import Json, could_not_run, emit, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.places import address
from takuso.store.pools import Pools

app = typer.Typer(help="サインインのためのワンタイムリンク")


_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_LONGEST: Final = 60


@app.callback()
def login() -> None:
    """サインインのためのワンタイムリンク。"""


@app.command()
def link(
    person: Annotated[str, typer.Argument(help="利用者のコード（例: td-intake）")],
    hours: Annotated[int, typer.Option(help="有効な時間（時間、72 まで）", min=1, max=72)] = 24,
    reset: Annotated[
        bool, typer.Option("--reset", help="いまのパスワード・認証アプリなどを無効にし、サインインをすべて終了する")
    ] = False,
    json: Json = False,
) -> None:
    """一度だけ使えるリンクを発行する。本人だけに、別の経路で渡すこと。"""
    here = home()
    with database(here), Pools(here, ["authn"]) as pools:
        signins = SignIns(pools)
        try:
            token = (signins.reset if reset else signins.issue_link)(person, hours=hours)
        except UnknownPerson:
            raise wrong_use(
                f"利用者 {person} はいないか、いま有効な発令がちょうど 1 つではありません。\n"
                "対処: コードと所属の発令を確かめてください。"
            ) from None
    url = f"{address()}/login/once/{token}"
    if json:
        emit({"person": person, "url": url, "code": token, "hours": hours, "reset": reset})
        return
    paper().print(url)
    say(f"{person} が {hours} 時間以内に一度だけ使えます。")
    if reset:
        say("これまでのパスワード・認証アプリ・回復コードは使えません。サインインはすべて終了しました。")


@app.command("first-administrator")
def first_administrator(
    person: Annotated[str, typer.Argument(help="利用者のコード（例: yamada）")],
    name: Annotated[str, typer.Option(help="氏名")],
    company: Annotated[str, typer.Option(help="一般送配電事業者のコード（英小文字・数字・ハイフン）")],
    company_name: Annotated[str, typer.Option(help="一般送配電事業者の名前")],
    json: Json = False,
) -> None:
    """だれもいないホームに最初の管理者（システム管理の職務）を作り、ワンタイムリンクを発行する。"""
    for what, text in (("利用者のコード", person), ("会社のコード", company)):
        if not _CODE.fullmatch(text):
            raise wrong_use(f"{what} {text}: 英小文字で始まる、英小文字・数字・ハイフン 40 文字以内にしてください。")
    for what, text in (("氏名", name), ("会社の名前", company_name)):
        if not text.strip() or len(text) > _LONGEST or not text.isprintable():
            raise wrong_use(f"{what}: 1 から {_LONGEST} 文字で入力してください。")
    here = home()
    with database(here):
        if not settle_first(here, person, name.strip(), company, company_name.strip()):
            raise could_not_run(
                "このホームにはすでに利用者がいます。\n"
                "対処: リンクは takuso login link 利用者のコード で発行してください。"
            )
        with Pools(here, ["authn"]) as pools:
            token = SignIns(pools).issue_link(person)
    url = f"{address()}/login/once/{token}"
    if json:
        emit({"person": person, "url": url, "code": token, "hours": 24})
        return
    paper().print(url)
    say(f"{person}（{name.strip()}）が 24 時間以内に一度だけ使えます。開くと、パスワードと認証アプリを登録します。")
