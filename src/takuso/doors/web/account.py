"""個人のアカウント: what one signs in with, where one is signed in, and the end of it."""

from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.language import _
from takuso.doors.web.office import office, signed_in, terminal, viewer
from takuso.doors.web.redirects import see_other

TITLE: Final = "個人のアカウント"
MEANS: Final = MappingProxyType(
    {
        "password": "パスワードと認証コード",
        "one-time-link": "ワンタイムリンク",
        "external": "会社の ID 基盤",
        "demo": "デモの利用者",
        "command": "コマンド",
    }
)
"""The ways to sign in, as a person reads them."""
SAID: Final = MappingProxyType(
    {
        "ended": "サインインを終了しました。",
        "gone": "そのサインインは、すでに終わっています。",
    }
)
_DIGITS: Final = 18


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """What the person signs in with, and every sign-in that holds."""
    person, own = viewer(request), office(request).accounts.account(signed_in(request))
    frame = Frame(title=_(TITLE), viewer=person)
    said = SAID.get(request.GET.get("done", ""), "")
    extra = {"own": own, "means": MEANS, "company": office(request).company is not None}
    return Answer(render(request, "account.html", frame, extra | {"said": said and _(said)}))


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End the sign-in of that number, if it is the person's own."""
    text = request.POST.get("session", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    ended = office(request).accounts.end_session(signed_in(request), number, terminal=terminal(request))
    return see_other(f"/account?done={'ended' if ended else 'gone'}")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every sign-in of the person but this one."""
    office(request).accounts.end_others(signed_in(request), terminal=terminal(request))
    return see_other("/account?done=ended")
