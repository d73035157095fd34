"""営業日: holidays, closing days, and counting from day 0."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.business_days import HOLIDAYS_KNOWN, BusinessCalendar, OutsideCalendar
from takuso.kernel.periods import DatePeriod, UnboundedPeriod

CALENDAR = BusinessCalendar()
days = st.dates(date(1950, 1, 1), date(2149, 12, 31))


@pytest.mark.parametrize(
    ("day", "is_open", "why"),
    [
        ("2022-12-27", True, "Tuesday"),
        ("2022-12-28", True, "last day of the year"),
        ("2022-12-29", False, "closing day"),
        ("2022-12-31", False, "closing day, Saturday"),
        ("2023-01-03", False, "closing day"),
        ("2023-01-04", True, "first day of the year"),
        ("2023-01-07", False, "Saturday"),
        ("2023-01-08", False, "Sunday"),
        ("2023-01-09", False, "成人の日"),
        ("2024-02-12", False, "振替休日"),
        ("2026-09-22", False, "国民の休日"),
        ("2027-03-21", False, "春分の日, Sunday"),
        ("2027-03-22", False, "振替休日 of 春分の日"),
        ("2019-05-01", False, "天皇の即位の日"),
        ("2019-04-30", False, "国民の休日"),
        ("2019-05-07", True, "after ten days"),
        ("2021-10-11", True, "スポーツの日 moved to July by the Olympic act"),
    ],
)
def test_is_business_day(day: str, is_open: bool, why: str) -> None:
    assert CALENDAR.is_business_day(date.fromisoformat(day)) is is_open, why


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2022-12-27", 0, "2022-12-27"),
        ("2022-12-27", 1, "2022-12-28"),
        ("2022-12-27", 2, "2023-01-04"),
        ("2022-12-28", 1, "2023-01-04"),
        ("2022-12-30", 0, "2022-12-30"),
        ("2022-12-30", 1, "2023-01-04"),
        ("2022-12-27", 8, "2023-01-13"),
        ("2023-01-04", -1, "2022-12-28"),
        ("2023-01-01", -2, "2022-12-27"),
        ("2019-04-26", 1, "2019-05-07"),
    ],
)
def test_add_business_days(day: str, count: int, expected: str) -> None:
    assert CALENDAR.add_business_days(date.fromisoformat(day), count) == date.fromisoformat(expected)


def test_moving_to_an_open_day() -> None:
    closed, before, after = date(2022, 12, 30), date(2022, 12, 28), date(2023, 1, 4)
    assert (CALENDAR.on_or_before(closed), CALENDAR.on_or_after(closed)) == (before, after)
    assert (CALENDAR.previous_business_day(closed), CALENDAR.next_business_day(closed)) == (before, after)
    assert CALENDAR.on_or_before(before) == CALENDAR.on_or_after(before) == before
    assert (CALENDAR.next_business_day(before), CALENDAR.previous_business_day(after)) == (after, before)


@given(days, st.integers(0, 40))
def test_counting_back_undoes_counting_on(day: date, count: int) -> None:
    start = CALENDAR.on_or_after(day)
    end = CALENDAR.add_business_days(start, count)
    assert CALENDAR.is_business_day(end)
    assert CALENDAR.add_business_days(end, -count) == start
    assert CALENDAR.count_business_days(DatePeriod(start=start, end=end)) == count


@given(days)
def test_next_is_the_nearest(day: date) -> None:
    after = CALENDAR.next_business_day(day)
    between = DatePeriod(start=day + timedelta(days=1), end=after)
    assert CALENDAR.count_business_days(between) == 0
    assert CALENDAR.is_business_day(after)


def test_the_calendar_is_data() -> None:
    own = BusinessCalendar(
        closing_days=frozenset({(8, 15)}),
        closed_on=frozenset({date(2023, 6, 1)}),
        open_on=frozenset({date(2023, 1, 7), date(2023, 6, 1)}),
    )
    assert not own.is_business_day(date(2023, 8, 15))
    assert own.is_business_day(date(2022, 12, 29))
    assert not own.is_business_day(date(2023, 6, 1))
    assert own.is_business_day(date(2023, 1, 7))
    assert BusinessCalendar(is_holiday=lambda _: False).is_business_day(date(2023, 1, 9))
    assert own != CALENDAR


@pytest.mark.parametrize("day", [date(1948, 12, 31), date(2151, 1, 1)])
def test_years_without_known_holidays_are_refused(day: date) -> None:
    with pytest.raises(OutsideCalendar, match="1949-01-01から2150-12-31まで"):
        CALENDAR.is_business_day(day)
    assert not HOLIDAYS_KNOWN.contains(day)


def test_a_calendar_that_never_opens_is_refused() -> None:
    never = BusinessCalendar(is_holiday=lambda _: True)
    with pytest.raises(OutsideCalendar, match="1年のうちに営業日が必ず"):
        never.next_business_day(date(2023, 1, 4))


def test_an_open_period_cannot_be_counted() -> None:
    with pytest.raises(UnboundedPeriod):
        CALENDAR.count_business_days(DatePeriod.since(date(2023, 1, 4)))
