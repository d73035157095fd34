"""画面コード・お客さまコード入力: the line on top of every screen, and what it answers to a slip of the finger."""

from typing import Final
from unicodedata import normalize

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from takuso.barrier.screen import ScreenKind
from takuso.doors.web.definitions import KF10, MN00, SCREENS
from takuso.doors.web.frame import FIND_KEYS, Answer, Frame, Problem, render, screen_named
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import came_from, viewer
from takuso.doors.web.redirects import see_other
from takuso.kernel.numbers import CustomerCode, MalformedNumber

SCREEN_FIELD: Final = "entry-screen"
CUSTOMER_FIELD: Final = "entry-customer"
_LONGEST: Final = 64


@require_GET
def go(request: HttpRequest) -> HttpResponse:
    """`/go?screen=&customer=&from=`: any width is taken; 303 to the screen, or 400 with what to do."""
    typed_screen = request.GET.get("screen", "")[:_LONGEST]
    typed_customer = request.GET.get("customer", "")[:_LONGEST]
    code = normalize("NFKC", typed_screen).strip().upper() or MN00.code
    screen = screen_named(code)
    if screen is None:
        problem = Problem(field=SCREEN_FIELD, text=_unknown())
        return _again(request, screen=typed_screen, customer=typed_customer, problem=problem)
    if screen.kind is not ScreenKind.CUSTOMER or (screen is KF10 and not typed_customer.strip()):
        viewer(request)
        return see_other(screen_url(screen.code, receipt=came_from(request)))
    try:
        customer = CustomerCode.parse(typed_customer)
    except MalformedNumber as error:
        return malformed(request, screen=code, customer=typed_customer, refusal=error)
    viewer(request)
    return see_other(screen_url(code, customer=customer.text, receipt=came_from(request)))


def malformed(request: HttpRequest, *, screen: str, customer: str, refusal: MalformedNumber) -> HttpResponse:
    """400: the code is not one; what was typed is kept."""
    text = f"お客さまコード: {refusal.rule}{refusal.advice}"
    problem = Problem(field=CUSTOMER_FIELD, text=text)
    return _again(request, screen=screen, customer=customer[:_LONGEST], problem=problem)


def _again(request: HttpRequest, *, screen: str, customer: str, problem: Problem) -> HttpResponse:
    frame = Frame(
        title="入力の確認", viewer=viewer(request), screen=screen, typed=customer, keys=FIND_KEYS, problems=(problem,)
    )
    return Answer(render(request, "ask_code.html", frame), screen=screen, outcome="malformed", status=400)


def _unknown() -> str:
    known = "、".join(f"{screen.code} {screen.name}" for screen in SCREENS)
    return f"画面コード: この画面はありません。次のいずれかを入力してください({known})。"
