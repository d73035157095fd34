"""docs/reference/classes.md: the classes of data, who may see them, by which article, on which screens."""

from collections.abc import Iterable
from typing import Final

from takuso.barrier.matrix import (
    CLASS_NAMES,
    DUTY_NAMES,
    PERIOD_CLASSES,
    RULES,
    DataClass,
    Duty,
    Relation,
    Verdict,
    View,
)
from takuso.doors.web.screens import PAGES
from takuso.flow.points import queries
from tools.pages.markdown import code, listed, table
from tools.pages.markdown import page as whole

ABOUT: Final = {
    DataClass.PLACE: "その場所に供給地点があること: 住所、供給地点特定番号、お客さまコード",
    DataClass.EQUIPMENT: "供給方式、計器、引込柱、検針日程、契約の状態、計器の取替履歴",
    DataClass.PARTY: "契約の名義、カナ、電話番号、送付先",
    DataClass.SUPPLY: "今日の供給者と供給者の履歴",
    DataClass.SIZE: "契約種別と契約の大きさ、その履歴",
    DataClass.USAGE: "料金算定期間ごとの使用量と最大需要電力",
    DataClass.PENDING: "効力がまだない申込。申し込んだ小売ごとに分かれる",
    DataClass.MANDATE: "口座振替の登録と口振異動通知。口座番号は下 3 桁だけ",
    DataClass.NOTE: "問合せと応対の記録",
    DataClass.CHARGE: "託送料金",
    DataClass.CARE: "命を守る機器など。小売には表の行で拒む",
}
"""What a class holds, in the words of the desk."""
_KINDS: Final = "`key`（鍵: 番号と並び順）、`stamp`（刻印）、`record`（閲覧記録そのもの）、`open`（お客さまが現れない）"


def page() -> str:
    """The page."""
    return whole(
        "データの種類",
        "お客さまの情報は、次の種類のどれか一つです。一つの表には一つの種類だけがあります。"
        f"ほかに {_KINDS} があります。"
        "表と列は[表と列](tables.md)に、可否の全部は[壁はどこにあるか](barrier.md)にあります。",
        table(
            ("記号", "種類", "内容", "状態か期間か", "画面"),
            [(letter, CLASS_NAMES[letter], ABOUT[letter], _time(letter), _screens(letter)) for letter in DataClass],
        ),
        "- **状態**は今日の供給者に属します。供給者が替わると、前の小売には見えなくなります。\n"
        "- **期間**の行は、その期間の供給者に属します。前の小売は、自社の期間の行を過去契約（`PC10`）で見られます。\n"
        "- 供給者と契約容量・契約種別の**今日の値**（`CI10`）は、状態と同じく今日の供給者だけに見えます。",
        "職務ごとの範囲は EXAMPLE（本製品の設計案）です。条文が定めるのは目的外の利用の禁止であり、"
        "職務ごとの必要性は導入する会社が決めます。",
        *(_section(letter) for letter in DataClass),
    )


def _time(letter: DataClass) -> str:
    return "期間" if letter in PERIOD_CLASSES else "状態"


def _screens(letter: DataClass) -> str:
    return listed(code for code, one in PAGES.items() if letter in one.screen.classes) or "まだない"


def _section(letter: DataClass) -> str:
    rules = [rule for rule in RULES if rule.data_class is letter]
    shown = [rule for rule in rules if rule.verdict is Verdict.SHOW]
    rows = [
        (
            (
                "送配電"
                if relation is Relation.ANY
                else "小売: 自社"
                if relation is Relation.OWN
                else "小売: 自社の過去"
            ),
            "現在" if view is View.CURRENT else "過去契約",
            _duties(rule.duty for rule in shown if (rule.relation, rule.view) == (relation, view)),
            listed(dict.fromkeys(r.article for r in shown if (r.relation, r.view) == (relation, view))),
        )
        for relation, view in dict.fromkeys((rule.relation, rule.view) for rule in shown)
    ]
    denied = [rule for rule in rules if rule.verdict is Verdict.DENY]
    text = f"## {letter} {CLASS_NAMES[letter]}\n\n読む問い合わせ: {_queries(letter)}\n\n"
    text += table(("誰のお客さま", "画面", "見られる職務", "根拠"), rows)
    if denied:
        articles = listed(dict.fromkeys(rule.article for rule in denied))
        text += f"\n\n明示して見せない職務: {_duties(rule.duty for rule in denied)}（{articles}）。"
    return text


def _duties(duties: Iterable[Duty]) -> str:
    found = set(duties)
    return listed(DUTY_NAMES[duty] for duty in Duty if duty in found)


def _queries(letter: DataClass) -> str:
    of_class = [query.name for query in queries.ALL if letter in query.classes]
    return listed(map(code, of_class)) or "まだない（この版に表も画面もない）"
