"""Times as logs write them: western or by era, past 24:00, without seconds, with or without a zone.

What most rows share, a western form of one length, is read column by column of bytes; every other value is read
exactly, each distinct one once. Both ways give the same.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from takuso.kernel.malformed import Malformed
from takuso.kernel.wareki import parse_date
from takuso.survey.importing.mapping import Clock, Form
from takuso.survey.importing.rejects import NotTaken

Micros = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_OFFSETS: Final[dict[str, timedelta]] = {"Asia/Tokyo": timedelta(hours=9), "UTC": timedelta()}
_TIME: Final = re.compile(
    r"(?P<half>午前|午後|AM|PM)?"
    r"(?:(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:[.,:](?P<f>[0-9]{1,9}))?)?"
    r"|(?P<hj>[0-9]{1,2})時(?P<mj>[0-9]{1,2})分(?:(?P<sj>[0-9]{1,2})秒)?"
    r"|(?P<hs>[0-9]{2})(?P<ms>[0-9]{2})(?:(?P<ss>[0-9]{2})(?:[.,]?(?P<fs>[0-9]{1,9}))?)?)"
    r"(?P<half_after>AM|PM)?(?P<zone>Z|JST|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_CLOCK: Final = r"(?:午前|午後|AM|PM)?[0-9]{1,2}(?::[0-9]{2}|時[0-9]{1,2}分)"
_APART: Final = re.compile(rf"(?P<day>.+?)(?:T|\s)*(?P<time>{_CLOCK}.*)", re.IGNORECASE | re.DOTALL)
_SPACED: Final = re.compile(r"(?P<day>\S+?)(?:T|\s+)(?P<time>[0-9]{4,15}\S*)", re.IGNORECASE)
_SOLID: Final = re.compile(r"(?P<day>[0-9]{8})(?P<time>[0-9]{4,15}(?:[.,][0-9]+)?\S*)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_HOUR: Final = 47
_NO_TIME: Final = "年月日と時刻がそろった時点です（2022-12-06 09:12:33 など）。"
_NO_SUCH: Final = "時刻は 00:00:00 から 47:59:59 までです（24 時以後は翌日）。"
_FAR: Final = "日付は 1900 年から 2199 年までです。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How times of a column are to be read."""

    clock: Clock = "Asia/Tokyo"
    form: Form = "auto"
    era: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant in µs since 1970 UTC, and what was unusual about how it was written."""

    micros: int
    late: bool = False
    no_seconds: bool = False


def read_day(text: str, era: str | None = None) -> date:
    """A date in any form of the kernel. Raises NotTaken."""
    try:
        return parse_date(text, era=era)
    except Malformed as error:
        raise NotTaken(error.rule) from None


def read_moment(text: str, how: Reading) -> Moment:
    """One time. Raises NotTaken."""
    if how.form != "auto":
        return _since_epoch(text, how.form)
    typed = normalize("NFKC", text).strip()
    found = _APART.fullmatch(typed) or _SPACED.fullmatch(typed) or _SOLID.fullmatch(typed)
    clock = _TIME.fullmatch("".join(found["time"].split())) if found else None
    if found is None or clock is None:
        raise NotTaken(_NO_TIME)
    day = read_day(found["day"], how.era)
    if not 1900 <= day.year < 2200:
        raise NotTaken(_FAR)
    hour, minute, second = (int(_part(clock, name) or 0) for name in "hms")
    hour = _of_24(hour, (clock["half"] or clock["half_after"] or "").upper())
    if hour > _LAST_HOUR or minute > 59 or second > 59:
        raise NotTaken(_NO_SUCH)
    fraction = int((_part(clock, "f") or "").ljust(6, "0")[:6])
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    since = midnight - _EPOCH + timedelta(hours=hour, minutes=minute, seconds=second) - _offset(clock["zone"], how)
    return Moment(
        micros=since // timedelta(microseconds=1) + fraction, late=hour > 23, no_seconds=_part(clock, "s") is None
    )


def _part(clock: re.Match[str], name: str) -> str | None:
    return next((clock[key] for key in (name, name + "j", name + "s") if clock.groupdict().get(key)), None)


def _of_24(hour: int, half: str) -> int:
    if not half:
        return hour
    if hour > 12:
        raise NotTaken("午前・午後の時は 0 から 12 までです。")
    return hour % 12 + (12 if half in ("午後", "PM") else 0)


def _offset(zone: str | None, how: Reading) -> timedelta:
    if not zone:
        return _OFFSETS[how.clock]
    if zone.upper() in ("Z", "JST"):
        return _OFFSETS["UTC" if zone.upper() == "Z" else "Asia/Tokyo"]
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        raise NotTaken("時間帯は -14:00 から +14:00 までです。")
    return (-1 if zone[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def _since_epoch(text: str, form: Form) -> Moment:
    digits = normalize("NFKC", text).strip()
    whole, _, rest = digits.partition(".")
    if not (whole.isascii() and whole.isdigit() and (not rest or rest.isdigit())) or len(whole) > 16:
        raise NotTaken("1970-01-01 からの秒（ミリ秒）の数です。")
    digits_after = 6 if form == "epoch_s" else 3
    micros = int(whole) * 10**digits_after + int(rest.ljust(digits_after, "0")[:digits_after] or 0)
    if not _EPOCH_FROM <= micros < _EPOCH_TO:
        raise NotTaken(_FAR)
    return Moment(micros=micros)


_EPOCH_FROM: Final = 0
_EPOCH_TO: Final = (datetime(2200, 1, 1, tzinfo=timezone.utc) - _EPOCH) // timedelta(microseconds=1)  # noqa: UP017

_WESTERN: Final = re.compile(
    rb"(?P<y>[0-9]{4})(?P<sep>[-/.]?)(?P<mo>[0-9]{2})(?P=sep)(?P<d>[0-9]{2})"
    rb"(?:[ T](?P<h>[0-9]{2})(?P<colon>:?)(?P<m>[0-9]{2})|(?P<h2>[0-9]{2})(?P<m2>[0-9]{2}))"
    rb"(?::?(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def read_alike(rows: npt.NDArray[np.uint8], how: Reading) -> tuple[Micros, Flags, Flags, bool] | None:
    """Texts of one length as bytes (n, length): µs, which were read, which are past 24:00, and whether without seconds.

    None where the first one has no western form.
    """
    sample = rows[0].tobytes()
    found = _WESTERN.fullmatch(sample) if how.form == "auto" else None
    if found is None:
        return None
    try:
        first = read_moment(sample.decode("ascii"), how)
    except NotTaken:
        return None
    zone = found["z"].decode() if found["z"] else None
    read = np.ones(len(rows), dtype=np.bool_)
    number = _Numbers(rows, found, read)
    year, month, day = number("y"), number("mo"), number("d")
    hour, minute = number("h", "h2"), number("m", "m2")
    second, fraction = number("s"), number("f")
    for place in set(range(rows.shape[1])) - number.digits:
        read &= rows[:, place] == rows[0, place]
    read &= (year >= 1900) & (year < 2200) & (month >= 1) & (month <= 12) & (day >= 1)
    read &= (hour <= _LAST_HOUR) & (minute <= 59) & (second <= 59)
    months = (np.where(read, (year - 1970) * 12 + month - 1, 0)).astype("datetime64[M]")
    start, following = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    read &= day <= (following - start).astype(np.int64)
    days = start.astype(np.int64) + day - 1
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second - int(_offset(zone, how).total_seconds())
    micros = seconds * 1_000_000 + fraction
    if not read[0] or micros[0] != first.micros:
        return None
    return micros, read, read & (hour > 23), found["s"] is None


class _Numbers:
    """Named runs of digits of every row as numbers; rows with something else there are marked as not read."""

    def __init__(self, rows: npt.NDArray[np.uint8], found: re.Match[bytes], read: Flags) -> None:
        self._rows, self._found, self._read = rows, found, read
        self.digits: set[int] = set()

    def __call__(self, *names: str) -> Any:
        start, end = next((self._found.span(name) for name in names if self._found[name]), (0, 0))
        value = np.zeros(len(self._rows), dtype=np.int64)
        last = end if names != ("f",) else min(end, start + 6)
        for place in range(start, end):
            digit = self._rows[:, place] - 48
            self._read &= digit <= 9
            self.digits.add(place)
            if place < last:
                value = value * 10 + digit
        return value * 10 ** (6 - (last - start)) if names == ("f",) else value
