"""What the law demands of any table of the barrier, over the whole finite space, without a database.

Every question the rule can be asked is asked: duty × company × relation × view × class × a day before, on and after
the rows' first day. Invariants are stated here in the words of the law and not in those of the matrix.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Final

from takuso.barrier.decide import Asker, Decision, Held, decide
from takuso.barrier.matrix import (
    ACTIONS,
    DUTY_NAMES,
    PERIOD_CLASSES,
    PURPOSES,
    RETAIL_ACTIONS,
    DataClass,
    Duty,
    Relation,
    Rule,
    Verdict,
    View,
)
from takuso.kernel.periods import DatePeriod

Wrong = tuple[str, str]
TODAY: Final = date(2026, 6, 15)
_NETWORK, _FIRST, _SECOND, _THIRD = 1, 2, 3, 4
_STATE: Final = frozenset(DataClass) - PERIOD_CLASSES
_SHOWING: Final = frozenset({Relation.ANY, Relation.OWN, Relation.PAST, Relation.APPLICANT})


def _days(first: int | None, end: int | None) -> DatePeriod:
    start = None if first is None else TODAY + timedelta(days=first)
    return DatePeriod(start=start, end=None if end is None else TODAY + timedelta(days=end))


def _held(*spans: tuple[int, int | None, int | None]) -> tuple[Held, ...]:
    return tuple(Held(retailer=who, period=_days(first, end)) for who, first, end in spans)


HISTORIES: Final[dict[str, tuple[Held, ...] | None]] = {
    "absent": None,
    "never-supplied": (),
    "own": _held((_FIRST, -900, None)),
    "since-ever": _held((_FIRST, None, None)),
    "foreign": _held((_SECOND, -900, None)),
    "switched-today": _held((_FIRST, -900, 0), (_SECOND, 0, None)),
    "gained-today": _held((_SECOND, -900, 0), (_FIRST, 0, None)),
    "incoming": _held((_SECOND, -900, 1), (_FIRST, 1, None)),
    "outgoing": _held((_FIRST, -900, 1), (_SECOND, 1, None)),
    "ended": _held((_FIRST, -900, -30)),
    "vacant-of-another": _held((_SECOND, -900, -30)),
    "back-again": _held((_FIRST, -900, -500), (_SECOND, -500, -100), (_FIRST, -100, None)),
}
COMPANIES: Final = (_FIRST, _SECOND, _THIRD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One cell of the space."""

    duty: Duty
    organisation: int
    history: str
    view: View
    data_class: DataClass

    @property
    def where(self) -> str:
        """For a finding."""
        return f"{self.duty} 会社{self.organisation} {self.history} {self.view} {self.data_class}"

    def decision(self, rules: Sequence[Rule]) -> Decision:
        """The rule's answer."""
        asker = Asker(organisation=self.organisation, duty=self.duty)
        return decide(asker, HISTORIES[self.history], self.view, self.data_class, TODAY, rules)


def questions() -> Iterator[Question]:
    """All of them: network duties ask for the network company, retail duties for each of three retailers."""
    for duty, history, view, letter in product(Duty, HISTORIES, View, DataClass):
        for organisation in (_NETWORK,) if duty.is_network else COMPANIES:
            yield Question(duty=duty, organisation=organisation, history=history, view=view, data_class=letter)


def faults(rules: Sequence[Rule]) -> tuple[list[Wrong], int]:
    """(where, what) of every question answered otherwise than the law allows, and how many were asked."""
    wrong = [*row_faults(rules)]
    asked = 0
    for question in questions():
        asked += 1
        wrong += _answer(question, rules)
    return wrong, asked


def row_faults(rules: Sequence[Rule]) -> Iterator[Wrong]:
    """(key, what) of rows that are wrong by themselves, and of codes that are."""
    keys = [rule.key for rule in rules]
    yield from ((key, "同じ行が二度あります") for key in sorted({k for k in keys if keys.count(k) > 1}))
    for rule in rules:
        if not rule.article.startswith("電気事業法"):
            yield rule.key, "根拠の条文がありません"
        if rule.until is not None and rule.until <= rule.since:
            yield rule.key, "適用期間が空です"
        if rule.duty.is_network != (rule.relation is Relation.ANY):
            yield rule.key, "職務と関係が合いません"
        if rule.relation is Relation.APPLICANT and rule.data_class is not DataClass.PENDING:
            yield rule.key, "申込の当事者に、申込のほかの区分を見せる行です"
        if rule.verdict is Verdict.SHOW and rule.relation not in _SHOWING:
            yield rule.key, "他社・空き家・存在しない供給地点を見せる行です"
        if rule.verdict is Verdict.SHOW and rule.relation is Relation.PAST and rule.data_class in _STATE:
            yield rule.key, "過去の供給者に、期間のない区分を見せる行です"
    yield from _codes()


