"""個人設定: language, what Enter does and height of rows; kept by person, carried to each page by cookies.

A page reads cookies alone. They are written at sign-in and at every change, and decide nothing but how a page looks.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from takuso.barrier.gate import Sight
from takuso.barrier.signin import Preference
from takuso.doors.web import failures
from takuso.doors.web.definitions import MY10
from takuso.doors.web.frame import Answer, Frame, render, screen_named
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import COOKIE as LANGUAGE
from takuso.doors.web.office import came_from, office, proof, visit
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other
from takuso.doors.web.wishes import CHOICES, DENSITY, ENTER, wishes
from takuso.kernel.numbers import CustomerCode, MalformedNumber

FORM: Final = "preferences-form"
_COOKIES: Final[Mapping[str, str]] = MappingProxyType({"language": LANGUAGE, "enter": ENTER, "density": DENSITY})
_A_YEAR: Final = 365 * 24 * 3600


def preferences(request: HttpRequest, page: Page) -> HttpResponse:
    """MY10: the form, with what holds now."""

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=MY10.name, screen=MY10.code, keys=page.keys)
        extra = {"form": FORM, "choices": CHOICES, "now": wishes(request), "saved": "saved" in request.GET}
        return render(request, "preferences.html", frame, extra)

    released = office(request).gate.look(visit(request, MY10.code), render=draw)
    return Answer(released.body, screen=MY10.code, outcome="shown")


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """`language`, `enter`, `density`: kept for this person; 303 to MY10, or to the sign-in without one."""
    given = {name: request.POST.get(name, "") for name in CHOICES}
    if any(value not in CHOICES[name] for name, value in given.items()):
        return failures.page(request, 400)
    shown, wished = proof(request), Preference(**given)
    if shown is None or not office(request).signins.keep_preference(shown, wished):
        return see_other("/login")
    to = screen_url(MY10.code, receipt=came_from(request))
    return carry(request, see_other(f"{to}{'&' if '?' in to else '?'}saved=1"), wished)


@require_POST
def speak(request: HttpRequest) -> HttpResponse:
    """`language`: from now on, kept for the person if one is signed in; 303 back to the screen it was chosen on."""
    spoken = request.POST.get("language", "")
    if spoken not in CHOICES["language"]:
        return failures.page(request, 400)
    shown, wished = proof(request), replace(wishes(request), language=spoken)
    if shown is not None:
        office(request).signins.keep_preference(shown, wished)
    return carry(request, see_other(_back(request)), wished)


def carry(request: HttpRequest, response: HttpResponse, wished: Preference | None) -> HttpResponse:
    """Give the browser the settings; None: what another person left there goes, but for the language."""
    for name, cookie in _COOKIES.items():
        if wished is not None:
            response.set_cookie(
                cookie,
                getattr(wished, name),
                max_age=_A_YEAR,
                httponly=True,
                samesite="Strict",
                secure=office(request).https,
            )
        elif cookie != LANGUAGE and cookie in request.COOKIES:
            response.delete_cookie(cookie, samesite="Strict")
    return response


def _back(request: HttpRequest) -> str:
    """The screen that the form names, for its customer; without one the menu, or the sign-in."""
    screen = screen_named(request.POST.get("screen", ""))
    if screen is None:
        return "/" if proof(request) else "/login"
    try:
        customer = CustomerCode.parse(request.POST.get("customer", "")).text
    except MalformedNumber:
        customer = ""
    return screen_url(screen.code, customer=customer, receipt=came_from(request))
