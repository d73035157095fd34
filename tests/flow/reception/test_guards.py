"""Every condition of every move of every table stops what it should, and nothing else does."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from takuso.flow.reception import advance as advancing
from takuso.flow.reception.advance import Moved, Occurrence, advance
from takuso.flow.reception.case import Case
from takuso.flow.reception.model import SwitchStart, TerminationRelay, Work
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import ACCEPTED, Refused, refusal
from takuso.flow.reception.states import Guard, Move
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import Actor
from tests.flow.reception.examples import AT, HOLDER, STRANGER, case, circumstances

NO = Refused((refusal(RefusalCode.POINT_UNKNOWN),))
MOVES = [(procedure, move) for procedure, table in TABLES.items() for move in table.transitions]
GUARDED = [(procedure, move, guard) for procedure, move in MOVES for guard in move.guards]
DUE, DAY = timedelta(days=3), timedelta(days=17)


def _name(one: object) -> str:
    return f"{one.source}-{one.event}" if isinstance(one, Move) else str(one)


def _met(procedure: Procedure, move: Move) -> tuple[Case, Occurrence]:
    """A case in the move's state, and an occurrence that meets all its conditions."""
    stood = replace(case(procedure, move.source), due=(AT + DUE).date())
    if Guard.WORK_WANTED in move.guards:
        stood = _with_work(stood, Work.METER)
    at = AT
    if Guard.OVERDUE in move.guards:
        at = AT + DUE + timedelta(days=1)
    if Guard.DAY_COME in move.guards:
        at = AT + DAY
    decision = NO if Guard.FAILED in move.guards else ACCEPTED
    reason = refusal(RefusalCode.NAME_DIFFERS) if Guard.REASONED in move.guards else None
    by = min(move.by)
    retailer = {Actor.HOLDER: HOLDER, Actor.SENDER: stood.application.sender}.get(by, "")
    return stood, Occurrence(event=move.event, by=by, retailer=retailer, at=at, decision=decision, reason=reason)


def _broken(stood: Case, told: Occurrence, guard: Guard) -> tuple[Case, Occurrence]:
    """The same, with this one condition not met."""
    match guard:
        case Guard.PASSED:
            return stood, replace(told, decision=NO)
        case Guard.FAILED:
            return stood, replace(told, decision=ACCEPTED)
        case Guard.IN_TIME:
            return stood, replace(told, at=AT + DUE + timedelta(days=1))
        case Guard.OVERDUE:
            return stood, replace(told, at=AT + DUE)
        case Guard.DAY_COME:
            return stood, replace(told, at=AT + DAY - timedelta(days=1))
        case Guard.BEFORE_DAY:
            return stood, replace(told, at=AT + DAY)
        case Guard.REASONED:
            return stood, replace(told, reason=None)
        case Guard.WORK_WANTED:
            return _with_work(stood, Work.NONE), told
        case Guard.NO_WORK_WANTED:
            return _with_work(stood, Work.METER), told


def _with_work(stood: Case, work: Work) -> Case:
    if not isinstance(stood.content, SwitchStart):
        return stood
    return replace(stood, application=replace(stood.application, content=replace(stood.content, work=work)))


@pytest.mark.parametrize(("procedure", "move"), MOVES, ids=_name)
def test_what_meets_all_conditions_moves(procedure: Procedure, move: Move) -> None:
    stood, told = _met(procedure, move)
    moved = advance(stood, told, circumstances(procedure))
    assert isinstance(moved, Moved)
    assert moved.by is move


@pytest.mark.parametrize(
    ("procedure", "move", "guard"),
    [one for one in GUARDED if one[::2] != (Procedure.SWITCH_END, Guard.NO_WORK_WANTED)],  # an end wants none
    ids=_name,
)
def test_the_condition_has_teeth(
    procedure: Procedure, move: Move, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood, told = _broken(*_met(procedure, move), guard)
    known = circumstances(procedure)
    assert isinstance(advance(stood, told, known), Refused)
    without = replace(move, guards=tuple(one for one in move.guards if one is not guard))
    rows = tuple(without if one is move else one for one in TABLES[procedure].transitions)
    table = replace(TABLES[procedure], transitions=rows)
    monkeypatch.setattr(advancing, "TABLES", MappingProxyType({**TABLES, procedure: table}))
    assert isinstance(advance(stood, told, known), Moved)


@pytest.mark.parametrize(("procedure", "move"), MOVES, ids=_name)
def test_only_who_may_move_it_does(procedure: Procedure, move: Move) -> None:
    stood, told = _met(procedure, move)
    holder = stood.content.holder if isinstance(stood.content, TerminationRelay) else HOLDER
    asked = {Actor.SYSTEM: "", Actor.NETWORK: "", Actor.SENDER: stood.application.sender, Actor.HOLDER: holder}
    for by, retailer in asked.items():
        moved = advance(stood, replace(told, by=by, retailer=retailer), circumstances(procedure))
        assert isinstance(moved, Moved) == (by in move.by)
    for by in (Actor.SENDER, Actor.HOLDER):
        assert isinstance(advance(stood, replace(told, by=by, retailer=STRANGER), circumstances(procedure)), Refused)
