"""Half-open periods: the algebra of days and instants, and the JST day."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.periods import (
    JST,
    DatePeriod,
    InstantPeriod,
    NaiveInstant,
    NotADay,
    ReversedPeriod,
    UnboundedPeriod,
    jst_day,
    jst_midnight,
    merge_periods,
    sort_periods,
)

D = date(2022, 12, 1)
near_days = st.integers(0, 12).map(lambda offset: D + timedelta(days=offset))
zones = st.sampled_from([UTC, JST, timezone(timedelta(hours=-5))])


@st.composite
def day_periods(draw: st.DrawFn) -> DatePeriod:
    start, end = draw(st.none() | near_days), draw(st.none() | near_days)
    if start is not None and end is not None:
        start, end = min(start, end), max(start, end)
    return DatePeriod(start=start, end=end)


def day(number: int) -> date:
    return date(2022, 12, number)


def span(start: int | None, end: int | None) -> DatePeriod:
    return DatePeriod(
        start=None if start is None else day(start),
        end=None if end is None else day(end),
    )


@pytest.mark.parametrize(
    ("period", "inside", "outside"),
    [
        (span(6, 13), [6, 12], [5, 13]),
        (span(None, 13), [1, 12], [13, 31]),
        (span(6, None), [6, 31], [1, 5]),
        (span(None, None), [1, 31], []),
        (span(6, 6), [], [5, 6, 7]),
    ],
)
def test_the_start_is_inside_and_the_end_is_not(period: DatePeriod, inside: list[int], outside: list[int]) -> None:
    assert all(period.contains(day(number)) for number in inside)
    assert not any(period.contains(day(number)) for number in outside)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (span(1, 10), span(5, 20), span(5, 10)),
        (span(1, 10), span(10, 20), None),
        (span(1, 10), span(3, 4), span(3, 4)),
        (span(None, 10), span(5, None), span(5, 10)),
        (span(None, None), span(5, None), span(5, None)),
        (span(None, 5), span(5, None), None),
        (span(5, 5), span(1, 10), None),
    ],
)
def test_intersect(one: DatePeriod, other: DatePeriod, shared: DatePeriod | None) -> None:
    assert one.intersect(other) == shared
    assert other.intersect(one) == shared
    assert one.overlaps(other) is (shared is not None)


@pytest.mark.parametrize(
    ("one", "other", "adjacent"),
    [
        (span(1, 5), span(5, 9), True),
        (span(None, 5), span(5, None), True),
        (span(1, 5), span(6, 9), False),
        (span(1, 5), span(4, 9), False),
        (span(1, 5), span(5, 5), False),
        (span(None, None), span(None, None), False),
    ],
)
def test_adjacent(one: DatePeriod, other: DatePeriod, adjacent: bool) -> None:
    assert one.adjacent(other) is adjacent
    assert other.adjacent(one) is adjacent


@given(day_periods(), day_periods(), near_days)
def test_a_day_is_shared_when_it_is_in_both(a: DatePeriod, b: DatePeriod, d: date) -> None:
    shared = a.intersect(b)
    assert (shared is not None and shared.contains(d)) == (a.contains(d) and b.contains(d))
    assert shared is None or not shared.is_empty


@given(day_periods(), day_periods(), near_days)
def test_minus_keeps_the_days_that_the_other_lacks(a: DatePeriod, b: DatePeriod, d: date) -> None:
    left = a.minus(b)
    assert sum(part.contains(d) for part in left) == int(a.contains(d) and not b.contains(d))
    assert not any(part.is_empty for part in left)
    assert not any(one.adjacent(other) or one.overlaps(other) for one, other in pairwise(left))


@given(day_periods(), day_periods())
def test_covers(a: DatePeriod, b: DatePeriod) -> None:
    assert a.covers(b) == (b.minus(a) == ())


@given(day_periods(), day_periods())
def test_adjacent_periods_never_overlap(a: DatePeriod, b: DatePeriod) -> None:
    assert not (a.adjacent(b) and a.overlaps(b))


@given(st.lists(day_periods(), max_size=6), near_days)
def test_merge_keeps_every_day_once(periods: list[DatePeriod], d: date) -> None:
    merged = merge_periods(periods)
    assert sum(period.contains(d) for period in merged) == int(any(p.contains(d) for p in periods))
    assert not any(one.adjacent(other) or one.overlaps(other) for one, other in pairwise(merged))
    assert merged == sort_periods(merged) == merge_periods(merged)


def test_sort_puts_open_starts_first_and_open_ends_last() -> None:
    in_order = [span(None, 3), span(None, None), span(1, 2), span(1, 5), span(1, None), span(2, 3)]
    assert sort_periods(reversed(in_order)) == in_order


@given(day_periods())
def test_length_is_the_number_of_days(period: DatePeriod) -> None:
    if period.start is None or period.end is None:
        with pytest.raises(UnboundedPeriod, match="両方が必要"):
            _ = period.length_days
    else:
        listed = list(period.days())
        assert len(listed) == period.length_days
        assert all(map(period.contains, listed))
        assert period.last_day == (listed[-1] if listed else None)


@pytest.mark.parametrize(("year", "month", "length"), [(2024, 2, 29), (2023, 2, 28), (2022, 12, 31)])
def test_month(year: int, month: int, length: int) -> None:
    period = DatePeriod.month(year, month)
    assert period.length_days == length
    assert {d.month for d in period.days()} == {month}


def test_open_and_single_day() -> None:
    assert DatePeriod.since(D).contains(date.max)
    assert list(DatePeriod.one_day(D).days()) == [D]
    assert DatePeriod.since(D).last_day is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: DatePeriod(start=day(2), end=day(1)),
        lambda: InstantPeriod(start=jst_midnight(day(2)), end=jst_midnight(day(1))),
    ],
)
def test_a_reversed_period_is_refused(make: Any) -> None:
    with pytest.raises(ReversedPeriod, match="入れ替わっていれば"):
        make()


NAIVE: datetime = datetime(2022, 12, 6)  # noqa: DTZ001
AWARE: datetime = datetime(2022, 12, 6, tzinfo=UTC)
OPEN = InstantPeriod(start=None, end=None)


@pytest.mark.parametrize(
    "use",
    [
        lambda: InstantPeriod(start=NAIVE, end=None),
        lambda: InstantPeriod(start=None, end=NAIVE),
        lambda: OPEN.contains(NAIVE),
        lambda: jst_day(NAIVE),
        lambda: InstantPeriod(start=D, end=None),  # type: ignore[arg-type]
    ],
)
def test_a_naive_instant_is_refused(use: Any) -> None:
    with pytest.raises(NaiveInstant, match="時間帯"):
        use()


@pytest.mark.parametrize(
    "use",
    [
        lambda: DatePeriod(start=AWARE, end=None),
        lambda: DatePeriod(start=None, end=AWARE),
        lambda: DatePeriod(start=None, end=None).contains(AWARE),
        lambda: jst_midnight(AWARE),
    ],
)
def test_an_instant_is_no_day(use: Any) -> None:
    with pytest.raises(NotADay, match="jst_day"):
        use()


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2022, 12, 5, 14, 59, 59, 999999, tzinfo=UTC), day(5)),
        (datetime(2022, 12, 5, 15, 0, tzinfo=UTC), day(6)),
        (datetime(2022, 12, 6, 0, 0, tzinfo=JST), day(6)),
        (datetime(2022, 12, 5, 10, 0, tzinfo=timezone(timedelta(hours=-5))), day(6)),
    ],
)
def test_jst_day(instant: datetime, expected: date) -> None:
    assert jst_day(instant) == expected


@given(st.dates(date(1952, 1, 1), date(9999, 12, 30)))
def test_a_jst_day_runs_from_midnight_for_24_hours(d: date) -> None:
    period = DatePeriod.one_day(d).instants()
    assert period.length == timedelta(hours=24)
    assert period.start == jst_midnight(d) == datetime.combine(d, time(), tzinfo=timezone(timedelta(hours=9)))
    assert jst_day(jst_midnight(d)) == d
    assert jst_day(jst_midnight(d) - timedelta(microseconds=1)) == d - timedelta(days=1)


@given(st.datetimes(datetime(1952, 1, 2), datetime(9990, 1, 1), timezones=zones), day_periods())  # noqa: DTZ001
def test_an_instant_lies_in_the_period_of_its_day(instant: datetime, period: DatePeriod) -> None:
    near = instant.replace(year=2022, month=12, day=max(2, min(instant.day, 12)))
    assert period.instants().contains(near) == period.contains(jst_day(near))


def test_instant_periods_of_different_zones_meet() -> None:
    noon_utc = datetime(2022, 12, 6, 12, tzinfo=UTC)
    before = InstantPeriod(start=None, end=noon_utc)
    after = InstantPeriod(start=noon_utc.astimezone(JST), end=None)
    assert before.adjacent(after)
    assert merge_periods([after, before]) == [OPEN]
    with pytest.raises(UnboundedPeriod):
        _ = before.length
