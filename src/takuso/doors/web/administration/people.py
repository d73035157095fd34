"""AD10 人と発令: who works for whom in which duty, now, before and later; registered, corrected and ended.

Names travel in the body of a POST; a person's code may stand in the address.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Declined, Sight
from takuso.barrier.matrix import DUTY_NAMES, Duty
from takuso.barrier.office_queries import APPOINTMENTS, COMPANIES, PERSONS, AppointmentLine
from takuso.doors.web.administration.forms import (
    DONE,
    Malformed,
    change,
    drawn,
    framed,
    instant,
    problem,
    show,
    typed,
    written,
)
from takuso.doors.web.frame import Problem
from takuso.doors.web.keys import Key, screen_url
from takuso.doors.web.language import _
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other

PAGE: Final = 50
_LIST_KEYS: Final = (Key(key="F10", label="検索実行", form="find-form"),)
_FORM_KEYS: Final = (Key(key="F10", label="発令", form="appoint-form"),)
_FIELDS: Final = ("employer", "principal", "duty", "since", "until", "reason")
_APPOINT: Final = (
    "SELECT wall.appoint(%(proof)s, %(day)s, %(receipt)s, %(person)s, %(employer)s, %(principal)s, %(duty)s,"
    " %(since)s, %(until)s, %(retires)s, %(reason)s)"
)
_ADD: Final = "SELECT wall.add_person(%(proof)s, %(day)s, %(receipt)s, %(code)s, %(name)s)"


def people(request: HttpRequest, page: Page) -> HttpResponse:
    """GET: the list, or `person` with `at` (a business instant) or `change` (an appointment). POST: as `do` says."""
    if request.method != "POST":
        code = request.GET.get("person", "")
        return _person(request, page, code) if code else _list(request, page)
    match request.POST.get("do", "find"):
        case "person":
            return _add(request, page)
        case "appoint":
            return _appoint(request, page)
        case _:
            return _list(request, page)


def _list(
    request: HttpRequest, page: Page, problems: tuple[Problem, ...] = (), new: Mapping[str, str] | None = None
) -> HttpResponse:
    term = request.POST.get("term", "").strip()[:64]

    def draw(sight: Sight) -> bytes:
        lines = sight.rows(PERSONS)
        frame = framed(sight, page, _LIST_KEYS, problems)
        extra = {
            "lines": lines,
            "term": term,
            "after": lines[-1].code if lines and lines[-1].more else "",
            "new": new or {"code": "", "name": ""},
            "duties": DUTY_NAMES,
        }
        return drawn(request, "people.html", frame, extra)

    parameters = {"find": term or None, "after": request.POST.get("after") or None, "limit": PAGE}
    return show(
        request,
        page,
        action="office.read",
        queries=(PERSONS,),
        parameters=parameters,
        draw=draw,
        failed=bool(problems),
    )


def _person(
    request: HttpRequest,
    page: Page,
    code: str,
    problems: tuple[Problem, ...] = (),
    values: Mapping[str, str] | None = None,
) -> HttpResponse:
    at, wrong = _asked_instant(request)
    problems = (*problems, *wrong)
    changed = request.POST.get("retires") or request.GET.get("change") or ""

    def draw(sight: Sight) -> bytes:
        lines = sight.rows(APPOINTMENTS)
        held = [line for line in lines if line.id is not None]
        former = next((one for one in held if str(one.id) == changed and one.stands), None)
        frame = framed(sight, page, _FORM_KEYS, problems)
        extra = {
            "person": lines[0] if lines else None,
            "code": code,
            "held": [line for line in held if line.stands],
            "recorded": held,
            "then": [line for line in held if line.held_then],
            "now": [line for line in held if line.held_now],
            "asked": request.GET.get("at", "") if at else "",
            "former": former,
            "values": values or _values(former),
            "companies": sight.rows(COMPANIES),
            "duties": DUTY_NAMES,
            "state": _state_at(sight),
            "done": _(DONE[request.GET["done"]]) if request.GET.get("done") in DONE else "",
        }
        return drawn(request, "person.html", frame, extra)

    return show(
        request,
        page,
        action="office.read",
        queries=(APPOINTMENTS, COMPANIES),
        parameters={"person": code, "at": at},
        draw=draw,
        failed=bool(problems),
    )


def _asked_instant(request: HttpRequest) -> tuple[Any, tuple[Problem, ...]]:
    try:
        return instant(request.GET.get("at", "")), ()
    except Malformed:
        text = _("時点: 2026-12-01T09:00 の形の日時を入力してください。")
        return None, (Problem(field="at", text=text),)


def _state_at(sight: Sight) -> Any:
    """Of an appointment, in words, at the page's instant."""

    def state(line: AppointmentLine) -> str:
        if line.since is not None and line.since > sight.at:
            return _("予定")
        if line.until is not None and line.until <= sight.at:
            return _("終了")
        return _("現在")

    return state


def _values(former: AppointmentLine | None) -> dict[str, str]:
    """What stands in the form: nothing, or the appointment that is corrected."""
    if former is None:
        return dict.fromkeys(_FIELDS, "")
    return {
        "employer": former.employer or "",
        "principal": former.principal or "",
        "duty": former.duty or "",
        "since": written(former.since),
        "until": written(former.until),
        "reason": "",
    }


def _add(request: HttpRequest, page: Page) -> HttpResponse:
    new = typed(request, ("code", "name"))
    try:
        change(request, page, action="office.write", statement=_ADD, parameters=new)
    except Declined as error:
        return _list(request, page, (problem(error),), new)
    return see_other(_address(page, new["code"], "recorded"))


def _appoint(request: HttpRequest, page: Page) -> HttpResponse:
    """発令, a correction (`retires`), or an end (`retires` and `end`: all but the end stays)."""
    code = request.POST.get("person", "")
    values = typed(request, _FIELDS)
    retires = request.POST.get("retires", "")
    ends = bool(request.POST.get("end")) and retires.isdigit()
    problems = []
    moments: dict[str, Any] = {}
    for name, text in (("since", "開始"), ("until", "終了")):
        try:
            moments[name] = instant(values[name])
        except Malformed:
            said = _("{field}: 2026-12-01T09:00 の形の日時を入力してください。").format(field=_(text))
            problems.append(Problem(field=name, text=said))
    if not ends and values["duty"] not in set(Duty):
        problems.append(Problem(field="duty", text=_("職務: 選ばれていません。一覧から 1 つ選んでください。")))
    if not problems:
        parameters = moments | {
            "person": code,
            "employer": None if ends else values["employer"],
            "principal": values["principal"] or None,
            "duty": values["duty"],
            "retires": int(retires) if retires.isdigit() and len(retires) < 19 else None,
            "reason": values["reason"],
        }
        try:
            done = change(request, page, action="office.write", statement=_APPOINT, parameters=parameters)
            return see_other(_address(page, code, done))
        except Declined as error:
            problems.append(problem(error))
    return _person(request, page, code, tuple(problems), values)


def _address(page: Page, person: str, done: str) -> str:
    return f"{screen_url(page.screen.code)}?{urlencode({'person': person, 'done': done})}"
