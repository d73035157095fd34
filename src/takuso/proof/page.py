"""docs/reference/barrier.md: the hand-written text of page.md, with the tables that the program itself knows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, RULES, Duty, Relation, Verdict, View
from takuso.doors.register import KIND_NAMES, PASSES_NAMES
from takuso.proof.attacks import FAMILIES, attacks
from takuso.proof.faults.drill import FAULTS
from takuso.proof.program import Program
from takuso.proof.reviewed import DEFINERS

_TEXT: Final = Path(__file__).parent / "page.md"
_RELATIONS: Final = {
    Relation.ANY: "すべて",
    Relation.OWN: "自社",
    Relation.PAST: "自社の過去",
    Relation.APPLICANT: "申込の当事者",
}
_VIEWS: Final = {View.CURRENT: "現在", View.PAST: "過去契約"}
_KINDS: Final = {"database": "データベース", "code": "プログラム"}


def page(program: Program) -> str:
    """The whole page; the same program gives the same text."""
    text = _TEXT.read_text(encoding="utf-8")
    tables = {
        "matrix": _matrix(),
        "doors": _doors(program),
        "functions": _table(("関数", "指紋", "返すもの"), _functions()),
        "faults": _table(("欠陥", "種類", "見つける検査", "内容"), _faults()),
        "attacks": _attacks(),
    }
    for name, table in tables.items():
        text = text.replace("{{ " + name + " }}", table)
    return text


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _matrix() -> str:
    rows = []
    for duty in Duty:
        pairs = sorted({(rule.relation, rule.view) for rule in RULES if rule.duty is duty})
        rows += [_row(duty, relation, view) for relation, view in pairs]
        if not pairs:
            rows.append([DUTY_NAMES[duty], "―", "―", *[""] * len(CLASS_NAMES), "規則がない", ""])
    names = "、".join(f"{letter} {title}" for letter, title in CLASS_NAMES.items())
    table = _table(("職務", "関係", "画面", *CLASS_NAMES, "根拠", "適用"), rows)
    return f"{table}\n\n○ 見られる、× 明示して見せない、空欄は規則がない（見られない）。{names}。"


def _row(duty: Duty, relation: Relation, view: View) -> list[str]:
    rules = [rule for rule in RULES if (rule.duty, rule.relation, rule.view) == (duty, relation, view)]
    marks = {rule.data_class: "○" if rule.verdict is Verdict.SHOW else "×" for rule in rules}
    spans = sorted({f"{rule.since}から" + (f"{rule.until}の前日まで" if rule.until else "") for rule in rules})
    articles = "、".join(dict.fromkeys(rule.article.split()[0] for rule in rules))
    letters = [marks.get(letter, "") for letter in CLASS_NAMES]
    return [DUTY_NAMES[duty], _RELATIONS[relation], _VIEWS[view], *letters, articles, "、".join(spans)]


def _doors(program: Program) -> str:
    rows = [
        [
            KIND_NAMES[door.kind],
            f"`{door.name}`" + (f" {' '.join(sorted(door.methods))}" if door.methods else ""),
            door.purpose,
            PASSES_NAMES[door.passes],
            "".join(sorted(door.classes)),
        ]
        for door in program.doors
    ]
    return _table(("種類", "名前", "目的", "お客さまの情報", "区分の上限"), rows)


def _functions() -> list[list[str]]:
    return [[f"`{name}`", f"`{entry.digest}`", entry.gives] for name, entry in sorted(DEFINERS.items())]


def _faults() -> list[list[str]]:
    return [
        [
            f"`{fault.name}`",
            _KINDS[fault.kind],
            "、".join(f"`{c}`" for c in (fault.caught_by, *fault.also)),
            fault.title,
        ]
        for fault in FAULTS
    ]


def _attacks() -> str:
    counted = Counter(attack.state for attack in attacks())
    sums = "、".join(f"{state} {number}" for state, number in sorted(counted.items()))
    rows = [
        [
            str(attack.number),
            FAMILIES[attack.family],
            attack.title,
            attack.state + (f"（{attack.partly}）" if attack.partly else ""),
            "、".join(f"`{name}`" for name in (*attack.checks, *attack.tests[:1])),
        ]
        for attack in attacks()
    ]
    return f"{len(attacks())} のうち、{sums}。\n\n" + _table(("番号", "種類", "攻撃", "状態", "試すもの"), rows)
