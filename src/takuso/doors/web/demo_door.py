"""Signing in as one of the demo's persons: only in a demo home, else these addresses do not exist."""

import json
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from takuso.barrier.signin import UnknownPerson
from takuso.doors.web.language import _
from takuso.doors.web.office import from_this_machine, office, terminal
from takuso.doors.web.redirects import see_other
from takuso.doors.web.sign_in import keep
from takuso.doors.web.soundness import sound

_LONGEST: Final = 4096


@csrf_exempt
@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """`POST /demo/login {"person": …}` as JSON, from this machine and this origin alone: 204 and a cookie."""
    if not office(request).demo or not from_this_machine(request):
        raise Http404
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.get_host()}":
        return _refused(403, _("ほかのサイトからは使えません。この画面のアドレスから送ってください。"))
    if request.content_type != "application/json":
        return _refused(415, _("Content-Type: application/json で送ってください。"))
    try:
        asked: Any = json.loads(request.body[:_LONGEST])
    except (ValueError, RecursionError):
        asked = None
    person = asked.get("person") if isinstance(asked, dict) else None
    if not isinstance(person, str) or not sound(person):
        return _refused(400, _('{"person": "aoi-clerk"} の形で送ってください。'))
    try:
        fresh = office(request).signins.by_demo(person, terminal=terminal(request))
    except UnknownPerson:
        return _refused(404, _("このデモにはいない人です。コードを確かめてください。"))
    return keep(request, HttpResponse(status=204), fresh)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """The switcher: the same as a form, from this machine, with its CSRF token; 303 to the menu or the tour."""
    if not office(request).demo or not from_this_machine(request):
        raise Http404
    try:
        fresh = office(request).signins.by_demo(request.POST.get("person", ""), terminal=terminal(request))
    except UnknownPerson:
        return see_other("/login")
    to = "/screens/TR10" if request.POST.get("to") == "TR10" else "/screens/MN00"
    return keep(request, see_other(to), fresh)


def _refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=status, json_dumps_params={"ensure_ascii": False})
