"""`takuso login`: one-time links for people who have no other way in yet."""

from typing import Annotated

import typer

from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.doors.cli.answers import Json, emit, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.places import address
from takuso.store.pools import Pools

app = typer.Typer(help="サインインのためのワンタイムリンク")


@app.callback()
def login() -> None:
    """サインインのためのワンタイムリンク。"""


@app.command()
def link(
    person: Annotated[str, typer.Argument(help="利用者のコード（例: td-intake）")],
    hours: Annotated[int, typer.Option(help="有効な時間（時間、72 まで）", min=1, max=72)] = 24,
    json: Json = False,
) -> None:
    """一度だけ使えるリンクを発行する。本人だけに、別の経路で渡すこと。"""
    here = home()
    with database(here), Pools(here, ["authn"]) as pools:
        try:
            token = SignIns(pools).issue_link(person, hours=hours)
        except UnknownPerson:
            raise wrong_use(
                f"利用者 {person} はいないか、いま有効な発令がちょうど 1 つではありません。\n"
                "対処: コードと所属の発令を確かめてください。"
            ) from None
    url = f"{address()}/login/once/{token}"
    if json:
        emit({"person": person, "url": url, "code": token, "hours": hours})
        return
    paper().print(url)
    say(f"{person} が {hours} 時間以内に一度だけ使えます。")
