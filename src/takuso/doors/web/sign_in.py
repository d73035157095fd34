"""Signing in by a one-time code or link, and out again."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from takuso.barrier.signin import LinkRefused, Proof
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.office import COOKIE, office, proof, viewer_or_none
from takuso.doors.web.redirects import see_other

FORM: Final = "login-form"
KEYS: Final = KeyBar((Key(key="F10", label="サインイン", form=FORM),))
TITLE: Final = "サインイン"
_LONGEST: Final = 128


@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """GET asks for the one-time code; POST `code` signs in."""
    if request.method == "POST":
        return _by_token(request, request.POST.get("code", "").strip()[:_LONGEST])
    return _form(request, ())


@require_http_methods(["GET", "POST"])
def once(request: HttpRequest, token: str) -> HttpResponse:
    """The link printed at start: GET shows a button, so that a preview uses nothing up; POST signs in."""
    if request.method == "POST":
        return _by_token(request, token)
    frame = Frame(title=TITLE, viewer=None, keys=KEYS)
    return Answer(render(request, "once.html", frame, {"form": FORM}))


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Ends the sign-in here and in the database."""
    ended = proof(request)
    if ended is not None:
        office(request).signins.end(ended)
    response = see_other("/login")
    response.delete_cookie(COOKIE, samesite="Strict")
    return response


def keep(request: HttpRequest, response: HttpResponse, fresh: Proof) -> HttpResponse:
    """Give the browser the new sign-in; whatever it was signed in as before ends."""
    former = proof(request)
    if former is not None:
        office(request).signins.end(former)
    response.set_cookie(COOKIE, fresh.cookie, httponly=True, samesite="Strict", secure=office(request).https)
    return response


def _by_token(request: HttpRequest, token: str) -> HttpResponse:
    if not token:
        return _form(request, (Problem(field="login-code", text="ワンタイムコード: 入力してください。"),))
    try:
        fresh = office(request).signins.by_link(token)
    except LinkRefused as error:
        return _form(request, (Problem(field="login-code", text=f"ワンタイムコード: {error}"),))
    return keep(request, see_other("/screens/MN00"), fresh)


def _form(request: HttpRequest, problems: tuple[Problem, ...]) -> HttpResponse:
    person = viewer_or_none(request)
    frame = Frame(title=TITLE, viewer=person, keys=KEYS, problems=problems)
    # The browser still brings a sign-in that no longer holds: whoever was sent here should know why.
    ended = person is None and proof(request) is not None
    body = render(request, "login.html", frame, {"form": FORM, "ended": ended})
    return Answer(body, outcome="refused" if problems else "form", status=400 if problems else 200)
