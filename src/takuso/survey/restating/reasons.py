"""Why a record is found in one of two answers and not in the other: one reason, as a Japanese sentence.

What was asked comes before what was known: the record's own facts are held against the other answer's period and
steps first. Only if these would keep it can it be the source: the log, the people, the supply periods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from takuso.kernel.periods import JST, jst_day
from takuso.survey.restating.conditions import falls_at, follows
from takuso.survey.restating.outcome import Fact, Look, Outcome, Stretch, Unit, Which
from takuso.survey.sentences import sentence
from takuso.survey.source import FAST_FORM

Thread = tuple[str, str, Which]
"""A session, a customer, a verdict."""


class Kind(StrEnum):
    """What has changed. The order is that of importance: a finding is filed under the first of its records' kinds."""

    PERIOD = "period"
    STEP = "step"
    ORGANISATION = "organisation"
    LOG = "log"
    PREDECESSOR = "predecessor"
    PERSON = "person"
    AFFILIATION = "affiliation"
    SUPPLY = "supply"
    FOLLOWED = "followed"
    ANNOTATION = "annotation"
    SOURCE = "source"
    UNEXPLAINED = "unexplained"


WORDS: Final = {
    Kind.PERIOD: "期間の外",
    Kind.STEP: "段の違い",
    Kind.ORGANISATION: "会社のコードの違い",
    Kind.LOG: "ログの行の増減",
    Kind.PREDECESSOR: "前の画面の違い",
    Kind.PERSON: "ID の持ち主の訂正",
    Kind.AFFILIATION: "所属の訂正",
    Kind.SUPPLY: "供給期間の訂正",
    Kind.FOLLOWED: "先に開かれた閲覧の増減",
    Kind.ANNOTATION: "添えた画面の違い",
    Kind.SOURCE: "source の違い",
    Kind.UNEXPLAINED: "説明できない違い",
}


class Reason(NamedTuple):
    """A kind and its sentence."""

    kind: Kind
    sentence: str


