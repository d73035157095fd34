"""検査: which rules an application goes through, in order, and the one decision they come to.

The list of checks of each procedure is data: docs/reference/processes.md prints it. `judge` is asked when an
application comes in, again after a change, and again before a pair is locked. What tells something of others is asked
last, and only where the application could pass: one that cannot succeed must not be a question about them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import IntEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Circumstances
from takuso.flow.reception.model import (
    Amendment,
    Application,
    PasswordRequest,
    StatusInquiry,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
    UsageInquiry,
    with_day,
)
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Decision, Refusal, decided, refusal
from takuso.flow.reception.rules.consent import name_refusals, password_refusals, person_refusals, usage_refusals
from takuso.flow.reception.rules.dates import (
    disconnection_refusals,
    lead_time_refusals,
    scope_refusals,
    window_refusals,
)
from takuso.flow.reception.rules.matching import pair, relay_refusals
from takuso.flow.reception.rules.registers import (
    contract_refusals,
    duplicate_refusals,
    item_refusals,
    point_refusals,
    register_refusals,
)
from takuso.flow.reception.rules.sequence import holder_refusals, sequence_refusals
from takuso.flow.reception.states import Guard
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import EVENT_NAMES, FINAL, STATE_NAMES, Event, State

Check: TypeAlias = Callable[[Application, Circumstances], Iterable[Refusal]]


def items(application: Application, _known: Circumstances) -> Iterator[Refusal]:
    """必要な項目: what the procedure needs is there."""
    yield from item_refusals(application.content)


def registers(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """登録: area and retailers."""
    yield from register_refusals(application, known)


def contract(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """契約: the sender's contract, BG and menu."""
    yield from contract_refusals(application, known)


