"""問題の文書 (RFC 9457): what a machine is told when something goes wrong, whatever part of the office says so.

What is hidden, absent and no longer held is one document (status 404), as it is one page on the screens.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from django.http import HttpRequest

from takuso.doors.web.frame import Answer
from takuso.doors.web.language import _

PREFIX: Final = "/api/"
MEDIA: Final = "application/problem+json"
CODES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "malformed",
        403: "refused",
        404: "no-such-address",
        405: "no-such-method",
        408: "stopped",
        500: "internal",
        503: "unavailable",
    }
)
"""The code of each page of a failure, where a program asked."""
_TYPE: Final = "urn:takuso:problem:"


def for_machine(request: HttpRequest) -> bool:
    """True if whoever asks is a program: below PREFIX nobody reads pages."""
    return request.path.startswith(PREFIX)


def document(
    status: int, code: str, title: str, detail: str, *, errors: Sequence[Mapping[str, Any]] = (), receipt: str = ""
) -> bytes:
    """The document as UTF-8. `code` is stable and ends the type; `receipt` is that of the look, if there is one."""
    said: dict[str, Any] = {"type": _TYPE + code, "title": title, "status": status, "detail": detail, "code": code}
    if errors:
        said["errors"] = list(errors)
    if receipt:
        said["receipt"] = receipt
    return json.dumps(said, ensure_ascii=False).encode()


def answered(body: bytes, *, status: int, outcome: str, screen: str = "") -> Answer:
    """A problem as an answer."""
    answer = Answer(body, screen=screen, outcome=outcome, status=status)
    answer["Content-Type"] = MEDIA
    return answer


def sign_in_needed() -> Answer:
    """401: no token, or one that does not hold (RFC 6750 section 3)."""
    body = document(
        401,
        "sign-in-needed",
        _("認証が必要です"),
        _("アクセストークンがないか、期限が切れたか、失効しました。POST /api/v1/token で新しく得てください。"),
    )
    answer = answered(body, status=401, outcome="sign-in-needed")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def not_of_duty(receipt: str) -> Answer:
    """403: the wall refused the duty, and nothing was read."""
    detail = _("この利用者の職務では、この操作はできません。利用者の発令を確かめてください。")
    body = document(403, "not-of-duty", _("この操作は職務に含まれていません"), detail, receipt=receipt)
    return answered(body, status=403, outcome="refused")