def thread_of(unit: Unit) -> Thread:
    """The thread that a record belongs to."""
    return unit.look.session_id, unit.look.customer, unit.which


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The answer that has a record and the one that lacks it; `gained` if the one that has it is the later one.

    `known` is what the lacking answer knows of the sessions in question; `leaders` when each session first opened each
    customer with a record that it lacks.
    """

    has: Outcome
    lacks: Outcome
    gained: bool
    known: Mapping[Look, Sequence[Fact]]
    leaders: Mapping[Thread, datetime]

    @property
    def lacking(self) -> str:
        """The lacking side in words."""
        return "前" if self.gained else "後"

    def arrow(self, has: str, lacks: str) -> str:
        """Both values in the order of the answers."""
        return f"{lacks} → {has}" if self.gained else f"{has} → {lacks}"


def reason(unit: Unit, fact: Fact, sides: Sides) -> Reason:
    """Why the lacking side does not have this record under this verdict."""
    return _by_question(unit, fact, sides) or _by_source(unit, fact, sides)


def number_changed(before: int, after: int, changed: str) -> Reason:
    """Both sides have the record, in other numbers."""
    return Reason(Kind.LOG, f"同じ記録の行が {before} 行から {after} 行に変わった{changed}。")


def _by_question(unit: Unit, fact: Fact, sides: Sides) -> Reason | None:
    asked, day = sides.lacks.inputs, jst_day(unit.look.at)
    if not asked.period.contains(day):
        period = f"{asked.period.start} から {asked.period.last_day} まで"
        return Reason(Kind.PERIOD, f"閲覧の日 {day} は、{sides.lacking}の調査の期間（{period}）の外にある。")
    # With the organisations of its own side: what falls then falls by the steps alone.
    for meta, kind in ((sides.has.inputs.meta, Kind.STEP), (asked.meta, Kind.ORGANISATION)):
        place = falls_at(fact, unit.which, asked.steps, meta)
        if place is not None:
            step = asked.steps[place]
            said = f"{sides.lacking}の調査の {place + 1} 段目「{step.name}」で外れる: {sentence(step, asked.meta)}"
            return Reason(kind, said if kind is Kind.STEP else f"meta.json の会社のコードが変わった。{said}")
    return None


def _by_source(unit: Unit, fact: Fact, sides: Sides) -> Reason:
    others = sides.known.get(unit.look, ())
    if not others:
        return _absent(unit, fact, sides)
    other = others[0]
    if _followed(unit, other, sides) and other.key(unit.which) == fact.key(unit.which):
        # Its own facts there would let it be taken in again: what is missing is the one it followed.
        return _gone_before(sides)
    day = jst_day(unit.look.at)
    if all(one.came_from != unit.came_from for one in others):
        screens = sides.arrow(_screen(unit.came_from), _screen(other.came_from))
        return Reason(
            Kind.PREDECESSOR,
            f"前の画面が変わった（{screens}）。同じセッションの記録が加わったか、直された{_log(unit, sides)}。",
        )
    if other.person != fact.person:
        persons = sides.arrow(fact.person or "なし", other.person or "なし")
        return Reason(Kind.PERSON, f"ID {unit.look.user_id} の {day} の持ち主が訂正された（{persons}）。")
    if other.holders[unit.which] != fact.holders[unit.which] and _decides(unit, fact, other, sides):
        return Reason(Kind.SUPPLY, _supply(unit, fact, other, sides))
    if other.posts != fact.posts:
        posts = sides.arrow(_posts(fact), _posts(other))
        return Reason(Kind.AFFILIATION, f"{fact.person} の {day} の所属が訂正された（{posts}）。")
    if other.holders[unit.which] != fact.holders[unit.which]:
        return Reason(Kind.SUPPLY, _supply(unit, fact, other, sides))
    return Reason(Kind.UNEXPLAINED, "記録の事実も調査も同じに見える。Takuso の版の違いを確かめる。")


def _decides(unit: Unit, fact: Fact, other: Fact, sides: Sides) -> bool:
    """True if the supply period alone moves the record: to another contract, or out."""
    if other.key(unit.which)[1] == fact.key(unit.which)[1]:
        return False
    steps, meta = sides.lacks.inputs.steps, sides.lacks.inputs.meta
    fallen = falls_at(other, unit.which, steps, meta)
    return fallen is None or steps[fallen].kind == "customer_held_by_other"


def _absent(unit: Unit, fact: Fact, sides: Sides) -> Reason:
    if _followed(unit, fact, sides):
        return _gone_before(sides)
    if not sides.lacks.inputs.whole:
        files = "、".join(changed_files(sides.has, sides.lacks)) or "なし"
        return Reason(
            Kind.SOURCE, f"{sides.lacking}の結果の根拠は当たった記録だけなので、ファイルの違いで示す: {files}。"
        )
    when = "になく、後で加わった" if sides.gained else "にはない"
    return Reason(Kind.LOG, f"この閲覧の記録は{sides.lacking}の記録（source）{when}{_log(unit, sides)}。")


def _followed(unit: Unit, fact: Fact, sides: Sides) -> bool:
    """True if the lacking side takes such a record in only behind another one, and lacks that one."""
    asked = sides.lacks.inputs
    before = sides.leaders.get(thread_of(unit), unit.look.at) < unit.look.at
    return before and follows(fact, unit.which, asked.steps, asked.meta)


def _gone_before(sides: Sides) -> Reason:
    said = f"同じセッションで同じお客さまについて先に開かれた閲覧が、{sides.lacking}の調査では当たらない。"
    return Reason(Kind.FOLLOWED, said)


def changed_files(one: Outcome, other: Outcome) -> list[str]:
    """Places of the files that differ, sorted."""
    files, others = one.inputs.files, other.inputs.files
    return sorted(name for name in files.keys() | others.keys() if files.get(name) != others.get(name))


def _log(unit: Unit, sides: Sides) -> str:
    return log_changed(unit, sides.has, sides.lacks)


def log_changed(unit: Unit, one: Outcome, other: Outcome) -> str:
    """The files of the record's day that differ, in brackets."""
    folder = f"log/day={jst_day(unit.look.at)}/"
    names = [name for name in changed_files(one, other) if name.startswith(folder) and FAST_FORM not in name]
    return f"（違うファイル: {'、'.join(names)}）" if names else ""


def _supply(unit: Unit, fact: Fact, other: Fact, sides: Sides) -> str:
    has, lacks = (_stretch(one.holders[unit.which]) for one in (fact, other))
    words: dict[Which, str] = {"then": "閲覧の時点で知られていた供給者", "now": "いまの記録による供給者"}
    return f"供給期間が訂正された。{words[unit.which]}: {sides.arrow(has, lacks)}。"


def _stretch(stretch: Stretch | None) -> str:
    if stretch is None:
        return "なし"
    until = f"{stretch.until} の前日まで" if stretch.until else "継続"
    known = [f"known_{name} {_clock(at)}" for name, at in zip(("from", "to"), stretch[3:], strict=True) if at]
    return f"{stretch.retailer}（{'、'.join([f'{stretch.since} から', until, *known])}）"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S}"


def _posts(fact: Fact) -> str:
    return "・".join(post.replace(">", " の人、委託元 ") for post in fact.posts) or "なし"


def _screen(screen: str | None) -> str:
    return screen or "分からない"
