"""`takuso login`: one-time links for people who have no other way in yet."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer

from takuso.barrier.credentials.clients import ApiClients, LiveClient, NotOfRetailer
from takuso.barrier.deployment import Watch, settle_compliance, settle_first
from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.doors.cli.answers import Json, could_not_run, emit, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.places import address
from takuso.kernel.periods import JST
from takuso.store.home import Home
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


@app.command()
def client(
    person: Annotated[str, typer.Argument(help="小売電気事業者の利用者のコード（例: asahi-clerk）")],
    end: Annotated[
        bool, typer.Option("--end", help="発行せず、この利用者の API の資格情報とトークンをすべて失効させる")
    ] = False,
    only: Annotated[str | None, typer.Option("--only", help="--end とともに: この名前（client_id）のものだけ")] = None,
    listed: Annotated[bool, typer.Option("--list", help="発行せず、失効していないものを挙げる")] = False,
    json: Json = False,
) -> None:
    """小売のシステムのための API の資格情報を発行する。秘密は一度だけ表示する。"""
    if only and not end:
        raise wrong_use("--only は --end とともに使います。\n対処: --end を付けてください。")
    here = home()
    with database(here), Pools(here, ["authn"]) as pools:
        clients = ApiClients(SignIns(pools))
        if listed:
            _list_clients(person, clients.live(person), json=json)
            return
        try:
            ended = clients.end(person, only) if end else 0
            made = None if end else clients.issue(person)
        except UnknownPerson:
            raise wrong_use(
                f"利用者 {person} はいないか、いま有効な発令がちょうど 1 つではありません。\n"
                "対処: コードと所属の発令を確かめてください。"
            ) from None
        except NotOfRetailer as error:
            raise wrong_use(f"{error}\n対処: 小売電気事業者の利用者のコードを指定してください。") from None
    if made is None:
        if json:
            emit({"person": person, "ended": ended})
        else:
            say(f"{person} の API の資格情報 {ended} 件を失効させました。")
        return
    if json:
        emit({"person": person, "client_id": made.code, "client_secret": made.secret})
        return
    paper().print(f"client_id={made.code}\nclient_secret={made.secret}", soft_wrap=True)
    say(f"{person} として {address()}/api/v1 を使えます。秘密はもう表示できません。説明は {address()}/api/openapi.json")


def _list_clients(person: str, live: Sequence[LiveClient], *, json: bool) -> None:
    if json:
        emit({"person": person, "clients": [asdict(one) | {"issued": one.issued.isoformat()} for one in live]})
        return
    for one in live:
        paper().print(f"{one.code}  {one.company}  {one.issued.astimezone(JST):%Y-%m-%d %H:%M}", soft_wrap=True)
    say(f"{person} の失効していない資格情報は {len(live)} 件です。")


@app.command("first-administrator")
def first_administrator(
    person: Annotated[str, typer.Argument(help="利用者のコード（例: yamada）")],
    name: Annotated[str, typer.Option(help="氏名")],
    company: Annotated[str, typer.Option(help="一般送配電事業者のコード（英小文字・数字・ハイフン）")],
    company_name: Annotated[str, typer.Option(help="一般送配電事業者の名前")],
    json: Json = False,
) -> None:
    """だれもいないホームに最初の管理者（システム管理の職務）を作り、ワンタイムリンクを発行する。"""
    _check((("利用者のコード", person), ("会社のコード", company)), (("氏名", name), ("会社の名前", company_name)))
    here = home()
    with database(here):
        if not settle_first(here, person, name.strip(), company, company_name.strip()):
            raise could_not_run(
                "このホームにはすでに利用者がいます。\n"
                "対処: リンクは takuso login link 利用者のコード で発行してください。"
            )
        url, token = _link(here, person)
    _tell(person, name.strip(), url, token, json=json)
    if not json:
        say(
            "次に、情報管理・監査の最初の人を、別の人で作ってください。承認と閲覧記録を受け持ちます:\n"
            "  takuso login first-compliance CODE --name 氏名"
        )


@app.command("first-compliance")
def first_compliance(
    person: Annotated[str, typer.Argument(help="利用者のコード（例: suzuki）")],
    name: Annotated[str, typer.Option(help="氏名")],
    json: Json = False,
) -> None:
    """情報管理・監査の最初の人を作り、ワンタイムリンクを発行する。一度だけ。管理者とは別の人にすること。"""
    _check((("利用者のコード", person),), (("氏名", name),))
    here = home()
    with database(here):
        done = settle_compliance(here, person, name.strip())
        if done is not Watch.SETTLED:
            raise could_not_run(_REFUSED[done])
        url, token = _link(here, person)
    _tell(person, name.strip(), url, token, json=json)


_REFUSED: Final = {
    Watch.WATCHED: "情報管理・監査の職務の発令が、すでにあります（終わったものも数えます）。\n"
    "対処: 次の人は、画面 AD10 で発令を申請し、AD30 で承認を受けてください。",
    Watch.TAKEN: "この利用者コードの人がすでにいます。\n対処: 管理者とは別の人の、別のコードにしてください。",
    Watch.NOBODY: "システム管理の職務の人がいないか、2 社以上にいます。\n"
    "対処: 先に takuso login first-administrator を実行してください。",
}


def _check(codes: Sequence[tuple[str, str]], names: Sequence[tuple[str, str]]) -> None:
    for what, text in codes:
        if not _CODE.fullmatch(text):
            raise wrong_use(f"{what} {text}: 英小文字で始まる、英小文字・数字・ハイフン 40 文字以内にしてください。")
    for what, text in names:
        if not text.strip() or len(text) > _LONGEST or not text.isprintable():
            raise wrong_use(f"{what}: 1 から {_LONGEST} 文字で入力してください。")


def _link(here: Home, person: str) -> tuple[str, str]:
    with Pools(here, ["authn"]) as pools:
        token = SignIns(pools).issue_link(person)
    return f"{address()}/login/once/{token}", token


def _tell(person: str, name: str, url: str, token: str, *, json: bool) -> None:
    if json:
        emit({"person": person, "url": url, "code": token, "hours": 24})
        return
    paper().print(url)
    say(f"{person}（{name}）が 24 時間以内に一度だけ使えます。開くと、パスワードと認証アプリを登録します。")
