"""証明書: one run of the proof as a paper (HTML, one file) and for programs (JSON), and two of them compared."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, Duty, Relation, Rule, Verdict, View
from takuso.doors.register import KIND_NAMES, PASSES_NAMES, Door
from takuso.kernel.periods import DatePeriod
from takuso.proof.attacks import FAMILIES, attacks
from takuso.proof.program import Program
from takuso.proof.report import Report
from takuso.survey import __file__ as _survey

NAMES: Final = ("book.json", "book.html")
_HERE: Final = Path(__file__).parent
# The papers of the product look alike: the survey's report has the style.
_STYLE: Final = Path(_survey).parent / "report.css"
_RELATIONS: Final = {
    Relation.ANY: "すべて",
    Relation.OWN: "自社",
    Relation.PAST: "自社の過去",
    Relation.APPLICANT: "申込の当事者",
}
_VIEWS: Final = {View.CURRENT: "現在", View.PAST: "過去契約"}
_FACTS: Final = {
    "program": "プログラムの版",
    "commit": "コミット",
    "rules": "規則の SHA-256",
    "catalogue": "カタログの SHA-256",
    "postgresql": "PostgreSQL の版",
}


class NotABook(ValueError):
    """The file is no book of this form; the message is Japanese and says what to do."""


def document(report: Report, program: Program, tried: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A run with everything a reader needs to judge it. `tried` is the document of `takuso drill try --json`."""
    table = _in_force(report)
    return {
        "form": 1,
        **report.document(),
        "matrix": [_row(table, *one) for one in _rows(table)],
        "doors": [_door(door) for door in program.doors],
        "attacks": [
            {"no": attack.number, "family": FAMILIES[attack.family], "title": attack.title, "state": attack.state}
            for attack in attacks()
        ],
        "tried": [dict(one) for one in (tried or {}).get("tried", ())],
        "mutants": [dict(one) for one in (tried or {}).get("mutants", ())],
    }


def _in_force(report: Report) -> tuple[Rule, ...]:
    """The home's rows of the day of the run, with the changes that were approved."""
    day = date.fromisoformat(str(report.facts["at"])[:10])
    return tuple(rule for rule in report.rules if DatePeriod(start=rule.since, end=rule.until).contains(day))


def _rows(table: Sequence[Rule]) -> Iterator[tuple[Duty, Relation, View]]:
    for duty in Duty:
        found = {(rule.relation, rule.view) for rule in table if rule.duty is duty}
        yield from ((duty, relation, view) for relation, view in sorted(found) or [(Relation.ANY, View.CURRENT)])


def _row(table: Sequence[Rule], duty: Duty, relation: Relation, view: View) -> dict[str, Any]:
    rules = [rule for rule in table if (rule.duty, rule.relation, rule.view) == (duty, relation, view)]
    return {
        "duty": DUTY_NAMES[duty],
        "relation": _RELATIONS[relation],
        "view": _VIEWS[view],
        "show": "".join(sorted(rule.data_class for rule in rules if rule.verdict is Verdict.SHOW)),
        "deny": "".join(sorted(rule.data_class for rule in rules if rule.verdict is Verdict.DENY)),
        "articles": sorted({rule.article for rule in rules}),
        "since": min((str(rule.since) for rule in rules), default=None),
        "until": max((str(rule.until) for rule in rules if rule.until), default=None),
    }


def _door(door: Door) -> dict[str, Any]:
    return {
        "kind": KIND_NAMES[door.kind],
        "name": door.name,
        "purpose": door.purpose,
        "passes": PASSES_NAMES[door.passes],
        "classes": "".join(sorted(door.classes)),
        "methods": sorted(door.methods),
    }


