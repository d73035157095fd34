"""The reception over the real gate and database: what persons file, answer and order, and the turns that follow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from takuso.accesslog.tickets import Cases
from takuso.barrier.gate import Gate, Sight, Visit
from takuso.barrier.query import Query
from takuso.barrier.signin import Proof
from takuso.flow.points import queries as points
from takuso.flow.reception import operations, wire
from takuso.flow.reception.model import (
    CONTENTS,
    Amendment,
    Content,
    DesiredDate,
    FourItems,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
    day_of,
    point_of,
)
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.queries import COPIES, CopyLine
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import refusal
from takuso.flow.reception.turns import take_turns
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import jst_midnight
from takuso.store.pools import Pools
from tests.area import ASAHI, Area, Customer


@dataclass(slots=True)
class Desk:
    """Persons at the reception, each signed in once."""

    gate: Gate
    pools: Pools
    sign_in: Callable[[str], Proof]
    _proofs: dict[str, Proof] = field(default_factory=dict)

    def proof(self, person: str) -> Proof:
        """The sign-in of this person."""
        if person not in self._proofs:
            self._proofs[person] = self.sign_in(person)
        return self._proofs[person]

    def file(self, person: str, content: Content, *, key: str | None = None) -> str:
        """受付番号 of what the person filed."""
        point = point_of(content)
        return self.gate.administer(
            Visit(proof=self.proof(person), screen="RT40"),
            action=operations.APPLY,
            asked=() if point is None else (point.text,),
            statement=operations.FILE,
            parameters={
                "action": operations.APPLY,
                "sender": None,
                "procedure": _procedure(content).value,
                "supply_point": None if point is None else point.text,
                "content": Jsonb(wire.content_json(content)),
                "wanted": day_of(content),
                "named": _named(content),
                "via": "screen",
                "key": key,
            },
        )

    def answer(self, person: str, number: str, event: str, code: RefusalCode | None = None) -> str:
        """A holder's answer to a relay."""
        reason = None if code is None else Jsonb(wire.refusal_json(refusal(code)))
        return self._instruct(person, "RT20", operations.ANSWER, number, event, reason)

    def order(self, person: str, number: str, event: str) -> str:
        """What the network company's staff order."""
        return self._instruct(person, "UK20", operations.HANDLE, number, event, None)

    def _instruct(self, person: str, screen: str, action: str, number: str, event: str, reason: Jsonb | None) -> str:
        return self.gate.administer(
            Visit(proof=self.proof(person), screen=screen),
            action=action,
            asked=(number,),
            statement=operations.INSTRUCT,
            parameters={"action": action, "number": number, "event": event, "reason": reason},
        )

    def turn(self) -> int:
        """Every turn that is due; the number of moves."""
        with self.pools.pool("reception").connection() as connection:
            return sum(take_turns(connection, most=1000))

    def night(self, day: date) -> None:
        """The business clock stands a second after this day's midnight; `dawn` puts it back."""
        shift = jst_midnight(day) + timedelta(seconds=1) - datetime.now(UTC)
        with self.pools.pool("migrator").connection() as connection:
            connection.execute("SELECT wall.declare_home('demo', %s)", [shift])

    def dawn(self, *customers: Customer) -> None:
        """The real day again, and the stamps of these customers' points as of it."""
        with self.pools.pool("migrator").connection() as connection:
            connection.execute("SELECT wall.declare_home('demo', '0')")
            connection.execute("SELECT points.restamp(%s)", [[point for one in customers for point in one.points]])

    def stamp(self, customer: Customer) -> None:
        """The midnight effect of this customer's points, as the job does it."""
        with self.pools.pool("batch").connection() as connection:
            for point in customer.points:
                connection.execute("SELECT points.take_effect(%s)", [point])

    def sees(self, person: str, customer: Customer, screen: str = "CI20") -> bool:
        """Whether a retailer's person is shown anything of the customer."""
        visit = Visit(proof=self.proof(person), screen=screen)
        return self.gate.look(visit, asked=[customer.code], queries=points.ALL, render=lambda _: b"").shown

    def see(self, person: str, which: Cases, query: Query[Any] = COPIES, screen: str = "RT20") -> list[Any] | None:
        """The rows a person is shown; None where the number is nothing to them."""
        found: list[Any] = []

        def draw(sight: Sight) -> bytes:
            if sight.shown and not sight.withheld(query):
                found.extend(sight.rows(query))
            return b"drawn"

        released = self.gate.cases(
            Visit(proof=self.proof(person), screen=screen), which=which, queries=(query,), render=draw
        )
        return found if released.shown else None

    def copy(self, person: str, number: str) -> CopyLine | None:
        """The one copy of this number that the person is shown."""
        seen = self.see(person, Cases(number=number))
        return seen[0] if seen else None


def _procedure(content: Content) -> Procedure:
    return next(one for one, kind in zip(Procedure, CONTENTS, strict=True) if isinstance(content, kind))


def _named(content: Content) -> list[str]:
    match content:
        case SwitchStart() | SwitchEnd():
            return [content.relay]
        case Amendment():
            return [content.concerns]
        case _:
            return []


@pytest.fixture
def desk(gate: Gate, pools: Pools, sign_in: Callable[[str], Proof]) -> Iterator[Desk]:
    """The reception with nothing waiting before and after."""
    made = Desk(gate=gate, pools=pools, sign_in=sign_in)
    made.turn()
    yield made
    made.turn()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A customer of 葵電力 whom あさひ電力 is to supply from `day` on."""

    customer: Customer
    day: date

    @property
    def number(self) -> SupplyPointNumber:
        """供給地点特定番号."""
        return SupplyPointNumber(self.customer.numbers[0])

    @property
    def items(self) -> FourItems:
        """The four items as recorded."""
        (point,) = self.customer.points
        return FourItems(
            point=self.number,
            name=f"名義印{point}",
            kana=_kana(point),
            customer_no=f"契約印{point}期0",
            place=f"大阪府大阪市北区梅田印{point}1-1",
        )

    def relay(self) -> TerminationRelay:
        """廃止取次."""
        return TerminationRelay(items=self.items, holder="aoi", desired=DesiredDate(on=self.day, wished=True))

    def start(self, relay: str) -> SwitchStart:
        """開始."""
        return SwitchStart(
            point=self.number,
            relay=relay,
            desired=DesiredDate(on=self.day, wished=True),
            balancing_group=f"BG-{ASAHI}",
            menu="電灯標準",
            customer_no="ASAHI-1",
        )

    def end(self, relay: str) -> SwitchEnd:
        """廃止."""
        return SwitchEnd(point=self.number, relay=relay, on=self.day)


def _kana(number: int) -> str:
    return "シルシ" + "".join("アイウエオカキクケコ"[int(digit)] for digit in str(number))


@pytest.fixture
def switch(area: Area, today: date) -> Switch:
    """A customer of 葵電力 who wants another supplier in three weeks."""
    return Switch(customer=area.add("own"), day=today + timedelta(days=21))
