"""How values are written on screens: both calendars, kWh, numbers in groups for the eye; in the reader's language."""

from base64 import urlsafe_b64encode
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from takuso.doors.web.language import Language, _, language
from takuso.doors.web.readings import words
from takuso.kernel.amounts import Wh
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import JST
from takuso.kernel.wareki import format_both, wareki

WEEKDAYS: Final = "月火水木金土日"
_WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ERAS_EN: Final = {"M": "Meiji", "T": "Taisho", "S": "Showa", "H": "Heisei", "R": "Reiwa"}
# A page writes dozens of dates, and most pages the same ones.
_DAYS: Final = 4096


class _Dated(Protocol):
    since: date | None
    until: date | None


def term(text: str) -> str:
    """A word of the catalogue; any other text, as data, stays itself."""
    return _(text)


def both(day: date) -> str:
    """令和8年11月22日(2026-11-22), 22 Nov 2026 (Reiwa 8), for headings."""
    return _both(day, language())


def slash(day: date) -> str:
    """2026/11/22(日), 22 Nov 2026 (Sun), for tables."""
    return _slash(day, language())


def clock(at: datetime) -> str:
    """21:03:11, Japan's time."""
    return at.astimezone(JST).strftime("%H:%M:%S")


def moment(at: datetime) -> str:
    """2026/11/27 21:03:11, Japan's time."""
    return at.astimezone(JST).strftime("%Y/%m/%d %H:%M:%S")


def minute(at: datetime) -> str:
    """2026/11/22(日) 09:00, Japan's time."""
    local = at.astimezone(JST)
    return f"{slash(local.date())} {local:%H:%M}"


def month(day: date) -> str:
    """2026年11月, Nov 2026."""
    return _month(day, language())


def month_of_year(day: date) -> str:
    """11月, Nov."""
    return f"{day.month}月" if language() == "ja" else _MONTHS_EN[day.month - 1]


def year_of(day: date) -> str:
    """2026年, 2026."""
    return f"{day.year}年" if language() == "ja" else str(day.year)


def period(row: _Dated) -> str:
    """First and last day of a half-open period: 2025/04/01(火)〜2026/03/31(火); 〜 alone is an open side."""
    first = slash(row.since) if row.since else ""
    last = slash(row.until - timedelta(days=1)) if row.until else ""
    return f"{first}〜{last}" if language() == "ja" else f"{first} – {last}".strip()


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
    return _("あり") if value else _("なし")


def base64url(value: bytes) -> str:
    """Bytes for a script."""
    return urlsafe_b64encode(value).decode().rstrip("=")


@lru_cache(_DAYS)
def _both(day: date, spoken: Language) -> str:
    if spoken == "ja":
        return format_both(day)
    era = wareki(day)
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year} ({_ERAS_EN[era.era.letter]} {era.year})"


@lru_cache(_DAYS)
def _slash(day: date, spoken: Language) -> str:
    if spoken == "ja":
        return f"{day:%Y/%m/%d}({WEEKDAYS[day.weekday()]})"
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year} ({_WEEKDAYS_EN[day.weekday()]})"


@lru_cache(_DAYS)
def _month(day: date, spoken: Language) -> str:
    return f"{day.year}年{day.month}月" if spoken == "ja" else f"{_MONTHS_EN[day.month - 1]} {day.year}"


ALL: Final = (term, words, both, slash, clock, moment, minute, month, period, kwh, kw, grouped, yes_no, base64url)
"""What templates know as filters, each by its own name."""
