"""絞り込み: the filters of AL10 as they stand in an address or a form, checked field by field."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast
from unicodedata import normalize

from takuso.barrier.desk_queries import PAGE, TALLIED, Group, Unit
from takuso.barrier.matrix import Relation
from takuso.barrier.words import DECISION_NAMES
from takuso.doors.web.frame import Problem
from takuso.doors.web.language import _
from takuso.doors.web.office import is_receipt
from takuso.kernel.periods import JST
from takuso.kernel.widths import bare_digits, is_digits

DEFAULT_DAYS: Final = 7
LONGEST_DAYS: Final = 400
UNITS: Final[Mapping[Unit, str]] = {"records": "件数", "persons": "閲覧者", "contracts": "契約"}
WIDTHS: Final[Mapping[str, tuple[timedelta, int, str]]] = {
    "day": (timedelta(days=1), LONGEST_DAYS, "日"),
    "hour": (timedelta(hours=1), 14, "1時間"),
    "minutes": (timedelta(minutes=10), 2, "10分"),
}
"""Width of a bar: how wide, over at most how many days, and its name."""
RENDERED: Final = {"yes": "表示した", "no": "表示していない", "none": "結果の記録なし(表示扱い)"}
FIELD_NAMES: Final = {
    "since": "期間の初日",
    "until": "期間の末日",
    "person": "利用者",
    "customer": "お客さま",
    "employer": "閲覧者の所属",
    "holder": "契約者(その時点)",
    "relation": "関係",
    "on": "画面",
    "came": "遷移元",
    "decision": "判定",
    "purpose": "利用目的",
    "rule": "規則の版",
    "rendered": "表示の有無",
}
"""The filters by their names in an address. `from` and `screen` are taken: a ticket, and the line on top."""

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_SCREEN: Final = re.compile(r"[A-Z]{2}[0-9]{2}", re.ASCII)
_AFTER: Final = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})\.([A-Za-z0-9_-]{32})", re.ASCII)
_LONGEST: Final = 64
_NONE: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """The last record of the page before."""

    day: date
    at: datetime
    receipt: str

    @property
    def text(self) -> str:
        """As it stands in an address."""
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{self.day}.{micros}.{self.receipt}"


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Sound filters. `since` and `until` are days that are both included; "" is no filter; `by` "" is the list."""

    since: date
    until: date
    today: date
    person: str = ""
    customer: str = ""
    employer: str = ""
    holder: str = ""
    relation: str = ""
    on: str = ""
    came: str = ""
    decision: str = ""
    purpose: str = ""
    rule: str = ""
    rendered: str = ""
    by: Group | None = None
    unit: Unit = "records"
    per: str = ""
    after: After | None = None

    @property
    def usual(self) -> bool:
        """True for the period one gets without asking."""
        return (self.since, self.until) == _usual(self.today)

    @property
    def width(self) -> str:
        """How wide a bar is: as asked, or by the length of the period."""
        if self.per:
            return self.per
        days = (self.until - self.since).days + 1
        return "minutes" if days == 1 else "hour" if days <= 3 else "day"

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by their names in an address; the period only where it is not the usual one."""
        period = {} if self.usual else {"since": str(self.since), "until": str(self.until)}
        names = [name for name in FIELD_NAMES if name not in ("since", "until")]
        return period | {name: value for name in names if (value := getattr(self, name))}

    @property
    def exact(self) -> dict[str, str]:
        """The filters with the days of the period, whatever the usual one is."""
        return {"since": str(self.since), "until": str(self.until)} | self.filters

    @property
    def words(self) -> str:
        """What is asked, as it is recorded: nothing left out that narrows the answer."""
        views = {"by": self.by or "", "after": self.after.text if self.after else ""}
        return " ".join(f"{name}={value}" for name, value in {**self.exact, **views}.items() if value)

    @property
    def fields(self) -> dict[str, str]:
        """Everything that leads here again but the page."""
        more = {
            "by": self.by or "",
            "unit": "" if self.unit == "records" else self.unit,
            "per": self.per,
        }
        return {**self.filters, **{name: value for name, value in more.items() if value}}

    @property
    def parameters(self) -> dict[str, object]:
        """As the queries of the desk take them."""
        after = self.after
        return {
            "since": self.since,
            "until": self.until,
            "person": self.person or None,
            "customer": self.customer or None,
            "employer": self.employer or None,
            "holder": self.holder or None,
            "relation": self.relation or None,
            "screen": self.on or None,
            "came": self.came or None,
            "decision": self.decision or None,
            "purpose": self.purpose or None,
            "rule": int(self.rule) if self.rule else None,
            "rendered": self.rendered or None,
            "after_day": after.day if after else None,
            "after_at": after.at if after else None,
            "after_receipt": after.receipt if after else None,
            "width": WIDTHS[self.width][0],
            "last": PAGE + 1,
            "unit": self.unit,
            **dict(zip(("dim", "value"), self.tally or ("", ""), strict=True)),
        }

    @property
    def tally(self) -> tuple[str, str] | None:
        """The one filter whose tallies answer the histogram, with its value; ("", "") for none; None: they do not."""
        if self.width not in ("hour", "day"):
            return None
        values = {name: value for name, value in self.filters.items() if name not in ("since", "until")}
        if not values:
            return "", ""
        [(name, value), *more] = values.items()
        name = {"on": "screen"}.get(name, name)
        if more or name not in TALLIED:
            return None
        return name, str(int(value)) if name == "rule" else value

    def without(self, *names: str) -> "Asked":
        """The same without these filters, from the first page."""
        if "since" in names:
            first, last = _usual(self.today)
            return self.having(since=first, until=last, per="")
        return self.having(**dict.fromkeys(names, ""))

    def having(self, **changes: Any) -> "Asked":
        """The same with these values instead, from the first page."""
        return replace(self, **{"after": None, **changes})


def _usual(today: date) -> tuple[date, date]:
    return today - timedelta(days=DEFAULT_DAYS - 1), today


def read_asked(given: Mapping[str, str], now: datetime) -> tuple[Asked, tuple[Problem, ...]]:
    """The filters of an address or a form, and what is wrong with them; a wrong one narrows nothing."""
    today = now.astimezone(JST).date()
    reading = _Reading(given, today)
    asked = reading.asked()
    return asked, tuple(reading.problems)


class _Reading:
    def __init__(self, given: Mapping[str, str], today: date) -> None:
        self._given, self._today = given, today
        self.problems: list[Problem] = []

    def asked(self) -> Asked:
        since, until = self._period()
        return Asked(
            since=since,
            until=until,
            today=self._today,
            person=self._code("person", "利用者のコード(例: aoi-clerk)"),
            customer=self._customer(),
            employer=self._code("employer", "会社のコード(例: aoi)"),
            holder=self._code("holder", "会社のコード(例: aoi)"),
            relation=self._one_of("relation", [one.value for one in Relation]),
            on=self._screen("on"),
            came=self._screen("came", none=True),
            decision=self._one_of("decision", list(DECISION_NAMES)),
            purpose=self._code("purpose", "利用目的のコード(例: TOI)", none=True),
            rule=self._rule(),
            rendered=self._one_of("rendered", list(RENDERED)),
            by=cast("Group | None", self._one_of("by", ["person", "customer"]) or None),
            unit=cast("Unit", self._one_of("unit", list(UNITS)) or "records"),
            per=self._per(since, until),
            after=self._after(),
        )

    def _text(self, name: str) -> str:
        return normalize("NFKC", self._given.get(name, "")).strip()[:_LONGEST]

    def _wrong(self, name: str, rule: str) -> str:
        self.problems.append(Problem(field=f"filter-{name}", text=f"{_(FIELD_NAMES.get(name, name))}: {rule}"))
        return ""

    def _period(self) -> tuple[date, date]:
        usual = _usual(self._today)
        since, until = (self._day(name, day) for name, day in zip(("since", "until"), usual, strict=True))
        if since > until:
            self._wrong("since", _("末日より後の日です。初日と末日を確かめてください。"))
            return usual
        if (until - since).days >= LONGEST_DAYS:
            self._wrong("since", _("一度に調べられるのは400日までです。期間を分けてください。"))
            return usual
        return since, until

    def _day(self, name: str, default: date) -> date:
        text = self._text(name)
        if not text:
            return default
        try:
            return date.fromisoformat(text.replace("/", "-"))
        except ValueError:
            self._wrong(name, _("日付の形ではありません。2026-11-27の形で入力してください。"))
            return default

    def _code(self, name: str, example: str, *, none: bool = False) -> str:
        text = self._text(name)
        if not text or _CODE.fullmatch(text) or (none and text == _NONE):
            return text
        return self._wrong(name, _("{example}を入力してください。").format(example=_(example)))

    def _screen(self, name: str, *, none: bool = False) -> str:
        text = self._text(name).upper()
        if not text or _SCREEN.fullmatch(text) or (none and text == _NONE):
            return text
        return self._wrong(name, _("画面コードの形ではありません。英字2つと数字2つ(例: CI20)で入力してください。"))

    def _customer(self) -> str:
        digits = bare_digits(self._given.get("customer", "")[:_LONGEST])
        if not digits or is_digits(digits, 14) or is_digits(digits, 22):
            return digits
        rule = _("お客さまコード(14桁)か供給地点特定番号(22桁)を入力してください。")
        return self._wrong("customer", rule)

    def _one_of(self, name: str, known: list[str]) -> str:
        text = self._text(name)
        if not text or text in known:
            return text
        return self._wrong(name, _("選べるのは次のどれかです: {known}。").format(known=", ".join(known)))

    def _rule(self) -> str:
        text = self._text("rule")
        if not text or re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
            return text
        return self._wrong("rule", _("版の番号を数字で入力してください。"))

    def _per(self, since: date, until: date) -> str:
        text = self._one_of("per", list(WIDTHS))
        if text and (until - since).days + 1 > WIDTHS[text][1]:
            rule = _("棒の幅「{width}」で描けるのは{days}日までです。期間を短くするか、幅を広げてください。")
            return self._wrong("since", rule.format(width=_(WIDTHS[text][2]), days=WIDTHS[text][1]))
        return text

    def _after(self) -> After | None:
        text = self._text("after")
        found = _AFTER.fullmatch(text)
        if not text:
            return None
        with_day = self._parsed(found) if found else None
        if with_day is None:
            self._wrong("since", _("一覧の続きの印が正しくありません。最初のページから開き直してください。"))
        return with_day

    @staticmethod
    def _parsed(found: re.Match[str]) -> After | None:
        try:
            at = _EPOCH + timedelta(microseconds=int(found[2]))
            return After(day=date.fromisoformat(found[1]), at=at, receipt=found[3]) if is_receipt(found[3]) else None
        except (ValueError, OverflowError):
            return None


def pills(asked: Asked, link: Callable[[Asked], object]) -> Iterator[tuple[str, str, object | None]]:
    """Each filter as a name, a value and where it leads without it; the usual period stands there and stays."""
    names = ("since", *(name for name in FIELD_NAMES if name not in ("since", "until") and getattr(asked, name)))
    for name in names:
        if name == "since":
            away = None if asked.usual else link(asked.without("since"))
            yield _("期間"), f"{asked.since:%Y/%m/%d}〜{asked.until:%Y/%m/%d}", away
        else:
            yield _(FIELD_NAMES[name]), named(name, getattr(asked, name)), link(asked.without(name))


def named(field: str, value: str) -> str:
    """A value of a filter in words, where it has any."""
    if value == _NONE:
        return _("なし")
    words = {"decision": DECISION_NAMES, "rendered": RENDERED}.get(field, {})
    return _(words[value]) if value in words else value
