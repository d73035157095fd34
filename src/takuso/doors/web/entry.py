"""画面コード・番号入力: the line on top of every screen, and what it answers to a slip of the finger.

The line is sent as a POST, so that what is typed stands in no address; a GET is answered alike, for bookmarks of
お客さまコード.
"""

from typing import Final
from unicodedata import normalize

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from takuso.barrier.screen import Screen, ScreenKind
from takuso.doors.web.definitions import CI10, KF00, KF10, KS10, MN00, SCREENS
from takuso.doors.web.frame import FIND_KEYS, Answer, Frame, Problem, render, screen_named
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import came_from, viewer
from takuso.doors.web.redirects import post_again, see_other
from takuso.doors.web.typed import typed_number
from takuso.kernel.numbers import CustomerCode, MalformedNumber
from takuso.kernel.widths import bare_digits

SCREEN_FIELD: Final = "entry-screen"
CUSTOMER_FIELD: Final = "entry-customer"
_LONGEST: Final = 64
# The code has two names in the trade; screens use the one of the screens' own field.
_ON_SCREENS: Final = {"お客さま番号": "お客さまコード"}
_POST_ONLY: Final = "供給地点特定番号: アドレスには載せません。「開く」を押すと、この番号で検索します。"


@require_http_methods(["GET", "POST"])
def go(request: HttpRequest) -> HttpResponse:
    """`screen`, `customer`, `from`, in any width: 303 to the screen, or 400 with what to do.

    22 digits are searched for: 307 hands the form on to KS10.
    """
    given = request.POST if request.method == "POST" else request.GET
    typed_screen = given.get("screen", "")[:_LONGEST]
    typed = given.get("customer", "")[:_LONGEST]
    screen = screen_named(normalize("NFKC", typed_screen).strip().upper() or MN00.code)
    if screen is None:
        return _again(request, screen=typed_screen, typed=typed, problem=Problem(field=SCREEN_FIELD, text=_unknown()))
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
        return post_again(screen_url(KS10.code))
    problem = Problem(field=CUSTOMER_FIELD, text=_POST_ONLY)
    return _again(request, screen=screen.code, typed=typed, problem=problem)


def malformed(request: HttpRequest, *, screen: str, typed: str, refusal: MalformedNumber) -> HttpResponse:
    """400: the number is not one; what was typed is kept."""
    name = _ON_SCREENS.get(refusal.field, refusal.field)
    problem = Problem(field=CUSTOMER_FIELD, text=f"{name}: {refusal.rule}{refusal.advice}")
    return _again(request, screen=screen, typed=typed[:_LONGEST], problem=problem)


def _for_customer(screen: Screen) -> Screen:
    """The screen a customer is opened on: a list or the menu leads to what its lines lead to."""
    if screen.kind is ScreenKind.CUSTOMER:
        return screen
    return KF10 if screen is KF00 else CI10


def _again(request: HttpRequest, *, screen: str, typed: str, problem: Problem) -> HttpResponse:
    frame = Frame(
        title="入力の確認", viewer=viewer(request), screen=screen, typed=typed, keys=FIND_KEYS, problems=(problem,)
    )
    return Answer(render(request, "ask_code.html", frame), screen=screen, outcome="malformed", status=400)


def _unknown() -> str:
    known = "、".join(f"{screen.code} {screen.name}" for screen in SCREENS)
    return f"画面コード: この画面はありません。次のいずれかを入力してください({known})。"
