"""`takuso barrier`: the wall, read aloud."""

import json as jsonlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, RULES, Duty, Relation, Rule, Verdict, View, digest
from takuso.doors.cli.answers import Code, Json, could_not_run, emit, paper, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import Proof, Proved, home, house
from takuso.doors.cli.patched import run_patched

app = typer.Typer(help="情報遮断")
_MOST: Final = 40
_COUNTED: Final = {"doors": "出入口", "transitions": "経路", "persons": "利用者", "kinds": "お客さまの種類"}
_RELATIONS = {Relation.ANY: "すべて", Relation.OWN: "自社", Relation.PAST: "自社の過去"}
_VIEWS = {View.CURRENT: "現在", View.PAST: "過去契約"}


@app.callback()
def barrier() -> None:
    """情報遮断。"""


@app.command()
def matrix(json: Json = False) -> None:
    """だれが・だれのお客さまの・どの区分を見られるか。ここにない組み合わせはすべて見られない。"""
    if json:
        emit({"digest": digest().hex(), "rules": [_row(rule) for rule in RULES]})
        return
    page = paper()
    page.print(_table())
    page.print("○ 見られる　× 明示して見せない　空欄 見られない（規則がない）")
    for letter, title in CLASS_NAMES.items():
        page.print(f"  {letter.value} {title}")


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


def _table() -> Table:
    table = Table(title="情報遮断の表", title_justify="left", pad_edge=False)
    for heading in ("職務", "関係", "画面", *(letter.value for letter in CLASS_NAMES), "根拠"):
        table.add_column(heading)
    for duty in Duty:
        for relation, view in _cells(duty):
            rules = {r.data_class: r for r in RULES if (r.duty, r.relation, r.view) == (duty, relation, view)}
            marks = (_mark(rules.get(letter)) for letter in CLASS_NAMES)
            articles = "、".join(dict.fromkeys(rule.article.split()[0] for rule in rules.values()))
            table.add_row(DUTY_NAMES[duty], _RELATIONS[relation], _VIEWS[view], *marks, articles)
    return table


def _cells(duty: Duty) -> list[tuple[Relation, View]]:
    found = {(rule.relation, rule.view) for rule in RULES if rule.duty is duty}
    return sorted(found) or [(Relation.ANY if duty.is_network else Relation.OWN, View.CURRENT)]


def _mark(rule: Rule | None) -> str:
    if rule is None:
        return ""
    return "○" if rule.verdict is Verdict.SHOW else "×"
