"""Random applications by random actors through the database; what must always hold is asked after every step.

Of domain.md's invariants: one supplier at most for each instant, nothing of a time for anyone but its supplier, and a
refusal that says what clashes. And the wall's own: former suppliers keep exactly their own segments, whoever supplies
today sees the customer, nobody else does — also between midnight and the turn that carries a change out.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from takuso.accesslog.tickets import Cases
from takuso.barrier.gate import Declined, Gate, Sight, Visit
from takuso.barrier.signin import Proof
from takuso.flow.points import queries as points
from takuso.flow.reception.model import (
    Amendment,
    ConsumerChange,
    Content,
    DesiredDate,
    FourItems,
    MoveOut,
    Reenergisation,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
)
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import DatePeriod, jst_day, merge_periods
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.area import AOI, ASAHI, HIKARI, Area
from tests.reception.conftest import Desk

ORGS = {"aoi": AOI, "asahi": ASAHI, "hikari": HIKARI}
CLERKS = {"aoi": "aoi-manager", "asahi": "asahi-clerk", "hikari": "hikari-clerk"}
ACTORS = st.sampled_from(sorted(ORGS))
STEP = st.integers(-4, 25)

Row = tuple[Any, ...]


def merged(periods: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The same days in the fewest periods."""
    joined = merge_periods(DatePeriod(start=first, end=end) for first, end in periods)
    return [(one.start, one.end) for one in joined if one.start and one.end]


