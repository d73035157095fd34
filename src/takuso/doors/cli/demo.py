"""`takuso demo`: an invented network area to look at, and the answers its plan knows."""

import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from json import dumps as json_text
from json import loads as parse
from pathlib import Path
from shutil import rmtree
from typing import Annotated, Final

import psycopg
import typer

from takuso.barrier.standing import declared_shift, is_loaded
from takuso.demo.build import build
from takuso.demo.companies import wheeling_contract_rows
from takuso.demo.customers import KINDS, AnswerBook, NoDemo, NotInThePlan, customers
from takuso.demo.histories import PlanTooEarly
from takuso.demo.plan import NoPoints, Plan
from takuso.doors.cli.answers import Json, could_not_run, emit, paper, say, wrong_use
from takuso.doors.cli.database import bring_up, database
from takuso.doors.cli.house import home, house
from takuso.doors.cli.progress import progress
from takuso.kernel.periods import jst_day
from takuso.store import embedded, settings
from takuso.store.embedded import EmbeddedServer
from takuso.store.home import Home

app = typer.Typer(help="デモ: 架空の供給区域を作る（日付は業務日）", invoke_without_command=True)
_ANYONE: Final = "td-intake"
_CLOCK: Final = Path(settings.DEMO.name) / "clock.json"


@app.callback()
def demo(
    context: typer.Context,
    points: Annotated[int, typer.Option(help="供給地点の数", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="乱数の種（同じ種は同じ区域になる）")] = 1,
    now: Annotated[datetime | None, typer.Option(help="業務日をこの日にする", formats=["%Y-%m-%d"])] = None,
    keep: Annotated[bool, typer.Option(help="すでに作った区域はそのまま使い、配備だけを行う")] = False,
    rebuild: Annotated[bool, typer.Option(help="このデモのホームのデータをすべて消して作り直す")] = False,
    json: Json = False,
) -> None:
    """デモのホームを用意し、架空の会社・お客さま・履歴を入れる。"""
    if context.invoked_subcommand is not None:
        return
    here = home()
    here.declare("demo")
    if rebuild:
        _clear(here)
    say("データベースを起動しています（初回は用意もします）")
    with database(here, fresh=True) as server:
        built = _make(context, here, server, points=points, seed=seed, now=now, keep=keep)
    if json:
        emit({"ok": True, "home": str(here.path), **built})
        return
    if built["built"]:
        say(f"{built['points']:,} 地点の区域を {built['seconds']} 秒で作りました（業務日 {built['today']}）。")
    say("次は: takuso serve")


def _make(
    context: typer.Context,
    here: Home,
    server: EmbeddedServer | None,
    *,
    points: int,
    seed: int,
    now: datetime | None,
    keep: bool,
) -> dict[str, object]:
    today = jst_day(datetime.now(UTC))
    day = now.date() if now else today
    plan = _plan(points, seed, day)
    shift = day - today
    there = _has_plan(here)
    if there and not keep:
        raise wrong_use(
            f"このホーム（{here.path}）にはもうデモの区域があります。\n"
            "対処: そのまま使うなら --keep、消して作り直すなら --rebuild、"
            "残して別に作るなら別のフォルダーを TAKUSO_HOME に指定してください。"
        )
    if there and now is None:
        shift = declared_shift(here)
    say("壁を配備しています")
    bring_up(house(context), here, server, shift=shift)
    remember(here, shift)
    if there:
        _contracts(here)
        return {"built": False, "today": str(today + shift)}
    if is_loaded(here):
        raise could_not_run(
            f"データベースには区域がありますが、その控え（{here.path}/demo）がありません。\n"
            "対処: --rebuild を付けて作り直してください。"
        )
    return _build(here, plan)


def _build(here: Home, plan: Plan) -> dict[str, object]:
    # Django is loaded only where migrations run.
    from takuso.barrier.deployment import Loader

    say(f"架空の区域を作っています（{plan.points:,} 地点。20,000 地点で数分）")
    began = time.monotonic()
    # The answers are put in place only after the load has been committed.
    with progress() as show, AnswerBook(here.path, plan) as answers, Loader(here) as loader:
        rows = build(loader, plan, show, answers)
    return {
        "built": True,
        "points": plan.points,
        "seed": plan.seed,
        "today": str(plan.today),
        "rows": rows,
        "seconds": round(time.monotonic() - began, 1),
    }


def _contracts(here: Home) -> None:
    """The retailers' wheeling contracts, for an area that was built before there were any."""
    from takuso.barrier.deployment import Loader

    with suppress(psycopg.errors.ExclusionViolation), Loader(here) as loader:
        loader.load("reception.contract", wheeling_contract_rows())


def _plan(points: int, seed: int, today: date) -> Plan:
    try:
        return Plan(points=points, seed=seed, today=today)
    except (NoPoints, PlanTooEarly) as error:
        raise wrong_use(str(error)) from None


def _has_plan(here: Home) -> bool:
    try:
        customers(here.path, KINDS[0], _ANYONE, 0)
    except NoDemo:
        return False
    return True


def _clear(here: Home) -> None:
    """Everything of this demo but its kind. Raises Refused while someone uses it."""
    if not here.embedded:
        raise wrong_use(
            "DATABASE_URL のデータベースは、ここからは消しません。\n"
            "対処: 管理者が空のデータベースを作り、その名前を DATABASE_URL に指定してください。"
        )
    with here.lock():
        embedded.stop(here)
        for part in settings.PARTS:
            place = here.path / part.name
            if part.rebuilt and place.is_dir():
                rmtree(place)
            elif part.rebuilt:
                place.unlink(missing_ok=True)


@app.command("customers")
def customers_command(
    kind: Annotated[str, typer.Option(help=f"お客さまの種類: {', '.join(KINDS)}")],
    person: Annotated[str, typer.Option(help="だれから見てか（利用者のコード）")],
    limit: Annotated[int, typer.Option(help="最大件数", min=0)] = 10,
    json: Json = False,
) -> None:
    """デモの計画が知っている答え: その人にとって自社の・他社の・切り替わった・空室のお客さま。"""
    here = home()
    if here.kind != "demo":
        raise wrong_use("このホームはデモではありません。\n対処: デモのホームを TAKUSO_HOME に指定してください。")
    try:
        found = customers(here.path, kind, person, limit, today=_business_day(here))
    except NotInThePlan as error:
        raise wrong_use(str(error)) from None
    except NoDemo as error:
        raise could_not_run(str(error)) from None
    if json:
        emit({"customers": found})
        return
    for customer in found:
        paper().print(*(customer[key] or "―" for key in ("customer_code", "supply_point", "holder", "name")))


def remember(here: Home, shift: timedelta) -> None:
    """Keep the shift beside the plan: the answers are for the business day, and need no database."""
    file = here.path / _CLOCK
    file.parent.mkdir(exist_ok=True, mode=0o700)
    file.write_text(json_text({"shift_days": shift.days}) + "\n", encoding="utf-8")


def _business_day(here: Home) -> date | None:
    """Today of the demo; None (the plan's own day) if its clock was never written."""
    try:
        days = int(parse((here.path / _CLOCK).read_text(encoding="utf-8"))["shift_days"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise could_not_run(
            f"{here.path / _CLOCK} を読めません。\n対処: takuso demo --keep で書き直してください。"
        ) from None
    return jst_day(datetime.now(UTC)) + timedelta(days=days)