def _codes() -> Iterator[Wrong]:
    yield from ((duty, "名前がありません") for duty in Duty if duty not in DUTY_NAMES)
    for purpose in PURPOSES:
        for duty in sorted(purpose.duties):
            if not duty.is_network:
                yield f"purpose {purpose.code}", f"小売の職務 {duty} に開かれています"
        if not purpose.case_kinds:
            yield f"purpose {purpose.code}", "根拠となる案件の種類がありません"
    for code, duties in ACTIONS.items():
        for duty in sorted(duties):
            if duty.is_network == (code in RETAIL_ACTIONS):
                yield f"action {code}", f"職務 {duty} に開かれています"
    if ACTIONS.get("log.read") != frozenset({Duty.COMPLIANCE}):
        yield "action log.read", "閲覧記録は情報管理・監査の職務だけのものです"


def _answer(question: Question, rules: Sequence[Rule]) -> Iterator[Wrong]:
    decision = question.decision(rules)
    if decision.show and question.data_class is DataClass.CARE and not question.duty.is_network:
        yield question.where, "注意情報が小売に見えます"
    if decision.show and question.duty is Duty.ADMIN:
        yield question.where, "システム管理の職務にお客さま情報が見えます"
    if decision.show and not question.duty.is_network:
        yield from _retail(question, decision)
    yield from _deny_wins(question, decision, rules)
    yield from _names_change_nothing(question, decision, rules)


def _retail(question: Question, decision: Decision) -> Iterator[Wrong]:
    segments = HISTORIES[question.history] or ()
    own = [s.period for s in segments if s.retailer == question.organisation]
    if not own:
        yield question.where, "一度も供給していない供給地点が見えます"
        return
    holds = any(period.contains(TODAY) for period in own)
    if question.data_class not in PERIOD_CLASSES and not holds:
        yield question.where, "いま供給していない供給地点の、期間のない区分が見えます"
    if question.data_class in PERIOD_CLASSES:
        for period in decision.periods or (DatePeriod(start=None, end=None),):
            if period not in own:
                yield question.where, f"自社の供給期間でない {period} が見えます"
            if question.view is View.PAST and (period.end is None or period.end > TODAY):
                yield question.where, "過去契約に、終わっていない期間が見えます"
            if period.start is not None and period.start > TODAY:
                yield question.where, "まだ始まっていない期間が見えます"


def _deny_wins(question: Question, decision: Decision, rules: Sequence[Rule]) -> Iterator[Wrong]:
    if decision.rule is None or not decision.show:
        return
    denying = replace(decision.rule, verdict=Verdict.DENY)
    if question.decision([*rules, denying]).show:
        yield question.where, "見せない行があっても見えます"


def _names_change_nothing(question: Question, decision: Decision, rules: Sequence[Rule]) -> Iterator[Wrong]:
    """Every permutation of the retailers is a renaming; one cycle and one exchange generate them all."""
    for names in ({_FIRST: _SECOND, _SECOND: _FIRST}, {_FIRST: _SECOND, _SECOND: _THIRD, _THIRD: _FIRST}):
        if question.duty.is_network:
            return
        segments = HISTORIES[question.history]
        renamed = None if segments is None else tuple(
            replace(s, retailer=names.get(s.retailer, s.retailer)) for s in segments
        )  # fmt: skip
        asker = Asker(organisation=names.get(question.organisation, question.organisation), duty=question.duty)
        other = decide(asker, renamed, question.view, question.data_class, TODAY, rules)
        if (other.show, other.relation, other.periods) != (decision.show, decision.relation, decision.periods):
            yield question.where, "会社の名前を入れ替えると答えが変わります"