class Reception(RuleBasedStateMachine):
    """One supply point, three retailers, and a clock that goes on."""

    desk: Desk
    area: Area
    books: psycopg.Connection[Row]

    @initialize()
    def customer_is_there(self) -> None:
        self.customer = self.area.add("own")
        self.number = SupplyPointNumber(self.customer.numbers[0])
        self.today = jst_day(datetime.now(UTC))
        self.numbers: list[tuple[str, str]] = []
        self.due = False

    # ----------------------------------------------------------------------------------------- doing
    @rule(who=ACTORS, holder=ACTORS, ahead=STEP, wished=st.booleans())
    def relay(self, who: str, holder: str, ahead: int, *, wished: bool) -> None:
        desired = DesiredDate(on=self.today + timedelta(days=ahead), wished=wished)
        self._file(who, TerminationRelay(items=self._items(), holder=holder, desired=desired))

    @rule(who=ACTORS, ahead=st.integers(14, 20), wrong=st.none() | st.integers(-2, 2))
    def switch(self, who: str, ahead: int, wrong: int | None) -> None:
        """The whole way to a match; `wrong`: the halves name a day that many days off."""
        self.relay(who, self._holder(), ahead, wished=True)
        self.desk.turn()
        self.answer(self._holder(), 0, agrees=True)
        self.desk.turn()
        relay, day = self.numbers[-1][0], self.today + timedelta(days=ahead + (wrong or 0))
        desired = DesiredDate(on=day, wished=True)
        group = f"BG-{ORGS[who]}"
        start = SwitchStart(point=self.number, relay=relay, desired=desired, balancing_group=group, menu="電灯標準")
        self._file(who, start)
        self._file(self._holder(), SwitchEnd(point=self.number, relay=relay, on=day))

    @rule(who=ACTORS, pick=st.integers(0, 9), day=st.none() | STEP)
    def change(self, who: str, pick: int, day: int | None) -> None:
        number, _ = self.numbers[pick % len(self.numbers)] if self.numbers else ("261128-0000000000", "")
        wanted = None if day is None else DesiredDate(on=self.today + timedelta(days=day), wished=True)
        self._file(who, Amendment(concerns=number, new_day=wanted))

    @rule(who=st.none() | ACTORS, ahead=STEP)
    def move_out(self, who: str | None, ahead: int) -> None:
        who, on = who or self._holder(), self.today + timedelta(days=ahead)
        self._file(who, MoveOut(point=self.number, on=on, disconnection="廃止中(お客さま宅内操作で点灯)"))

    @rule(who=ACTORS, ahead=STEP, kana=st.sampled_from(["サイテンイチ", "サイテンニ"]))
    def move_in(self, who: str, ahead: int, kana: str) -> None:
        self._file(
            who,
            Reenergisation(
                point=self.number,
                name=kana,
                kana=kana,
                phone="06-1",
                desired=DesiredDate(on=self.today + timedelta(days=ahead), wished=True),
                balancing_group=f"BG-{ORGS[who]}",
                menu="電灯標準",
            ),
        )

    @rule(who=st.none() | ACTORS, ahead=STEP, kana=st.sampled_from(["ナマエイチ", "ナマエニ"]))
    def rename(self, who: str | None, ahead: int, kana: str) -> None:
        who, on = who or self._holder(), self.today + timedelta(days=ahead)
        self._file(who, ConsumerChange(point=self.number, name=kana, kana=kana, phone="06-2", on=on))

    @rule(who=ACTORS, pick=st.integers(0, 9), agrees=st.booleans())
    def answer(self, who: str, pick: int, *, agrees: bool) -> None:
        if self.numbers:
            number, _ = self.numbers[-1 - pick % len(self.numbers)]
            code = None if agrees else RefusalCode.NOT_OUR_CUSTOMER
            with suppress(Declined):
                self.desk.answer(CLERKS[who], number, "agree" if agrees else "decline", code)

    @rule(pick=st.integers(0, 9))
    def correct(self, pick: int) -> None:
        if self.numbers:
            with suppress(Declined):
                self.desk.order("td-intake", self.numbers[pick % len(self.numbers)][0], "correct")

    @rule()
    def turn(self) -> None:
        self.desk.turn()

    @rule(days=st.sampled_from([1, 2, 7]), turned=st.booleans())
    def nights(self, days: int, *, turned: bool) -> None:
        self.desk.turn()
        for _ in range(days):
            self.today += timedelta(days=1)
            self.desk.night(self.today)
            if turned:
                self.desk.turn()

    @rule(turned=st.booleans())
    def the_day_comes(self, *, turned: bool) -> None:
        """The next day on which a change is fixed; the nights before were not worked."""
        row = self.books.execute(
            "SELECT min(day) FROM points.planned WHERE point = %s", [self.customer.points[0]]
        ).fetchone()
        if row and row[0] and row[0] > self.today:
            self.today = row[0]
            self.desk.night(self.today)
            if turned:
                self.desk.turn()

    @rule(turned=st.just(True))
    def and_it_comes(self, *, turned: bool) -> None:
        self.the_day_comes(turned=turned)

    # ------------------------------------------------------------------------------------ what holds
    @invariant()
    def at_most_one_supplies(self) -> None:
        clash = self.books.execute(
            "SELECT count(*) FROM points.supply a JOIN points.supply b ON a.point = b.point AND a.id < b.id"
            " AND a.valid && b.valid WHERE a.point = %s AND a.recorded_to = 'infinity' AND b.recorded_to = 'infinity'",
            [self.customer.points[0]],
        ).fetchone()
        assert clash == (0,)

    @invariant()
    def whoever_supplies_sees_and_nobody_else(self) -> None:
        held = self._held()
        planned = self.books.execute(
            "SELECT min(day) FROM points.planned WHERE point = %s", [self.customer.points[0]]
        ).fetchone()
        late = planned is not None and planned[0] is not None and planned[0] <= self.today
        now = {who for who, first, end in held if first <= self.today and (end is None or self.today < end)}
        self.desk.stamp(self.customer)
        for who in ORGS:
            visible = self.desk.sees(CLERKS[who], self.customer)
            assert visible == (who in now and not late), (who, held, planned)

    @invariant()
    def former_suppliers_keep_exactly_their_own(self) -> None:
        held = self._held()
        for who in ORGS:
            own = merged((first, end or date.max) for one, first, end in held if one == who)
            ended = [(first, end) for first, end in own if end <= self.today]
            shown = self._past(CLERKS[who])
            assert ended == merged(shown), (who, held, shown)

    @invariant()
    def every_end_that_is_a_no_says_why(self) -> None:
        silent = self.books.execute(
            "SELECT count(*) FROM reception.application WHERE point = %s AND refusals = '[]'"
            " AND state IN ('refused', 'declined', 'expired')",
            [self.customer.points[0]],
        ).fetchone()
        assert silent == (0,)

    @invariant()
    def nothing_stumbles(self) -> None:
        stumbled = self.books.execute("SELECT count(*) FROM reception.application WHERE tries > 0").fetchone()
        assert stumbled == (0,)

    @invariant()
    def everyone_has_own_copies_alone(self) -> None:
        for who, clerk in CLERKS.items():
            for line in self.desk.see(clerk, Cases(list="own"), screen="RT10") or ():
                assert (line.number, who) in self.numbers or line.point != self.customer.points[0]

    def teardown(self) -> None:
        if hasattr(self, "customer"):
            self.desk.turn()
            self.desk.dawn(self.customer)

    # ---------------------------------------------------------------------------------------- pieces
    def _file(self, who: str, content: Content) -> None:
        self.numbers.append((self.desk.file(CLERKS[who], content), who))

    def _holder(self) -> str:
        """Who supplies today; somebody where nobody does."""
        held = self._held()
        return next((w for w, first, end in held if first <= self.today and (end is None or self.today < end)), "aoi")

    def _items(self) -> FourItems:
        row = self.books.execute(
            "SELECT p.name, p.kana, s.contract_no, q.prefecture || q.city || q.town || q.block"
            " FROM points.place q JOIN points.party p ON p.point = q.point AND p.recorded_to = 'infinity'"
            " JOIN points.supply s ON s.point = q.point AND s.recorded_to = 'infinity' WHERE q.point = %s"
            " ORDER BY lower(p.valid) DESC NULLS LAST, lower(s.valid) DESC",
            [self.customer.points[0]],
        ).fetchone()
        name, kana, customer_no, place = row or ("", "", "", "")
        return FourItems(point=self.number, name=name, kana=kana, customer_no=customer_no or "1", place=place)

    def _held(self) -> list[tuple[str, date, date | None]]:
        return self.books.execute(
            "SELECT o.code, lower(s.valid), upper(s.valid) FROM points.supply s JOIN wall.org o ON o.id = s.retailer"
            " WHERE s.point = %s AND s.recorded_to = 'infinity' ORDER BY 2",
            [self.customer.points[0]],
        ).fetchall()  # type: ignore[return-value]

    def _past(self, clerk: str) -> list[tuple[date, date]]:
        """The periods of everything a former supplier is shown."""
        found: list[tuple[date, date]] = []

        def draw(sight: Sight) -> bytes:
            for query in (points.SUPPLY_HISTORY, points.SIZE_HISTORY):
                if sight.shown and not sight.withheld(query):
                    found.extend((row.since, row.until) for row in sight.rows(query))
            return b""

        visit = Visit(proof=self.desk.proof(clerk), screen="PC10")
        queries = (points.SUPPLY_HISTORY, points.SIZE_HISTORY)
        self.desk.gate.look(visit, asked=[self.customer.code], queries=queries, render=draw)
        return found


def test_whatever_is_filed_the_wall_holds(
    home: Home, gate: Gate, pools: Pools, sign_in: Callable[[str], Proof], admin: str
) -> None:
    desk = Desk(gate=gate, pools=pools, sign_in=sign_in)
    desk.turn()
    with psycopg.connect(admin, autocommit=True) as books:
        Reception.desk, Reception.books = desk, books
        Reception.area = Area(home, jst_day(datetime.now(UTC)))
        first = books.execute("SELECT coalesce(max(id), 0) FROM reception.move").fetchone()
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Reception,
            settings=settings(
                max_examples=8,
                stateful_step_count=16,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
            ),
        )
        made = books.execute("SELECT DISTINCT event, target FROM reception.move WHERE id > %s", first).fetchall()
    assert {("match", "matched"), ("take-effect", "effective"), ("refuse", "refused")} <= set(made), made
