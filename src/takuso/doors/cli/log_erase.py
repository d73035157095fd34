"""`takuso log erase`: what somebody typed is destroyed with its key, by two persons; the record and its proof stay."""

from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal

import psycopg
import typer

from takuso.accesslog import erasures
from takuso.barrier.deployment import deployer
from takuso.barrier.erasing import ErasureRefused, ErasureStep
from takuso.barrier.gate import ActionRefused, Gate, RequestConflict, Visit
from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.doors.cli.answers import Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.log_key import by_and_reason
from takuso.doors.web.definitions import AL12
from takuso.kernel.periods import jst_day
from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import Pools

_LOGINS: Final = ("authn", "ticketer", "sequencer")
_LAW: Final = "根拠の条文（例: 個人情報保護法 35 条）"


def erase_command(
    receipt: Annotated[
        str | None, typer.Argument(help="入力された文字を消す閲覧票の受付番号", metavar="RECEIPT")
    ] = None,
    law: Annotated[str, typer.Option(help=_LAW)] = "",
    reason: Annotated[str, typer.Option(help="理由。お客さまの名前は書かない（木に残り、消せない）")] = "",
    approve: Annotated[str | None, typer.Option(help="この番号の求めを承認し、消す", metavar="ERASURE")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="控えから戻って来た文字を、もう一度消す（配備のログイン）")
    ] = False,
    by: Annotated[str, typer.Option(help="--again: だれが消すか")] = "",
    as_person: Annotated[str, typer.Option("--as", help="だれとして行うか（情報管理・監査の職務）")] = "td-compliance",
    json: Json = False,
) -> None:
    """閲覧票に入力された文字を、鍵ごと消す。1 人が求め、同じ職務のほかの人が承認する。記録・木・証明は変わらない。"""
    if (receipt is not None) + (approve is not None) + again != 1:
        raise wrong_use("RECEIPT、--approve、--again のどれか 1 つを指定してください。")
    here = home()
    with database(here):
        if again:
            _again(here, by, reason, json)
        else:
            _step(here, receipt, approve, (law, reason), as_person, json)


def _step(here: Home, receipt: str | None, approve: str | None, why: tuple[str, str], person: str, json: bool) -> None:
    step: Literal["request", "approval"] = "request" if approve is None else "approval"
    with Pools(here, _LOGINS) as pools:
        signins = SignIns(pools)
        try:
            proof = signins.by_link(signins.issue_link(person, hours=1), command=True)
        except UnknownPerson as error:
            raise wrong_use(f"{person}: {error}") from None
        try:
            visit = Visit(proof=proof, screen=AL12.code, terminal="takuso log erase")
            asked = ErasureStep(step=step, erasure=approve, target=receipt or "", law=why[0], reason=why[1])
            done = Gate(pools).erase_step(visit, asked)
        except ActionRefused as error:
            raise could_not_run(
                f"{person} は消去を扱えません（受付番号 {error.receipt}）。\n"
                "対処: 情報管理・監査の職務の人を --as に指定してください。"
            ) from None
        except ErasureRefused as error:
            raise could_not_run(f"{error}（受付番号 {error.receipt}）") from None
        except RequestConflict:
            raise wrong_use(f"--law（{_LAW}）と --reason を、それぞれ 100 字・200 字までで指定してください。") from None
        finally:
            signins.end(proof)
        if step == "approval":
            with pools.pool("sequencer").connection() as connection:
                erasures.keep(connection, here)
            scrubbed = _scrub(here, date.fromisoformat(done["day"]))
    if json:
        emit({"ok": True, "step": step, "receipt": done["receipt"], "target": done["target"]})
    elif step == "request":
        say(f"消去を求めました。番号 {done['receipt']}。24 時間のうちに、同じ職務のほかの人が承認してください。")
        say(f"takuso log erase --approve {done['receipt']} --as ほかの人")
    else:
        say(f"{done['target']} に入力された文字を、鍵ごと消しました（受付番号 {done['receipt']}）。")
        say("データベースの控え（バックアップ）の中の写しは、控えの保存の期限まで残ります。" + scrubbed)


def _scrub(here: Home, day: date) -> str:
    """Rewrite the file of the day; what to say of it."""
    if not here.has_secret(DEPLOYER):
        return "この機械に配備のログインがないので、ファイルの中の跡は、次の VACUUM まで残ります。"
    try:
        with deployer(here) as connection:
            today = jst_day(datetime.now(UTC))
            erasures.scrub(connection, day, today)
            erasures.scrub_ended(connection, here, today)
    except psycopg.Error:
        return "ファイルの中の跡を、いまは片付けられませんでした。"
    return ""


def _again(here: Home, by: str, reason: str, json: bool) -> None:
    who, why = by_and_reason(by, reason)
    with deployer(here) as connection:
        done = erasures.again(connection, here, who, why)
        for day in sorted({one.day for one in done}):
            erasures.scrub(connection, day, jst_day(datetime.now(UTC)))
    if json:
        emit({"ok": True, "erased": [one.receipt for one in done]})
        return
    say(f"戻っていた {len(done)} 件の文字を、もう一度消しました。" if done else "戻っている文字はありません。")
