"""`takuso points`: supply points, changed through the gate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import psycopg
import typer

from takuso.barrier.gate import ActionRefused, Gate, PurposeNeeded, PurposeRefused, Visit
from takuso.barrier.signin import Proof, SignIns, UnknownPerson
from takuso.doors.cli.answers import Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.screens import SP10
from takuso.flow.points.operations import RECORD_SUPPLY, RECORD_SUPPLY_ACTION
from takuso.kernel.malformed import Malformed
from takuso.kernel.numbers import CustomerCode, SupplyPointNumber
from takuso.store.pools import Pools

app = typer.Typer(help="供給地点")
_LOGINS: Final = ("authn", "ticketer", "writer")
_DAY: Final = ["%Y-%m-%d"]
_SPIN_DIGITS: Final = 22
_NOBODY: Final = "none"


@app.callback()
def points() -> None:
    """供給地点。"""


@app.command("record-supply")
def record_supply(
    number: Annotated[str, typer.Argument(help="お客さまコード（14 桁）か供給地点特定番号（22 桁）")],
    retailer: Annotated[str, typer.Option(help=f"供給者の会社コード（{_NOBODY} = 供給者なし）")],
    since: Annotated[datetime, typer.Option("--from", help="この日から", formats=_DAY)],
    reason: Annotated[str, typer.Option(help="記録・訂正の理由")],
    as_person: Annotated[str, typer.Option("--as", help="だれとして行うか（異動受付の職務）")],
    purpose: Annotated[str, typer.Option(help="利用目的のコード（例: IDO）")],
    reference: Annotated[str, typer.Option(help="根拠の番号（申込番号など）")],
    until: Annotated[
        datetime | None, typer.Option("--to", help="この日の前まで（なければ期限なし）", formats=_DAY)
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="供給地点で指定するとき、利用目的を申告するお客さまコード")
    ] = None,
    json: Json = False,
) -> None:
    """供給者の履歴に記録・訂正を加える。前の記録は残り、変更と閲覧記録は同時に確定する。"""
    here = home()
    asked, scope = _number(number), _scope(number, customer)
    values: dict[str, object] = {
        "retailer": None if retailer == _NOBODY else retailer,
        "since": since.date(),
        "until": until.date() if until else None,
        "reason": reason,
    }
    with database(here), Pools(here, _LOGINS) as pools:
        signins = SignIns(pools)
        proof = _sign_in(signins, as_person)
        try:
            changed = _record(Gate(pools), proof, asked, (scope, purpose, reference), values)
        finally:
            signins.end(proof)
    if json:
        emit({"ok": True, "customer": scope, "changed": changed})
        return
    say(f"記録しました（履歴 {changed} 行）。")


def _number(text: str) -> str:
    digits = text.replace("-", "")
    try:
        if len(digits) == _SPIN_DIGITS:
            return SupplyPointNumber.parse(digits).text
        return CustomerCode.parse(digits).text
    except Malformed as error:
        raise wrong_use(str(error)) from None


def _scope(number: str, customer: str | None) -> str:
    """The customer code that the purpose is stated for."""
    asked = _number(customer or number)
    if len(asked) == _SPIN_DIGITS:
        raise wrong_use(
            "利用目的は、お客さまコードについて申告します。\n"
            "対処: --customer にこの供給地点のお客さまコード（14 桁）を付けてください。"
        )
    return asked


def _sign_in(signins: SignIns, person: str) -> Proof:
    try:
        return signins.by_link(signins.issue_link(person, hours=1), command=True)
    except UnknownPerson as error:
        raise wrong_use(f"{person}: {error}") from None


def _record(gate: Gate, proof: Proof, asked: str, purpose: tuple[str, str, str], values: Mapping[str, object]) -> int:
    scope, code, reference = purpose
    visit = Visit(proof=proof, screen=SP10.code, terminal="takuso points")
    try:
        gate.state_purpose(visit, code=code, reference=reference, scope=scope)
        return gate.act(
            Visit(proof=proof, screen=SP10.code, terminal="takuso points"),
            asked=asked,
            action=RECORD_SUPPLY_ACTION,
            statement=RECORD_SUPPLY,
            parameters=values,
        )
    except PurposeRefused as error:
        raise wrong_use(str(error)) from None
    except PurposeNeeded as error:
        raise could_not_run(f"{error}（受付番号 {error.receipt}）") from None
    except ActionRefused as error:
        raise could_not_run(
            f"{error}（受付番号 {error.receipt}）\n"
            "対処: 職務と番号を確かめてください。供給地点が複数あるお客さまは、"
            "供給地点特定番号と --customer で指定してください。"
        ) from None
    except psycopg.Error:
        raise wrong_use(
            "指定した内容では記録できません。\n"
            "対処: 会社コードが小売電気事業者のものか、期間の終わりが始まりより後か、理由があるかを確かめてください。"
        ) from None
