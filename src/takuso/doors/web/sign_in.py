"""Signing in by password and second factor, by a one-time code or link; and out again."""

from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from takuso.barrier.credentials.accounts import SignInRefused
from takuso.barrier.signin import LinkRefused, Proof
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.language import _
from takuso.doors.web.office import COOKIE, office, proof, terminal, viewer_or_none
from takuso.doors.web.passkeys import place
from takuso.doors.web.preferences import carry
from takuso.doors.web.redirects import see_other

FORM: Final = "login-form"
KEYS: Final = KeyBar((Key(key="F10", label="サインイン", form=FORM),))
TITLE: Final = "サインイン"
FIELDS: Final = MappingProxyType(
    {
        "person": ("login-person", "利用者コード"),
        "password": ("login-password", "パスワード"),
        "second": ("login-second", "認証コード"),
    }
)
"""Name of a field to its id and label."""
_LONGEST: Final = 128


@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """GET asks; POST `person`, `password` and `second`, or a one-time `code`, signs in."""
    if request.method == "POST" and "person" in request.POST:
        return _by_password(request)
    if request.method == "POST":
        return _by_token(request, request.POST.get("code", "").strip()[:_LONGEST])
    return _form(request, ())


@require_http_methods(["GET", "POST"])
def once(request: HttpRequest, token: str) -> HttpResponse:
    """The link printed at start: GET shows a button, so that a preview uses nothing up; POST signs in."""
    if request.method == "POST":
        return _by_token(request, token)
    frame = Frame(title=_(TITLE), viewer=None, keys=KEYS)
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
    return carry(request, response, office(request).signins.preference(fresh))


def again(request: HttpRequest, problems: tuple[Problem, ...], *, status: int) -> HttpResponse:
    """The form once more, over a sign-in by another way that did not succeed."""
    return _form(request, problems, status=status)


def _by_password(request: HttpRequest) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in FIELDS}
    by_passkey = request.POST.get("passkey", "")
    if by_passkey:
        given["second"] = "-"
    person = given["person"].strip()[:_LONGEST]
    problems = tuple(
        Problem.about(field, label, "入力してください。")
        for name, (field, label) in FIELDS.items()
        if not given[name].strip()
    )
    if problems:
        return _form(request, problems, person)
    where = terminal(request)
    try:
        here = place(request) if by_passkey else None
        if here is not None:
            question = request.POST.get("question", "")
            made = office(request).passkeys
            fresh = made.sign_in(person, given["password"], question, by_passkey, here, terminal=where)
        else:
            code = given["second"][:_LONGEST]
            fresh = office(request).accounts.sign_in(person, given["password"], code, terminal=where)
    except SignInRefused as error:
        return _form(request, (Problem(field="login-person", text=_(str(error))),), person)
    return keep(request, see_other("/screens/MN00"), fresh)


def _by_token(request: HttpRequest, token: str) -> HttpResponse:
    if not token:
        return _form(request, (_about_code("入力してください。"),))
    try:
        fresh = office(request).signins.by_link(token, terminal=terminal(request))
    except LinkRefused as error:
        return _form(request, (_about_code(str(error)),))
    return keep(request, see_other("/screens/MN00"), fresh)


def _about_code(text: str) -> Problem:
    return Problem.about("login-code", "ワンタイムコード", text)


def _form(request: HttpRequest, problems: tuple[Problem, ...], typed: str = "", *, status: int = 400) -> HttpResponse:
    person = viewer_or_none(request)
    frame = Frame(title=_(TITLE), viewer=person, keys=KEYS, problems=problems)
    # The browser still brings a sign-in that no longer holds: whoever was sent here should know why.
    ended = person is None and proof(request) is not None
    here, company = place(request), office(request).company
    shown = {"form": FORM, "ended": ended, "person": typed, "company": company, "here": here}
    if here is not None:
        shown["question"] = office(request).passkeys.question(None)
    body = render(request, "login.html", frame, shown)
    return Answer(body, outcome="refused" if problems else "form", status=status if problems else 200)
