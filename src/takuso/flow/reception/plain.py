"""素の形: frozen values as plain JSON by their annotations, and strictly back. What wire builds on.

Takes dataclasses of str, int, bool, date, datetime, Decimal, SupplyPointNumber, StrEnum, each other, None or not, and
tuples and frozensets of them.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, Final

from takuso.kernel.malformed import Malformed
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import JST

Plain = dict[str, Any]
"""A JSON object."""


class Unreadable(Malformed):
    """Stored or passed on data that is not of the form this edition writes; `field` is the path to it."""


def plain_object(one: Any) -> Plain:
    """A frozen dataclass as an object, under the names of its fields."""
    return {field.name: plain(getattr(one, field.name)) for field in fields(one)}


def plain(value: Any) -> Any:
    """Any such value as plain JSON."""
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return value.astimezone(JST).isoformat()
        case date():
            return value.isoformat()
        case SupplyPointNumber() | Decimal():
            return str(value)
        case tuple():
            return [plain(one) for one in value]
        case frozenset():
            return sorted(plain(one) for one in value)
        case _ if is_dataclass(value):
            return plain_object(value)
        case _:
            return value


def read_as(wanted: Any, value: object, at: str) -> Any:
    """The value as this type; `at` is the path to it. Raises Unreadable."""
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else read_as(next(one for one in inner if one is not type(None)), value, at)
    if origin in (tuple, frozenset):
        return origin(read_as(inner[0], one, at) for one in listed(value, at))
    if wanted in _SCALARS:
        return _SCALARS[wanted](value, at)
    if issubclass(wanted, StrEnum):
        try:
            return wanted(_string(value, at))
        except ValueError:
            raise unreadable(at, "決まった言葉のいずれか") from None
    return _dataclass(wanted, value, at)


def _dataclass(wanted: Any, value: object, at: str) -> Any:
    optional = frozenset(one.name for one in fields(wanted) if one.default is not MISSING)
    hints = _hints(wanted)
    found = keyed(value, frozenset(hints) - optional, at, optional)
    return wanted(**{name: read_as(hints[name], one, f"{at}.{name}") for name, one in found.items()})


@cache
def _hints(wanted: type) -> dict[str, Any]:
    return typing.get_type_hints(wanted)


def _string(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise unreadable(at, "文字列")
    return value


def _whole(value: object, at: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise unreadable(at, "整数")
    return value


def _flag(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise unreadable(at, "真偽の値")
    return value


def _day(value: object, at: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(_string(value, at))
    except ValueError:
        raise unreadable(at, "日（2026-04-01）") from None


def _moment(value: object, at: str) -> datetime:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(_string(value, at))
    except ValueError:
        raise unreadable(at, "時差の付いた時刻") from None
    if found.tzinfo is None:
        raise unreadable(at, "時差の付いた時刻")
    return found.astimezone(JST)


def _amount(value: object, at: str) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise unreadable(at, "数") from None
    if isinstance(value, bool) or not found.is_finite():
        raise unreadable(at, "数")
    return found


def _number(value: object, at: str) -> SupplyPointNumber:
    try:
        return SupplyPointNumber(_string(value, at))
    except Malformed:
        raise unreadable(at, "数字 22 桁") from None


_SCALARS: Final[Mapping[Any, Callable[[object, str], Any]]] = {
    str: _string,
    int: _whole,
    bool: _flag,
    date: _day,
    datetime: _moment,
    Decimal: _amount,
    SupplyPointNumber: _number,
}


def listed(value: object, at: str) -> list[Any]:
    """The items of a list; raises Unreadable."""
    if not isinstance(value, list | tuple):
        raise unreadable(at, "並び")
    return list(value)


def mapping(value: object, at: str) -> Mapping[str, Any]:
    """The object as it is; raises Unreadable where it is none."""
    if not isinstance(value, Mapping):
        raise unreadable(at, "項目の組")
    return value


def keyed(
    value: object, required: frozenset[str], at: str, optional: frozenset[str] = frozenset()
) -> Mapping[str, Any]:
    found = mapping(value, at)
    missing, unknown = required - found.keys(), found.keys() - required - optional
    if missing or unknown:
        raise unreadable(at, f"{'、'.join(sorted(required | optional))} を項目に持つ組")
    return found


def unreadable(at: str, rule: str) -> Unreadable:
    """The error at this path; `rule` is what it should be."""
    return Unreadable(at, f"{rule}です。", "書いた版と読む版が同じか、確かめてください。")
