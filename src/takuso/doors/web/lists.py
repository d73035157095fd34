"""KF00 口振異動通知 一覧 and KS10 お客さま検索: fifty supply points a page, found and named before a byte is read.

What is searched for travels in the body of a POST: a name has no place in an address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import How, RequestConflict, Sight
from takuso.barrier.kinds import offered
from takuso.barrier.query import Query
from takuso.barrier.viewer import Viewer
from takuso.doors.web import failures
from takuso.doors.web.customer import by_point
from takuso.doors.web.definitions import CI10, KF10
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import came_from, is_receipt, office, viewer, visit
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other
from takuso.doors.web.typed import typed_number
from takuso.flow.points import queries
from takuso.kernel.finding import FIELDS, Kind, kind_named, meant, readable, usable_terms
from takuso.kernel.malformed import Malformed
from takuso.kernel.numbers import CustomerCode

FIELD: Final = "search-term"
_LONGEST: Final = 64
NUMBER: Final = "番号"
HINTS: Final[Mapping[How, str]] = MappingProxyType(
    {
        "kana": "読みの一部。ひらがな・半角・小さい文字のどれでも",
        "name": "漢字の名の一部。㈱と株式会社、髙と高は同じ",
        "address": "町名・番地・建物を空白で区切る。順は自由",
        "phone": "下4桁、または市外局番から6桁以上",
        "number": "お客さまコード14桁、供給地点特定番号22桁",
        "meter": "終わり4文字以上、または初めから6文字以上",
        "pole": "線路名と番号の一部",
    }
)
"""What to type, by kind of search, in the order in which the kinds stand."""


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
    """GET shows the form; POST `how`, `term`, `after`: 14 digits go to their screen, everything else finds a list.

    `customer` is a number that was typed in the line on top of a screen.
    """
    if request.method != "POST":
        return _form_page(request, page, ())
    how, term = _asked(request)
    try:
        if how == "number":
            return _by_number(request, page, term)
        usable_terms(how, term)
    except Malformed as error:
        text = f"{_(error.field)}: {_(error.rule)}{_(error.advice)}"
        return _form_page(request, page, (Problem(field=FIELD, text=text),))
    return _found(request, page, how=how, term=term, template="search.html", to=CI10.code)


def searched_as(how: How, term: str) -> str:
    """The term as the gate takes it for this kind of search. Raises Malformed."""
    if how == "number":
        return typed_number(term).text
    kind = kind_named(how)
    if kind is not None:
        usable_terms(kind, term)
    return term


def _by_number(request: HttpRequest, page: Page, term: str) -> HttpResponse:
    number = typed_number(term)
    if isinstance(number, CustomerCode):
        viewer(request)
        return see_other(screen_url(CI10.code, customer=number.text, receipt=came_from(request)))
    return _found(request, page, how="number", term=number.text, template="search.html", to=CI10.code)


def _form_page(request: HttpRequest, page: Page, problems: tuple[Problem, ...]) -> HttpResponse:
    person, code = viewer(request), page.screen.code
    frame = Frame(title=page.screen.name, viewer=person, screen=code, keys=page.keys, problems=problems)
    body = render(request, "search.html", frame, _form(request, person))
    if problems:
        return Answer(body, screen=code, outcome="malformed", status=400)
    return Answer(body, screen=code)


def _found(request: HttpRequest, page: Page, *, how: How, term: str, template: str, to: str) -> HttpResponse:
    # A telephone number stands in the list only when it was what was searched for.
    lead = tuple(query for query in page.lead if how == "phone" or query is not queries.PARTY_CONTACT)

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        asked = {"searched": True, "lines": _lines(sight, lead, to), "next": sight.next_cursor}
        # Where nothing was found nothing is withheld either.
        withheld = {_short(query): bool(sight.points) and sight.withheld(query) for query in lead}
        shown = _form(request, sight.viewer) | asked | {"withheld": withheld, "understood": _understood(how, term)}
        return render(request, template, frame, shown)

    after = request.POST.get("after") or None
    if after is not None and not is_receipt(after):
        raise SuspiciousOperation("a cursor that is not ours")
    try:
        released = office(request).gate.search(
            visit(request, page.screen.code),
            how=how,
            term=term,
            after=after,
            queries=lead,
            render=draw,
        )
    except RequestConflict:
        if after is None:
            raise
        return failures.page(request, 400, failures.NO_SUCH_PAGE)
    return Answer(released.body, screen=page.screen.code, outcome="shown")


def _understood(how: How, term: str) -> str:
    """What was searched for, spelled as it was looked for."""
    kind = kind_named(how)
    return readable(usable_terms(kind, term)) if kind else term


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


def _form(request: HttpRequest, person: Viewer) -> dict[str, Any]:
    """What was typed, to stand in the form again, and the kinds of search that the duty has."""
    how, term = _asked(request)
    has = {*offered(person.duty, office(request).signins.seen(person.duty)), "number"}
    kinds = [(kind, _(_name(kind)), _(hint)) for kind, hint in HINTS.items() if kind in has]
    chosen = how if how in has else "number"
    return {"how": how, "chosen": chosen, "kind": _(_name(how)), "kinds": kinds, "term": term, "searched": False}


def _name(how: How) -> str:
    kind = kind_named(how)
    return FIELDS[kind] if kind else NUMBER


def _asked(request: HttpRequest) -> tuple[Kind | Literal["number"], str]:
    """How is searched, and for what. A term that the chosen kind cannot hold says itself what it is."""
    number = request.POST.get("customer", "")
    term = request.POST.get("term", number).strip()[:_LONGEST]
    how = request.POST.get("how", "number" if number else "kana")
    if how == "number":
        return "number", term
    return meant(kind_named(how) or "kana", term), term
