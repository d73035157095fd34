"""利用目的の申告: network staff say why, with a reference, before a customer is opened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from takuso.barrier.gate import PURPOSE_SCREEN, PurposeRefused
from takuso.barrier.matrix import PURPOSES, Purpose
from takuso.barrier.screen import ScreenKind
from takuso.barrier.viewer import Viewer
from takuso.doors.web.definitions import KS10
from takuso.doors.web.frame import NO_KEYS, Answer, Frame, Problem, render, screen_named
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.language import _
from takuso.doors.web.office import is_receipt, office, viewer, visit
from takuso.doors.web.redirects import post_again, see_other
from takuso.kernel.numbers import CustomerCode, MalformedNumber

FORM: Final = "purpose-form"
TITLE: Final = "利用目的の申告"
KEYS: Final = KeyBar((*NO_KEYS.keys, Key(key="F10", label="申告", form=FORM)))
SEARCHED: Final = ("how", "term", "customer")
EVERY_LIST: Final = "*"
_NUMBER: Final = re.compile(r"[0-9]{6}-[0-9A-Z]{10}")
_PATH: Final = re.compile(r"/screens/([A-Z]{2}[0-9]{2})")
_LONGEST: Final = 64
_PART: Final = re.compile(r"[a-z]{1,16}")
_PARTS: Final = 8
_WORD: Final = re.compile(r"[a-z-]{1,20}")
_ASKING: Final = (ScreenKind.CUSTOMER, ScreenKind.LIST, ScreenKind.CASES)
_OF_CASES: Final = "IDO"
_REFERENCE: Final = "根拠の番号: {longest}文字以内で、受付番号・申込番号・作業番号などを入力してください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Where the statement leads: a screen of this office.

    `scope` is its customer code, the 受付番号 of a case whose customer it is for, or `*` for lists.
    """

    url: str
    screen: str
    screen_name: str
    scope: str

    @property
    def customer(self) -> str:
        """The customer code, or nothing for a list or a case."""
        return "" if self.scope == EVERY_LIST or self.case else self.scope

    @property
    def case(self) -> str:
        """The 受付番号, or nothing where no case is opened."""
        return self.scope if _NUMBER.fullmatch(self.scope) else ""


def goal(text: str) -> Goal | None:
    """The screen that `next` names; None unless it is a local customer screen or list with a sound code."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    path = _PATH.fullmatch(parts.path)
    screen = screen_named(path[1]) if path and not parts.scheme and not parts.netloc else None
    if screen is None or screen.kind not in _ASKING:
        return None
    asked = parse_qs(parts.query)
    scope, query = EVERY_LIST, {}
    if screen.kind is ScreenKind.CUSTOMER:
        try:
            scope = CustomerCode.parse(asked.get("customer", [""])[0]).text
        except MalformedNumber:
            return None
        query["customer"] = scope
    elif screen.kind is ScreenKind.CASES:
        scope, query = _of_cases(asked)
    receipt = asked.get("from", [""])[0]
    if is_receipt(receipt):
        query["from"] = receipt
    asks = [("show", name) for name in asked.get("show", []) if _PART.fullmatch(name)][:_PARTS]
    pairs = [*query.items(), *(asks if screen.kind is ScreenKind.CUSTOMER else [])]
    url = f"{parts.path}?{urlencode(pairs)}" if pairs else parts.path
    return Goal(url=url, screen=screen.code, screen_name=screen.name, scope=scope)


def _of_cases(asked: Mapping[str, list[str]]) -> tuple[str, dict[str, str]]:
    """Scope and address of a screen of applications: one by its 受付番号, or a list."""
    given = {name: asked[name][0] for name in ("number", "list", "after", "order") if name in asked}
    number = given.get("number", "")
    query = {name: text for name, text in given.items() if _NUMBER.fullmatch(text) or _WORD.fullmatch(text)}
    return (number if _NUMBER.fullmatch(number) else EVERY_LIST), query


@require_http_methods(["GET", "POST"])
def purpose(request: HttpRequest) -> HttpResponse:
    """GET shows the form for `next`; POST `code`, `reference`, `next` states it and goes there with 303.

    A search that lacked its purpose comes as a POST with `next` in the address: its fields stand hidden in the form,
    and 307 hands them back to the search.
    """
    person = viewer(request)
    if request.method == "POST" and not ("next" in request.GET and "next" not in request.POST):
        return _state(request, person)
    return _form(request, person, goal(request.GET.get("next", "")), ())


def _state(request: HttpRequest, person: Viewer) -> HttpResponse:
    to = goal(request.POST.get("next", ""))
    code = request.POST.get("code", "")
    reference = request.POST.get("reference", "").strip()
    problems = []
    if not code:
        problems.append(Problem(field="purpose-code", text=_("利用目的: 選ばれていません。1つ選んでください。")))
    if not reference or len(reference) > _LONGEST:
        text = _(_REFERENCE).format(longest=_LONGEST)
        problems.append(Problem(field="purpose-reference", text=text))
    if to is None or problems:
        return _form(request, person, to, tuple(problems))
    try:
        office(request).gate.state_purpose(
            visit(request, PURPOSE_SCREEN), code=code, reference=reference, scope=to.scope
        )
    except PurposeRefused as error:
        return _form(request, person, to, (_refusal(person, code, error),))
    return post_again(to.url) if _kept(request, to) else see_other(to.url)


def _kept(request: HttpRequest, to: Goal | None) -> dict[str, str]:
    """What was searched for, if the search is where the statement leads."""
    if to is None or to.screen != KS10.code:
        return {}
    return {name: request.POST[name][:_LONGEST] for name in SEARCHED if request.POST.get(name)}


def _refusal(person: Viewer, code: str, error: PurposeRefused) -> Problem:
    """The wall's own words, at the field they are about: with a purpose of the duty it can only be the number."""
    if any(one.code == code for one in _usable(person)):
        return Problem(field="purpose-reference", text=f"{_('根拠の番号')}: {_(str(error))}")
    return Problem(field="purpose-code", text=f"{_('利用目的')}: {_(str(error))}")


def _usable(person: Viewer) -> list[Purpose]:
    return [one for one in PURPOSES if person.duty in one.duties]


def _form(request: HttpRequest, person: Viewer, to: Goal | None, problems: tuple[Problem, ...]) -> HttpResponse:
    usable = _usable(person)
    # Without a goal there is nothing to state a purpose for: the page says so and leads to the menu.
    keys = KEYS if to and usable else NO_KEYS
    # A case bears its own purpose out: both fields are filled in, to be read and sent.
    case = to.case if to else ""
    extra: dict[str, Any] = {
        "goal": to,
        "purposes": usable,
        "code": request.POST.get("code", _OF_CASES if case else ""),
        "reference": request.POST.get("reference", case)[:_LONGEST],
        "kept": _kept(request, to),
        "form": FORM,
    }
    failed = bool(problems) or (to is None and request.method == "POST")
    frame = Frame(title=TITLE, viewer=person, keys=keys, customer=to.customer if to else "", problems=problems)
    body = render(request, "purpose.html", frame, extra)
    return Answer(body, outcome="malformed" if failed else "form", status=400 if failed else 200)
