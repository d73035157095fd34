"""取戻し営業の防止: who may see a pending switch, from when, and what may be done with it.

The new retailer sees its own applications, the holder the relay that is addressed to it and its own half. Neither
sees the other's half, nobody else sees anything. At the holder, only those who answer relays see them; whoever sells
sees the holder's own half once the customer has gone, and of a switch that came to nothing never. What is known must
not be used to keep the customer unless the customer asks (source G1). The network company sees all, for a purpose.
"""

from dataclasses import dataclass
from enum import StrEnum

from takuso.flow.reception.case import Case
from takuso.flow.reception.model import SwitchEnd, SwitchStart, TerminationRelay
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import ACCEPTED, Decision, Refused, refusal
from takuso.flow.reception.vocabulary import State


class Team(StrEnum):
    """見る人の仕事: what the person of a retailer does there, or that it is the network company."""

    NETWORK = "network"
    SWITCHING = "switching"
    SALES = "sales"


class PendingSight(StrEnum):
    """申込の見え方. `RELAYED`: what a holder needs to answer, without the new retailer's name."""

    NOTHING = "nothing"
    RELAYED = "relayed"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """見る人. `retailer` is empty for the network company."""

    team: Team
    retailer: str = ""


def sight_of(case: Case, onlooker: Onlooker) -> PendingSight:
    """How much of this case the onlooker may see. Whoever may not, gets what a number that does not exist gets."""
    if onlooker.team is Team.NETWORK:
        return PendingSight.WHOLE
    if not onlooker.retailer:
        return PendingSight.NOTHING
    answers = onlooker.team is Team.SWITCHING
    if case.application.sender == onlooker.retailer:
        return PendingSight.WHOLE if answers or not _tells_of_leaving(case) or _done(case) else PendingSight.NOTHING
    relayed = isinstance(case.content, TerminationRelay) and case.content.holder == onlooker.retailer
    return PendingSight.RELAYED if relayed and answers and _is_relayed(case) else PendingSight.NOTHING


def win_back(case: Case, retailer: str, *, asked_by_consumer: bool) -> Decision:
    """Whether this retailer may speak to the consumer about staying, knowing this case.

    Only the one that is left is bound, until the switch is done; a case that has ended without one binds no longer.
    """
    content, day = case.content, case.day
    match content:
        case TerminationRelay():
            bound = retailer == content.holder
        case SwitchStart():
            bound = retailer in case.counterparts
        case SwitchEnd():
            bound = retailer == case.application.sender
        case _:
            bound = False
    if asked_by_consumer or not bound or not case.is_open or day is None:
        return ACCEPTED
    return Refused((refusal(RefusalCode.WIN_BACK, case.as_conflict(), until=day),))


def _is_relayed(case: Case) -> bool:
    """Not before the checks of the network company are through, nor when they were not passed."""
    return case.state not in (State.RECEIVED, State.REFUSED)


def _done(case: Case) -> bool:
    """The customer has gone. A switch that came to nothing is not told: it would still say who thought of leaving."""
    return case.state in (State.EFFECTIVE, State.CLOSED)


def _tells_of_leaving(case: Case) -> bool:
    """The holder's half: it says that the customer is going."""
    return isinstance(case.content, SwitchEnd)
