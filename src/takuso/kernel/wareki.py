"""和暦: eras as a table, dates both ways, and every form in which people write a date.

The calendar is the Gregorian one throughout. Before 明治6年1月1日 (1873-01-01, 太政官布告第337号) Japan
counted by the lunisolar calendar, so day and month of older documents differ from the ones given here.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from unicodedata import normalize

from takuso.kernel.malformed import Malformed
from takuso.kernel.widths import HYPHENS, INVISIBLES, LONG_VOWELS, SPACES

_FIELD = "日付"
_HOW = "令和4年12月27日、R4.12.27、2022-12-27 のいずれかの形で入力してください。"


class MalformedDate(Malformed):
    """A text that is no date, or a date that its era does not hold; says what to write instead."""


class OutsideEras(Malformed):
    """A day before the first era of the table."""


class BadEraTable(Malformed):
    """Eras out of order, or two with the same name, first letter or sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """元号: name, Latin letter, first day. It ends where the next one of its table starts."""

    name: str
    letter: str
    start: date


@dataclass(frozen=True, slots=True)
class EraTable:
    """Eras in order of their start; a new era is a new row. Raises BadEraTable."""

    rows: tuple[Era, ...]

    def __post_init__(self) -> None:
        starts = [era.start for era in self.rows]
        signs = [sign for era in self.rows for sign in {era.name, era.name[:1], era.letter.upper()}]
        if not starts or starts != sorted(set(starts)) or len(signs) != len(set(signs)) or "" in signs:
            raise BadEraTable(
                "元号表",
                "始まりの日の順に並び、名前、頭文字、英字のどれも重なりません。",
                "行の順と重なりを直してください。",
            )

    def with_era(self, era: Era) -> "EraTable":
        """This table and one more era at its end."""
        return EraTable((*self.rows, era))

    def era_on(self, day: date) -> Era:
        """The era of this day; the first day of an era belongs to the new one. Raises OutsideEras."""
        for era in reversed(self.rows):
            if era.start <= day:
                return era
        raise OutsideEras(
            _FIELD,
            f"{self.rows[0].name}元年({self.rows[0].start})以後の日です。",
            "年の桁と元号を確認して入力し直してください。",
        )

    def named(self, sign: str) -> Era:
        """By name (令和), first character (令) or Latin letter (R, r); raises MalformedDate."""
        for era in self.rows:
            if sign.upper() in {era.name, era.name[:1], era.letter.upper()}:
                return era
        known = "・".join(f"{era.name}({era.letter})" for era in self.rows)
        raise MalformedDate(_FIELD, f"元号は{known}のいずれかです。", _HOW)


