"""`takuso barrier`: the wall, read aloud."""

import json as jsonlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import psycopg
import typer
from rich import box
from rich.table import Table
from rich.text import Text

from takuso.barrier.approvals import HomeTable
from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, RULES, Duty, Relation, Rule, Verdict, View, digest
from takuso.barrier.standing import ASKING, MIGRATE, read_home
from takuso.doors.cli.answers import Code, Json, could_not_run, emit, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import Proof, Proved, home, house
from takuso.doors.cli.patched import run_patched
from takuso.kernel.periods import DatePeriod

app = typer.Typer(help="情報遮断")
_MOST: Final = 40
_COUNTED: Final = {"doors": "出入口", "transitions": "経路", "persons": "利用者", "kinds": "お客さまの種類"}
_RELATIONS = {
    Relation.ANY: "すべて",
    Relation.OWN: "自社",
    Relation.PAST: "自社の過去",
    Relation.APPLICANT: "申込の当事者",
}
_VIEWS = {View.CURRENT: "現在", View.PAST: "過去契約"}


@app.callback()
def barrier() -> None:
    """情報遮断。"""


@app.command()
def matrix(
    at: Annotated[
        datetime | None, typer.Option(help="この日に効いている規則だけ", formats=["%Y-%m-%d"], metavar="DATE")
    ] = None,
    json: Json = False,
) -> None:
    """だれが・だれのお客さまの・どの区分を、いつからいつまで見られるか。ここにない組み合わせはすべて見られない。

    ホームの表（プログラムの表に、承認され読み込まれた変更を重ねたもの）。用意されていないホームでは、プログラムの表。
    """
    day = at.date() if at else None
    table = _home_table()
    rules = [rule for rule in table.rules if day is None or DatePeriod(start=rule.since, end=rule.until).contains(day)]
    if json:
        asked = {"at": day} if day else {}
        changes = {"changes": len(table.approvals) - len(table.waiting), "waiting": len(table.waiting)}
        emit({"digest": digest(table.rules).hex(), **asked, **changes, "rules": [_row(rule) for rule in rules]})
        return
    page = paper()
    basis = _numbered((rule.article, rule.note) for rule in rules)
    page.print(f"情報遮断の表（{f'{day} に効いている規則' if day else 'すべての規則'}）")
    page.print(_table(rules, basis))
    for (article, note), number in basis.items():
        page.print(f"根拠 {number}: {article}\n　　注記: {note}")
    page.print("区分: " + "　".join(f"{letter.value} {title}" for letter, title in list(CLASS_NAMES.items())[:6]))
    page.print("　　　" + "　".join(f"{letter.value} {title}" for letter, title in list(CLASS_NAMES.items())[6:]))
    page.print("ここに行のない組み合わせは、すべて見られません（規則がない）。見せない行は、見られる行に勝ちます。")
    for one in table.waiting:
        page.print(f"まだ読み込まれていない変更: 申請 {one.id}（{one.change.on} から）。{MIGRATE}")


def _home_table() -> HomeTable:
    """The home's table; the program's alone for a home that is not prepared. Raises Refused."""
    here = home()
    if not here.has_secret(ASKING):
        return HomeTable(rules=RULES, coming=RULES, approvals=(), faults=())
    try:
        with database(here):
            found = read_home(here)
    except psycopg.errors.Error as error:
        raise could_not_run(
            f"表を読めません（SQLSTATE {error.sqlstate}）。\n対処: takuso store migrate を実行してください。"
        ) from None
    for fault in found.faults:
        say(f"注意: {fault}")
    return found


@app.command()
def verify(
    context: typer.Context,
    only: Annotated[list[str] | None, typer.Option(help="この検査だけ（何度でも）", metavar="CHECK")] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="指摘のある検査で止まる")] = False,
    brief: Annotated[bool, typer.Option("--brief", help="少ない利用者と種類だけを歩く（開発中の確かめ）")] = False,
    admin_url: Annotated[str | None, typer.Option(help="DATABASE_URL のときの、スーパーユーザーの接続先")] = None,
    book: Annotated[Path | None, typer.Option(help="証明書（book.html と book.json）を置くフォルダー")] = None,
    tried: Annotated[Path | None, typer.Option(help="証明書に付ける takuso drill try --json の結果")] = None,
    json: Json = False,
) -> None:
    """壁を証明する: 全出入口・全経路を、壁だけの仮のデータベースで歩く。動いているサーバーの横でよい。"""
    here = home()
    run_patched(here)
    proof = house(context).proof()
    for name in only or ():
        if name not in proof.checks:
            raise wrong_use(f"検査 {name} はありません。\n対処: 次から選んでください: {'、'.join(proof.checks)}")
    with database(here) as server:
        address = server.admin_url if server is not None else admin_url
        if address is None:
            raise wrong_use(
                "仮のデータベースを作るため、スーパーユーザーの接続先が要ります。\n"
                "対処: --admin-url postgresql://postgres@ホスト/postgres を付けてください。"
            )
        found = proof.verify(here, address, only=only or (), fail_fast=fail_fast, brief=brief, said=say)
    if book is not None:
        _write(proof, found, tried, book)
    document = found.document()
    if json:
        emit(document)
    else:
        _tell(document)
    if not found.ok:
        raise typer.Exit(Code.FINDINGS)


