"""Addresses of the office."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from takuso.barrier.screen import ScreenKind
from takuso.doors.web import demo_door, entry, failures, health, purpose, sign_in
from takuso.doors.web.redirects import see_other
from takuso.doors.web.screens import PAGES


@require_GET
def home(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """To the menu."""
    return see_other("/screens/MN00")


@require_http_methods(["GET", "POST"])
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The screen of that code, as the register has it."""
    page = PAGES.get(code)
    if page is None:
        raise Http404
    if request.method == "POST" and page.screen.kind is not ScreenKind.LIST:
        return HttpResponseNotAllowed(["GET"])
    return page.view(request, page)


handler400: Final = failures.bad_request
handler403: Final = failures.forbidden
handler404: Final = failures.not_found
handler500: Final = failures.broken

urlpatterns: Final = [
    path("", home),
    path("screens/<str:code>", screen),
    path("go", entry.go),
    path("purpose", purpose.purpose),
    path("login", sign_in.login),
    path("login/once/<str:token>", sign_in.once),
    path("logout", sign_in.logout),
    path("demo/login", demo_door.demo_login),
    path("demo/switch", demo_door.switch),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
