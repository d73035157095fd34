"""パスキー: registering a device, and removing it. Needs script and a host with a name; codes need neither."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from takuso.barrier.credentials.accounts import NotConfirmed
from takuso.barrier.credentials.passkeys import LastSecondFactor, PasskeyRefused, Place
from takuso.doors.web.enrolment import recovery_page
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.language import _
from takuso.doors.web.office import office, signed_in, terminal, viewer
from takuso.doors.web.redirects import see_other

PAGE: Final = "/account/passkeys"
TITLE: Final = "パスキー"
SAID: Final = {
    "added": "パスキーを登録しました。",
    "removed": "パスキーを削除しました。ほかの端末でのサインインは終了しました。",
    "gone": "そのパスキーは、すでに削除されています。",
}
_LONGEST: Final = 1024
_DIGITS: Final = 18


def place(request: HttpRequest) -> Place | None:
    """Where passkeys of this host are for; None for a host without a name, which browsers refuse."""
    origin = f"{request.scheme}://{request.get_host()}"
    host = urlsplit(origin).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return Place(host=host, origin=origin)
    return None


@require_http_methods(["GET", "POST"])
def passkeys(request: HttpRequest) -> HttpResponse:
    """GET lists and asks a device; POST `passkey`, `question` and `old` registers what it answered."""
    person = viewer(request)
    if request.method == "GET":
        return _page(request, ())
    here, given = place(request), request.POST
    if here is None or not given.get("passkey"):
        return _page(request, (Problem(field="passkey-add", text=_(str(PasskeyRefused()))),))
    old, question = given.get("old", "")[:_LONGEST], given.get("question", "")
    try:
        codes = office(request).passkeys.add(
            signed_in(request), old, question, given["passkey"], here, terminal=terminal(request)
        )
    except NotConfirmed as error:
        return _page(request, (Problem.about("passkey-old", "いまのパスワード", str(error)),))
    except PasskeyRefused as error:
        return _page(request, (Problem(field="passkey-add", text=_(str(error))),))
    return recovery_page(request, person, codes) if codes else see_other(f"{PAGE}?done=added")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """`passkey` is the number of one of the person's own; `old` from whoever can already sign in."""
    viewer(request)
    text = request.POST.get("number", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    old = request.POST.get("old", "")[:_LONGEST]
    try:
        done = office(request).passkeys.remove(signed_in(request), old, number, terminal=terminal(request))
    except NotConfirmed as error:
        return _page(request, (Problem.about("remove-old", "いまのパスワード", str(error)),))
    except LastSecondFactor as error:
        return _page(request, (Problem(field="passkey-list", text=_(str(error))),))
    return see_other(f"{PAGE}?done={'removed' if done else 'gone'}")


def _page(request: HttpRequest, problems: tuple[Problem, ...]) -> HttpResponse:
    person, shown, here = viewer(request), signed_in(request), place(request)
    made = office(request).passkeys
    frame = Frame(title=_(TITLE), viewer=person, problems=problems)
    said = SAID.get(request.GET.get("done", ""), "")
    extra = {
        "own": office(request).accounts.account(shown),
        "keys": made.own(shown),
        "here": here,
        "question": made.question(shown),
        "handle": made.handle(person.person_code),
        "said": said and _(said),
    }
    body = render(request, "passkeys.html", frame, extra)
    return Answer(body, outcome="refused" if problems else "form", status=400 if problems else 200)
