"""画面コード・番号入力: the line on top of every screen, and what it answers to a slip of the finger.

The line is sent as a POST, so that what is typed stands in no address; a GET is answered alike, for bookmarks of
お客さまコード.
"""

from typing import Final
from unicodedata import normalize

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from takuso.barrier.screen import Screen, ScreenKind
from takuso.barrier.viewer import Viewer
from takuso.doors.web.definitions import AL10, CI10, KF00, KF10, KS10, MN00, offered
from takuso.doors.web.frame import FIND_KEYS, Answer, Frame, Problem, render, screen_named
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import came_from, viewer
from takuso.doors.web.redirects import post_again, see_other
from takuso.doors.web.typed import not_in_addresses, typed_number
from takuso.kernel.numbers import CustomerCode, MalformedNumber
from takuso.kernel.widths import bare_digits

SCREEN_FIELD: Final = "entry-screen"
CUSTOMER_FIELD: Final = "entry-customer"
_LONGEST: Final = 64
_NO_SCREEN: Final = "画面コード: この画面はありません。次のいずれかを入力してください({known})。"


@require_http_methods(["GET", "POST"])
def go(request: HttpRequest) -> HttpResponse:
    """`screen`, `customer`, `from`, in any width: 303 to the screen, or 400 with what to do.

    22 digits are searched for: 307 hands the form on to KS10, or to AL10 from the screens of the log.
    """
    given = request.POST if request.method == "POST" else request.GET
    typed_screen = given.get("screen", "")[:_LONGEST]
    typed = given.get("customer", "")[:_LONGEST]
    screen = screen_named(normalize("NFKC", typed_screen).strip().upper() or MN00.code)
    if screen is None:
        problem = Problem(field=SCREEN_FIELD, text=_unknown(viewer(request)))
        return _again(request, screen=typed_screen, typed=typed, problem=problem)
    viewer(request)
    if not bare_digits(typed) and (screen is KF10 or screen.kind is not ScreenKind.CUSTOMER):
        return see_other(screen_url(screen.code, receipt=came_from(request)))
    try:
        number = typed_number(typed)
    except MalformedNumber as refusal:
        return malformed(request, screen=screen.code, typed=typed, refusal=refusal)
    if isinstance(number, CustomerCode):
        return see_other(screen_url(_for_customer(screen).code, customer=number.text, receipt=came_from(request)))
    if request.method == "POST":
        return post_again(screen_url(_finding(screen).code))
    return malformed(request, screen=screen.code, typed=typed, refusal=not_in_addresses())


def malformed(request: HttpRequest, *, screen: str, typed: str, refusal: MalformedNumber) -> HttpResponse:
    """400: the number is not one; what was typed is kept."""
    problem = Problem(field=CUSTOMER_FIELD, text=str(refusal))
    return _again(request, screen=screen, typed=typed[:_LONGEST], problem=problem)


def _for_customer(screen: Screen) -> Screen:
    """The screen a customer is opened on: a list or the menu leads to what its lines lead to."""
    if screen.kind is ScreenKind.CUSTOMER:
        return screen
    return AL10 if screen.kind is ScreenKind.LOG else KF10 if screen is KF00 else CI10


def _finding(screen: Screen) -> Screen:
    """The screen that takes a 22-digit number as a form."""
    return AL10 if screen.kind is ScreenKind.LOG else KS10


def _again(request: HttpRequest, *, screen: str, typed: str, problem: Problem) -> HttpResponse:
    frame = Frame(
        title="入力の確認", viewer=viewer(request), screen=screen, typed=typed, keys=FIND_KEYS, problems=(problem,)
    )
    return Answer(render(request, "ask_code.html", frame), screen=screen, outcome="malformed", status=400)


def _unknown(person: Viewer) -> str:
    known = _("、").join(f"{screen.code} {_(screen.name)}" for screen in offered(person.duty))
    return _(_NO_SCREEN).format(known=known)
