"""`takuso drill try`: every fault planted in turn, the proof run against it, the fault healed; survivors are named."""

import json as jsonlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from takuso.doors.cli.answers import Code, Json, emit, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.drill import KINDS, AdminUrl, administrator, demo_home, redeploy
from takuso.doors.cli.house import Drill, Fault, house
from takuso.store.home import Home

_LONGEST: Final = 600
_MUTANTS: Final = {"rules": "規則の行", "policies": "ポリシー"}
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One fault and what the check that must catch it said; `seconds` from the start of the proof to its answer."""

    name: str
    title: str
    kind: str
    caught_by: str
    caught: bool
    seconds: float
    findings: tuple[str, ...]


def try_command(
    context: typer.Context,
    fault: Annotated[
        list[str] | None, typer.Argument(help="欠陥の名前（なければすべて）", metavar="[FAULT]...")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="見つけるはずの検査だけでなく、証明の全部を行う")] = False,
    admin_url: AdminUrl = None,
    json: Json = False,
) -> None:
    """欠陥を 1 つずつ植えて証明を行い、見つかることを確かめて取り除く。見逃しがあれば終了コード 1。

    欠陥の名前がなければ、規則の行とポリシーも 1 つずつ変えてみる（仮のデータベースで）。
    """
    here = demo_home()
    known = house(context).drill()
    wanted = _chosen(known, fault or ())
    with database(here) as server:
        address = administrator(server, admin_url)
        given = ("--admin-url", address) if server is None else ()
        tried = []
        for one in wanted:
            say(f"{one.name}（{one.title}）")
            tried.append(
                _tried(here, known, one, address, given, lambda: redeploy(context, here, address), whole=whole)
            )
        changed = [] if fault else house(context).proof().mutants(here, address)
    survivors = [one.name for one in tried if not one.caught]
    survivors += [name for kind in changed for name in kind["survivors"]]
    if json:
        emit({"ok": not survivors, "tried": [asdict(one) for one in tried], "mutants": changed, "survivors": survivors})
    else:
        _tell(tried)
        for kind in changed:
            say(f"{_MUTANTS[kind['kind']]} {kind['made']} 通りを 1 つずつ変え、見逃し {len(kind['survivors'])}")
    if survivors:
        raise typer.Exit(Code.FINDINGS)


def _chosen(known: Drill, names: Sequence[str]) -> list[Fault]:
    faults = {one.name: one for one in known.faults()}
    for name in names:
        if name not in faults:
            raise wrong_use(f"欠陥 {name} はありません。\n対処: takuso drill list で名前を確かめてください。")
    return [one for one in faults.values() if not names or one.name in names]


def _tried(
    here: Home,
    known: Drill,
    fault: Fault,
    address: str,
    given: Sequence[str],
    again: Callable[[], object],
    *,
    whole: bool,
) -> Tried:
    known.plant(here, fault.name, address)
    try:
        began = time.perf_counter()
        answer = _verify(here, () if whole else ("--only", fault.caught_by), given)
        seconds = time.perf_counter() - began
    finally:
        known.heal(here, address, again)
    return Tried(
        name=fault.name,
        title=fault.title,
        kind=fault.kind,
        caught_by=fault.caught_by,
        caught=bool(answer.get("findings")),
        seconds=round(seconds, 1),
        findings=tuple(_lines(answer)),
    )


def _verify(here: Home, only: Sequence[str], given: Sequence[str]) -> dict[str, Any]:
    """The proof as a process of its own, so that it runs the patched copy. A proof that dies has caught nothing."""
    command = [sys.executable, "-m", "takuso.main", "barrier", "verify", "--brief", "--fail-fast", "--json"]
    environment = os.environ | {"TAKUSO_HOME": str(here.path)}
    done = subprocess.run(
        [*command, *only, *given], capture_output=True, env=environment, timeout=_LONGEST, check=False
    )
    try:
        answer: dict[str, Any] = jsonlib.loads(done.stdout)
    except ValueError:
        answer = {"error": done.stderr.decode("utf-8", "replace")[-400:]}
    return answer


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    if "error" in answer:
        yield answer["error"]
    for finding in answer.get("findings", ())[:_SHOWN]:
        yield f"[{finding['check']}] {finding['where']}: {finding['what']}"


def _tell(tried: Sequence[Tried]) -> None:
    table = Table(pad_edge=False)
    for heading in ("欠陥", "種類", "検査", "", "秒", "最初の指摘"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "秒" else "left")
    for one in tried:
        state = "見つけた" if one.caught else "見逃した"
        first = one.findings[0] if one.findings else ""
        table.add_row(one.name, KINDS[one.kind], one.caught_by, state, f"{one.seconds:.1f}", first)
    paper().print(table)
    say(f"{sum(one.caught for one in tried)} / {len(tried)} を見つけました。")
