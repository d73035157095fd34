"""効いている表: the rows of the program with the changes that two persons approved, and what bears each of them out.

The list of approvals is not believed: the proof of each is made anew over the table it was approved over, its two
tickets are looked for in the log, and the table that comes out must be one that the law allows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import psycopg

from takuso.barrier import lawful
from takuso.barrier.changes import RuleChange, UnsoundChange, applied, fingerprint, in_force, taken_over
from takuso.barrier.matrix import RULES, DataClass, Duty, Relation, Rule, Verdict, View

_CHECK: Final = "承認の記録を、だれがいつ書き換えたかを調べてください。"


class Misfit(UnsoundChange):
    """An approved change cannot be made to the table; `number` is its proposal, `why` the reason (Japanese)."""

    def __init__(self, number: int, error: UnsoundChange) -> None:
        super().__init__(error.field, f"承認した規則の変更（申請 {number}）が表に合いません。{error}")
        self.number = number
        self.why = str(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approved change as the database keeps it.

    `place` counts the approvals from 1; `base` is the version of the rules that was proved over, with all earlier
    approvals; `loaded` the version it came with, None before that. `asked`, `answered`: the log has the ticket of the
    proposal and of the approval, each with the hash of what was written. `proposer` and `decider` are persons.
    """

    id: int
    place: int
    change: RuleChange
    base: int
    loaded: int | None
    proof: str
    proposer: int
    decider: int
    asked: bool
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A row that is or was in the database, from version `since` to before `until`."""

    row: Rule
    since: int
    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTable:
    """What a home's table must be. `rules`: with the approvals that were loaded; `coming`: with all of them.

    `faults` are what does not bear out an approval, or the table; `misfit` is why `coming` cannot be made.
    Where there is a fault `rules` may be the program's alone. `waiting`: approvals that no deployment has loaded.
    """

    rules: tuple[Rule, ...]
    coming: tuple[Rule, ...]
    approvals: tuple[Approval, ...]
    faults: tuple[str, ...]
    misfit: str = ""

    @property
    def waiting(self) -> tuple[Approval, ...]:
        """In order of approval."""
        return tuple(a for a in self.approvals if a.loaded is None)


def table(rules: Sequence[Rule], approved: Iterable[tuple[int, RuleChange]]) -> tuple[Rule, ...]:
    """The rows with the approved changes (number of the proposal, change), in order of approval. What the rows have
    already changes nothing. Raises Misfit."""
    found = tuple(rules)
    for number, change in approved:
        if taken_over(found, change):
            continue
        try:
            found = applied(found, change)
        except UnsoundChange as error:
            raise Misfit(number, error) from None
    return found


def _changes(approved: Iterable[Approval]) -> list[tuple[int, RuleChange]]:
    return [(one.id, one.change) for one in sorted(approved, key=lambda a: a.place)]


def before(one: Approval, approved: Sequence[Approval], history: Sequence[Recorded]) -> tuple[Rule, ...]:
    """The table this change was proved over: the rows of its base version, with the approvals that waited then.

    Raises Misfit.
    """
    rows = [r.row for r in history if r.since <= one.base and (r.until is None or one.base < r.until)]
    waited = [a for a in approved if a.place < one.place and (a.loaded is None or a.loaded > one.base)]
    return table(rows, _changes(waited))


def faults(approved: Sequence[Approval], history: Sequence[Recorded]) -> Iterator[str]:
    """What does not bear out these approvals, in Japanese."""
    if [one.place for one in approved] != list(range(1, len(approved) + 1)):
        yield f"承認した規則の変更の順番が続いていません。{_CHECK}"
    for one in approved:
        yield from (f"承認した規則の変更（申請 {one.id}）: {what}{_CHECK}" for what in _faults(one, approved, history))


def _faults(one: Approval, approved: Sequence[Approval], history: Sequence[Recorded]) -> Iterator[str]:
    if one.proposer == one.decider:
        yield "申請した人と承認した人が同じです。"
    if not one.asked:
        yield "申請の閲覧票が、この内容では閲覧記録にありません。"
    if not one.answered:
        yield "承認の閲覧票が、この内容では閲覧記録にありません。"
    try:
        after = applied(before(one, approved, history), one.change)
    except UnsoundChange:
        yield "承認したときの表に、この変更はできません。"
        return
    if fingerprint(after, one.change.on, ()) != one.proof:
        yield "承認のときの検査の指紋が、いま計算し直したものと違います。"


def unlawful(rules: Sequence[Rule], today: date) -> tuple[str, ...]:
    """What the law forbids of this table, today and on every later day on which a row begins or ends."""
    days = {day for rule in rules for day in (rule.since, rule.until) if day is not None and day > today}
    return tuple(f"{day} {what}" for day in sorted(days | {today}) for what in _judged(in_force(rules, day)))


@lru_cache(maxsize=64)
def _judged(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    return tuple(f"{where}: {what}" for where, what in lawful.faults(rules)[0])


def home_table(answer: Mapping[str, Any], rules: Sequence[Rule] = RULES) -> HomeTable:
    """From what wall.approved_rules() answers, over the program's rows."""
    program = tuple(rules)
    try:
        approved = tuple(_approval(one) for one in answer["approved"])
        history = tuple(_recorded(row) for row in answer["history"])
        loaded = table(program, _changes(one for one in approved if one.loaded is not None))
    except (UnsoundChange, ValueError) as error:
        return HomeTable(rules=program, coming=program, approvals=(), faults=(str(error),))
    wrong = [*faults(approved, history)]
    if approved:
        # The program's own rows are judged where the program is proved.
        wrong += unlawful(loaded, date.fromisoformat(answer["today"]))
    try:
        coming, misfit = table(program, _changes(approved)), ""
    except Misfit as error:
        coming, misfit = loaded, str(error)
    return HomeTable(rules=loaded, coming=coming, approvals=approved, faults=tuple(wrong), misfit=misfit)


def _approval(one: Mapping[str, Any]) -> Approval:
    fields = {name: one[name] for name in Approval.__slots__ if name != "change"}
    return Approval(change=RuleChange.from_content(one["content"]), **fields)


def _recorded(row: Mapping[str, Any]) -> Recorded:
    rule = Rule(
        duty=Duty(row["duty"]),
        relation=Relation(row["relation"]),
        view=View(row["view"]),
        data_class=DataClass(row["class"]),
        verdict=Verdict(row["verdict"]),
        article=row["article"],
        note=row["note"],
        since=date.fromisoformat(row["from"]),
        until=None if row["to"] is None else date.fromisoformat(row["to"]),
    )
    return Recorded(row=rule, since=row["since"], until=row["until"])


def read(connection: psycopg.Connection[Any], rules: Sequence[Rule] = RULES) -> HomeTable:
    """The table of the home's database, as `ticketer` or the deployment login."""
    row = connection.execute("SELECT wall.approved_rules()").fetchone()
    if row is None:
        raise RuntimeError("a row was expected")
    return home_table(row[0], rules)
