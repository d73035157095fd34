"""How values are written on screens: both calendars, kWh, numbers in groups for the eye."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from takuso.kernel.amounts import Wh
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import JST
from takuso.kernel.wareki import format_both

WEEKDAYS: Final = "月火水木金土日"
# A page writes dozens of dates, and most pages the same ones.
_DAYS: Final = 4096


class _Dated(Protocol):
    since: date | None
    until: date | None


@lru_cache(_DAYS)
def both(day: date) -> str:
    """令和8年11月22日(2026-11-22), for headings."""
    return format_both(day)


@lru_cache(_DAYS)
def slash(day: date) -> str:
    """2026/11/22(日), for tables."""
    return f"{day:%Y/%m/%d}({WEEKDAYS[day.weekday()]})"


def clock(at: datetime) -> str:
    """21:03:11, Japan's time."""
    return at.astimezone(JST).strftime("%H:%M:%S")


@lru_cache(_DAYS)
def month(day: date) -> str:
    """2026年11月."""
    return f"{day.year}年{day.month}月"


def period(row: _Dated) -> str:
    """First and last day of a half-open period: 2025/04/01(火)〜2026/03/31(火); 〜 alone is an open side."""
    first = slash(row.since) if row.since else ""
    last = slash(row.until - timedelta(days=1)) if row.until else ""
    return f"{first}〜{last}"


def kwh(energy_wh: int) -> str:
    """1,234.5, from Wh."""
    return Wh(energy_wh).format_kwh(1).removesuffix("kWh")


def kw(power_w: int) -> str:
    """12.3, from W."""
    return Wh(power_w).format_kwh(1).removesuffix("kWh")


def grouped(supply_point: str) -> str:
    """06-1234-5678-9012-3456-7890."""
    return SupplyPointNumber(supply_point).grouped


def yes_no(value: bool) -> str:
    """あり or なし."""
    return "あり" if value else "なし"


ALL: Final = (both, slash, clock, month, period, kwh, kw, grouped, yes_no)
"""What templates know as filters, each by its own name."""
