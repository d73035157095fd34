"""KF00 口振異動通知 一覧 and KS10 お客さま検索: fifty supply points a page, found and named before a byte is read.

What is searched for travels in the body of a POST: a name has no place in an address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import How, RequestConflict, Sight
from takuso.barrier.query import Query
from takuso.doors.web import failures
from takuso.doors.web.customer import by_point
from takuso.doors.web.definitions import CI10, KF10
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import came_from, is_receipt, office, viewer, visit
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other
from takuso.doors.web.typed import typed_number
from takuso.flow.points import queries
from takuso.kernel.kana import search_key
from takuso.kernel.numbers import CustomerCode, MalformedNumber

FIELD: Final = "search-term"
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One supply point of a list: the first row of each query, and how many more notices there are."""

    href: str
    row: Mapping[str, Any]
    more: int


def notice_list(request: HttpRequest, page: Page) -> HttpResponse:
    """The newest 口振異動通知 of the customers one may see; POST `after` turns the page."""
    return _found(request, page, how="notice", term="", template="notices.html", to=KF10.code)


def customer_search(request: HttpRequest, page: Page) -> HttpResponse:
    """GET shows the form; POST `how`, `term`, `after`: 14 digits go to their screen, 22 digits and kana find a list.

    `customer` is a number that was typed in the line on top of a screen.
    """
    if request.method != "POST":
        frame = Frame(title=page.screen.name, viewer=viewer(request), screen=page.screen.code, keys=page.keys)
        return Answer(render(request, "search.html", frame, _form(request)), screen=page.screen.code)
    how, term = _asked(request)
    if how == "number":
        return _by_number(request, page, term)
    if not search_key(term):
        return _refused(request, page, "カナ氏名: 入力がありません。名義のカナを先頭から入力してください。")
    return _found(request, page, how="kana", term=term, template="search.html", to=CI10.code)


def _by_number(request: HttpRequest, page: Page, term: str) -> HttpResponse:
    try:
        number = typed_number(term)
    except MalformedNumber as error:
        return _refused(request, page, str(error))
    if isinstance(number, CustomerCode):
        viewer(request)
        return see_other(screen_url(CI10.code, customer=number.text, receipt=came_from(request)))
    return _found(request, page, how="number", term=number.text, template="search.html", to=CI10.code)


def _refused(request: HttpRequest, page: Page, text: str) -> HttpResponse:
    frame = Frame(
        title=page.screen.name,
        viewer=viewer(request),
        screen=page.screen.code,
        keys=page.keys,
        problems=(Problem(field=FIELD, text=text),),
    )
    body = render(request, "search.html", frame, _form(request))
    return Answer(body, screen=page.screen.code, outcome="malformed", status=400)


def _found(request: HttpRequest, page: Page, *, how: How, term: str, template: str, to: str) -> HttpResponse:
    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        asked = {"searched": True, "lines": _lines(sight, page.lead, to), "next": sight.next_cursor}
        # Where nothing was found nothing is withheld either.
        withheld = {_short(query): bool(sight.points) and sight.withheld(query) for query in page.lead}
        return render(request, template, frame, _form(request) | asked | {"withheld": withheld})

    after = request.POST.get("after") or None
    if after is not None and not is_receipt(after):
        raise SuspiciousOperation("a cursor that is not ours")
    try:
        released = office(request).gate.search(
            visit(request, page.screen.code),
            how=how,
            term=term,
            after=after,
            queries=page.queries,
            render=draw,
        )
    except RequestConflict:
        if after is None:
            raise
        return failures.page(request, 400, failures.NO_SUCH_PAGE)
    return Answer(released.body, screen=page.screen.code, outcome="shown")


def _lines(sight: Sight, wanted: Sequence[Query[Any]], to: str) -> list[Line]:
    found = {query: by_point(sight, query) for query in wanted if not sight.withheld(query)}
    lines = []
    for key in sight.points:
        rows = {_short(query): found[query].get(key, []) for query in found}
        place = next(iter(rows.get(_short(queries.PLACE), [])), None)
        href = screen_url(to, customer=place.customer_code, receipt=sight.receipt) if place else ""
        firsts = {name: entries[0] if entries else None for name, entries in rows.items()}
        lines.append(Line(href=href, row=firsts, more=max(0, len(rows.get(_short(queries.NOTICES), [])) - 1)))
    return lines


def _short(query: Query[Any]) -> str:
    return query.name.rpartition(".")[2]


def _form(request: HttpRequest) -> dict[str, Any]:
    """What was typed, to stand in the form again."""
    how, term = _asked(request)
    return {"how": how, "term": term, "searched": False}


def _asked(request: HttpRequest) -> tuple[How, str]:
    """How is searched, and for what."""
    number = request.POST.get("customer", "")
    how: How = "number" if request.POST.get("how", "number" if number else "kana") == "number" else "kana"
    return how, request.POST.get("term", number).strip()[:_LONGEST]
