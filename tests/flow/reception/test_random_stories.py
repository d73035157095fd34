"""Random applications by random retailers, day after day: what must hold after every step."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from takuso.flow.reception.advance import Moved, Occurrence, advance
from takuso.flow.reception.case import Case
from takuso.flow.reception.effects import carry_out
from takuso.flow.reception.facts import Circumstances, PointFacts
from takuso.flow.reception.model import (
    Amendment,
    Application,
    ConsumerChange,
    Content,
    DesiredDate,
    MoveOut,
    Reenergisation,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
)
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.proceedings import settle
from takuso.flow.reception.rules.sight import Onlooker, PendingSight, Team, sight_of
from takuso.flow.reception.vocabulary import FINAL, UNHAPPY, Actor, Effect, Event, State
from takuso.kernel.business_days import BusinessCalendar, is_national_holiday
from tests.flow.reception.examples import AT, COMER, HOLDER, ITEMS, POINT, STRANGER, circumstances

RETAILERS = (HOLDER, COMER, STRANGER)
LOCKED = {State.MATCHED, State.SCHEDULED, State.EFFECTIVE}
CALENDAR = BusinessCalendar(is_holiday=cache(is_national_holiday))

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("switch", "switch", "relay", "agree", "start", "end", "in", "out", "name", "withdraw", "again", "wait")
        ),
        st.sampled_from(RETAILERS),
        st.integers(0, 12),
        st.sampled_from((0, 0, 1, 3, 9)),
    ),
    min_size=5,
    max_size=40,
)


class Office:
    """One point, its cases, and the clock of the story."""

    def __init__(self) -> None:
        known = circumstances(Procedure.MOVE_OUT)
        self.known: Circumstances = replace(known, cases=(), calendar=CALENDAR)
        self.moves: list[Moved] = []
        self.count = 0

    def step(self, kind: str, who: str, ahead: int, pause: int) -> None:
        """Do one thing, then everything that is due."""
        at: datetime = self.known.at + timedelta(days=pause, minutes=1)
        self.known = replace(self.known, at=at)
        self._settle()
        if kind == "switch":
            self._switch(who, ahead)
        elif kind == "agree":
            self._agree(who)
        else:
            who = self._likely(kind, who, ahead)
            self._file(self._content(kind, who, self.known.today + timedelta(days=ahead)), who)
        self._settle()

    def _switch(self, who: str, ahead: int) -> None:
        """A whole switch at once, now and then without one of its halves."""
        self._file(self._content("relay", who, self.known.today + timedelta(days=5 + ahead)), who)
        self._settle()
        self._agree(who)
        for kind in ("start", "end")[max(0, ahead % 7 - 4) :]:
            sender = self._likely(kind, who, 1)
            self._file(self._content(kind, sender, self.known.today), sender)

    def _likely(self, kind: str, who: str, ahead: int) -> str:
        """Mostly the retailer that may: a story of strangers alone would be a short one."""
        agreed = [one for one in self.known.cases if one.state is State.AGREED]
        if ahead % 4 == 0 or not agreed or kind not in ("start", "end"):
            return who
        content = agreed[-1].content
        assert isinstance(content, TerminationRelay)
        return content.holder if kind == "end" else agreed[-1].application.sender

    def _settle(self) -> None:
        found = settle(self.known)
        self.known, self.moves = found.known, [*self.moves, *found.moves]

    def _file(self, content: Content | None, who: str) -> None:
        if content is not None:
            self.count += 1
            made = Application(number=f"A{self.count}", received_at=self.known.at, sender=who, content=content)
            new = Case(application=made, state=State.RECEIVED, since=self.known.at)
            self.known = replace(self.known, cases=(*self.known.cases, new))

    def _agree(self, who: str) -> None:
        """By everybody that is asked and by one that need not be."""
        holders = {case.content.holder for case in self.known.cases if isinstance(case.content, TerminationRelay)}
        for case, answering in product(self.known.cases, sorted(holders | {who})):
            moved = advance(
                case, Occurrence(event=Event.AGREE, by=Actor.HOLDER, at=self.known.at, retailer=answering), self.known
            )
            if isinstance(moved, Moved) and case in self.known.cases:
                cases = tuple(moved.case if one == case else one for one in self.known.cases)
                self.known = replace(self.known, cases=cases)
                self.moves.append(moved)

    def _content(self, kind: str, who: str, day: date) -> Content | None:
        wished = DesiredDate(on=day, wished=True)
        assert self.known.point is not None
        holding = self.known.point.holding_on(self.known.today)
        agreed = [one for one in self.known.cases if one.state is State.AGREED]
        own = [one.number for one in self.known.cases if one.application.sender == who]
        match kind:
            case "relay":
                return TerminationRelay(items=ITEMS, holder=holding.retailer if holding else HOLDER, desired=wished)
            case "start" | "end" if agreed:
                on = agreed[-1].day or day
                if kind == "end":
                    return SwitchEnd(point=POINT, relay=agreed[-1].number, on=on)
                return SwitchStart(
                    point=POINT,
                    relay=agreed[-1].number,
                    desired=DesiredDate(on=on, wished=True),
                    balancing_group="BG",
                    menu="従量",
                )
            case "in":
                return Reenergisation(
                    point=POINT, name="新", kana="シン", phone="0", desired=wished, balancing_group="BG", menu="従量"
                )
            case "out":
                return MoveOut(point=POINT, on=day, disconnection="計器SW開放")
            case "name":
                return ConsumerChange(point=POINT, name="別", kana=f"ベツ{day.day}", phone="0", on=day)
            case "withdraw" | "again" if own:
                return Amendment(concerns=own[-1], new_day=wished if kind == "again" else None)
        return None


@settings(max_examples=40, deadline=None)
@given(STEPS, st.randoms(use_true_random=False))
def test_whatever_is_filed_the_promises_hold(steps: list[tuple[str, str, int, int]], shuffle: random.Random) -> None:
    office = Office()
    for step in steps:
        before = office.known
        office.step(*step)
        _one_supplier(office.known)
        _past_is_kept(before, office.known)
        _ended_is_kept(before, office.known)
        _halves_go_together(office.known.cases)
        _nobody_sees_too_much(office.known.cases)
        assert settle(office.known).moves == ()
        mixed = list(before.cases)
        shuffle.shuffle(mixed)
        again = settle(replace(before, at=office.known.at, cases=tuple(mixed))).known
        usual = settle(replace(before, at=office.known.at)).known
        assert {case.number: case for case in again.cases} == {case.number: case for case in usual.cases}
        assert again.point == usual.point


def _point(known: Circumstances) -> PointFacts:
    assert known.point is not None
    return known.point


def _one_supplier(known: Circumstances) -> None:
    """Appendix B, invariant 1: at most one supplier at every instant; and one name."""
    for spans in (_point(known).holdings, _point(known).tenures):
        assert not any(one.valid.overlaps(other.valid) for one, other in combinations(spans, 2))  # type: ignore[attr-defined]


def _past_is_kept(before: Circumstances, after: Circumstances) -> None:
    """Whoever supplied on a past day keeps that day: no application takes it away."""
    for ago in range(1, 40):
        day = before.today - timedelta(days=ago)
        held = _point(before).holding_on(day)
        now = _point(after).holding_on(day)
        assert held is None or (now is not None and now.retailer == held.retailer)


def _ended_is_kept(before: Circumstances, after: Circumstances) -> None:
    for case in before.cases:
        now = after.case(case.number)
        assert now is not None
        assert case.state not in FINAL or now == case
        assert (now.refusals != ()) == (now.state in UNHAPPY)
        assert all(one.cure and one.rule for one in now.refusals)


def _halves_go_together(cases: Iterable[Case]) -> None:
    """A start that is locked has its end locked with it and its relay used up; in force, both are."""
    found = list(cases)
    for start in found:
        if isinstance(start.content, SwitchStart) and start.state in LOCKED:
            relay = start.content.relay
            ends = [one for one in found if isinstance(one.content, SwitchEnd) and one.content.relay == relay]
            assert [one.state for one in ends if one.state in LOCKED] == [start.state]
            assert [one.state for one in found if one.number == relay] == [State.CLOSED]


def _nobody_sees_too_much(cases: Iterable[Case]) -> None:
    for case in cases:
        for retailer in RETAILERS:
            sight = sight_of(case, Onlooker(team=Team.SALES, retailer=retailer))
            mine = retailer == case.application.sender
            leaving = isinstance(case.content, SwitchEnd) and case.state is not State.EFFECTIVE
            assert (mine and not leaving) or sight is PendingSight.NOTHING
            told = " ".join(one.seen_by(retailer).text for one in case.refusals)
            for other in cases:
                secret = f"受付番号 {other.number}（"
                assert secret not in told or retailer in other.parties


def test_a_reversal_of_what_was_just_done_leaves_things_as_they_were() -> None:
    known = circumstances(Procedure.MOVE_OUT)
    for content in (
        SwitchStart(point=POINT, relay="R1", desired=DesiredDate(on=AT.date()), balancing_group="BG", menu="従量"),
        MoveOut(point=POINT, on=AT.date(), disconnection="計器SW開放"),
        ConsumerChange(point=POINT, name="別", kana="ベツ", phone="0", on=AT.date()),
    ):
        made = Application(number="A1", received_at=AT, sender=COMER, content=content)
        case = Case(application=made, state=State.EFFECTIVE, since=AT)
        effects = {
            SwitchStart: Effect.CHANGE_SUPPLIER,
            MoveOut: Effect.END_SUPPLY,
            ConsumerChange: Effect.CHANGE_PARTY,
        }
        changed = carry_out(effects[type(content)], case, _point(known))
        assert changed != known.point
        assert carry_out(Effect.REVERSE, case, changed) == known.point
