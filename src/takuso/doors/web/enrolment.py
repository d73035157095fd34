"""登録: password, authenticator app and recovery codes, set and changed by the person alone."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from markupsafe import Markup

from takuso.barrier.credentials.accounts import CodeRefused, NotConfirmed
from takuso.barrier.credentials.passwords import PasswordRefused
from takuso.barrier.viewer import Viewer
from takuso.doors.web.frame import NO_KEYS, Answer, Frame, Problem, render
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.language import _
from takuso.doors.web.office import office, signed_in, terminal, viewer
from takuso.doors.web.redirects import see_other

TITLE: Final = "サインインに使うものの登録"
SAID: Final = MappingProxyType({"password": "パスワードを設定しました。"})
NEW: Final = "新しいパスワード"
AGAIN: Final = "新しいパスワード（もう一度）"
CODE_FORM: Final = "code-form"
_CODE_KEYS: Final = KeyBar((*NO_KEYS.keys, Key(key="F10", label="登録", form=CODE_FORM)))
_CODES_KEYS: Final = KeyBar((*NO_KEYS.keys, Key(key="F8", prints=True)))
_LONGEST: Final = 1024
"""Of a password as it is sent; a longer one than is taken is refused by name, not cut."""


@require_GET
def credentials(request: HttpRequest) -> HttpResponse:
    """What there is, and a form for each."""
    return _form(request, ())


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """`new`, `again` and, from whoever can already sign in, `old`."""
    person, proof = viewer(request), signed_in(request)
    new, again = _given(request, "new"), _given(request, "again")
    if not new:
        return _form(request, (Problem.about("password-new", NEW, "入力してください。"),))
    if new != again:
        return _form(request, (Problem.about("password-again", AGAIN, "同じものを入力してください。"),))
    about = (person.person_code, person.person_name)
    try:
        office(request).accounts.set_password(
            proof, _given(request, "old"), new, about=about, terminal=terminal(request)
        )
    except PasswordRefused as error:
        return _form(request, (Problem.about("password-new", NEW, str(error)),))
    except NotConfirmed as error:
        return _form(request, (_wrong("password-old", error),))
    return see_other("/account/credentials?done=password")


@require_POST
def begin_totp(request: HttpRequest) -> HttpResponse:
    """Begin with an app; `old` from whoever can already sign in. 303 to the picture."""
    viewer(request)
    try:
        office(request).accounts.begin_totp(signed_in(request), _given(request, "old"), terminal=terminal(request))
    except NotConfirmed as error:
        return _form(request, (_wrong("totp-old", error),))
    return see_other("/account/totp")


@require_http_methods(["GET", "POST"])
def totp(request: HttpRequest) -> HttpResponse:
    """GET shows the secret that waits for its first code; POST `code` ends the enrolment and shows recovery codes."""
    viewer(request)
    if request.method == "GET":
        return _picture(request, ())
    code = request.POST.get("code", "")
    try:
        codes = office(request).accounts.confirm_totp(signed_in(request), code, terminal=terminal(request))
    except CodeRefused as error:
        return _picture(request, (Problem.about("totp-code", "認証コード", str(error)),))
    return recovery_page(request, viewer(request), codes)


@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new ones, shown in this answer and never again."""
    viewer(request)
    try:
        codes = office(request).accounts.renew_recovery_codes(
            signed_in(request), _given(request, "old"), terminal=terminal(request)
        )
    except NotConfirmed as error:
        return _form(request, (_wrong("recovery-old", error),))
    return recovery_page(request, viewer(request), codes)


def _given(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "")[:_LONGEST]


def _wrong(field: str, error: NotConfirmed) -> Problem:
    return Problem.about(field, "いまのパスワード", str(error))


def _form(request: HttpRequest, problems: tuple[Problem, ...]) -> HttpResponse:
    person, own = viewer(request), office(request).accounts.account(signed_in(request))
    next_form = "password-form" if own.password_since is None or own.enrolled else "totp-form"
    keys = KeyBar((*NO_KEYS.keys, Key(key="F10", label="登録", form=next_form)))
    frame = Frame(title=_(TITLE), viewer=person, keys=keys, problems=problems)
    said = SAID.get(request.GET.get("done", ""), "")
    return _answer(request, "credentials.html", frame, {"own": own, "said": said and _(said)})


def _picture(request: HttpRequest, problems: tuple[Problem, ...]) -> HttpResponse:
    person, secret = viewer(request), office(request).accounts.pending_totp(signed_in(request))
    if secret is None:
        return see_other("/account/credentials")
    frame = Frame(title=_("認証アプリの登録"), viewer=person, keys=_CODE_KEYS, problems=problems)
    picture = Markup(secret.qr(person.person_code))  # noqa: S704 - made by us of letters and digits
    return _answer(request, "totp.html", frame, {"picture": picture, "secret": secret.grouped, "form": CODE_FORM})


def recovery_page(request: HttpRequest, person: Viewer, codes: Sequence[str]) -> HttpResponse:
    """The recovery codes, in this answer and never again."""
    frame = Frame(title=_("回復コード"), viewer=person, keys=_CODES_KEYS)
    return _answer(request, "recovery_codes.html", frame, {"codes": codes})


def _answer(request: HttpRequest, name: str, frame: Frame, extra: dict[str, Any]) -> HttpResponse:
    failed = bool(frame.problems)
    return Answer(
        render(request, name, frame, extra), outcome="refused" if failed else "form", status=400 if failed else 200
    )
