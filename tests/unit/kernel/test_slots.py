"""コマ: numbers, hours and instants agree for every slot length."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.periods import JST, NaiveInstant, NotADay, jst_day, jst_midnight
from takuso.kernel.slots import MalformedSlot, Slot, slots_of_day, slots_per_day

DAY = date(2022, 12, 27)
lengths = st.sampled_from([300, 900, 1800, 3600])


@pytest.mark.parametrize(
    ("number", "length", "label"),
    [
        (1, 1800, "00:00–00:30"),
        (2, 1800, "00:30–01:00"),
        (24, 1800, "11:30–12:00"),
        (48, 1800, "23:30–24:00"),
        (1, 900, "00:00–00:15"),
        (96, 900, "23:45–24:00"),
    ],
)
def test_label(number: int, length: int, label: str) -> None:
    assert Slot(day=DAY, number=number, length_seconds=length).label == label


@pytest.mark.parametrize(
    ("instant", "day", "number"),
    [
        (datetime(2022, 12, 26, 15, 0, tzinfo=UTC), DAY, 1),
        (datetime(2022, 12, 26, 14, 59, 59, 999999, tzinfo=UTC), date(2022, 12, 26), 48),
        (datetime(2022, 12, 27, 0, 30, tzinfo=JST), DAY, 2),
        (datetime(2022, 12, 27, 23, 59, 59, tzinfo=JST), DAY, 48),
    ],
)
def test_slot_of_an_instant(instant: datetime, day: date, number: int) -> None:
    assert Slot.at(instant) == Slot(day=day, number=number)


@given(
    st.datetimes(datetime(1952, 1, 2), datetime(9999, 1, 1), timezones=st.sampled_from([UTC, JST])),  # noqa: DTZ001
    lengths,
)
def test_the_slot_of_an_instant_holds_it(instant: datetime, length: int) -> None:
    slot = Slot.at(instant, length)
    assert slot.period.contains(instant)
    assert slot.period.length == timedelta(seconds=length)
    assert slot.day == jst_day(instant)
    assert Slot.at(slot.start, length) == slot
    assert Slot.at(slot.end, length) == slot.next()


@given(st.dates(date(1952, 1, 1), date(9999, 12, 30)), lengths)
def test_the_slots_of_a_day_tile_it(day: date, length: int) -> None:
    slots = list(slots_of_day(day, length))
    assert len(slots) == slots_per_day(length)
    assert slots[0].start == jst_midnight(day)
    assert slots[-1].end == jst_midnight(day + timedelta(days=1))
    assert all(one.end == other.start and one.next() == other for one, other in pairwise(slots))
    assert slots == sorted(slots)


@pytest.mark.parametrize("number", [0, 49, -1])
def test_numbers_outside_the_day_are_refused(number: int) -> None:
    with pytest.raises(MalformedSlot, match="1から48までの番号"):
        Slot(day=DAY, number=number)


@pytest.mark.parametrize("length", [0, -1800, 7000, 90, 86_400 * 2])
def test_lengths_that_do_not_divide_the_day_are_refused(length: int) -> None:
    with pytest.raises(MalformedSlot, match="割り切る"):
        slots_per_day(length)
    with pytest.raises(MalformedSlot, match="割り切る"):
        Slot.at(jst_midnight(DAY), length)


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda: Slot(day=jst_midnight(DAY), number=1), NotADay),
        (lambda: Slot.at(datetime(2022, 12, 27)), NaiveInstant),  # noqa: DTZ001
    ],
)
def test_days_are_days_and_instants_are_aware(use: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        use()
