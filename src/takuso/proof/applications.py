"""Canary applications: of every retailer, each with copies for its parties; and what the rule says of who sees which.

For each retailer one about a point of the affiliate, one about a point of its rival, one whose parties are told in
confidence, and a relay to every other retailer. They are written as the reception writes them, behind the wall.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import psycopg

from takuso.barrier.matrix import ACTIONS, DataClass, Relation, Rule, Verdict, View
from takuso.flow.reception import wire
from takuso.flow.reception.model import Content, DesiredDate, FourItems, SwitchEnd, SwitchStart, TerminationRelay
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import DatePeriod
from takuso.proof.canary import Canaries, World
from takuso.proof.people import RETAILERS, Walker
from takuso.proof.seeded import letters
from takuso.proof.signs import HAN

ABSENT: Final = "000000-0000000000"
"""A number that no application has."""
_ANSWER: Final = "reception.answer"
_APPLICATION: Final = """
INSERT INTO reception.application (number, procedure, sender, point, supply_point, content, received_at, since, state,
    via, person, receipt, request_hash, open)
SELECT %(number)s, %(procedure)s, %(sender)s, p.id, p.supply_point, %(content)s::jsonb,
       t.midnight, t.midnight, 'awaiting-answer', 'screen', 1, '', '', true
  FROM wall.point p, (SELECT wall.today()::timestamp AT TIME ZONE 'Asia/Tokyo' AS midnight) t WHERE p.id = %(point)s
RETURNING id"""
_COPY: Final = """
INSERT INTO reception.copy (application, party, role, confidential, number, procedure, point, supply_point, content,
    received_at, state, since)
SELECT a.id, %(party)s, %(role)s, %(confidential)s, a.number, a.procedure, a.point, a.supply_point,
       %(content)s::jsonb, a.received_at, a.state, a.since
  FROM reception.application a WHERE a.id = %(id)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A party's copy; `marker` stands in it and nowhere else."""

    party: int
    role: str
    confidential: bool
    marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A canary application. `marker` is what the sender said; only the sender's copy and the whole hold it."""

    number: str
    procedure: str
    sender: int
    kind: str
    copies: tuple[Copy, ...]

    @property
    def marker(self) -> str:
        """What the sender said."""
        return next(copy.marker for copy in self.copies if copy.party == self.sender)

    def copy_of(self, walker: Walker) -> Copy | None:
        """The copy that this person may find: its company's, a confidential one only who answers relays."""
        for copy in self.copies:
            if copy.party == walker.organisation and not walker.duty.is_network:
                return copy if walker.duty in ACTIONS[_ANSWER] or not copy.confidential else None
        return None


def applications(kinds: Sequence[str] = ("own", "foreign")) -> Iterator[Application]:
    """All of them, in the order of their planting: about a customer of each kind, own or not."""
    for sender in RETAILERS:
        for kind in kinds:
            yield _made(sender, kind, "switch-start", f"start/{kind}", confidential=False)
        yield _made(sender, kinds[0], "switch-end", "end", confidential=True)
        for holder in RETAILERS:
            if holder != sender:
                yield _made(sender, kinds[0], "termination-relay", f"relay/{holder}", confidential=False, holder=holder)


def _made(
    sender: int, kind: str, procedure: str, what: str, *, confidential: bool, holder: int | None = None
) -> Application:
    name = f"application/{sender}/{what}"
    copies = [Copy(party=sender, role="sender", confidential=confidential, marker=letters(name, HAN, 7))]
    if holder is not None:
        marker = letters(f"{name}/holder", HAN, 7)
        copies.append(Copy(party=holder, role="holder", confidential=True, marker=marker))
    number = "000000-" + letters(f"{name}/number", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 10)
    return Application(number=number, procedure=procedure, sender=sender, kind=kind, copies=tuple(copies))


def plant_applications(
    behind: psycopg.Connection[Any], canaries: Canaries, world: World | None = None
) -> tuple[Application, ...]:
    """Write them into a twin as its administrator; those about kinds that are not planted are left out.

    In a world with a viewpoint, what that company said of a customer that is foreign to it is left out: it holds the
    number, which such worlds vary. What others said is said otherwise in each of them.
    """
    planted = tuple(_as_in(world, one) for one in applications() if _stands(world, one, canaries))
    for one in planted:
        customer = canaries.customers[one.kind]
        values: dict[str, Any] = {"number": one.number, "procedure": one.procedure, "sender": one.sender}
        values |= {
            "point": customer.points[0],
            "content": _content(one, customer.numbers[0], one.marker, canaries.today),
        }
        (made,) = behind.execute(_APPLICATION.encode(), values).fetchone() or (None,)
        for copy in one.copies:
            told = {"party": copy.party, "role": copy.role, "confidential": copy.confidential, "id": made}
            content = _content(one, customer.numbers[0], copy.marker, canaries.today)
            behind.execute(_COPY.encode(), told | {"content": content})
    return planted


def _is_party(one: Application, company: int) -> bool:
    return any(copy.party == company for copy in one.copies)


def _stands(world: World | None, one: Application, canaries: Canaries) -> bool:
    if one.kind not in canaries.customers:
        return False
    if world is None or world.viewpoint is None or not _is_party(one, world.viewpoint):
        return True
    return canaries.customers[one.kind].held_by(world.viewpoint)


def _as_in(world: World | None, one: Application) -> Application:
    if world is None or world.viewpoint is None:
        return one
    said = tuple(
        copy
        if copy.party == world.viewpoint
        else replace(copy, marker=letters(f"{copy.marker}/{world.variant}", HAN, 7))
        for copy in one.copies
    )
    return replace(one, copies=said)


def _content(one: Application, number: str, marker: str, today: date) -> str:
    """What the application says, with the marker where a text may stand."""
    point, on = SupplyPointNumber(number), today + timedelta(days=30)
    desired = DesiredDate(on=on, wished=True)
    content: Content
    match one.procedure:
        case "switch-start":
            content = SwitchStart(
                point=point, relay=ABSENT, desired=desired, balancing_group="BG", menu="電灯標準", customer_no=marker
            )
        case "switch-end":
            content = SwitchEnd(point=point, relay=marker, on=on)
        case _:
            items = FourItems(point=point, name=marker, kana="シルシ", customer_no="1", place="検証")
            content = TerminationRelay(items=items, holder="proof-holder", desired=desired)
    return json.dumps(wire.content_json(content), ensure_ascii=False)


def shows(walker: Walker, one: Application, canaries: Canaries) -> bool:
    """Whether the rule shows this person the application, or the company's own copy of it."""
    network = walker.duty.is_network
    relation = Relation.ANY if network else Relation.APPLICANT
    if not network and one.copy_of(walker) is None:
        return False
    rows = [rule for rule in canaries.rules if _asked(rule, walker, relation, canaries)]
    return bool(rows) and all(rule.verdict is Verdict.SHOW for rule in rows)


def _asked(rule: Rule, walker: Walker, relation: Relation, canaries: Canaries) -> bool:
    return (rule.duty, rule.relation, rule.view, rule.data_class) == (
        walker.duty,
        relation,
        View.CURRENT,
        DataClass.PENDING,
    ) and DatePeriod(start=rule.since, end=rule.until).contains(canaries.today)
