"""State tables are sound, every move is total and safe, and each fault of a table is noticed."""

import ast
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from types import MappingProxyType

import pytest

import takuso.flow.reception
from takuso.flow.reception.advance import Moved, Occurrence, advance
from takuso.flow.reception.model import SwitchStart, Work
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import ACCEPTED, Refused, refusal
from takuso.flow.reception.states import (
    DEADLINE_NAMES,
    DEADLINE_NUMBERS,
    GUARD_NAMES,
    Deadline,
    Guard,
    StateTable,
    faults,
)
from takuso.flow.reception.tables import TABLES, UnsoundTable, check
from takuso.flow.reception.vocabulary import (
    ACTOR_NAMES,
    COMMITTED,
    EFFECT_NAMES,
    EVENT_NAMES,
    FINAL,
    RECIPIENT_NAMES,
    STATE_NAMES,
    UNHAPPY,
    Actor,
    Effect,
    Event,
    Recipient,
    State,
)
from tests.flow.reception.examples import AT, HOLDER, STRANGER, case, circumstances

RELAY = TABLES[Procedure.TERMINATION_RELAY]
NO = Refused((refusal(RefusalCode.POINT_UNKNOWN),))
C = RefusalCode


def test_every_procedure_has_a_sound_table_and_a_line_in_the_catalogue() -> None:
    assert set(TABLES) == set(Procedure) == set(CATALOGUE)
    assert [line for table in TABLES.values() for line in faults(table)] == []


def test_every_word_has_its_japanese() -> None:
    for names, words in (
        (STATE_NAMES, State),
        (EVENT_NAMES, Event),
        (ACTOR_NAMES, Actor),
        (RECIPIENT_NAMES, Recipient),
        (EFFECT_NAMES, Effect),
        (GUARD_NAMES, Guard),
        (DEADLINE_NAMES, Deadline),
        (DEADLINE_NUMBERS, Deadline),
    ):
        assert set(names) == set(words)
    assert len(set(STATE_NAMES.values())) == len(STATE_NAMES)
    assert len(set(EVENT_NAMES.values())) == len(EVENT_NAMES)


def _without(table: StateTable, event: Event) -> StateTable:
    return replace(table, transitions=tuple(one for one in table.transitions if one.event is not event))


def _changed(table: StateTable, event: Event, **changes: object) -> StateTable:
    return replace(
        table,
        transitions=tuple(
            replace(one, **changes) if one.event is event else one  # type: ignore[arg-type]
            for one in table.transitions
        ),
    )


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (_without(RELAY, Event.ACCEPT), "awaiting-answer is never reached"),
        (_without(_without(_without(_without(RELAY, Event.USE), Event.EXPIRE), Event.WITHDRAW), Event.AMEND),
         "agreed has no way out"),
        (_changed(RELAY, Event.USE, source=State.DECLINED), "declined is final and has a way out"),
        (replace(RELAY, transitions=(*RELAY.transitions, replace(RELAY.transitions[0], target=State.AGREED))),
         "received has two ways by accept"),
        (_changed(RELAY, Event.AGREE, by=frozenset()), "awaiting-answer by agree is moved by nobody"),
        (_changed(RELAY, Event.EXPIRE, code=None), "agreed by expire ends without a code"),
        (_without(RELAY, Event.EXPIRE), "agreed has a deadline that nothing follows"),
        (_changed(RELAY, Event.EXPIRE, guards=()), "agreed has a deadline that nothing follows"),
        (replace(RELAY, deadlines={}), "awaiting-answer by agree asks for a deadline that the state does not have"),
        (replace(RELAY, deadlines={**RELAY.deadlines, State.ISSUED: Deadline.ANSWER}),
         "issued has a deadline and is not in the table"),
        (StateTable(procedure=Procedure.MOVE_OUT, deadlines={}, transitions=(
            replace(RELAY.transitions[0], target=State.AGREED),
            replace(RELAY.transitions[0], source=State.AGREED, target=State.RECEIVED))),
         "received leads to no end"),
    ],
)  # fmt: skip
def test_a_fault_of_a_table_is_noticed(broken: StateTable, line: str) -> None:
    assert f"{broken.procedure}: {line}" in faults(broken)
    with pytest.raises(UnsoundTable, match=line):
        check(MappingProxyType({**TABLES, broken.procedure: broken}))


def test_a_procedure_without_a_table_is_noticed() -> None:
    with pytest.raises(UnsoundTable, match="move-out has no table"):
        check({one: TABLES[one] for one in Procedure if one is not Procedure.MOVE_OUT})


def _occurrences() -> list[Occurrence]:
    actors = (
        (Actor.SYSTEM, ""),
        (Actor.NETWORK, ""),
        (Actor.SENDER, "x"),
        (Actor.SENDER, STRANGER),
        (Actor.HOLDER, HOLDER),
    )
    found = (
        (None, None, 0),
        (ACCEPTED, None, 0),
        (NO, None, 0),
        (None, refusal(C.NAME_DIFFERS), 0),
        (ACCEPTED, None, 40),
    )
    return [
        Occurrence(event=event, by=by, at=AT + timedelta(days=late), retailer=who, decision=decision, reason=reason)
        for event, (by, who), (decision, reason, late) in product(Event, actors, found)
    ]


