"""Addresses of the office."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from takuso.doors.web import (
    account,
    company,
    demo_door,
    enrolment,
    entry,
    failures,
    health,
    manual,
    passkeys,
    preferences,
    purpose,
    sign_in,
    split,
)
from takuso.doors.web.redirects import see_other
from takuso.doors.web.screens import PAGES
from takuso.doors.web.surveys import files


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
    if request.method == "POST" and not page.takes_form:
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
    path("preferences", preferences.save),
    path("language", preferences.speak),
    path("help/keys", manual.keys),
    path("help/commands", manual.commands),
    path("login", sign_in.login),
    path("login/once/<str:token>", sign_in.once),
    path("login/company", company.begin),
    path("login/company/callback", company.callback),
    path("logout", sign_in.logout),
    path("surveys/send", files.send, {"page": PAGES["AL20"]}),
    path("surveys/summary", files.summary, {"page": PAGES["AL20"]}),
    path("account", account.account),
    path("account/sessions/end", account.end_session),
    path("account/sessions/end-others", account.end_others),
    path("account/credentials", enrolment.credentials),
    path("account/password", enrolment.password),
    path("account/totp/begin", enrolment.begin_totp),
    path("account/totp", enrolment.totp),
    path("account/recovery-codes", enrolment.recovery_codes),
    path("account/passkeys", passkeys.passkeys),
    path("account/passkeys/remove", passkeys.remove),
    path("account/company", company.account),
    path("account/company/begin", company.begin_link),
    path("account/company/link", company.link),
    path("account/company/unlink", company.unlink),
    path("demo/login", demo_door.demo_login),
    path("demo/switch", demo_door.switch),
    path("demo/split", split.split),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
