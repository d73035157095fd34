"""RT40 申込の入力 and UK30 申込の代行入力: choose a procedure, fill its form, read all of it once more, file it.

On UK30 the network company's intake enters what a retailer sent on paper, in that retailer's name (`sender`).

What is typed travels in the body of a POST. The confirmation carries a key, so that sending it twice files once.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from unicodedata import normalize
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Declined, Sight
from takuso.doors.web.definitions import RT20, UK20, UK30
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.language import _
from takuso.doors.web.office import came_from, office, viewer, visit
from takuso.doors.web.page import Page
from takuso.doors.web.reception.lists import NUMBER, one_url
from takuso.doors.web.reception.offered import apply_url, procedures
from takuso.doors.web.reception.wording import FIELD, problem, said, told
from takuso.doors.web.redirects import see_other
from takuso.flow.reception import operations
from takuso.flow.reception.filings import filing
from takuso.flow.reception.forms import FORMS, read, write
from takuso.flow.reception.model import Content, day_of, procedure_of
from takuso.flow.reception.procedures import CATALOGUE, Procedure

FORM: Final = "apply-form"
FILE_FORM: Final = "file-form"
CHOICE_FIELD: Final = "procedures"
CONFIRM_FIELD: Final = "confirm-title"
DECLINED: Final = {
    "key-used": (
        "この確認画面からは、すでに別の内容で申し込まれています。"
        "申込一覧で確かめ、必要なら、もう一度「この内容で申し込む」を押してください。"
    ),
    "sender": (
        "申込者のコード: この会社コードの小売電気事業者はありません。「直す」を押し、申込書を確かめてください。"
    ),
    "malformed": "この内容は登録できませんでした。「直す」を押し、入力を確かめてください。",
}
"""What the page says when the wall does not take an application, by the wall's word."""
_CHECK: Final = (Key(key="F10", label="確認", form=FORM),)
_FILE: Final = (Key(key="F10", label="申込", form=FILE_FORM),)
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_SENDER: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
SENDER_FIELD: Final = f"{FIELD}sender"
_LONGEST: Final = 400


def applying(request: HttpRequest, page: Page) -> HttpResponse:
    """GET: the procedures, or with `procedure` its form. POST: `do` is check, edit or file."""
    given = request.POST if request.method == "POST" else request.GET
    name = given.get("procedure", "")
    procedure = next((one for one in procedures(viewer(request).duty) if one.value == name), None)
    if procedure is None:
        return _choice(request, page, wrong=bool(name))
    if request.method != "POST":
        return _form(request, page, procedure, _prefilled(request, procedure))
    typed = {one.name: request.POST.get(one.name, "")[:_LONGEST] for one in FORMS[procedure].fields}
    if request.POST.get("do") == "edit":
        return _form(request, page, procedure, typed)
    content = read(procedure, typed)
    problems = tuple(problem(procedure, one) for one in content) if isinstance(content, tuple) else ()
    if _by_proxy(page) and not _SENDER.fullmatch(_sender(request)):
        text = _("申込者のコード: 申込書の小売電気事業者の会社コードを、英小文字・数字・ハイフンで入力してください。")
        problems = (Problem(field=SENDER_FIELD, text=text), *problems)
    if problems or isinstance(content, tuple):
        return _form(request, page, procedure, typed, problems)
    key = request.POST.get("key", "")
    if request.POST.get("do") == "file" and _KEY.fullmatch(key):
        return _file(request, page, content, key)
    return _confirmation(request, page, content)


def _by_proxy(page: Page) -> bool:
    """True on the network company's screen."""
    return page.screen is UK30


def _action(page: Page) -> str:
    return operations.ENTER if _by_proxy(page) else operations.APPLY


def _sender(request: HttpRequest) -> str:
    return normalize("NFKC", request.POST.get("sender", "")).strip().lower()[:_LONGEST]


def _proxy(request: HttpRequest, page: Page) -> dict[str, Any]:
    """What the templates say and carry about whose application it is."""
    return {"proxy": _by_proxy(page), "sender": _sender(request), "sender_field": SENDER_FIELD}


def _prefilled(request: HttpRequest, procedure: Procedure) -> Mapping[str, str]:
    """Of what an address brings along, numbers of applications alone."""
    given = {name: request.GET.get(name, "") for name in ("concerns", "relay")}
    typed = {name: text for name, text in given.items() if NUMBER.fullmatch(text)}
    return {one.name: typed.get(one.name, "") for one in FORMS[procedure].fields}


def _choice(request: HttpRequest, page: Page, *, wrong: bool) -> HttpResponse:
    text = _("手続き: この職務で申し込める手続きではありません。一覧から 1 つ選んでください。")
    problems = (Problem(field=CHOICE_FIELD, text=text),) if wrong else ()

    def extra(sight: Sight) -> Mapping[str, Any]:
        return {
            "choices": [
                (
                    CATALOGUE[one].name,
                    CATALOGUE[one].purpose,
                    apply_url(one, receipt=sight.receipt, screen=page.screen.code),
                )
                for one in procedures(sight.viewer.duty)
            ]
        }

    return _shown(request, page, "choice.html", extra, problems=problems)


def _form(
    request: HttpRequest,
    page: Page,
    procedure: Procedure,
    typed: Mapping[str, str],
    problems: tuple[Problem, ...] = (),
) -> HttpResponse:
    extra = {"procedure": CATALOGUE[procedure], "code": procedure, "prefix": FIELD}
    drawn = extra | {"fields": FORMS[procedure].fields, "typed": typed}
    return _shown(request, page, "form.html", lambda _sight: drawn, keys=_CHECK, problems=problems)


def _confirmation(
    request: HttpRequest, page: Page, content: Content, problems: tuple[Problem, ...] = ()
) -> HttpResponse:
    procedure = procedure_of(content)
    extra = {
        "procedure": CATALOGUE[procedure],
        "code": procedure,
        "content": said(content),
        "written": write(content),
        "day": day_of(content),
        "told": told(procedure),
        "key": uuid4().hex,
    }
    return _shown(request, page, "confirmation.html", lambda _sight: extra, keys=_FILE, problems=problems)


def _file(request: HttpRequest, page: Page, content: Content, key: str) -> HttpResponse:
    proxy, action = _by_proxy(page), _action(page)
    sender = _sender(request) if proxy else None
    parameters = filing(content, action=action, via="paper" if proxy else "screen", key=key, sender=sender)
    point = parameters["supply_point"]
    try:
        number = office(request).gate.administer(
            visit(request, page.screen.code),
            action=action,
            asked=() if point is None else (point,),
            statement=operations.FILE,
            parameters=parameters,
        )
    except Declined as error:
        text = _(DECLINED.get(error.why, DECLINED["malformed"]))
        return _confirmation(request, page, content, (Problem(field=CONFIRM_FIELD, text=text),))
    to = UK20 if proxy else RT20
    return see_other(one_url(number, receipt=came_from(request), screen=to.code))


def _shown(
    request: HttpRequest,
    page: Page,
    template: str,
    extra: Any,
    *,
    keys: tuple[Key, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> HttpResponse:
    """A page under a ticket for applying that names no customer; 400 when something is wrong with what was typed."""

    def draw(sight: Sight) -> bytes:
        bar = KeyBar((*keys, *page.keys.keys))
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=bar)
        return render(
            request, f"reception/{template}", frame.with_problems(problems), _proxy(request, page) | extra(sight)
        )

    released = office(request).gate.read_office(
        visit(request, page.screen.code), action=_action(page), queries=(), parameters={}, render=draw
    )
    outcome, status = ("malformed", 400) if problems else ("shown", 200)
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)