def write(book: Mapping[str, Any], folder: Path) -> None:
    """Put both forms into a folder, made if it is missing. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAMES[0]).write_text(json.dumps(book, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / NAMES[1]).write_text(paper(book), encoding="utf-8")


def paper(book: Mapping[str, Any]) -> str:
    """The HTML text: nothing from elsewhere, no script."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    letters = [(letter.value, title) for letter, title in CLASS_NAMES.items()]
    style = _STYLE.read_text(encoding="utf-8")
    named = [(title, book["facts"].get(name)) for name, title in _FACTS.items()]
    return environment.get_template("book.html").render(book=book, style=style, letters=letters, named=named)


def read(place: Path) -> dict[str, Any]:
    """A book from its folder or its JSON file. Raises NotABook."""
    file = place / NAMES[0] if place.is_dir() else place
    try:
        book = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        book = None
    if not isinstance(book, dict) or book.get("form") != 1:
        raise NotABook(f"{file} は証明書ではありません。\n対処: takuso barrier verify --book DIR の結果を指定する。")
    return book


def compare(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What differs from the first book to the second, in Japanese; durations and times aside."""
    return [
        *_facts(one, other),
        *_by(one["checks"], other["checks"], "name", "検査", lambda check: "良" if check["ok"] else "要対処"),
        *_by(one["doors"], other["doors"], "name", "出入口", _whole),
        *_by(one["matrix"], other["matrix"], "key", "情報遮断の表", _whole, key=_matrix_key),
        *_by(one["tried"], other["tried"], "name", "訓練の欠陥", lambda t: "見つけた" if t["caught"] else "見逃した"),
        *_by(one["attacks"], other["attacks"], "no", "攻撃", lambda attack: str(attack["state"])),
        *_by(one["mutants"], other["mutants"], "kind", "変えてみた", _whole, key=lambda mutant: mutant["kind"]),
        *_coverage(one["coverage"], other["coverage"]),
        *_findings(one["findings"], other["findings"]),
    ]


def _facts(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    same_major = one["facts"].get("postgresql") == other["facts"].get("postgresql")
    for name, title in _FACTS.items():
        before, after = one["facts"].get(name), other["facts"].get(name)
        if before != after and (name != "catalogue" or same_major):
            yield f"{title}: {before} → {after}"


def _whole(entry: Mapping[str, Any]) -> str:
    return "、".join(f"{key} {value}" for key, value in entry.items() if value)


def _matrix_key(row: Mapping[str, Any]) -> str:
    return f"{row['duty']}・{row['relation']}・{row['view']}"


def _by(
    one: Iterable[Mapping[str, Any]],
    other: Iterable[Mapping[str, Any]],
    field: str,
    title: str,
    words: Any,
    *,
    key: Any = None,
) -> Iterator[str]:
    named = key or (lambda entry: f"{entry.get('kind', '')} {entry[field]}".strip())
    before, after = {named(e): e for e in one}, {named(e): e for e in other}
    yield from (f"{title} {name}: なくなった" for name in before if name not in after)
    yield from (f"{title} {name}: 加わった（{words(after[name])}）" for name in after if name not in before)
    for name in before.keys() & after.keys():
        if words(before[name]) != words(after[name]):
            yield f"{title} {name}: {words(before[name])} → {words(after[name])}"


def _coverage(one: Mapping[str, int], other: Mapping[str, int]) -> Iterator[str]:
    names = {
        "doors": "出入口",
        "transitions": "経路",
        "persons": "利用者",
        "kinds": "お客さまの種類",
        "cells": "マス",
        "reached": "歩いたマス",
    }
    yield from (f"網羅 {names[n]}: {one[n]:,} → {other[n]:,}" for n in names if one[n] != other[n])


def _findings(one: Sequence[Mapping[str, str]], other: Sequence[Mapping[str, str]]) -> Iterator[str]:
    before = {(f["check"], f["where"], f["what"]) for f in one}
    after = {(f["check"], f["where"], f["what"]) for f in other}
    yield from (f"指摘が加わった: [{c}] {where}: {what}" for c, where, what in sorted(after - before))
    yield from (f"指摘がなくなった: [{c}] {where}: {what}" for c, where, what in sorted(before - after))
