"""並べて見る: one address as two of the demo's persons, and under each what the wall made of it.

Only in a demo home and from this machine, like the other demo doors. For each person the server begins a sign-in of
its own, asks the gate as that person's browser would, and ends the sign-in; so each side is a record of its own.
"""

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from markupsafe import Markup

from takuso.barrier.gate import PurposeNeeded, Sight, Visit
from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES
from takuso.barrier.signin import UnknownPerson
from takuso.doors.web.customer import points_of
from takuso.doors.web.definitions import CI20, KF10
from takuso.doors.web.engine import template
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.office import from_this_machine, office, viewer_or_none
from takuso.doors.web.page import Page
from takuso.doors.web.screens import PAGES
from takuso.kernel.numbers import CustomerCode, MalformedNumber

_SCREENS: Final = {page.screen.code: page for page in PAGES.values() if page.for_customer}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One person's half, rendered under that person's ticket."""

    person: str
    body: Markup


@require_GET
def split(request: HttpRequest) -> HttpResponse:
    """`customer`, `a`, `b`, and `screen` (CI20 if it is not said)."""
    if not office(request).demo or not from_this_machine(request):
        raise Http404
    page = _SCREENS.get(request.GET.get("screen", CI20.code))
    try:
        code = CustomerCode.parse(request.GET.get("customer", ""))
    except MalformedNumber:
        raise SuspiciousOperation("no customer code") from None
    if page is None:
        raise Http404
    sides = [_side(request, page, code, side, request.GET.get(side, "")) for side in ("a", "b")]
    frame = Frame(title="並べて見る", viewer=viewer_or_none(request), screen="", customer=code.text)
    extra = {"sides": sides, "screen": page.screen, "code": code.text, "screens": [KF10, CI20]}
    return Answer(render(request, "split.html", frame, extra | {"a": sides[0].person, "b": sides[1].person}))


def _side(request: HttpRequest, page: Page, code: CustomerCode, side: str, person: str) -> Side:
    here = office(request)
    try:
        proof = here.signins.by_demo(person)
    except UnknownPerson:
        raise Http404 from None

    # Side by side stands what each may see, without a step between.
    everything = frozenset(panel.id for panel in page.panels)

    def draw(sight: Sight) -> bytes:
        points = points_of(page, sight, code, everything) if sight.shown else ()
        shown = {
            "side": side,
            "who": sight.viewer,
            "duty": DUTY_NAMES[sight.viewer.duty],
            "login": sight.login,
            "receipt": sight.receipt,
            "shown": sight.shown,
            "classes": [(c, CLASS_NAMES[c]) for c in sorted(page.screen.classes) if sight.granted(c)],
            "points": points,
        }
        return template("parts/side.html").render(shown).encode()

    terminal = request.META.get("REMOTE_ADDR")
    try:
        visit = Visit(proof=proof, screen=page.screen.code, terminal=terminal)
        body = here.gate.look(visit, asked=(code.text,), queries=page.queries, render=draw).body.decode()
    except PurposeNeeded as error:
        body = template("parts/side_purpose.html").render(side=side, person=person, receipt=error.receipt)
    finally:
        here.signins.end(proof)
    return Side(person=person, body=Markup(body))  # noqa: S704 - rendered by the engine, which escapes
