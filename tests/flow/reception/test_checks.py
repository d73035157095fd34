"""Every check of every procedure refuses something that nothing else refuses: take it out, and the code is gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from takuso.flow.reception import judge as judging
from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Circumstances, Tenure, Voltage
from takuso.flow.reception.judge import CHECKS, STAGES, Check, Stage, judge
from takuso.flow.reception.model import (
    Application,
    DesiredDate,
    PasswordRequest,
    Reenergisation,
    SwitchStart,
    TerminationRelay,
    day_of,
    with_day,
)
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import ACCEPTED, Refused
from takuso.flow.reception.vocabulary import State
from takuso.kernel.periods import DatePeriod
from tests.flow.reception.examples import (
    AT,
    COMER,
    CONSENT,
    DAY,
    HOLDER,
    ITEMS,
    STRANGER,
    TODAY,
    application,
    case,
    circumstances,
    with_point,
)

C = RefusalCode
Broken = tuple[Application, Circumstances, RefusalCode]
Breaker = Callable[[Application, Circumstances], Broken]
_EMPTIED = ("menu", "disconnection", "phone", "meter_number", "relay")


def _say(made: Application, **changes: Any) -> Application:
    return replace(made, content=replace(made.content, **changes))


def _items(made: Application, known: Circumstances) -> Broken:
    content: Any = made.content
    if hasattr(content, "items"):
        return _say(made, items=replace(content.items, customer_no=" ")), known, C.ITEM_MISSING
    return _say(made, **{next(one for one in _EMPTIED if hasattr(content, one)): ""}), known, C.ITEM_MISSING


def _window(made: Application, known: Circumstances) -> Broken:
    far = TODAY + timedelta(days=366)
    content: Any = with_day(made.content, DesiredDate(on=far, wished=True))
    cases = tuple(
        replace(one, application=replace(one.application, content=with_day(one.content, DesiredDate(on=far))))
        for one in known.cases
    )
    return replace(made, content=content), replace(known, cases=cases), C.DAY_TOO_FAR


def _lead_time(made: Application, known: Circumstances) -> Broken:
    soon = DesiredDate(on=TODAY + timedelta(days=2), wished=True)
    return replace(made, content=with_day(made.content, soon)), known, C.LEAD_TIME_SHORT


def _duplicate(made: Application, known: Circumstances) -> Broken:
    before = replace(made, number="A0")
    state = State.AWAITING_ANSWER
    earlier = Case(application=before, state=state, since=AT)
    return made, replace(known, cases=(*known.cases, earlier)), C.DUPLICATE


def _sequence(made: Application, known: Circumstances) -> Broken:
    start = case(Procedure.SWITCH_START, State.MATCHED, "S0", STRANGER)
    later = replace(start.application, content=with_day(start.content, DesiredDate(on=date(2024, 6, 25))))
    return made, replace(known, cases=(*known.cases, replace(start, application=later))), C.COMMITTED_CHANGE


def _contract(made: Application, known: Circumstances) -> Broken:
    ended = replace(known.retailers[made.sender], contract=DatePeriod(start=None, end=day_of(made.content)))
    return made, replace(known, retailers={**known.retailers, made.sender: ended}), C.CONTRACT_NOT_IN_FORCE


def _still_open(made: Application, known: Circumstances) -> Broken:
    ended = tuple(replace(one, state=State.WITHDRAWN) for one in known.cases)
    return made, replace(known, cases=ended), C.ENDED


def _unlit(made: Application, known: Circumstances) -> Broken:
    past = DesiredDate(on=TODAY - timedelta(days=2), wished=True)
    return replace(made, content=with_day(made.content, past)), known, C.NOT_LIT_BY_CONSUMER


def _same_name(made: Application, known: Circumstances) -> Broken:
    moved_in = Tenure(name="佐藤 花子", kana="サトウ ハナコ", valid=DatePeriod.since(TODAY))
    given = tuple(replace(one, issued_on=TODAY - timedelta(days=5), valid_days=7) for one in known.passwords)
    assert known.point is not None
    before = tuple(replace(one, valid=replace(one.valid, end=TODAY)) for one in known.point.tenures)
    return made, replace(with_point(known, tenures=(*before, moved_in)), passwords=given), C.NAME_CHANGED


def _consent(made: Application, known: Circumstances) -> Broken:
    assert isinstance(made.content, PasswordRequest)
    return _say(made, valid_days=8), known, C.VALID_DAYS_UNKNOWN


BREAKERS: dict[Check, Breaker] = {
    judging.items: _items,
    judging.registers: lambda made, known: (replace(made, sender="未登録"), known, C.RETAILER_UNKNOWN),
    judging.point: lambda made, known: (made, replace(known, point=None), C.POINT_UNKNOWN),
    judging.addressed: lambda made, known: (_say(made, holder=STRANGER), known, C.NOT_OUR_CUSTOMER),
    judging.scope: lambda made, known: (
        made,
        with_point(known, voltage=Voltage.HIGH, power_kw=Decimal(500)),
        C.OUT_OF_SCOPE,
    ),
    judging.contract: _contract,
    judging.window: _window,
    judging.unlit: _unlit,
    judging.lead_time: _lead_time,
    judging.duplicate: _duplicate,
    judging.relay: lambda made, known: (made, replace(known, cases=()), C.RELAY_NOT_AGREED),
    judging.holder: lambda made, known: (made, replace(known, point=None), C.NOT_THE_HOLDER),
    judging.sequence: _sequence,
    judging.consent: _consent,
    judging.person: lambda made, known: (made, replace(known, point=None), C.PERSON_DIFFERS),
    judging.password: lambda made, known: (_say(made, digest="x"), known, C.PASSWORD_UNKNOWN),
    judging.same_name: _same_name,
    judging.own_application: lambda made, known: (_say(made, concerns="X"), known, C.APPLICATION_UNKNOWN),
    judging.still_open: _still_open,
}
PAIRS = [(procedure, check) for procedure, checks in CHECKS.items() for check in checks]


@pytest.mark.parametrize("procedure", Procedure)
def test_the_example_is_accepted(procedure: Procedure) -> None:
    assert judge(application(procedure), circumstances(procedure)) == ACCEPTED


@pytest.mark.parametrize(("procedure", "check"), PAIRS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_the_check_has_teeth(procedure: Procedure, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    made, known, code = BREAKERS[check](application(procedure), circumstances(procedure))
    refused = judge(made, known)
    assert isinstance(refused, Refused)
    assert code in refused.codes
    without = tuple(one for one in CHECKS[procedure] if one is not check)
    monkeypatch.setattr(judging, "CHECKS", MappingProxyType({**CHECKS, procedure: without}))
    other = judge(made, known)
    assert not isinstance(other, Refused) or code not in other.codes


EARLIER = [
    (procedure, check, last)
    for procedure, checks in CHECKS.items()
    for last in checks
    if STAGES[last] is Stage.OTHERS
    for check in checks
    if STAGES[check] is not Stage.OTHERS
]


@pytest.mark.parametrize("procedure", Procedure)
def test_own_form_then_own_standing_then_what_tells_of_others(procedure: Procedure) -> None:
    stages = [STAGES[check] for check in CHECKS[procedure]]
    assert stages == sorted(stages)


@pytest.mark.parametrize(("procedure", "check", "last"), EARLIER, ids=lambda one: getattr(one, "__name__", str(one)))
def test_what_cannot_succeed_is_told_nothing_of_others(procedure: Procedure, check: Check, last: Check) -> None:
    """With a fault of its own an application gets the same answer whatever stands at the point."""
    made, known, own = BREAKERS[check](*BREAKERS[last](application(procedure), circumstances(procedure))[:2])
    refused = judge(made, known)
    assert isinstance(refused, Refused)
    assert own in refused.codes
    assert not any(one in refused.refusals for one in last(made, known))


def test_a_relay_for_a_past_day_does_not_say_who_supplies() -> None:
    known, made = circumstances(Procedure.TERMINATION_RELAY), application(Procedure.TERMINATION_RELAY)
    past = DesiredDate(on=TODAY - timedelta(days=900), wished=True)
    assert isinstance(made.content, TerminationRelay)
    invented = replace(
        made.content, items=replace(ITEMS, name="x", kana="ア", customer_no="0", place="x"), desired=past
    )
    asked = [judge(replace(made, content=replace(invented, holder=one)), known) for one in (HOLDER, STRANGER)]
    vacant = judge(replace(made, content=invented), with_point(known, holdings=()))
    assert asked[0] == asked[1] == vacant
    assert isinstance(vacant, Refused)
    assert vacant.codes == (C.DAY_PASSED, C.LEAD_TIME_SHORT)


@pytest.mark.parametrize("procedure", [Procedure.REENERGISATION, Procedure.MOVE_OUT])
def test_a_menu_that_does_not_exist_does_not_find_the_day_of_a_move(procedure: Procedure) -> None:
    vacant = procedure is Procedure.REENERGISATION
    known = circumstances(Procedure.REENERGISATION if vacant else Procedure.TERMINATION_RELAY)
    known = replace(known, cases=(case(procedure, State.SCHEDULED, "A0", HOLDER),))
    made = application(Procedure.REENERGISATION, "A9", STRANGER)
    assert isinstance(made.content, Reenergisation)
    days = [DesiredDate(on=DAY + timedelta(days=n), wished=True) for n in range(-3, 4)]
    asked = [replace(made, content=replace(made.content, desired=day)) for day in days]
    assert len({_codes(one, known) for one in asked}) > 1
    no_menu = [_say(one, menu="ない種別") for one in asked]
    assert {_codes(one, known) for one in no_menu} == {(C.MENU_NOT_ALLOWED,)}


def test_a_supply_wanted_too_long_ago_does_not_say_that_the_point_is_vacant() -> None:
    known = circumstances(Procedure.REENERGISATION)
    made = application(Procedure.REENERGISATION)
    long_ago = DesiredDate(on=TODAY - timedelta(days=400), wished=True)
    made = replace(made, content=with_day(made.content, long_ago))
    held = replace(known, point=circumstances(Procedure.MOVE_OUT).point)
    assert _codes(made, known) == _codes(made, held) == (C.TOO_LONG_AGO,)


def test_days_that_no_password_has_do_not_try_a_person() -> None:
    known, made = circumstances(Procedure.USAGE_PASSWORD), application(Procedure.USAGE_PASSWORD)
    asked = [_say(_say(made, valid_days=8), items=replace(ITEMS, name=name)) for name in (ITEMS.name, "別人")]
    assert {_codes(one, known) for one in asked} == {(C.VALID_DAYS_UNKNOWN,)}


def test_a_password_that_has_run_out_does_not_say_that_another_moved_in() -> None:
    made, known, _ = _same_name(application(Procedure.USAGE_INQUIRY), circumstances(Procedure.USAGE_INQUIRY))
    late = replace(known, passwords=tuple(replace(one, valid_days=1) for one in known.passwords))
    withdrawn = replace(CONSENT, withdrawn_on=TODAY)
    without = replace(known, passwords=tuple(replace(one, consent=withdrawn) for one in known.passwords))
    assert known.passwords[0].retailer == COMER
    assert _codes(made, late) == (C.PASSWORD_EXPIRED,)
    assert _codes(made, without) == (C.CONSENT_WITHDRAWN,)


def _codes(made: Application, known: Circumstances) -> tuple[RefusalCode, ...]:
    decision = judge(made, known)
    return decision.codes if isinstance(decision, Refused) else ()


def test_a_start_filed_too_late_is_refused_again_at_the_match() -> None:
    """What was in time when it came need not be when the other half comes."""
    start = case(Procedure.SWITCH_START, State.AWAITING_COUNTERPART, "S1")
    end = case(Procedure.SWITCH_END, State.AWAITING_COUNTERPART, "E1")
    known = circumstances(Procedure.SWITCH_START)
    assert isinstance(start.content, SwitchStart)
    assert judging.judge_pair(start, end, known) == ACCEPTED
    late = judging.judge_pair(start, end, replace(known, at=AT + timedelta(days=15)))
    assert isinstance(late, Refused)
    assert late.codes == (C.LEAD_TIME_SHORT,)


def test_halves_that_come_too_late_are_told_nothing_of_what_is_planned_at_the_point() -> None:
    start = case(Procedure.SWITCH_START, State.AWAITING_COUNTERPART, "S1")
    end = case(Procedure.SWITCH_END, State.AWAITING_COUNTERPART, "E1")
    _, planned, code = _sequence(start.application, circumstances(Procedure.SWITCH_START))
    in_time = judging.judge_pair(start, end, planned)
    assert isinstance(in_time, Refused)
    assert in_time.codes == (code,)
    late = judging.judge_pair(start, end, replace(planned, at=AT + timedelta(days=15)))
    assert isinstance(late, Refused)
    assert late.codes == (C.LEAD_TIME_SHORT,)
