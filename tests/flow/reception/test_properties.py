"""What holds for every input, not for the examples alone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Holding, PointFacts, Tenure
from takuso.flow.reception.model import (
    Application,
    DesiredDate,
    FourItems,
    MoveOut,
    Reenergisation,
    SwitchStart,
    Work,
    day_of,
)
from takuso.flow.reception.parameters import PARAMETERS, Band, LeadTime
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Refused, decided
from takuso.flow.reception.rules.consent import usage_period
from takuso.flow.reception.rules.four_items import compare, customer_no_key
from takuso.flow.reception.rules.lead_times import earliest_start, latest_match, matching_due
from takuso.flow.reception.rules.matching import pair
from takuso.flow.reception.rules.sequence import sequence_refusals
from takuso.flow.reception.vocabulary import State
from takuso.kernel.business_days import BusinessCalendar, is_national_holiday
from takuso.kernel.kana import search_key
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import DatePeriod
from tests.flow.reception.examples import AT, COMER, CONTENTS, HOLDER, ITEMS, POINT, STRANGER

CALENDAR = BusinessCalendar(is_holiday=cache(is_national_holiday))
DAYS = st.dates(date(2016, 4, 1), date(2040, 12, 31))
LEADS = st.sampled_from(PARAMETERS.lead_times) | st.builds(
    LeadTime,
    band=st.just(Band.LOW),
    work=st.just(Work.NONE),
    business_days=st.integers(0, 12),
    calendar_days=st.integers(0, 5),
    months=st.integers(0, 2),
)
RETAILERS = st.sampled_from((HOLDER, COMER, STRANGER))
KANA = st.text(alphabet="アイオウカガサソトドハバパマヤョツッンー ・ヴﾔﾏﾀﾞだ", max_size=12)
NUMBERS = st.text(alphabet="0012AO-－０ ", max_size=8)


@given(DAYS, LEADS, st.integers(0, 1))
def test_the_latest_match_is_the_inverse_of_the_earliest_start(start: date, lead: LeadTime, count_from: int) -> None:
    latest = latest_match(start, lead, CALENDAR, count_from)
    assert earliest_start(latest, lead, CALENDAR, count_from) <= start
    assert earliest_start(latest + timedelta(days=1), lead, CALENDAR, count_from) > start


@given(DAYS, LEADS, st.integers(0, 1))
def test_who_matches_on_a_day_can_start_when_that_day_allows(day: date, lead: LeadTime, count_from: int) -> None:
    start = earliest_start(day, lead, CALENDAR, count_from)
    assert start >= day
    assert latest_match(start, lead, CALENDAR, count_from) >= day


@given(DAYS, st.integers(1, 20))
def test_business_days_there_and_back(day: date, count: int) -> None:
    there = CALENDAR.add_business_days(day, count)
    assert CALENDAR.is_business_day(there)
    assert (
        CALENDAR.count_business_days(DatePeriod(start=day + timedelta(days=1), end=there + timedelta(days=1))) == count
    )
    assert CALENDAR.add_business_days(there, -count) == CALENDAR.on_or_before(day)


@given(DAYS, LEADS)
def test_until_the_deadline_a_match_is_in_time(start: date, lead: LeadTime) -> None:
    due = matching_due(start, lead, CALENDAR, PARAMETERS, start)
    assert earliest_start(due, lead, CALENDAR) <= start
    assert due < start


@given(NUMBERS)
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert customer_no_key(customer_no_key(text)) == customer_no_key(text)


@st.composite
def items(draw: st.DrawFn) -> FourItems:
    """Four items near each other."""
    return FourItems(
        point=SupplyPointNumber("06" + draw(st.text(alphabet="01", min_size=20, max_size=20))),
        name=draw(st.sampled_from(("山田 太郎", "高橋", "髙橋", ""))),
        kana=draw(KANA),
        customer_no=draw(NUMBERS),
        place=draw(st.sampled_from(("葵市1番2号", "葵市１-２", "葵市1番2号 301", "黒澤1", "黒沢1", ""))),
    )


@given(items(), items())
def test_comparing_is_symmetric(one: FourItems, other: FourItems) -> None:
    assert compare(one, other) == compare(other, one)


@given(items())
def test_whoever_has_a_kana_name_and_a_place_is_itself(one: FourItems) -> None:
    for found in compare(one, one):
        assert found.same or not (search_key(one.kana) and one.place and customer_no_key(one.customer_no))
        assert not found.near or not found.same


HALVES = st.builds(
    lambda kind, sender, state, relay, day: _half(kind, sender, state, relay, day),
    st.sampled_from((Procedure.SWITCH_START, Procedure.SWITCH_END, Procedure.MOVE_OUT)),
    RETAILERS,
    st.sampled_from((State.AWAITING_COUNTERPART, State.MATCHED, State.RECEIVED)),
    st.sampled_from(("R1", "R2")),
    st.integers(0, 1),
)


def _half(kind: Procedure, sender: str, state: State, relay: str, later: int) -> Case:
    content = CONTENTS[kind]
    day = date(2024, 6, 20 + later)
    if isinstance(content, SwitchStart):
        content = replace(content, relay=relay, desired=DesiredDate(on=day))
    elif kind is Procedure.SWITCH_END:
        content = replace(content, relay=relay, on=day)  # type: ignore[call-arg]
    number = f"{kind[:8]}{sender}{later}"
    return Case(
        application=Application(number=number, received_at=AT, sender=sender, content=content), state=state, since=AT
    )


@given(HALVES, HALVES, st.sampled_from((State.AGREED, State.AWAITING_ANSWER, State.CLOSED)))
def test_matching_is_symmetric_and_names_both(one: Case, other: Case, state: State) -> None:
    relayed = Application(number="R1", received_at=AT, sender=COMER, content=CONTENTS[Procedure.TERMINATION_RELAY])
    relay = Case(application=relayed, state=state, since=AT)
    found = pair(one, other, relay)
    assert found == pair(other, one, relay)
    if isinstance(found, Refused):
        assert all({c.number for c in one_.conflicts} == {one.number, other.number} for one_ in found.refusals)


FIRST = date(2024, 6, 1)
EDGES = st.lists(st.integers(0, 12), unique=True, max_size=6).map(sorted)


@st.composite
def supplied(draw: st.DrawFn) -> tuple[Holding, ...]:
    """Holdings that do not overlap, some days vacant, the last one open or not."""
    edges = [FIRST + timedelta(days=day) for day in draw(EDGES)]
    spans = [DatePeriod(start=one, end=other) for one, other in pairwise(edges)]
    if edges and draw(st.booleans()):
        spans.append(DatePeriod.since(edges[-1]))
    kept = [span for span in spans if draw(st.integers(0, 3))]
    return tuple(Holding(retailer=draw(RETAILERS), valid=span) for span in kept)


@st.composite
def changes(draw: st.DrawFn, number: str) -> Application:
    """A switch, move-in or move-out of somebody on some day."""
    day = FIRST + timedelta(days=draw(st.integers(1, 14)))
    content = draw(
        st.sampled_from(
            (
                replace(CONTENTS[Procedure.SWITCH_START], desired=DesiredDate(on=day)),  # type: ignore[call-arg]
                replace(CONTENTS[Procedure.REENERGISATION], desired=DesiredDate(on=day)),  # type: ignore[call-arg]
                MoveOut(point=POINT, on=day, disconnection="x"),
            )
        )
    )
    return Application(number=number, received_at=AT, sender=draw(RETAILERS), content=content)


Spread = dict[date, tuple[str, str] | None]


def _spread(holdings: Iterable[Holding]) -> Spread:
    """Day by day, by hand: who supplies, and in which holding; no code shared with the rule."""
    days = [FIRST + timedelta(days=at) for at in range(-1, 20)]
    found: Spread = dict.fromkeys(days)
    for number, holding in enumerate(holdings):
        for day in days:
            start, end = holding.valid.start, holding.valid.end
            if (start is None or start <= day) and (end is None or day < end):
                found[day] = (holding.retailer, str(number))
    return found


def _fits(made: Application, before: Spread, taken: list[Application]) -> bool:
    """The oracle: on its day the point stands as the change needs it, and nothing else happens then or later."""
    day = day_of(made.content)
    assert day is not None
    holder, former = before[day], before[day - timedelta(days=1)]
    moved_out = [one for one in taken if isinstance(one.content, MoveOut) and day_of(one.content) == day]
    others = [one for one in taken if one not in moved_out or not isinstance(made.content, Reenergisation)]
    if any((day_of(one.content) or day) >= day for one in others):
        return False
    if len({before[one] for one in before if one >= day}) > 1:
        return False
    if isinstance(made.content, Reenergisation):
        return holder is None
    return holder == former and holder is not None and (holder[0] == made.sender) == isinstance(made.content, MoveOut)


def _after(before: Spread, made: Application) -> Spread:
    day = day_of(made.content)
    assert day is not None
    new = None if isinstance(made.content, MoveOut) else (made.sender, made.number)
    return {one: new if one >= day else before[one] for one in before}


@settings(max_examples=200)
@given(supplied(), changes("A0"), changes("A1"), changes("A2"))
def test_the_sequence_check_refuses_exactly_what_does_not_fit(
    holdings: tuple[Holding, ...], first: Application, second: Application, third: Application
) -> None:
    point = PointFacts(number=POINT, place="", holdings=holdings)
    known, taken = _spread(holdings), list[Application]()
    for made in (first, second, third):
        cases = [Case(application=one, state=State.SCHEDULED, since=AT) for one in taken]
        decision = decided(sequence_refusals(made, point, cases, FIRST))
        if isinstance(decision, Refused):
            assert not _fits(made, known, taken), decision.refusals[0].text
            _says_all(decision, made)
        else:
            assert _fits(made, known, taken)
            known, taken = _after(known, made), [*taken, made]


def _says_all(decision: Refused, made: Application) -> None:
    """Whatever is refused names its own number, the day, the rule and the cure; a stranger is named nothing."""
    for one in decision.refusals:
        assert one.cure.endswith("。")
        assert str(day_of(made.content)) in one.rule
        if one.code is RefusalCode.NOT_THE_HOLDER:
            assert one.conflicts == ()
        else:
            assert one.conflicts[0].number == made.number
        if one.code is RefusalCode.COMMITTED_CHANGE:
            assert len(one.conflicts) == 2
            assert all(c.day is not None for c in one.conflicts)


@given(DAYS, DAYS)
def test_usage_never_reaches_before_the_name_nor_13_months(since: date, on: date) -> None:
    tenure = Tenure(name=ITEMS.name, kana=ITEMS.kana, valid=DatePeriod.since(since))
    period = usage_period(PointFacts(number=POINT, place="", tenures=(tenure,)), on, PARAMETERS)
    if on < since:
        assert period is None
        return
    assert period is not None
    assert period.start is not None
    assert period.start >= since
    assert period.end == on
    assert (on.year * 12 + on.month) - (period.start.year * 12 + period.start.month) <= 13
