"""当事者の写し: what each party may know of a case, made once when the case moves and stored for that party alone.

A copy is there, and open to a team, exactly where rules.sight says more than NOTHING. The copies of a case replace all
that were stored of it before: a relay that is changed or refused is no longer its holder's to see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from takuso.flow.reception.case import Case
from takuso.flow.reception.model import TerminationRelay
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.decisions import Refusal
from takuso.flow.reception.rules.sight import Onlooker, PendingSight, Team, sight_of
from takuso.flow.reception.vocabulary import State
from takuso.flow.reception.wire import content_json


class CopyRole(StrEnum):
    """写しの立場: who applied, or to whom the relay is addressed."""

    SENDER = "sender"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """写し of a case for one retailer. `confidential`: only for those there who answer relays.

    `content_json` is as wire writes it. A holder's copy never holds who sent the application.
    """

    party: str
    role: CopyRole
    number: str
    procedure: Procedure
    confidential: bool
    content_json: dict[str, Any]
    day: date | None
    state: State
    since: datetime
    due: date | None
    refusals: tuple[Refusal, ...]

    def open_to(self, onlooker: Onlooker) -> bool:
        """True if this copy is shown to the onlooker; the network company sees the case itself, not copies."""
        return self.party == onlooker.retailer != "" and (
            onlooker.team is Team.SWITCHING or (onlooker.team is Team.SALES and not self.confidential)
        )


def copies(case: Case) -> tuple[Copy, ...]:
    """The copies of the case as it stands: the sender's, and the holder's of a relay that is passed on."""
    parties = {case.application.sender: CopyRole.SENDER}
    if isinstance(case.content, TerminationRelay):
        parties.setdefault(case.content.holder, CopyRole.HOLDER)
    return tuple(_copy(case, party, role) for party, role in parties.items() if _sees(case, party, Team.SWITCHING))


def _sees(case: Case, party: str, team: Team) -> bool:
    return sight_of(case, Onlooker(team=team, retailer=party)) is not PendingSight.NOTHING


def _copy(case: Case, party: str, role: CopyRole) -> Copy:
    return Copy(
        party=party,
        role=role,
        number=case.number,
        procedure=case.application.procedure,
        confidential=not _sees(case, party, Team.SALES),
        content_json=content_json(case.content),
        day=case.day,
        state=case.state,
        since=case.since,
        due=case.due,
        refusals=tuple(_refusals(case, party, role)),
    )


def _refusals(case: Case, party: str, role: CopyRole) -> Iterator[Refusal]:
    """As the party may see them; a holder gets none that stands on an application of others."""
    for one in case.refusals:
        seen = one.seen_by(party)
        if role is CopyRole.SENDER or not any(conflict.withheld for conflict in seen.conflicts):
            yield seen
