"""状態表: the form of a procedure's state table, and what makes one sound.

A table is data. From one state, one event leads to one state, so nothing is ambiguous; a guard that is not met is a
refusal with a code, never another way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from takuso.flow.reception.parameters import ParameterName
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.vocabulary import (
    FINAL,
    UNHAPPY,
    Actor,
    Effect,
    Event,
    Recipient,
    State,
)


class Guard(StrEnum):
    """条件 of a move. Each has one code for the refusal where it is not met."""

    PASSED = "passed"
    FAILED = "failed"
    IN_TIME = "in-time"
    OVERDUE = "overdue"
    DAY_COME = "day-come"
    BEFORE_DAY = "before-day"
    REASONED = "reasoned"
    WORK_WANTED = "work-wanted"
    NO_WORK_WANTED = "no-work-wanted"


GUARD_NAMES: Final[Mapping[Guard, str]] = MappingProxyType(
    {
        Guard.PASSED: "検査に通った",
        Guard.FAILED: "検査に通らない",
        Guard.IN_TIME: "期限まで",
        Guard.OVERDUE: "期限の後",
        Guard.DAY_COME: "効力日になった",
        Guard.BEFORE_DAY: "効力日の前",
        Guard.REASONED: "N のコードがある",
        Guard.WORK_WANTED: "工事が要る",
        Guard.NO_WORK_WANTED: "工事が要らない",
    }
)


class Deadline(StrEnum):
    """期限 of a state: how its last day is found."""

    ANSWER = "answer"
    MATCHING = "matching"
    EFFECTIVE_DAY = "effective-day"
    PASSWORD_ISSUE = "password-issue"  # noqa: S105
    PASSWORD_END = "password-end"  # noqa: S105


DEADLINE_NAMES: Final[Mapping[Deadline, str]] = MappingProxyType(
    {
        Deadline.ANSWER: "取次から数えた営業日",
        Deadline.MATCHING: "希望日に間に合う最後の日",
        Deadline.EFFECTIVE_DAY: "効力日",
        Deadline.PASSWORD_ISSUE: "発行する営業日",
        Deadline.PASSWORD_END: "有効日数の最後の日",
    }
)

DEADLINE_NUMBERS: Final[Mapping[Deadline, tuple[ParameterName, ...]]] = MappingProxyType(
    {
        Deadline.ANSWER: (ParameterName.ANSWER_BUSINESS_DAYS,),
        Deadline.MATCHING: (ParameterName.MATCH_BUSINESS_DAYS, ParameterName.COUNT_FROM),
        Deadline.EFFECTIVE_DAY: (),
        Deadline.PASSWORD_ISSUE: (ParameterName.PASSWORD_ISSUE_BUSINESS_DAYS,),
        Deadline.PASSWORD_END: (ParameterName.PASSWORD_DAYS,),
    }
)
"""Which rows of the parameters a deadline is counted with."""

LAPSING: Final = frozenset({Deadline.ANSWER, Deadline.MATCHING, Deadline.PASSWORD_END})
"""Deadlines after which the case ends by itself; the others are due dates of the network company's own work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """動き, one row: from `source` by `event` to `target`; who may, on what conditions, who is told, what changes.

    `code` is the refusal that a case gets with an unhappy end, where it does not come from the checks or the holder.
    """

    source: State
    event: Event
    target: State
    by: frozenset[Actor]
    guards: tuple[Guard, ...] = ()
    told: frozenset[Recipient] = frozenset()
    effect: Effect | None = None
    code: RefusalCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTable:
    """状態表 of one procedure. `deadlines` holds the states that wait for something until a day."""

    procedure: Procedure
    transitions: tuple[Move, ...]
    deadlines: Mapping[State, Deadline]
    initial: State = State.RECEIVED

    @property
    def states(self) -> tuple[State, ...]:
        """All states of the table, in the order of the vocabulary."""
        named = {self.initial} | {end for one in self.transitions for end in (one.source, one.target)}
        return tuple(state for state in State if state in named)

    def move(self, state: State, event: Event) -> Move | None:
        """The one row for this event in this state, or None."""
        return next((one for one in self.transitions if (one.source, one.event) == (state, event)), None)

    def moves(self, state: State) -> tuple[Move, ...]:
        """All rows that lead out of the state."""
        return tuple(one for one in self.transitions if one.source is state)


def faults(table: StateTable) -> tuple[str, ...]:
    """What is wrong with a table, one line each; empty for a sound one.

    Every state is reached, every state ends or goes on, nothing leaves a final state, no event is ambiguous, every
    move has an actor, every unhappy end has a code, and every deadline that lapses has its way out.
    """
    return tuple(
        f"{table.procedure}: {line}"
        for found in (_unreached, _stuck, _unending, _ambiguous, _nameless, _lapses)
        for line in found(table)
    )


def _reached(table: StateTable) -> frozenset[State]:
    seen: set[State] = set()
    todo = [table.initial]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += [one.target for one in table.moves(state)]
    return frozenset(seen)


def _unreached(table: StateTable) -> Iterator[str]:
    reached = _reached(table)
    yield from (f"{state} is never reached" for state in table.states if state not in reached)


def _stuck(table: StateTable) -> Iterator[str]:
    for state in table.states:
        if state in FINAL and table.moves(state):
            yield f"{state} is final and has a way out"
        if state not in FINAL and not table.moves(state):
            yield f"{state} has no way out"


def _unending(table: StateTable) -> Iterator[str]:
    ending = {state for state in table.states if state in FINAL}
    while more := {one.source for one in table.transitions if one.target in ending} - ending:
        ending |= more
    yield from (f"{state} leads to no end" for state in table.states if state not in ending)


def _ambiguous(table: StateTable) -> Iterator[str]:
    pairs = [(one.source, one.event) for one in table.transitions]
    yield from (
        f"{source} has two ways by {event}" for source, event in sorted({p for p in pairs if pairs.count(p) > 1})
    )


def _nameless(table: StateTable) -> Iterator[str]:
    for one in table.transitions:
        if not one.by:
            yield f"{one.source} by {one.event} is moved by nobody"
        judged = Guard.FAILED in one.guards or Guard.REASONED in one.guards
        if one.target in UNHAPPY and not judged and one.code is None:
            yield f"{one.source} by {one.event} ends without a code"


def _lapses(table: StateTable) -> Iterator[str]:
    for state, deadline in table.deadlines.items():
        move = table.move(state, Event.EXPIRE)
        if state not in table.states:
            yield f"{state} has a deadline and is not in the table"
        if deadline in LAPSING and (move is None or Guard.OVERDUE not in move.guards):
            yield f"{state} has a deadline that nothing follows"
    for one in table.transitions:
        timed = {Guard.IN_TIME, Guard.OVERDUE} & set(one.guards)
        if timed and one.source not in table.deadlines:
            yield f"{one.source} by {one.event} asks for a deadline that the state does not have"
