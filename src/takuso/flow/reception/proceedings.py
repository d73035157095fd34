"""進行: what happens by itself at a moment — judging, matching, lapsing, the day of effect — until nothing more does.

The specification of the jobs: given the open cases of a point and what is known, `settle` gives the moves in order.
Who came first is served first, so two applications of the same second have one outcome, whoever asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from takuso.flow.reception.advance import Moved, Occurrence, advance
from takuso.flow.reception.case import Case
from takuso.flow.reception.effects import carry_out
from takuso.flow.reception.facts import Circumstances
from takuso.flow.reception.judge import judge, judge_pair
from takuso.flow.reception.model import (
    Amendment,
    ConsumerChange,
    MoveOut,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
    with_day,
)
from takuso.flow.reception.refusals.decisions import ACCEPTED, Decision, Refusal, Refused, decided
from takuso.flow.reception.rules.matching import pair
from takuso.flow.reception.rules.sequence import holder_refusals, sequence_refusals
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import Actor, Effect, Event, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """進行の結果: the moves in order, and what is known after them."""

    moves: tuple[Moved, ...]
    known: Circumstances


def settle(known: Circumstances) -> Settlement:
    """Every move that is due at `known.at`, one after the other. Each case moves at most once through each state."""
    made: list[Moved] = []
    while found := _next(known):
        for one in found:
            made.append(one)
            known = _with(known, one)
    return Settlement(moves=tuple(made), known=known)


def _next(known: Circumstances) -> tuple[Moved, ...]:
    for case in sorted(known.cases, key=lambda one: _turn(one, known.today)):
        moved = tuple(_moves(case, known))
        if moved:
            return moved
    return ()


def _turn(case: Case, today: date) -> tuple[Any, ...]:
    """Effects that are due go first, in the order of their days, whoever leaves before whoever comes; then the line."""
    day = case.day
    if case.state is State.SCHEDULED and day is not None and day <= today:
        return (0, day, not isinstance(case.content, MoveOut), *case.application.place_in_line)
    return (1, *case.application.place_in_line)


def _with(known: Circumstances, moved: Moved) -> Circumstances:
    cases = tuple(moved.case if one.number == moved.case.number else one for one in known.cases)
    point = known.point if known.point is None else carry_out(moved.by.effect, moved.case, known.point)
    return replace(known, cases=cases, point=point)


def _moves(case: Case, known: Circumstances) -> Iterator[Moved]:
    """What this case does now: one move, or for a pair all three together."""
    match case.state:
        case State.RECEIVED:
            yield from _judged(case, known)
        case State.AWAITING_COUNTERPART:
            yield from _matched(case, known) or _blocked(case, known) or _lapsed(case, known)
        case State.MATCHED:
            yield from _by_system(case, Event.SCHEDULE, known)
        case State.SCHEDULED:
            yield from _in_effect(case, known)
        case _:
            yield from _lapsed(case, known)


def _judged(case: Case, known: Circumstances) -> Iterator[Moved]:
    decision = judge(case.application, known)
    table = TABLES[case.application.procedure]
    passing = Event.ACCEPT if table.move(State.RECEIVED, Event.ACCEPT) else Event.ANSWER
    event = Event.REFUSE if isinstance(decision, Refused) else passing
    moved = _by_system(case, event, known, decision, _other_side(case, known))
    yield from moved
    if any(one.by.effect is Effect.AMEND_APPLICATION for one in moved):
        yield from _amended(case, known)


def _amended(case: Case, known: Circumstances) -> Iterator[Moved]:
    """The application that an accepted 取消・変更 concerns, moved in its sender's name."""
    content = case.content
    concerned = known.case(content.concerns) if isinstance(content, Amendment) else None
    if not isinstance(content, Amendment) or concerned is None:
        return
    new_day = content.new_day
    occurrence = Occurrence(
        event=Event.WITHDRAW if new_day is None else Event.AMEND,
        by=Actor.SENDER,
        retailer=case.application.sender,
        at=known.at,
        decision=ACCEPTED,
        content=None if new_day is None else with_day(concerned.content, new_day),
    )
    moved = advance(concerned, occurrence, known)
    if isinstance(moved, Moved):
        yield moved


