"""The explanation on paper: for every supply point the row that decided each class, and what the rows rest on."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from takuso.barrier.matrix import Relation, View

NO_RULE: Final = "規則がない"
_RELATIONS: Final = {
    Relation.ANY: "すべて（送配電）",
    Relation.OWN: "自社",
    Relation.PAST: "自社の過去",
    Relation.FOREIGN: "他社",
    Relation.VACANT: "供給者なし",
    Relation.ABSENT: "該当なし",
}
_VIEWS: Final = {View.CURRENT: "現在", View.PAST: "過去契約"}


def print_explanation(page: Console, screen: str, document: Mapping[str, Any]) -> None:
    """Both answers, or one where they are the same."""
    page.print(f"{document['person']} は {screen} で何を見られるか（業務の時刻 {_moment(document['at'])}）")
    if document["differs"]:
        _print_answer(page, screen, "当時の記録", document["then"])
        _print_answer(page, screen, "いまの記録", document["now"])
        page.print("当時の記録といまの記録で、答えが違います（あとから記録・訂正がありました）。")
    else:
        _print_answer(page, screen, "当時の記録", document["then"])
        page.print("いまの記録でも、答えは同じです。")
    page.print(f"この説明は受付番号 {document['receipt']} で記録されました。")


def _moment(text: str) -> str:
    return text[:19].replace("T", " ")


def _print_answer(page: Console, screen: str, title: str, answer: Mapping[str, Any]) -> None:
    defined = answer["screen"]
    page.print(Text(f"\n■ {title}（{_moment(answer['recorded'])} の時点）", style="bold"))
    if defined["version"] is None:
        page.print(f"画面 {screen}: 定義がありません")
    else:
        classes = "".join(defined["classes"]) or "なし"
        about = f"{defined['name']}、版 {defined['version']}、{_VIEWS[View(defined['view'])]}、求める区分 {classes}"
        page.print(f"画面 {screen}: {about}")
    for acting in answer["appointments"]:
        _print_acting(page, acting)


def _print_acting(page: Console, acting: Mapping[str, Any]) -> None:
    if acting["duty"] is None:
        page.print("発令: ありません")
    else:
        whom = f"{acting['employer_name']}（{acting['employer']}）"
        if acting["principal"] is not None:
            whom += f"、委託元 {acting['principal_name']}（{acting['principal']}）"
        page.print(f"発令: {whom}、職務 {acting['duty_name']}（{acting['duty']}）")
    for condition in acting["conditions"]:
        page.print(f"  ※ {condition}")
    bases: dict[tuple[str, str], int] = {}
    for point in acting["points"]:
        holder = point["holder"] or "―"
        relation = f"{_RELATIONS[Relation(point['relation'])]}（{point['relation']}）"
        page.print(f"供給地点 {point['no']}: 関係 {relation}、供給者 {holder}")
        if point["relation"] == Relation.ABSENT:
            page.print("  該当なしは、番号・発令・画面定義のどれかの記録がないことを示します。")
        if point["classes"]:
            page.print(_table(point["classes"], bases))
    for (article, note), mark in bases.items():
        page.print(f"根拠 {mark}: {article}\n　注記: {note}")


def _table(classes: Sequence[Mapping[str, Any]], bases: dict[tuple[str, str], int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("区分", "可否", "決めた規則", "適用開始", "適用終了", "根拠"):
        table.add_column(heading, overflow="fold")
    for one in classes:
        verdict = "見られない" if one["verdict"] == "deny" else "見られる"
        if one["own_periods_only"]:
            verdict += "（自社の期間）"
        rule = one["rule"]
        if rule is None:
            cells = [NO_RULE, "", "", ""]
        else:
            mark = bases.setdefault((rule["article"], rule["note"]), len(bases) + 1)
            cells = [rule["key"], rule["since"], rule["until"] or "期限なし", str(mark)]
        table.add_row(f"{one['class']} {one['name']}", verdict, *cells)
    return table
