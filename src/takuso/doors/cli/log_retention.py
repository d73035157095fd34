"""`takuso log retention`: dated rules, what is due, holds; and the deletion of whole days whose time is over."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import psycopg
import typer

from takuso.accesslog.verify_log import shown
from takuso.barrier.deployment import deployer
from takuso.doors.cli.answers import Code, Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.cold_place import cold_objects
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.log_close import mend_form
from takuso.doors.cli.log_key import by_and_reason
from takuso.store import settings
from takuso.store.home import Home
from takuso.survey.closing import OWN_LOG
from takuso.survey.runs import Runs

if TYPE_CHECKING:
    from takuso.survey.cold.removing import Copies

app = typer.Typer(help="閲覧記録を何年保つか", invoke_without_command=True)
_DAY: Final = ["%Y-%m-%d"]
_By = Annotated[str, typer.Option(help="だれが決めたか（利用者コードか氏名）")]
_Reason = Annotated[str, typer.Option(help="なぜ")]
_NOTICE: Final = "TK413"
_LONGEST: Final = 100


@app.callback()
def retention_command(
    context: typer.Context,
    delete: Annotated[bool, typer.Option("--delete", help="期限の過ぎた日を、記録を残して消す")] = False,
    by: Annotated[str, typer.Option(help="--delete: だれが消すか（利用者コードか氏名）")] = "",
    out: Annotated[
        Path | None, typer.Option(help="書庫のフォルダー（既定は TAKUSO_HOME/sources/own-log）", metavar="DIR")
    ] = None,
    json: Json = False,
) -> int:
    """保存の規則・保全・期限の過ぎた日を表示する。消せない日が残れば 1 で終わる。配備のログインで動かす。"""
    if context.invoked_subcommand is not None:
        return Code.GOOD
    here = home()
    with database(here), deployer(here) as connection:
        if delete:
            return _delete(connection, here, out, by, json)
        from takuso.survey.closing.retention import standing

        found = standing(connection)
    if json:
        emit(found)
    else:
        _show(found)
    return Code.GOOD


@app.command("rule")
def rule_command(
    years: Annotated[int, typer.Argument(help="保つ年数", min=1, max=100, metavar="YEARS")],
    start: Annotated[datetime, typer.Option("--from", help="この日から効く（短くするなら 30 日先から）", formats=_DAY)],
    label: Annotated[str, typer.Option(help="規則の名前（規程の条など）")],
    by: _By,
    reason: _Reason,
    json: Json = False,
) -> None:
    """日付のある保存の規則を加える。前の規則は、その日の前まで効く。"""
    who, why = by_and_reason(by, reason)
    if not 0 < len(label.strip()) <= _LONGEST:
        raise wrong_use(f"--label には、1 字から {_LONGEST} 字で規則の名前を書いてください。")
    values = [start.date(), years, label.strip(), who, why]
    number = _call("SELECT wall.set_retention(%s, %s, %s, %s, %s)", values)
    _told(json, number, f"規則 {number}: {start:%Y-%m-%d} から {years} 年。")


@app.command("hold")
def hold_command(
    start: Annotated[datetime, typer.Option("--from", help="この日から", formats=_DAY)],
    end: Annotated[datetime, typer.Option("--to", help="この日の前まで", formats=_DAY)],
    by: _By,
    reason: _Reason,
    json: Json = False,
) -> None:
    """年数が過ぎても消さない日を決める（訴訟・調査など）。"""
    who, why = by_and_reason(by, reason)
    if end <= start:
        raise wrong_use("--to は --from より後の日にしてください。")
    number = _call("SELECT wall.hold_days(%s, %s, %s, %s)", [start.date(), end.date(), who, why])
    _told(json, number, f"保全 {number}: {start:%Y-%m-%d} から {end:%Y-%m-%d} の前まで消しません。")


@app.command("release")
def release_command(
    hold: Annotated[int, typer.Argument(help="保全の番号", metavar="HOLD")],
    by: _By,
    reason: _Reason,
    json: Json = False,
) -> None:
    """保全を解く。"""
    who, why = by_and_reason(by, reason)
    number = _call("SELECT wall.release_hold(%s, %s, %s)", [hold, who, why])
    if number is None:
        raise wrong_use(f"保全 {hold} はありません。\n対処: takuso log retention で番号を確かめてください。")
    _told(json, number, f"保全 {hold} を解きました。")


def _call(statement: Any, values: list[Any]) -> int | None:
    here = home()
    try:
        with database(here), deployer(here) as connection:
            row = connection.execute(statement, values).fetchone()
    except psycopg.errors.UniqueViolation:
        raise wrong_use("その保全は、もう解かれています。") from None
    except psycopg.Error as error:
        if error.sqlstate == "TK400":
            raise wrong_use("過ぎた日からの規則は作れません。\n対処: --from を今日より後の日にしてください。") from None
        if error.sqlstate == _NOTICE:
            raise wrong_use(
                "いまより短い規則は、30 日先の日からしか効かせられません（時計が続いていることも要ります）。\n"
                "対処: --from を 30 日より先の日にし、takuso jobs once が動いていることを確かめてください。"
            ) from None
        raise
    return int(row[0]) if row and row[0] is not None else None


def _told(json: bool, number: int | None, text: str) -> None:
    if json:
        emit({"ok": True, "no": number})
    else:
        say(text)


def _delete(connection: psycopg.Connection[Any], here: Home, out: Path | None, by: str, json: bool) -> int:
    # Arrow is loaded only here.
    from takuso.survey.closing.files import Busy, alone
    from takuso.survey.closing.retention import WHY
    from takuso.survey.closing.retention import delete as delete_due
    from takuso.survey.cold.manifest import BrokenManifest
    from takuso.survey.cold.objects import StoreFailed

    who, _ = by_and_reason(by, "-")
    folder = out or here.path / settings.SOURCES.name / OWN_LOG
    try:
        with Runs(here.path / settings.SURVEYS.name).idle() as idle, alone(folder):
            if not idle:
                raise could_not_run("調査が動いています。\n対処: 終わるのを待って、もう一度実行してください。")
            done = list(delete_due(connection, folder, who, _copies(here, folder)))
            if any(not one.why for one in done):
                mend_form(folder)
    except (Busy, BrokenManifest, StoreFailed) as error:
        raise could_not_run(str(error)) from None
    except OSError as error:
        raise could_not_run(
            f"{folder} のファイルを取り除けませんでした（{error.strerror or error}）。\n"
            "対処: 権限を確かめて、もう一度実行してください。消した日の続きから行います。"
        ) from None
    stay = [one for one in done if one.why not in ("", "held")]
    if json:
        emit({"ok": not stay, "days": [{**asdict(one), "day": str(one.day)} for one in done]})
    for one in done:
        what = WHY[one.why] if one.why else f"{one.leaves:,} 件を消しました（削除の番号 {one.number}）。"
        say(f"{one.day}: {what}")
    say(f"{sum(not one.why for one in done)} 日を消しました。消した日の記録は、木に残ります。")
    return Code.FINDINGS if stay else Code.GOOD


def _copies(here: Home, folder: Path) -> "Copies":
    """The archive's copies in the store, if there are any. Raises Refused, BrokenManifest, StoreFailed."""
    from takuso.survey.cold.manifest import read_manifest
    from takuso.survey.cold.removing import Copies

    asked = read_manifest(folder) and settings.COLD_BUCKET.read() is not None
    return Copies(folder, cold_objects(here) if asked else None)


def _show(found: Mapping[str, Any]) -> None:
    for rule in found["rules"]:
        force = "（効いている）" if rule["no"] == found["rule"] else ""
        say(f"規則 {rule['no']}: {rule['valid_from']} から {rule['years']} 年 {shown(rule['label'])}{force}"
            f" {shown(rule['who'])}「{shown(rule['reason'])}」")  # fmt: skip
    for hold in found["holds"]:
        state = "解いた" if hold["released"] else "保全中"
        say(f"保全 {hold['no']}: {hold['from']} から {hold['to']} の前まで {state}"
            f" {shown(hold['who'])}「{shown(hold['reason'])}」")  # fmt: skip
    say(f"消した日: {len(found['deleted'])}")
    for one in found["due"]:
        state = "保全中" if one["held"] else "消せる" if one["closed"] else "締めていない"
        typer.echo(f"{one['day']}: {one['records']:,} 件 {state}")
    say(f"期限の過ぎた日: {len(found['due'])}。消すには takuso log retention --delete --by だれが")
    if not found["steady"]:
        say(
            "いまは消せません: 40 日続いた控えがまだないか、時計が 7 日より大きく動いたか、閲覧記録が止まっていました。"
        )
