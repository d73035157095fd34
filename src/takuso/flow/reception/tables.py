"""十二の状態表: read a table as sentences. `_t(from, event, to, by, …)` is one row.

The order is that of the catalogue. The charts in docs/reference/processes.md are drawn from these rows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.states import Deadline, Guard, Move, StateTable, faults
from takuso.flow.reception.vocabulary import Actor, Effect, Event, Recipient, State

_S, _E, _G, _F = State, Event, Guard, Effect
_SENDER: Final = (Recipient.SENDER,)
_BOTH: Final = (Recipient.SENDER, Recipient.COUNTERPART)
_ALL: Final = (*_BOTH, Recipient.COORDINATOR)


def _t(
    source: State,
    event: Event,
    target: State,
    *by: Actor,
    given: tuple[Guard, ...] = (),
    told: tuple[Recipient, ...] = (),
    effect: Effect | None = None,
    code: RefusalCode | None = None,
) -> Move:
    return Move(
        source=source,
        event=event,
        target=target,
        by=frozenset(by),
        guards=given,
        told=frozenset(told),
        effect=effect,
        code=code,
    )


def _table(procedure: Procedure, *rows: Move, deadlines: Mapping[State, Deadline] | None = None) -> StateTable:
    return StateTable(procedure=procedure, transitions=rows, deadlines=MappingProxyType(dict(deadlines or {})))


_REFUSED: Final = _t(_S.RECEIVED, _E.REFUSE, _S.REFUSED, Actor.SYSTEM, given=(_G.FAILED,), told=_SENDER)


def _inquiry(procedure: Procedure) -> StateTable:
    """Answered at once, or refused."""
    return _table(
        procedure,
        _t(
            _S.RECEIVED,
            _E.ANSWER,
            _S.ANSWERED,
            Actor.SYSTEM,
            given=(_G.PASSED,),
            told=_SENDER,
            effect=_F.GIVE_ANSWER,
        ),
        _REFUSED,
    )


def _usage_password() -> StateTable:
    """The network company makes sure of the person, then opens the inquiry for some days."""
    network, system, sender = Actor.NETWORK, Actor.SYSTEM, Actor.SENDER
    return _table(
        Procedure.USAGE_PASSWORD,
        _t(_S.RECEIVED, _E.ACCEPT, _S.UNDER_REVIEW, system, given=(_G.PASSED,), told=_SENDER),
        _REFUSED,
        _t(_S.UNDER_REVIEW, _E.ISSUE, _S.ISSUED, network, given=(_G.PASSED,), told=_SENDER, effect=_F.OPEN_USAGE),
        _t(_S.UNDER_REVIEW, _E.REFUSE, _S.REFUSED, network, given=(_G.FAILED,), told=_SENDER),
        _t(_S.UNDER_REVIEW, _E.WITHDRAW, _S.WITHDRAWN, sender, told=_SENDER),
        _t(_S.ISSUED, _E.EXPIRE, _S.EXPIRED, system, given=(_G.OVERDUE,), effect=_F.CLOSE_USAGE,
           code=RefusalCode.PASSWORD_EXPIRED),
        _t(_S.ISSUED, _E.REVOKE, _S.REVOKED, network, sender, told=_SENDER, effect=_F.CLOSE_USAGE),
        deadlines={_S.UNDER_REVIEW: Deadline.PASSWORD_ISSUE, _S.ISSUED: Deadline.PASSWORD_END},
    )  # fmt: skip


def _relay() -> StateTable:
    """The holder agrees or does not; what it agreed to is used up by the pair, or lapses."""
    system, sender, holder = Actor.SYSTEM, Actor.SENDER, Actor.HOLDER
    return _table(
        Procedure.TERMINATION_RELAY,
        _t(_S.RECEIVED, _E.ACCEPT, _S.AWAITING_ANSWER, system, given=(_G.PASSED,), told=_BOTH),
        _REFUSED,
        _t(_S.AWAITING_ANSWER, _E.AGREE, _S.AGREED, holder, given=(_G.IN_TIME,), told=_BOTH),
        _t(_S.AWAITING_ANSWER, _E.DECLINE, _S.DECLINED, holder, given=(_G.IN_TIME, _G.REASONED), told=_BOTH),
        _t(_S.AWAITING_ANSWER, _E.AMEND, _S.RECEIVED, sender, given=(_G.PASSED,), told=_BOTH),
        _t(_S.AWAITING_ANSWER, _E.WITHDRAW, _S.WITHDRAWN, sender, told=_BOTH),
        _t(_S.AWAITING_ANSWER, _E.EXPIRE, _S.EXPIRED, system, given=(_G.OVERDUE,), told=_BOTH,
           code=RefusalCode.UNANSWERED),
        _t(_S.AGREED, _E.USE, _S.CLOSED, system, given=(_G.PASSED,)),
        _t(_S.AGREED, _E.AMEND, _S.RECEIVED, sender, given=(_G.PASSED,), told=_BOTH),
        _t(_S.AGREED, _E.WITHDRAW, _S.WITHDRAWN, sender, told=_BOTH),
        _t(_S.AGREED, _E.EXPIRE, _S.EXPIRED, system, given=(_G.OVERDUE,), told=_BOTH, code=RefusalCode.UNMATCHED),
        deadlines={_S.AWAITING_ANSWER: Deadline.ANSWER, _S.AGREED: Deadline.MATCHING},
    )  # fmt: skip


_WORK_OF_START: Final = (
    _t(_S.MATCHED, _E.ORDER_WORK, _S.WORK_ORDERED, Actor.NETWORK, given=(_G.WORK_WANTED,), told=_SENDER),
    _t(_S.WORK_ORDERED, _E.WORK_DONE, _S.SCHEDULED, Actor.NETWORK, told=_SENDER),
    _t(_S.WORK_ORDERED, _E.WORK_IMPOSSIBLE, _S.REFUSED, Actor.NETWORK, told=_ALL, effect=_F.RELEASE,
       code=RefusalCode.WORK_IMPOSSIBLE),
)  # fmt: skip
_WORK_OF_END: Final = (
    _t(_S.SCHEDULED, _E.WORK_IMPOSSIBLE, _S.REFUSED, Actor.SYSTEM, told=_SENDER, effect=_F.RELEASE,
       code=RefusalCode.WORK_IMPOSSIBLE),
)  # fmt: skip


def _switch(procedure: Procedure, effect: Effect | None, work: tuple[Move, ...]) -> StateTable:
    """Both halves wait for each other; matched, neither can be changed. `effect` on the day belongs to one half.

    On the day it is looked once more whether the change fits what is recorded: a correction may have come between.
    The work on site belongs to the start; where it is impossible, the other half ends with it.
    """
    system, sender = Actor.SYSTEM, Actor.SENDER
    return _table(
        procedure,
        _t(_S.RECEIVED, _E.ACCEPT, _S.AWAITING_COUNTERPART, system, given=(_G.PASSED,), told=_SENDER),
        _REFUSED,
        _t(_S.AWAITING_COUNTERPART, _E.MATCH, _S.MATCHED, system, given=(_G.PASSED, _G.IN_TIME), told=_ALL,
           effect=_F.LOCK),
        _t(_S.AWAITING_COUNTERPART, _E.REFUSE, _S.REFUSED, system, given=(_G.FAILED,), told=_SENDER),
        _t(_S.AWAITING_COUNTERPART, _E.AMEND, _S.RECEIVED, sender, given=(_G.PASSED,), told=_SENDER),
        _t(_S.AWAITING_COUNTERPART, _E.WITHDRAW, _S.WITHDRAWN, sender, told=_BOTH),
        _t(_S.AWAITING_COUNTERPART, _E.EXPIRE, _S.EXPIRED, system, given=(_G.OVERDUE,), told=_BOTH,
           code=RefusalCode.UNMATCHED),
        _t(_S.MATCHED, _E.SCHEDULE, _S.SCHEDULED, system, given=(_G.NO_WORK_WANTED,)),
        *work,
        _t(_S.SCHEDULED, _E.TAKE_EFFECT, _S.EFFECTIVE, system, given=(_G.DAY_COME,), told=_ALL, effect=effect),
        _t(_S.SCHEDULED, _E.REFUSE, _S.REFUSED, system, given=(_G.FAILED, _G.DAY_COME), told=_ALL, effect=_F.RELEASE),
        _t(_S.EFFECTIVE, _E.CLOSE, _S.CLOSED, system),
        _t(_S.EFFECTIVE, _E.CORRECT, _S.CORRECTED, Actor.NETWORK, told=_ALL, effect=_F.REVERSE if effect else None),
        deadlines={_S.AWAITING_COUNTERPART: Deadline.MATCHING, _S.SCHEDULED: Deadline.EFFECTIVE_DAY}
        | ({_S.WORK_ORDERED: Deadline.EFFECTIVE_DAY} if work is _WORK_OF_START else {}),
    )  # fmt: skip


def _alone(procedure: Procedure, effect: Effect, told: tuple[Recipient, ...]) -> StateTable:
    """Nobody has to agree: fixed once it is judged, open to change until its day."""
    network, system, sender = Actor.NETWORK, Actor.SYSTEM, Actor.SENDER
    return _table(
        procedure,
        _t(_S.RECEIVED, _E.ACCEPT, _S.SCHEDULED, system, given=(_G.PASSED,), told=told),
        _REFUSED,
        _t(_S.SCHEDULED, _E.AMEND, _S.RECEIVED, sender, given=(_G.PASSED, _G.BEFORE_DAY), told=told),
        _t(_S.SCHEDULED, _E.WITHDRAW, _S.WITHDRAWN, sender, given=(_G.BEFORE_DAY,), told=told),
        _t(_S.SCHEDULED, _E.TAKE_EFFECT, _S.EFFECTIVE, system, given=(_G.DAY_COME,), told=told, effect=effect),
        _t(_S.SCHEDULED, _E.REFUSE, _S.REFUSED, system, given=(_G.FAILED, _G.DAY_COME), told=_SENDER),
        _t(_S.EFFECTIVE, _E.CLOSE, _S.CLOSED, system),
        _t(_S.EFFECTIVE, _E.CORRECT, _S.CORRECTED, network, told=_SENDER, effect=_F.REVERSE),
        deadlines={_S.SCHEDULED: Deadline.EFFECTIVE_DAY},
    )


def _amendment() -> StateTable:
    """It moves another application, and is done with that."""
    return _table(
        Procedure.AMENDMENT,
        _t(_S.RECEIVED, _E.ACCEPT, _S.CLOSED, Actor.SYSTEM, given=(_G.PASSED,), told=_SENDER,
           effect=_F.AMEND_APPLICATION),
        _REFUSED,
    )  # fmt: skip


_BUILT: Final = (
    _inquiry(Procedure.EQUIPMENT_INQUIRY),
    _inquiry(Procedure.POINT_SEARCH),
    _usage_password(),
    _inquiry(Procedure.USAGE_INQUIRY),
    _relay(),
    _switch(Procedure.SWITCH_START, _F.CHANGE_SUPPLIER, _WORK_OF_START),
    _switch(Procedure.SWITCH_END, None, _WORK_OF_END),
    _alone(Procedure.REENERGISATION, _F.START_SUPPLY, _SENDER),
    _alone(Procedure.MOVE_OUT, _F.END_SUPPLY, _SENDER),
    _alone(Procedure.CONSUMER_CHANGE, _F.CHANGE_PARTY, ()),
    _amendment(),
    _inquiry(Procedure.STATUS_INQUIRY),
)

TABLES: Final[Mapping[Procedure, StateTable]] = MappingProxyType({one.procedure: one for one in _BUILT})
"""The state table of each procedure."""


class UnsoundTable(ValueError):
    """A state table with faults: the program does not start with one."""


def check(tables: Mapping[Procedure, StateTable]) -> None:
    """Raises UnsoundTable for the first faults that are found, and for a procedure without a table."""
    lines = [line for table in tables.values() for line in faults(table)]
    lines += [f"{procedure} has no table" for procedure in Procedure if procedure not in tables]
    if lines:
        raise UnsoundTable("\n".join(lines))


check(TABLES)
