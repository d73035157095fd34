"""`takuso barrier`: the wall, read aloud."""

from typing import Any

import typer
from rich.table import Table

from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, RULES, Duty, Relation, Rule, Verdict, View, digest
from takuso.doors.cli.answers import Json, emit, paper

app = typer.Typer(help="情報遮断")
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