def _matched(case: Case, known: Circumstances) -> tuple[Moved, ...]:
    """Both halves and their relay in one go: no moment at which one is locked and the other is not."""
    other = _other_half(case, known)
    if other is None or other.state is not State.AWAITING_COUNTERPART or not isinstance(case.content, _Half):
        return ()
    decision = judge_pair(case, other, known)
    relay = known.case(case.content.relay)
    in_time = all(one.due is None or known.today <= one.due for one in (case, other))
    if relay is None or not in_time or pair(case, other, relay) != ACCEPTED:
        return ()
    if isinstance(decision, Refused):
        # They agree with each other and stand against something else: no change of either would help.
        return tuple(one for half in (case, other) for one in _by_system(half, Event.REFUSE, known, decision))
    return (
        *_by_system(case, Event.MATCH, known, decision, partner=other.number),
        *_by_system(other, Event.MATCH, known, decision, partner=case.number),
        *_by_system(relay, Event.USE, known, decision),
    )


def _blocked(case: Case, known: Circumstances) -> tuple[Moved, ...]:
    """Another was committed first."""
    if known.point is None:
        return ()
    decision = decided(sequence_refusals(case.application, known.point, known.cases, known.today))
    return _by_system(case, Event.REFUSE, known, decision) if isinstance(decision, Refused) else ()


def _in_effect(case: Case, known: Circumstances) -> tuple[Moved, ...]:
    """On its day; the halves of a switch together, and not while work on site is open."""
    halves: tuple[Case, ...] = (case,)
    if isinstance(case.content, _Half):
        other = _other_half(case, known)
        if other is not None and other.state is State.REFUSED:
            return _by_system(case, Event.WORK_IMPOSSIBLE, known)
        if other is None or other.state is not State.SCHEDULED:
            return ()
        halves = (case, other)
    decision = decided(refusal for half in halves for refusal in _against(half, known))
    event = Event.REFUSE if isinstance(decision, Refused) else Event.TAKE_EFFECT
    return tuple(one for half in halves for one in _by_system(half, event, known, decision))


def _against(case: Case, known: Circumstances) -> Iterator[Refusal]:
    """What stands against it on its day: all that came before is in the books by then, nothing else counts."""
    if known.point is not None and isinstance(case.content, ConsumerChange):
        yield from holder_refusals(case.application, known.point, ())
    elif known.point is not None:
        yield from sequence_refusals(case.application, known.point, (), known.today)


def _lapsed(case: Case, known: Circumstances) -> tuple[Moved, ...]:
    return _by_system(case, Event.EXPIRE, known)


def _by_system(
    case: Case,
    event: Event,
    known: Circumstances,
    decision: Decision | None = None,
    counterparts: frozenset[str] = frozenset(),
    partner: str = "",
) -> tuple[Moved, ...]:
    """The move as one, or nothing where it is not due."""
    occurrence = Occurrence(
        event=event, by=Actor.SYSTEM, at=known.at, decision=decision, counterparts=counterparts, partner=partner
    )
    moved = advance(case, occurrence, known)
    return (moved,) if isinstance(moved, Moved) else ()


def _other_half(case: Case, known: Circumstances) -> Case | None:
    """The half it was matched with; before that the one that waits under the same relay."""
    if case.partner:
        return known.case(case.partner)
    content = case.content
    if not isinstance(content, _Half):
        return None
    wanted = SwitchEnd if isinstance(content, SwitchStart) else SwitchStart
    waiting = (one for one in known.cases if one.state is State.AWAITING_COUNTERPART)
    return next(
        (one for one in waiting if isinstance(one.content, wanted) and one.content.relay == content.relay), None
    )


def _other_side(case: Case, known: Circumstances) -> frozenset[str]:
    """The retailers on the other side: of a relay its holder, of a half those of its relay."""
    if isinstance(case.content, TerminationRelay):
        return frozenset({case.content.holder})
    relay = known.case(case.content.relay) if isinstance(case.content, _Half) else None
    return frozenset() if relay is None else relay.parties - {case.application.sender}


_Half: Final = (SwitchStart, SwitchEnd)