@pytest.mark.parametrize("procedure", Procedure)
def test_every_occurrence_in_every_state_has_an_answer(procedure: Procedure) -> None:
    """Total: a move of the table, or a refusal with a cure; nothing leaves a final state; no unhappy end is mute."""
    known, table = circumstances(procedure), TABLES[procedure]
    # Beside its own states one that the table does not have.
    for state in {*table.states, State.ISSUED, State.AGREED}:
        stood = replace(case(procedure, state, sender="x"), due=AT.date() + timedelta(days=3))
        for occurrence in _occurrences():
            found = advance(stood, occurrence, known)
            if isinstance(found, Refused):
                assert all(one.cure and one.rule for one in found.refusals)
                continue
            assert state not in FINAL
            assert found.by is table.move(state, occurrence.event)
            assert occurrence.by in found.by.by
            assert found.case.state is found.by.target
            assert (found.case.refusals != ()) == (found.case.state in UNHAPPY)
            assert occurrence.retailer != STRANGER
            _has_its_deadline(found, table)


def _has_its_deadline(found: Moved, table: StateTable) -> None:
    assert (found.case.due is not None) == (found.case.state in table.deadlines)


def test_a_stranger_gets_one_answer_whatever_the_state() -> None:
    known = circumstances(Procedure.TERMINATION_RELAY)
    answers = {
        advance(
            case(Procedure.TERMINATION_RELAY, state),
            Occurrence(event=event, by=by, at=AT, retailer=STRANGER, decision=ACCEPTED),
            known,
        )
        for state in State
        for event in Event
        for by in (Actor.SENDER, Actor.HOLDER)
    }
    assert answers == {Refused((refusal(C.NOT_YOURS_TO_MOVE),))}


@pytest.mark.parametrize(
    ("procedure", "state", "event", "by", "code", "late"),
    [
        (Procedure.TERMINATION_RELAY, State.RECEIVED, Event.ACCEPT, Actor.SYSTEM, C.NOT_JUDGED, 0),
        (Procedure.TERMINATION_RELAY, State.RECEIVED, Event.REFUSE, Actor.SYSTEM, C.NOT_JUDGED, 0),
        (Procedure.TERMINATION_RELAY, State.AWAITING_ANSWER, Event.AGREE, Actor.HOLDER, C.TOO_LATE, 9),
        (Procedure.TERMINATION_RELAY, State.AWAITING_ANSWER, Event.EXPIRE, Actor.SYSTEM, C.NOT_YET_DUE, 3),
        (Procedure.MOVE_OUT, State.SCHEDULED, Event.TAKE_EFFECT, Actor.SYSTEM, C.DAY_NOT_COME, 16),
        (Procedure.MOVE_OUT, State.SCHEDULED, Event.WITHDRAW, Actor.SENDER, C.DAY_COME, 17),
        (Procedure.SWITCH_START, State.MATCHED, Event.ORDER_WORK, Actor.NETWORK, C.NO_WORK_WANTED, 0),
        (Procedure.SWITCH_START, State.MATCHED, Event.WITHDRAW, Actor.SENDER, C.LOCKED, 0),
        (Procedure.SWITCH_START, State.EFFECTIVE, Event.CORRECT, Actor.SENDER, C.NOT_YOURS_TO_MOVE, 20),
    ],
)
def test_an_unmet_condition_has_its_code(
    procedure: Procedure, state: State, event: Event, by: Actor, code: RefusalCode, late: int
) -> None:
    stood = replace(case(procedure, state), due=AT.date() + timedelta(days=3))
    retailer = HOLDER if by is Actor.HOLDER else stood.application.sender
    moved = advance(
        stood, Occurrence(event=event, by=by, at=AT + timedelta(days=late), retailer=retailer), circumstances(procedure)
    )
    assert isinstance(moved, Refused)
    assert moved.codes == (code,)


def test_what_is_judged_well_is_not_refused_and_what_wants_work_is_not_scheduled() -> None:
    known = circumstances(Procedure.SWITCH_START)
    received = case(Procedure.SWITCH_START, State.RECEIVED)
    no_ground = advance(received, Occurrence(event=Event.REFUSE, by=Actor.SYSTEM, at=AT, decision=ACCEPTED), known)
    assert isinstance(no_ground, Refused)
    assert no_ground.codes == (C.NO_GROUND,)
    matched = case(Procedure.SWITCH_START, State.MATCHED)
    assert isinstance(matched.content, SwitchStart)
    application = replace(matched.application, content=replace(matched.content, work=Work.METER))
    wanted = advance(
        replace(matched, application=application), Occurrence(event=Event.SCHEDULE, by=Actor.SYSTEM, at=AT), known
    )
    assert isinstance(wanted, Refused)
    assert wanted.codes == (C.WORK_WANTED,)


def test_committed_states_cannot_be_left_by_the_sender_of_a_switch() -> None:
    for procedure in (Procedure.SWITCH_START, Procedure.SWITCH_END):
        for state in COMMITTED & set(TABLES[procedure].states):
            assert all(Actor.SENDER not in one.by for one in TABLES[procedure].moves(state))


def test_the_rules_ask_no_clock_and_open_nothing() -> None:
    """Pure: whatever they need is passed in."""
    forbidden = {"now", "today", "utcnow", "open", "read_text", "connect", "environ", "getenv", "print"}
    own = {"known.today", "self.today"}
    for file in Path(takuso.flow.reception.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called in own or called.rpartition(".")[2] not in forbidden, f"{file.name}: {called}"
