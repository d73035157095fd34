"""The part of processes.md about 取戻し営業: who sees a pending switch, asked of the rule itself."""

from datetime import UTC, date, datetime
from typing import Final

from takuso.flow.reception.case import Case
from takuso.flow.reception.model import (
    Application,
    Content,
    DesiredDate,
    FourItems,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
)
from takuso.flow.reception.procedures import CATALOGUE
from takuso.flow.reception.rules.sight import Onlooker, PendingSight, Team, sight_of
from takuso.flow.reception.vocabulary import State
from takuso.kernel.numbers import SupplyPointNumber
from tools.pages.markdown import table

_NEW, _OLD, _OTHER = "new", "old", "other"
_ONLOOKERS: Final = {
    "新しい小売の切替の担当": Onlooker(team=Team.SWITCHING, retailer=_NEW),
    "新しい小売の営業": Onlooker(team=Team.SALES, retailer=_NEW),
    "いまの小売の切替の担当": Onlooker(team=Team.SWITCHING, retailer=_OLD),
    "いまの小売の営業": Onlooker(team=Team.SALES, retailer=_OLD),
    "ほかの小売": Onlooker(team=Team.SWITCHING, retailer=_OTHER),
    "送配電（利用目的を述べて）": Onlooker(team=Team.NETWORK),
}
_WORDS: Final = {
    PendingSight.NOTHING: "見えない",
    PendingSight.RELAYED: "四項目と希望日だけ",
    PendingSight.WHOLE: "すべて",
}
_POINT: Final = SupplyPointNumber("06" + "0" * 20)
_DAY: Final = date(2024, 6, 20)
_CONTENTS: Final[tuple[tuple[Content, str, State, State, State], ...]] = (
    (
        TerminationRelay(
            items=FourItems(point=_POINT, name="", kana="", customer_no="", place=""),
            holder=_OLD,
            desired=DesiredDate(on=_DAY),
        ),
        _NEW,
        State.AWAITING_ANSWER,
        State.CLOSED,
        State.EXPIRED,
    ),
    (
        SwitchStart(point=_POINT, relay="", desired=DesiredDate(on=_DAY), balancing_group="", menu=""),
        _NEW,
        State.SCHEDULED,
        State.EFFECTIVE,
        State.EXPIRED,
    ),
    (SwitchEnd(point=_POINT, relay="", on=_DAY), _OLD, State.SCHEDULED, State.EFFECTIVE, State.EXPIRED),
)


def part() -> str:
    """One line for each application and time, one column for each onlooker."""
    rows = [
        (f"{CATALOGUE[case.application.procedure].name}、{when}", *(_seen(case, one) for one in _ONLOOKERS.values()))
        for content, sender, *states in _CONTENTS
        for when, state in zip(("済むまで", "済んだ後", "実を結ばなかったとき"), states, strict=True)
        for case in (_case(content, sender, state),)
    ]
    return table(("申込", *_ONLOOKERS), rows)


def _case(content: Content, sender: str, state: State) -> Case:
    at = datetime(2024, 6, 3, tzinfo=UTC)
    made = Application(number="", received_at=at, sender=sender, content=content)
    return Case(application=made, state=state, since=at, counterparts=frozenset({_NEW, _OLD} - {sender}))


def _seen(case: Case, onlooker: Onlooker) -> str:
    return _WORDS[sight_of(case, onlooker)]