ERAS: Final = EraTable(
    (
        Era(name="明治", letter="M", start=date(1868, 10, 23)),
        Era(name="大正", letter="T", start=date(1912, 7, 30)),
        Era(name="昭和", letter="S", start=date(1926, 12, 25)),
        Era(name="平成", letter="H", start=date(1989, 1, 8)),
        Era(name="令和", letter="R", start=date(2019, 5, 1)),
    )
)
"""Sources: 明治, 行政官布告 of 明治元年9月8日 (1868-10-23; the year counts from its New Year by the old
calendar); 大正 and 昭和, 改元の詔書 of the day; 平成, 昭和64年政令第1号 (in force the next day); 令和,
平成31年政令第143号 (in force 2019-05-01), both under 元号法 (昭和54年法律第43号)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wareki:
    """A date by era: year 1 is 元年."""

    era: Era
    year: int
    month: int
    day: int

    @property
    def text(self) -> str:
        """`令和4年12月27日`, `令和元年5月1日`."""
        return f"{self.era.name}{'元' if self.year == 1 else self.year}年{self.month}月{self.day}日"

    @property
    def short(self) -> str:
        """`R4.12.27`."""
        return f"{self.era.letter}{self.year}.{self.month}.{self.day}"

    def to_date(self, table: EraTable = ERAS) -> date:
        """The day; raises MalformedDate for a day that does not exist or lies in another era."""
        if self.year < 1:
            raise MalformedDate(_FIELD, "和暦の年は元年(1年)からです。", _HOW)
        day = _real_day(self.era.start.year + self.year - 1, self.month, self.day)
        if day < table.rows[0].start or table.era_on(day) != self.era:
            raise MalformedDate(_FIELD, f"{self.era.name}にない日です。", _instead(day, table))
        return day


def wareki(day: date, table: EraTable = ERAS) -> Wareki:
    """The same day by era; raises OutsideEras."""
    era = table.era_on(day)
    return Wareki(era=era, year=day.year - era.start.year + 1, month=day.month, day=day.day)


def format_both(day: date, table: EraTable = ERAS) -> str:
    """Both calendars, `令和4年12月27日(2022-12-27)`; raises OutsideEras."""
    return f"{wareki(day, table).text}({day.isoformat()})"


def parse_date(text: str, *, era: str | None = None, table: EraTable = ERAS) -> date:
    """The day that a person wrote, in any width; raises MalformedDate, OutsideEras.

    Takes `令和4年12月27日`, `令和元年5月1日`, `R4.12.27`, `R041227`, `2022-12-27`, `2022/12/27`,
    `2022年12月27日`, `20221227` and what `format_both` writes. `4.12.27`, `041227` and `41227` are taken only
    with `era` given (the era column of a form or file). A two-digit year alone is refused, as nobody can
    tell the calendar from it.
    """
    typed = normalize("NFKC", text).translate(_UNIFIED)
    both = _BOTH.fullmatch(typed)
    if both is None:
        return _one_calendar(typed, era, table)
    day = _one_calendar(both["wareki"], era, table)
    if day != _one_calendar(both["western"], None, table):
        raise MalformedDate(_FIELD, "和暦と西暦は同じ日です(入力は別の日でした)。", _HOW)
    return day


_UNIFIED = str.maketrans(dict.fromkeys(HYPHENS + LONG_VOWELS, "-") | dict.fromkeys(SPACES + INVISIBLES))
_BOTH = re.compile(r"(?P<wareki>[^()]+)\((?P<western>[^()]+)\)")
_WESTERN = re.compile(
    r"(?:西暦)?(?P<year>[0-9]{4})(?:(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})"
    r"|年(?P<month_ja>[0-9]{1,2})月(?P<day_ja>[0-9]{1,2})日|(?P<month_8>[0-9]{2})(?P<day_8>[0-9]{2}))"
)
_BY_ERA = re.compile(
    r"(?P<era>[^0-9元./-]*)(?P<year>元|[0-9]{1,4})(?:(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)"
    r"(?P<day>[0-9]{1,2})|年(?P<month_ja>[0-9]{1,2})月(?P<day_ja>[0-9]{1,2})日)"
)
_BY_ERA_SOLID = re.compile(r"(?P<era>[^0-9元./-]*)(?P<year>[0-9]{1,2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")


def _one_calendar(typed: str, era: str | None, table: EraTable) -> date:
    western = _WESTERN.fullmatch(typed)
    if western is not None:
        day = _real_day(int(western["year"]), *_month_and_day(western))
        table.era_on(day)
        return day
    found = _BY_ERA.fullmatch(typed) or _BY_ERA_SOLID.fullmatch(typed)
    if found is None:
        raise MalformedDate(_FIELD, "年月日がそろった、ある1日です。", _HOW)
    sign = found["era"] or era
    if not sign:
        raise MalformedDate(_FIELD, "年は元号付きの和暦か、西暦4桁です。", _HOW)
    month, day_of_month = _month_and_day(found)
    year = 1 if found["year"] == "元" else int(found["year"])
    return Wareki(era=table.named(sign), year=year, month=month, day=day_of_month).to_date(table)


def _month_and_day(found: re.Match[str]) -> tuple[int, int]:
    groups = found.groupdict()
    month, day = (
        next(groups[key] for key in groups if key.startswith(part) and groups[key] is not None)
        for part in ("month", "day")
    )
    return int(month), int(day)


def _real_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise MalformedDate(_FIELD, "暦にある日です(入力の月日は暦にありません)。", _HOW) from None


def _instead(day: date, table: EraTable) -> str:
    if day < table.rows[0].start:
        return f"{table.rows[0].start}以後の日を入力してください。"
    return f"この日は{wareki(day, table).text}です。正しければそのように入力してください。"
