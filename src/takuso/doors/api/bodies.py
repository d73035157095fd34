"""本文: a JSON object as a request brings it, read strictly (RFC 8259), or what is wrong with it."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.http.request import RawPostDataException

from takuso.doors.web.soundness import sound
from takuso.kernel.malformed import Malformed


class BadBody(Malformed):
    """The body is no JSON object of texts that can be stored."""

    def __init__(self, rule: str, advice: str) -> None:
        super().__init__("本文", rule, advice)


def object_of(request: HttpRequest) -> dict[str, Any]:
    """The object. Raises BadBody; a key that stands twice is not taken as one of its values."""
    try:
        found = json.loads(request.body, object_pairs_hook=_once, parse_constant=_no_number)
    except RawPostDataException:
        raise BadBody("JSON です。", "Content-Type: application/json で送ってください。") from None
    except (ValueError, RecursionError):
        raise BadBody("JSON のオブジェクトです。", "UTF-8 の JSON を、キーを重ねずに送ってください。") from None
    if not isinstance(found, dict):
        raise BadBody("JSON のオブジェクトです。", "{ } の形で送ってください。")
    if not all(sound(text) for text in _texts(found)):
        raise BadBody("保存できない文字があります。", "NUL と、対にならないサロゲートを除いてください。")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
