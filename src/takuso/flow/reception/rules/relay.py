"""廃止取次の審査: what the holder finds when it looks at a relay, item by item, and what it may answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from takuso.flow.reception.facts import Circumstances
from takuso.flow.reception.model import TerminationRelay
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Decision, Refusal, decided, refusal
from takuso.flow.reception.rules.four_items import ItemComparison, compare, differing
from takuso.flow.reception.rules.sequence import timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """審査の結果, for the holder's eyes: the items beside its own record, and the answer that the rules propose.

    `decision` goes to the new retailer once the holder has answered so; `items` never do.
    """

    items: tuple[ItemComparison, ...]
    decision: Decision


def examine(relay: TerminationRelay, number: str, known: Circumstances) -> Examination:
    """What the record of the day says to a relay. The last word is the holder's: near misses are for a person."""
    point = known.point
    recorded = None if point is None else point.items_on(known.today)
    return Examination(
        items=() if recorded is None else compare(relay.items, recorded),
        decision=decided(_found(relay, number, known)),
    )


def _found(relay: TerminationRelay, number: str, known: Circumstances) -> Iterator[Refusal]:
    point, day = known.point, relay.desired.on
    if point is None:
        yield refusal(RefusalCode.RELAY_UNKNOWN)
        return
    today = point.holding_on(known.today)
    if today is None or today.retailer != relay.holder:
        yield refusal(RefusalCode.NOT_OUR_CUSTOMER)
        return
    recorded = point.items_on(known.today)
    codes = () if recorded is None else differing(relay.items, recorded)
    yield from (refusal(code) for code in codes)
    if point.special:
        yield refusal(RefusalCode.SPECIAL_SUPPLY)
    others = [case for case in known.cases if case.number != number]
    if timeline(point, others).holder_on(day) != relay.holder:
        yield refusal(RefusalCode.ALREADY_ENDING)
    if any(case.is_open and isinstance(case.content, TerminationRelay) for case in others):
        yield refusal(RefusalCode.SWITCH_PENDING)
