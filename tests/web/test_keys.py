"""The key bar: places never change, a clash cannot be declared, Japanese dates and the chart are right."""

from datetime import date

import pytest

from takuso.doors.web.chart import usage_chart
from takuso.doors.web.filters import both, kwh, period, slash
from takuso.doors.web.keys import PLACES, Key, KeyBar, KeyClash, screen_url
from takuso.doors.web.screens import PAGES
from takuso.flow.points.model import UsageMonth


@pytest.mark.parametrize("key", ["F1", "F3", "F5", "F11", "F12", "a", "Enter"])
def test_keys_of_the_browser_cannot_be_taken(key: str) -> None:
    with pytest.raises(KeyClash):
        Key(key=key, screen="MN00")


def test_one_key_does_one_thing() -> None:
    with pytest.raises(KeyClash):
        Key(key="F2", screen="KS10", prints=True)
    with pytest.raises(KeyClash):
        Key(key="F2")
    with pytest.raises(KeyClash):
        KeyBar((Key(key="F2", screen="KS10"), Key(key="F2", screen="MN00")))


def test_places_are_the_same_on_every_screen() -> None:
    bars = {tuple(slot.key for slot in page.keys.slots(receipt=None, customer="", back="/")) for page in PAGES.values()}
    assert bars == {tuple(PLACES)}


def test_a_key_for_a_customer_is_idle_without_one() -> None:
    bar = KeyBar((Key(key="F9", screen="CI20", customer=True),))
    idle = {s.key: s.href for s in bar.slots(receipt="R" * 32, customer="", back="/")}
    assert idle["F9"] == ""
    live = {s.key: s.href for s in bar.slots(receipt="R" * 32, customer="1" * 14, back="/")}
    assert live["F9"] == f"/screens/CI20?customer={'1' * 14}&from={'R' * 32}"
    assert screen_url("MN00") == "/screens/MN00"


def test_dates_carry_both_calendars_or_the_weekday() -> None:
    assert both(date(2026, 11, 22)) == "令和8年11月22日(2026-11-22)"
    assert slash(date(2026, 11, 22)) == "2026/11/22(日)"
    assert kwh(1_234_500) == "1,234.5"


def _month(month: date, energy_wh: int, quality: str = "確定") -> UsageMonth:
    return UsageMonth(
        point=1, month=month, energy_wh=energy_wh, maximum_w=None, quality=quality, since=month, until=None
    )


def test_a_period_is_written_with_its_last_day() -> None:
    row = _month(date(2026, 4, 1), 1)
    assert period(row) == "2026/04/01(水)〜"


def test_the_chart_keeps_a_gap_and_marks_estimates() -> None:
    rows = [_month(date(2026, 3, 1), 250_000), _month(date(2026, 1, 1), 100_000, "推定")]
    chart = usage_chart(rows)
    assert chart
    assert [bar.month.month for bar in chart.bars] == [1, 2, 3]
    assert [bar.height > 0 for bar in chart.bars] == [True, False, True]
    assert [bar.measured for bar in chart.bars] == [False, True, True]
    assert chart.bars[2].height > 2 * chart.bars[0].height
    assert chart.ticks[-1].label == "400"
    assert usage_chart([]) is None


@pytest.mark.parametrize("energy_wh", [0, 1, 999, 4_000, 4_001, 10**9, 10**13])
def test_the_highest_bar_fits(energy_wh: int) -> None:
    chart = usage_chart([_month(date(2026, 1, 1), energy_wh)])
    assert chart
    assert 0 <= chart.bars[0].height <= 156
    assert chart.bars[0].y >= 14
