"""照合: the two halves of a switch under one agreed relay. What matches is locked.

Both say the same point, the same day, the same relay; the start comes from who sent the relay, the end from who
agreed to it (sources T1, C1, A1). The same answer whichever half comes first.
"""

from collections.abc import Iterator
from typing import TypeGuard

from takuso.flow.reception.case import Case
from takuso.flow.reception.model import SwitchEnd, SwitchStart, TerminationRelay, point_of
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Decision, Refusal, decided, refusal
from takuso.flow.reception.vocabulary import State


def pair(one: Case, other: Case, relay: Case | None) -> Decision:
    """Whether the two can be matched under this relay; every refusal names both applications and their days."""
    halves = _halves(one, other)
    both = tuple(case.as_conflict() for case in sorted((one, other), key=lambda case: case.application.place_in_line))
    if halves is None:
        return decided([refusal(RefusalCode.PAIR_NOT_OPEN, *both)])
    return decided(_against(*halves, relay))


def relay_refusals(case: Case, relay: Case | None) -> Iterator[Refusal]:
    """What stands against one half alone: the relay it names must be agreed, its own, for this point and day."""
    content = case.content
    if not isinstance(content, SwitchStart | SwitchEnd):
        return
    own, sender = case.as_conflict(), case.application.sender
    # A number of others' relays answers like one that does not exist.
    if not _agreed(relay) or relay.number != content.relay or sender not in relay.parties:
        yield refusal(RefusalCode.RELAY_NOT_AGREED, own)
        return
    if sender != _sender_of_half(content, relay):
        yield refusal(RefusalCode.PAIR_PARTY_DIFFERS, own)
        return
    if point_of(relay.content) != content.point:
        yield refusal(RefusalCode.PAIR_POINT_DIFFERS, own, relay.as_conflict())
    if case.day is not None and relay.day is not None and relay.day != case.day:
        yield refusal(RefusalCode.PAIR_DAY_DIFFERS, own, relay.as_conflict(), start=case.day, end=relay.day)


def _agreed(relay: Case | None) -> TypeGuard[Case]:
    return relay is not None and isinstance(relay.content, TerminationRelay) and relay.state is State.AGREED


def _sender_of_half(content: SwitchStart | SwitchEnd, relay: Case) -> str:
    if isinstance(content, SwitchStart) or not isinstance(relay.content, TerminationRelay):
        return relay.application.sender
    return relay.content.holder


def _halves(one: Case, other: Case) -> tuple[Case, SwitchStart, Case, SwitchEnd] | None:
    for start, end in ((one, other), (other, one)):
        if isinstance(start.content, SwitchStart) and isinstance(end.content, SwitchEnd):
            return start, start.content, end, end.content
    return None


def _against(start: Case, opening: SwitchStart, end: Case, ending: SwitchEnd, relay: Case | None) -> Iterator[Refusal]:
    both = (start.as_conflict(), end.as_conflict())
    if {start.state, end.state} != {State.AWAITING_COUNTERPART}:
        yield refusal(RefusalCode.PAIR_NOT_OPEN, *both)
    if opening.relay != ending.relay:
        yield refusal(RefusalCode.PAIR_RELAY_DIFFERS, *both)
    if opening.point != ending.point:
        yield refusal(RefusalCode.PAIR_POINT_DIFFERS, *both)
    if opening.desired.on != ending.on:
        yield refusal(RefusalCode.PAIR_DAY_DIFFERS, *both, start=opening.desired.on, end=ending.on)
    if not _agreed(relay) or relay.number not in (opening.relay, ending.relay):
        yield refusal(RefusalCode.RELAY_NOT_AGREED, *both)
    elif (start.application.sender, end.application.sender) != (
        _sender_of_half(opening, relay),
        _sender_of_half(ending, relay),
    ):
        yield refusal(RefusalCode.PAIR_PARTY_DIFFERS, *both)
