"""`takuso log`: the access log, read through the gate like everything else."""

import json as jsonlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from takuso.barrier.gate import ActionRefused, Gate, Sight, Visit
from takuso.barrier.log_queries import LOG_RECORDS, LogRecord
from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.doors.cli.answers import Json, could_not_run, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.doors.cli.screens import AL10
from takuso.kernel.periods import JST
from takuso.store.pools import Pools

app = typer.Typer(help="閲覧記録")
_LOGINS: Final = ("authn", "ticketer", "surveyor")
_DECISIONS: Final = {"shown": "表示", "hidden": "非表示", "purpose-needed": "目的未申告", "refused": "拒否"}


@app.callback()
def log() -> None:
    """閲覧記録。"""


@app.command()
def show(
    as_person: Annotated[str, typer.Option("--as", help="だれとして読むか（情報管理・監査の職務）")] = "td-compliance",
    person: Annotated[str | None, typer.Option(help="この利用者の閲覧だけ")] = None,
    customer: Annotated[str | None, typer.Option(help="このお客さま（14 桁）か供給地点（22 桁）だけ")] = None,
    screen: Annotated[str | None, typer.Option(help="この画面だけ")] = None,
    last: Annotated[int, typer.Option(help="新しいほうから何件", min=1, max=1000)] = 50,
    json: Json = False,
) -> None:
    """閲覧記録を新しい順に表示する。この閲覧も記録される。"""
    here = home()
    parameters = {"person": person, "customer": customer, "screen": screen, "last": last}
    with database(here), Pools(here, _LOGINS) as pools:
        body = _read(pools, as_person, parameters)
    records = jsonlib.loads(body)["records"]
    if json:
        typer.echo(body.decode())
        return
    paper().print(_table(records))
    say(f"{len(records)} 件。すべての項目は --json で出ます。")


def _read(pools: Pools, person: str, parameters: Mapping[str, object]) -> bytes:
    signins = SignIns(pools)
    try:
        proof = signins.by_link(signins.issue_link(person, hours=1))
    except UnknownPerson as error:
        raise wrong_use(f"{person}: {error}") from None
    visit = Visit(proof=proof, screen=AL10.code, terminal="takuso log show")
    try:
        return Gate(pools).read_log(visit, queries=(LOG_RECORDS,), parameters=parameters, render=_document).body
    except ActionRefused as error:
        raise could_not_run(
            f"{person} は閲覧記録を読めません（受付番号 {error.receipt}）。\n"
            "対処: 情報管理・監査の職務の人を --as に指定してください。"
        ) from None
    finally:
        signins.end(proof)


def _document(sight: Sight) -> bytes:
    return jsonlib.dumps(
        {"receipt": sight.receipt, "records": [_entry(record) for record in sight.rows(LOG_RECORDS)]},
        ensure_ascii=False,
        default=str,
    ).encode()


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
        shown = "記録なし=表示扱い" if entry["rendered"] is None else "".join(entry["shown_classes"] or ())
        table.add_row(
            entry["at"][:19].replace("T", " "),
            f"{entry['person']} {entry['organisation']}",
            f"{entry['screen']} {entry['screen_name'] or ''}",
            entry["came_screen"] or "―",
            entry["customer"] or "―",
            entry["relation"] or "―",
            _DECISIONS.get(entry["decision"], entry["decision"]),
            shown,
            purpose + unverified,
        )
    return table
