"""会社の ID 基盤で入る: the way to the company's provider and back, and the account that a person adds.

The session's cookie is SameSite=Strict: a browser that comes back from another site does not bring it. The way itself
is kept in a cookie of its own (Lax, sealed, ten minutes, one use), and what follows is a page of ours that leads on:
from it the browser brings the Strict cookies again (ADR 0022).
"""

from typing import Final, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from takuso.barrier.credentials.accounts import NotConfirmed
from takuso.barrier.credentials.external import AlreadyLinked, ExternalRefused, ExternalSignIn, ExternalUnreachable
from takuso.barrier.credentials.rounds import LASTS
from takuso.barrier.signin import Proof
from takuso.doors.web.frame import NO_KEYS, Answer, Frame, Problem, render
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.language import _
from takuso.doors.web.office import office, proof, signed_in, terminal, viewer
from takuso.doors.web.redirects import see_other
from takuso.doors.web.sign_in import again, keep

ROUND: Final = "takuso_company"
FOUND: Final = "takuso_company_found"
BACK: Final = "/login/company/callback"
PAGE: Final = "/account/company"
TITLE: Final = "会社の ID 基盤のアカウント"
FORM: Final = "company-form"
SAID: Final = {
    "linked": "会社の ID 基盤のアカウントを追加しました。",
    "unlinked": "会社の ID 基盤のアカウントを取り消しました。ほかの端末でのサインインは終了しました。",
    "none": "追加を待つアカウントがありません。もう一度はじめから試してください。",
}
_LONGEST: Final = 1024


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """To the provider, to sign in."""
    return _depart(request, proof(request), links=False)


@require_POST
def begin_link(request: HttpRequest) -> HttpResponse:
    """To the provider, to show the account that is to be added."""
    company, person = _company(request), signed_in(request)
    if company.account(person).must_enrol:
        return see_other("/account/credentials")
    return _depart(request, person, links=True)


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """The way back, used up by it: signs in, or shows the account that waits to be added."""
    company = _company(request)
    answer = {name: request.GET.getlist(name) for name in request.GET}
    try:
        arrived = company.arrive(request.COOKIES.get(ROUND, ""), answer, terminal=terminal(request))
    except (ExternalRefused, ExternalUnreachable) as error:
        response = _failed(request, error)
    else:
        if arrived.proof is not None:
            response = keep(request, _onward(request, "/screens/MN00"), arrived.proof)
        else:
            response = _onward(request, PAGE)
            _keep(request, response, FOUND, arrived.found, "Strict", PAGE)
    response.delete_cookie(ROUND, path="/login/company", samesite="Lax")
    return response


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """The account that the person has added, or one that waits to be."""
    return _page(request, ())


@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Add the account that waits; `old` from whoever can already sign in."""
    company, person = _company(request), signed_in(request)
    if company.account(person).must_enrol:
        return see_other("/account/credentials")
    try:
        done = company.link(person, request.COOKIES.get(FOUND, ""), _old(request), terminal=terminal(request))
    except NotConfirmed as error:
        return _page(request, (Problem.about("company-old", "いまのパスワード", str(error)),))
    except AlreadyLinked as error:
        return _page(request, (Problem(field="company-subject", text=_(str(error))),))
    response = see_other(f"{PAGE}?done={'linked' if done else 'none'}")
    response.delete_cookie(FOUND, path=PAGE, samesite="Strict")
    return response


@require_POST
def unlink(request: HttpRequest) -> HttpResponse:
    """Take the account back; `old` from whoever can already sign in."""
    company, person = _company(request), signed_in(request)
    try:
        company.unlink(person, _old(request), terminal=terminal(request))
    except NotConfirmed as error:
        return _page(request, (Problem.about("company-old", "いまのパスワード", str(error)),))
    return see_other(f"{PAGE}?done=unlinked")


def _company(request: HttpRequest) -> ExternalSignIn:
    """The provider of this office; without one there is no such page."""
    found = office(request).company
    if found is None:
        raise Http404
    return found


def _old(request: HttpRequest) -> str:
    return request.POST.get("old", "")[:_LONGEST]


def _depart(request: HttpRequest, person: Proof | None, *, links: bool) -> HttpResponse:
    company = _company(request)
    try:
        to, cookie = company.begin(request.build_absolute_uri(BACK), person, links=links, terminal=terminal(request))
    except ExternalUnreachable as error:
        return _failed(request, error)
    response = _onward(request, to)
    _keep(request, response, ROUND, cookie, "Lax", "/login/company")
    return response


def _keep(
    request: HttpRequest, response: HttpResponse, name: str, text: str, same: Literal["Lax", "Strict"], path: str
) -> None:
    response.set_cookie(
        name, text, max_age=LASTS, path=path, httponly=True, secure=office(request).https, samesite=same
    )


def _onward(request: HttpRequest, to: str) -> HttpResponse:
    """A page that leads on by itself: no redirect, since that would count as one more step of the other site, and the
    browser would refuse a form's redirect to it (`form-action 'self'`)."""
    frame = Frame(title=_("次の画面へ進みます"))
    return Answer(render(request, "onward.html", frame, {"to": to}), outcome="form")


def _failed(request: HttpRequest, error: ExternalRefused | ExternalUnreachable) -> HttpResponse:
    status = 503 if isinstance(error, ExternalUnreachable) else 400
    return again(request, (Problem(field="login-company", text=_(str(error))),), status=status)


def _page(request: HttpRequest, problems: tuple[Problem, ...]) -> HttpResponse:
    company, person, shown = _company(request), viewer(request), signed_in(request)
    own, linked = office(request).accounts.account(shown), company.account(shown)
    waiting = company.found(shown, request.COOKIES.get(FOUND, ""))
    keys = KeyBar((*NO_KEYS.keys, Key(key="F10", label="登録", form=FORM)))
    frame = Frame(title=_(TITLE), viewer=person, keys=keys, problems=problems)
    said = SAID.get(request.GET.get("done", ""), "")
    extra = {"own": own, "linked": linked, "waiting": waiting, "issuer": company.issuer, "form": FORM}
    body = render(request, "company.html", frame, extra | {"said": said and _(said)})
    return Answer(body, outcome="refused" if problems else "form", status=400 if problems else 200)