def _write(proof: Proof, found: Proved, tried: Path | None, folder: Path) -> None:
    try:
        entries = {} if tried is None else dict(jsonlib.loads(tried.read_text(encoding="utf-8")))
        proof.book(found, entries, folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise could_not_run(
            f"証明書を書けませんでした（{type(error).__name__}）。\n"
            "対処: --book のフォルダーの空きと権限、"
            "--tried のファイル（takuso drill try --json の出力）を確かめてください。"
        ) from error
    say(f"証明書: {folder / 'book.html'}")


@app.command()
def compare(
    context: typer.Context,
    one: Annotated[Path, typer.Argument(help="前の証明書（フォルダーか book.json）", metavar="BOOK")],
    other: Annotated[Path, typer.Argument(help="後の証明書", metavar="BOOK")],
    json: Json = False,
) -> None:
    """2 つの証明書の違いを挙げる。違いがあれば終了コード 1。"""
    try:
        apart = house(context).proof().compare(one, other)
    except ValueError as error:
        raise wrong_use(str(error)) from None
    if json:
        emit({"ok": not apart, "differences": apart})
    else:
        for line in apart:
            paper().print(Text(line))
        say(f"違い {len(apart)} 件")
    if apart:
        raise typer.Exit(Code.FINDINGS)


def _tell(document: Mapping[str, Any]) -> None:
    page = paper()
    table = Table(pad_edge=False)
    for heading in ("検査", "", "指摘", "問い", "秒"):
        table.add_column(heading, justify="left" if heading in ("検査", "") else "right")
    for check in document["checks"]:
        state = "良" if check["ok"] else "要対処"
        table.add_row(check["title"], state, f"{check['findings']:,}", f"{check['cells']:,}", f"{check['seconds']:.1f}")
    page.print(table)
    for finding in document["findings"][:_MOST]:
        page.print(Text(f"[{finding['check']}] {finding['where']}: {finding['what']}"))
    if len(document["findings"]) > _MOST:
        page.print(f"ほか {len(document['findings']) - _MOST:,} 件（--json ですべて出ます）")
    covered = document["coverage"]
    if covered["cells"]:
        counted = "、".join(f"{title} {covered[name]}" for name, title in _COUNTED.items())
        page.print(f"網羅 {covered['reached']:,} / {covered['cells']:,}（{counted}）、{document['seconds']:.0f} 秒")


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "duty": rule.duty,
        "relation": rule.relation,
        "view": rule.view,
        "class": rule.data_class,
        "verdict": rule.verdict,
        "article": rule.article,
        "note": rule.note,
        "since": rule.since,
        "until": rule.until,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Rules that differ in their class and verdict alone: one line of the table."""

    relation: Relation
    view: View
    since: date
    until: date | None
    basis: tuple[str, str]


def _numbered(bases: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    return {basis: number for number, basis in enumerate(dict.fromkeys(bases), start=1)}


def _table(rules: Sequence[Rule], basis: Mapping[tuple[str, str], int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("職務", "関係", "画面", "見られる", "見せない", "適用開始", "適用終了", "根拠"):
        table.add_column(heading, no_wrap=True)
    for duty in Duty:
        groups: dict[_Group, list[Rule]] = {}
        for rule in rules:
            if rule.duty is duty:
                groups.setdefault(_group(rule), []).append(rule)
        if not groups:
            table.add_row(DUTY_NAMES[duty], "―", "―", "なし", "", "", "", "")
        for place, (group, members) in enumerate(sorted(groups.items(), key=_first)):
            table.add_row(
                DUTY_NAMES[duty] if place == 0 else "",
                _RELATIONS[group.relation],
                _VIEWS[group.view],
                _letters(members, Verdict.SHOW),
                _letters(members, Verdict.DENY),
                str(group.since),
                str(group.until or "期限なし"),
                str(basis[group.basis]),
            )
    return table


def _first(group: tuple[_Group, list[Rule]]) -> tuple[Relation, View, date]:
    return group[0].relation, group[0].view, group[0].since


def _group(rule: Rule) -> _Group:
    return _Group(
        relation=rule.relation,
        view=rule.view,
        since=rule.since,
        until=rule.until,
        basis=(rule.article, rule.note),
    )


def _letters(rules: Sequence[Rule], verdict: Verdict) -> str:
    found = {rule.data_class for rule in rules if rule.verdict is verdict}
    return "".join(letter.value for letter in CLASS_NAMES if letter in found)