def point(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """供給地点: it is known."""
    yield from point_refusals(application, known)


def scope(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """対象の大きさ: it is dealt with here."""
    yield from scope_refusals(application, known)


def window(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """希望日の窓: not too early, not too late."""
    yield from window_refusals(application, known)


def unlit(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """廃止措置方法: a supply wanted for a past day can have begun; said of a vacant point alone."""
    yield from disconnection_refusals(application, known)


def lead_time(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """標準的な期間: the start can be matched in time."""
    yield from lead_time_refusals(application, known)


def duplicate(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """重複: no open case of the same kind came before."""
    yield from duplicate_refusals(application, known)


def relay(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """廃止取次: the half of a switch stands under an agreed relay of its own."""
    content = application.content
    if isinstance(content, SwitchStart | SwitchEnd):
        half = Case(application=application, state=State.RECEIVED, since=application.received_at)
        yield from relay_refusals(half, known.case(content.relay))


def addressed(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """取次先: the retailer it is addressed to supplies today; a customer's data is sent to no other."""
    content = application.content
    if isinstance(content, TerminationRelay) and known.point is not None:
        supplied = known.point.holding_on(known.today)
        if application.sender == content.holder:
            yield refusal(RefusalCode.ALREADY_OWN, day=content.desired.on)
        elif supplied is None or supplied.retailer != content.holder:
            yield refusal(RefusalCode.NOT_OUR_CUSTOMER)


def holder(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """供給者: the sender supplies on the day."""
    others = tuple(case for case in known.cases if case.number != application.number)
    yield from holder_refusals(application, known.point, others)


def sequence(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """異動並び: it comes behind all that is fixed."""
    if known.point is not None:
        yield from sequence_refusals(application, known.point, known.cases, known.today)


def consent(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """同意: a password may be asked for."""
    if isinstance(application.content, PasswordRequest):
        yield from password_refusals(application.content, known)


def person(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """本人確認: the person is the one of the contract."""
    if isinstance(application.content, PasswordRequest):
        yield from person_refusals(application.content, known)


def password(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """パスワード: it opens this point's usage to this retailer today."""
    if isinstance(application.content, UsageInquiry):
        yield from usage_refusals(application.content, application.sender, known)


def same_name(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """契約名義の継続: the name is still that of the day the password was given."""
    if isinstance(application.content, UsageInquiry):
        yield from name_refusals(application.content, known)


def own_application(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """自分の申込: the one it concerns exists and is the sender's; of others there is none."""
    content = application.content
    if isinstance(content, Amendment | StatusInquiry):
        found = known.case(content.concerns)
        if found is None or found.application.sender != application.sender:
            yield refusal(RefusalCode.APPLICATION_UNKNOWN)


def still_open(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """変更できる状態: the application it concerns can still be changed so, and with the new day passes its checks."""
    content = application.content
    found = known.case(content.concerns) if isinstance(content, Amendment) else None
    if not isinstance(content, Amendment) or found is None or found.application.sender != application.sender:
        return
    event = Event.WITHDRAW if content.new_day is None else Event.AMEND
    row = TABLES[found.application.procedure].move(found.state, event)
    if row is None:
        yield not_now(found, event)
    elif Guard.BEFORE_DAY in row.guards and found.day is not None and known.today >= found.day:
        yield refusal(RefusalCode.DAY_COME, found.as_conflict(), day=found.day)
    elif content.new_day is not None:
        changed = replace(found.application, content=with_day(found.content, content.new_day), amended_at=known.at)
        others = tuple(case for case in known.cases if case.number != found.number)
        yield from _found(changed, replace(known, cases=others))


class Stage(IntEnum):
    """検査の順: what a check looks at, and so when it is asked."""

    FORM = 1
    """The application's own items and days, against what every retailer may know."""
    STANDING = 2
    """What the sender is itself a party of: its supply, its own applications, relays and passwords."""
    OTHERS = 3
    """What tells something of others. Asked only while nothing stands against the application."""


_BY_STAGE: Final[Mapping[Stage, tuple[Check, ...]]] = {
    Stage.FORM: (items, registers, point, scope, contract, window, lead_time, consent),
    Stage.STANDING: (holder, duplicate, relay, password, own_application),
    Stage.OTHERS: (addressed, unlit, sequence, person, same_name, still_open),
}
STAGES: Final[Mapping[Check, Stage]] = MappingProxyType(
    {check: stage for stage, checks in _BY_STAGE.items() for check in checks}
)
"""The stage of each check; the checks of a procedure stand in this order."""

CHECKS: Final[Mapping[Procedure, tuple[Check, ...]]] = MappingProxyType(
    {
        Procedure.EQUIPMENT_INQUIRY: (registers, point),
        Procedure.POINT_SEARCH: (items, registers),
        Procedure.USAGE_PASSWORD: (items, registers, consent, person),
        Procedure.USAGE_INQUIRY: (registers, password, same_name),
        Procedure.TERMINATION_RELAY: (items, registers, point, scope, window, lead_time, duplicate, addressed),
        Procedure.SWITCH_START: (
            items,
            registers,
            point,
            scope,
            contract,
            window,
            lead_time,
            duplicate,
            relay,
            sequence,
        ),
        Procedure.SWITCH_END: (items, registers, window, holder, duplicate, relay, sequence),
        Procedure.REENERGISATION: (items, registers, point, scope, contract, window, duplicate, unlit, sequence),
        Procedure.MOVE_OUT: (items, registers, window, holder, duplicate, sequence),
        Procedure.CONSUMER_CHANGE: (items, registers, window, holder, duplicate),
        Procedure.AMENDMENT: (registers, own_application, still_open),
        Procedure.STATUS_INQUIRY: (registers, own_application),
    }
)
"""The checks of each procedure, in order."""

FIRST: Final = frozenset({items, registers, point, holder, relay, own_application})
"""Checks after whose refusal not even those of the same stage are asked: there is no use in what they would say."""


def judge(application: Application, known: Circumstances) -> Decision:
    """The decision on an application: accepted, or refused by every rule that stands against it."""
    return decided(_found(application, known))


def judge_pair(one: Case, other: Case, known: Circumstances) -> Decision:
    """Whether two halves are locked now: they agree, and the start still passes sequence and standard period today."""
    start = one if isinstance(one.content, SwitchStart) else other
    relayed = known.case(start.content.relay) if isinstance(start.content, SwitchStart) else None
    found = pair(one, other, relayed)
    if found != decided(()):
        return found
    others = tuple(case for case in known.cases if case.number not in (one.number, other.number))
    again = replace(start.application, amended_at=known.at)
    at_point = replace(known, cases=others)
    return decided(_asked((contract, window, lead_time, sequence), again, at_point))


def not_now(case: Case, event: Event) -> Refusal:
    """Why a case cannot be moved so in its state: it has ended, it is locked, or the state has no such move."""
    if case.state in FINAL:
        return refusal(RefusalCode.ENDED, case.as_conflict(), state=STATE_NAMES[case.state])
    if case.state is State.EFFECTIVE and event in (Event.AMEND, Event.WITHDRAW):
        return refusal(RefusalCode.DAY_COME, case.as_conflict(), day=case.day or "")
    if case.is_committed and event in (Event.AMEND, Event.WITHDRAW):
        return refusal(RefusalCode.LOCKED, case.as_conflict())
    return refusal(
        RefusalCode.NOT_IN_THIS_STATE, case.as_conflict(), state=STATE_NAMES[case.state], event=EVENT_NAMES[event]
    )


def _found(application: Application, known: Circumstances) -> Iterator[Refusal]:
    return _asked(CHECKS[application.procedure], application, known)


def _asked(checks: Iterable[Check], application: Application, known: Circumstances) -> Iterator[Refusal]:
    refused = False
    for check in checks:
        if refused and STAGES[check] is Stage.OTHERS:
            return
        found = tuple(check(application, known))
        yield from found
        if found and check in FIRST:
            return
        refused = refused or bool(found)
