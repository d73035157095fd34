"""AD20 会社と関係: companies, affiliates of the network company, and chains of contractors, with their histories."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Declined, Sight
from takuso.barrier.office_queries import COMPANIES, RELATIONS
from takuso.doors.web.administration.forms import DONE, Malformed, change, day, drawn, framed, problem, show, typed
from takuso.doors.web.frame import Problem
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other

KINDS: Final[Mapping[str, str]] = {"network": "送配電", "retailer": "小売", "contractor": "委託先"}
_COMPANY: Final = ("code", "name", "kind", "registered")
_RELATION: Final = ("relation", "one", "other", "since", "until", "reason")
_END: Final = ("relation", "retires", "until", "reason")
_ADD: Final = "SELECT wall.add_company(%(proof)s, %(day)s, %(receipt)s, %(code)s, %(name)s, %(kind)s, %(registered)s)"
_RELATE: Final = (
    "SELECT wall.relate(%(proof)s, %(day)s, %(receipt)s, %(relation)s, %(one)s, %(other)s, %(since)s, %(until)s,"
    " %(reason)s)"
)
_ENDED: Final = (
    "SELECT wall.end_relation(%(proof)s, %(day)s, %(receipt)s, %(relation)s, %(retires)s, %(until)s, %(reason)s)"
)


def relations(request: HttpRequest, page: Page) -> HttpResponse:
    """GET: everything, or with `kind` and `change` the form that ends a row. POST: as `do` says."""
    if request.method != "POST":
        return _page(request, page)
    match request.POST.get("do"):
        case "company":
            return _company(request, page)
        case "relate":
            return _relate(request, page)
        case "end":
            return _end(request, page)
        case _:
            return _page(request, page)


def _page(request: HttpRequest, page: Page, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    kind, number = asked.get("relation", ""), asked.get("retires", "")

    def draw(sight: Sight) -> bytes:
        lines = sight.rows(RELATIONS)
        former = next((o for o in lines if o.stands and o.kind == kind and str(o.id) == number), None)
        do = request.POST.get("do", "")
        extra: dict[str, Any] = {
            "companies": sight.rows(COMPANIES),
            "kinds": KINDS,
            "lines": lines,
            "former": former,
            "company": typed(request, _COMPANY) if do == "company" else dict.fromkeys(_COMPANY, ""),
            "values": typed(request, _RELATION) if do == "relate" else dict.fromkeys(_RELATION, ""),
            "ended": typed(request, _END) if do == "end" else dict.fromkeys(_END, ""),
            "done": _(DONE[request.GET["done"]]) if request.GET.get("done") in DONE else "",
        }
        return drawn(request, "relations.html", framed(sight, page, (), problems), extra)

    return show(
        request,
        page,
        action="office.read",
        queries=(COMPANIES, RELATIONS),
        parameters={},
        draw=draw,
        failed=bool(problems),
    )


def _company(request: HttpRequest, page: Page) -> HttpResponse:
    return _do(request, page, _ADD, dict(typed(request, _COMPANY)))


def _relate(request: HttpRequest, page: Page) -> HttpResponse:
    return _dated(request, page, _RELATE, typed(request, _RELATION), ("since", "until"))


def _end(request: HttpRequest, page: Page) -> HttpResponse:
    values = typed(request, _END)
    number = values["retires"]
    if not number.isdigit() or len(number) > 18:
        return _page(request, page, (problem(Declined("relation-stale", {})),))
    return _dated(request, page, _ENDED, values, ("until",), {"retires": int(number)})


def _dated(
    request: HttpRequest,
    page: Page,
    statement: Any,
    values: Mapping[str, str],
    days: tuple[str, ...],
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    parameters: dict[str, Any] = {**values, **(more or {})}
    problems = []
    for name in days:
        try:
            parameters[name] = day(values[name])
        except Malformed:
            problems.append(problem(Declined(f"{name}-day", {})))
    return _page(request, page, tuple(problems)) if problems else _do(request, page, statement, parameters)


def _do(request: HttpRequest, page: Page, statement: Any, parameters: Mapping[str, Any]) -> HttpResponse:
    try:
        done = change(request, page, action="office.write", statement=statement, parameters=parameters)
    except Declined as error:
        return _page(request, page, (problem(error),))
    return see_other(f"{screen_url(page.screen.code)}?{urlencode({'done': done})}")
