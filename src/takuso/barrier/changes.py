"""規則の変更: a proposed change of the table, its diff, and what it would turn for whom. Pure; decide() is the oracle.

A proposal has no effect by itself; an approved one comes with the next deployment (see approvals).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Any, Final, Literal

from takuso.barrier import lawful
from takuso.barrier.decide import Asker, Held, decide, shows_application
from takuso.barrier.matrix import DataClass, Duty, Relation, Rule, Verdict, View, digest
from takuso.kernel.periods import DatePeriod

_OWN, _OTHER = 1, 2


class UnsoundChange(ValueError):
    """The change cannot be made to this table; `field` names what is wrong, the text what to do (Japanese)."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A row that is added, or a row that ends, from the JST day `on`. `row` is the row as it then stands."""

    do: Literal["add", "end"]
    row: Rule
    on: date

    @classmethod
    def from_content(cls, content: Any) -> "RuleChange":
        """From what wall.proposal keeps. Raises UnsoundChange."""
        try:
            on = date.fromisoformat(content["on"])
            rule = Rule(
                duty=Duty(content["duty"]),
                relation=Relation(content["relation"]),
                view=View(content["view"]),
                data_class=DataClass(content["class"]),
                verdict=Verdict(content["verdict"]),
                article=str(content["article"]),
                note=str(content["note"]),
                since=on if content["do"] == "add" else date.fromisoformat(content["since"]),
                until=None if content["do"] == "add" else on,
            )
        except (KeyError, ValueError, TypeError):
            raise UnsoundChange("duty", "申請の内容が読めません。新しく申請してください。") from None
        return cls(do="add" if content["do"] == "add" else "end", row=rule, on=on)

    def content(self) -> dict[str, str]:
        """What wall.proposal keeps."""
        row = self.row
        return {
            "do": self.do,
            "on": self.on.isoformat(),
            "key": row.key,
            "duty": row.duty.value,
            "relation": row.relation.value,
            "view": row.view.value,
            "class": row.data_class.value,
            "verdict": row.verdict.value,
            "article": row.article,
            "note": row.note,
            "since": row.since.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the regulator's table that the change turns, at the day it would take effect."""

    duty: Duty
    relation: Relation
    view: View
    data_class: DataClass
    shows: bool


_RELATIONS: Final = {True: (Relation.ANY,), False: tuple(r for r in Relation if r is not Relation.ANY)}


def applied(rules: Sequence[Rule], change: RuleChange) -> tuple[Rule, ...]:
    """The table with the change; a row that ends on its first day was never in force and goes. Raises UnsoundChange."""
    if change.do == "add":
        if any(_cell(r) == _cell(change.row) and (r.until is None or r.until > change.on) for r in rules):
            raise UnsoundChange("class", "データの種類: 同じ行がその日にすでにあります。先にその行を終えてください。")
        return (*rules, change.row)
    if not any(r.key == change.row.key and (r.until is None or r.until > change.on) for r in rules):
        raise UnsoundChange("key", "終える行: その日に効いている行がありません。一覧から選び直してください。")
    ended = (replace(r, until=change.on) if r.key == change.row.key else r for r in rules)
    return tuple(r for r in ended if r.until is None or r.since < r.until)


def taken_over(rules: Sequence[Rule], change: RuleChange) -> bool:
    """True if the table has what the change is about: the row of that day, or its end no later than that day."""
    held = next((r for r in rules if r.key == change.row.key), None)
    if held is None or change.do == "add":
        return held is not None
    return held.until is not None and held.until <= change.on


def _cell(rule: Rule) -> tuple[Duty, Relation, View, DataClass, Verdict]:
    return (rule.duty, rule.relation, rule.view, rule.data_class, rule.verdict)


def turned(before: Sequence[Rule], after: Sequence[Rule], on: date) -> tuple[Cell, ...]:
    """Every cell that one table shows on that day and the other does not; `shows` is what the second says."""
    found = []
    for duty, view, letter in product(Duty, View, DataClass):
        for relation in _RELATIONS[duty.is_network]:
            first, second = (_shows(rules, duty, relation, view, letter, on) for rules in (before, after))
            if first != second:
                found.append(Cell(duty=duty, relation=relation, view=view, data_class=letter, shows=second))
    return tuple(found)


def _shows(rules: Sequence[Rule], duty: Duty, relation: Relation, view: View, letter: DataClass, on: date) -> bool:
    if relation is Relation.APPLICANT:
        return view is View.CURRENT and shows_application(rules, duty, letter, on)
    asker = Asker(organisation=_OWN, duty=duty)
    return decide(asker, _segments(relation, on), view, letter, on, rules).show


def _segments(relation: Relation, on: date) -> tuple[Held, ...] | None:
    """A history that makes the asker's company stand in this relation on that day."""
    year = timedelta(days=365)
    held = {
        Relation.OWN: (_OWN, on - year, None),
        Relation.PAST: (_OWN, on - 2 * year, on - year),
        Relation.FOREIGN: (_OTHER, on - year, None),
        Relation.VACANT: (_OTHER, on - 2 * year, on - year),
    }
    if relation is Relation.ABSENT:
        return None
    if relation is Relation.ANY:
        return ()
    who, start, end = held[relation]
    return (Held(retailer=who, period=DatePeriod(start=start, end=end)),)


def in_force(rules: Sequence[Rule], on: date) -> tuple[Rule, ...]:
    """The rows of that day, as if they had been in force all along: what can be asked of any day at all."""
    return tuple(
        replace(rule, since=date(2016, 4, 1), until=None)
        for rule in rules
        if rule.since <= on and (rule.until is None or on < rule.until)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """The table with the change against the law: how many questions were asked, and what was answered wrongly.

    `digest` is the fingerprint of the proposed table and the result.
    """

    asked: int
    faults: tuple[str, ...]
    digest: str


def proved(rules: Sequence[Rule], on: date) -> Proved:
    """Ask the table as it would stand on that day every question of the finite space (see lawful)."""
    wrong, asked = lawful.faults(in_force(rules, on))
    faults = tuple(f"{where}: {what}" for where, what in wrong)
    return Proved(asked=asked, faults=faults, digest=fingerprint(rules, on, faults))


def fingerprint(rules: Sequence[Rule], on: date, faults: Sequence[str]) -> str:
    """SHA-256 (hexadecimal) over a table, a day and what was found wrong with it: the same in later programs."""
    text = json.dumps([digest(tuple(rules)).hex(), on.isoformat(), list(faults)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_rows(before: Sequence[Rule], after: Sequence[Rule]) -> Iterator[tuple[Rule | None, Rule | None]]:
    """The rows of the table that differ, as (before, after); None = no such row."""
    first, second = ({rule.key: rule for rule in rules} for rules in (before, after))
    for key in sorted(first.keys() | second.keys()):
        if first.get(key) != second.get(key):
            yield first.get(key), second.get(key)
