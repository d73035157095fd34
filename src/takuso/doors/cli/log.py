"""`takuso log`: the access log, read through the gate like everything else."""

import json as jsonlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from takuso.barrier.gate import Sight
from takuso.barrier.log_queries import LOG_ALARMS, LOG_RECORDS, Alarm, LogRecord
from takuso.barrier.query import Query
from takuso.doors.cli.answers import Json, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.log_reading import LOGINS, number, read_log
from takuso.doors.web.definitions import AL10
from takuso.kernel.periods import JST
from takuso.store.pools import Pools

app = typer.Typer(help="閲覧記録")
_DAY: Final = ["%Y-%m-%d"]
_DECISIONS: Final = {"shown": "表示", "hidden": "非表示", "purpose-needed": "目的未申告", "refused": "拒否"}

_ALARMS: Final = {
    "second outcome": "結果が 2 つ",
    "impossible outcome": "ありえない結果",
    "tally": "数えた後に件数が変わった日",
    "leaf": "木に番号のない閲覧票がある日",
}


@app.callback()
def log() -> None:
    """閲覧記録。"""


@app.command()
def show(
    as_person: Annotated[str, typer.Option("--as", help="だれとして読むか（情報管理・監査の職務）")] = "td-compliance",
    person: Annotated[str | None, typer.Option(help="この利用者の閲覧だけ")] = None,
    customer: Annotated[str | None, typer.Option(help="このお客さま（14 桁）か供給地点（22 桁）だけ")] = None,
    screen: Annotated[str | None, typer.Option(help="この画面だけ")] = None,
    since: Annotated[datetime | None, typer.Option("--from", help="この日から", formats=_DAY)] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="この日の前まで", formats=_DAY)] = None,
    last: Annotated[int, typer.Option(help="新しいほうから何件", min=1, max=1000)] = 50,
    alarms: Annotated[bool, typer.Option("--alarms", help="閲覧記録ではなく、壁が上げた警報を表示する")] = False,
    json: Json = False,
) -> None:
    """閲覧記録を新しい順に表示する。この閲覧も記録される。"""
    here = home()
    if alarms and (person or customer or screen):
        raise wrong_use(
            "--alarms は、--person・--customer・--screen と一緒には使えません。\n対処: どちらかを外してください。"
        )
    parameters = {
        "person": person,
        "customer": number(customer) if customer is not None else None,
        "screen": screen,
        "since": since.date() if since else None,
        "until": until.date() if until else None,
        "last": last,
    }
    with database(here), Pools(here, LOGINS) as pools:
        body = _read(pools, as_person, LOG_ALARMS if alarms else LOG_RECORDS, parameters)
    if json:
        typer.echo(body.decode())
        return
    found = jsonlib.loads(body)["alarms" if alarms else "records"]
    paper().print(_alarm_table(found) if alarms else _table(found))
    say(f"{len(found)} 件。" + ("" if alarms else "すべての項目は --json で出ます。"))


def _read(pools: Pools, person: str, query: Query[Any], parameters: Mapping[str, object]) -> bytes:
    render = _alarms if query is LOG_ALARMS else _records
    return read_log(
        pools,
        person,
        screen=AL10.code,
        terminal="takuso log show",
        queries=(query,),
        parameters=parameters,
        render=render,
    )


def _records(sight: Sight) -> bytes:
    return _document(sight, "records", [_entry(record) for record in sight.rows(LOG_RECORDS)])


def _alarms(sight: Sight) -> bytes:
    return _document(sight, "alarms", [_alarm_entry(alarm) for alarm in sight.rows(LOG_ALARMS)])


def _document(sight: Sight, name: str, entries: Sequence[Mapping[str, Any]]) -> bytes:
    return jsonlib.dumps({"receipt": sight.receipt, name: entries}, ensure_ascii=False, default=str).encode()


def _alarm_entry(alarm: Alarm) -> dict[str, Any]:
    return asdict(alarm) | {"at": alarm.at.astimezone(JST).isoformat()}


def _entry(record: LogRecord) -> dict[str, Any]:
    entry = asdict(record)
    # The surrogate key means nothing outside the database.
    del entry["point"]
    for key in ("at", "business_at"):
        entry[key] = entry[key].astimezone(JST).isoformat()
    return entry


def _table(records: Sequence[dict[str, Any]]) -> Table:
    table = Table(pad_edge=False)
    for heading in ("時刻", "利用者", "画面", "前の画面", "お客さま", "関係", "結果", "表示した区分", "目的"):
        table.add_column(heading, overflow="fold")
    for entry in records:
        purpose = " ".join(entry[key] or "" for key in ("purpose_code", "purpose_reference"))
        unverified = "（未確認）" if entry["purpose_verified"] is False else ""
        classes = "".join(entry["shown_classes"] or ()) or "―"
        shown = "記録なし=表示扱い" if entry["rendered"] is None else classes
        typed = f"入力 {entry['typed']}" if entry["typed"] else "―"
        table.add_row(
            entry["at"][:19].replace("T", " "),
            f"{entry['person']} {entry['organisation']}",
            f"{entry['screen']} {entry['screen_name'] or ''}",
            entry["came_screen"] or "―",
            entry["customer"] or typed,
            entry["relation"] or "―",
            _DECISIONS.get(entry["decision"], entry["decision"]),
            shown,
            purpose + unverified,
        )
    return table


def _alarm_table(alarms: Sequence[dict[str, Any]]) -> Table:
    table = Table(pad_edge=False)
    for heading in ("時刻", "種類", "受付番号", "内容"):
        table.add_column(heading, overflow="fold")
    for alarm in alarms:
        what = _ALARMS.get(alarm["kind"], alarm["kind"])
        table.add_row(alarm["at"][:19].replace("T", " "), what, alarm["receipt"] or "―", alarm["detail"])
    return table
