"""お客さまの API: the screens of one customer, the lists and the search, with what each shows a retailer's person."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest

from takuso.barrier.gate import How, RequestConflict, Sight
from takuso.barrier.query import Query
from takuso.barrier.viewer import Viewer
from takuso.doors.api.answers import encoded, looked, malformed, neutral, row_of, shown, visit
from takuso.doors.api.bodies import BadBody, object_of
from takuso.doors.web.customer import Point, by_point, points_of
from takuso.doors.web.definitions import KF00, KS10
from takuso.doors.web.frame import Answer
from takuso.doors.web.lists import HINTS, searched_as
from takuso.doors.web.office import is_receipt, office
from takuso.doors.web.screens import PAGES
from takuso.doors.web.typed import typed_customer
from takuso.flow.points import queries
from takuso.kernel.malformed import Malformed
from takuso.kernel.numbers import MalformedNumber

VIEWS: Final = {"notices": "KF10", "contract": "CI10", "usage": "CI20", "past": "PC10"}
"""Last part of the address, and the screen whose parts it gives."""
KINDS: Final = tuple(kind for kind in HINTS if kind != "pole")
"""Kinds of search; by pole only the network company searches."""
_NOBODY: Final = frozenset[str]()


def customer(request: HttpRequest, typed: str, view: str) -> Answer:
    """The parts of a screen for one お客さまコード (14 digits), or the neutral document."""
    page = PAGES[VIEWS[view]]
    try:
        code = typed_customer(typed)
    except MalformedNumber:
        return malformed(
            "customer",
            "お客さまコードは 14 桁の数字です。ほかの番号からは POST /api/v1/search で探してください。",
            status=400,
        )

    def draw(sight: Sight) -> bytes:
        if not sight.shown:
            return neutral(sight)
        points = [
            {"no": point.no, "lead": _lead(point), "parts": [_part(part) for part in point.parts]}
            for point in points_of(page, sight, code, _NOBODY)
        ]
        return encoded({"receipt": sight.receipt, "customer": code.text, "points": points})

    def wanted(person: Viewer) -> Sequence[Query[Any]]:
        return page.wanted(person, _NOBODY)

    here = visit(request, page.screen.code)
    released = office(request).gate.look(here, asked=(code.text,), queries=wanted, render=draw)
    return looked(released.body, found=released.shown, screen=page.screen.code)


def notices(request: HttpRequest, after: str | None) -> Answer:
    """The newest 口振異動通知 of the company's customers, fifty supply points a page."""
    return _found(request, KF00.code, "notice", "", after)


def search(request: HttpRequest) -> Answer:
    """`how` (a kind of search), `term`, `after`: in the body, since a name has no place in an address."""
    try:
        given = object_of(request)
    except BadBody as error:
        return malformed("body", f"{error.rule}{error.advice}", status=400)
    how, term, after = (given.get(name, "") for name in ("how", "term", "after"))
    if set(given) - {"how", "term", "after"} or not all(isinstance(one, str) for one in (how, term, after)):
        return malformed("search", "how、term、after は文字列です。ほかの項目はありません。")
    if how not in KINDS:
        return malformed("search", f"how は {'、'.join(KINDS)} のいずれかです。")
    try:
        return _found(request, KS10.code, how, searched_as(how, term), after or None)
    except Malformed as error:
        return malformed("search", f"{error.field}: {error.rule}{error.advice}")


def _found(request: HttpRequest, screen: str, how: How, term: str, after: str | None) -> Answer:
    lead = tuple(one for one in PAGES[screen].lead if how == "phone" or one is not queries.PARTY_CONTACT)

    def draw(sight: Sight) -> bytes:
        found = {one: by_point(sight, one) for one in lead if not sight.withheld(one)}
        lines = [
            {"rows": {one.name: [row_of(row) for row in rows.get(key, ())] for one, rows in found.items()}}
            for key in sight.points
        ]
        return encoded({"receipt": sight.receipt, "found": lines, "after": sight.next_cursor})

    if after is not None and not is_receipt(after):
        return malformed("after", "続きの値が正しくありません。前の答えの after をそのまま渡してください。", status=400)
    try:
        here = visit(request, screen)
        released = office(request).gate.search(here, how=how, term=term, after=after, queries=lead, render=draw)
    except RequestConflict:
        if after is None:
            raise
        return malformed(
            "after", "続きは、本人がその日のうちに限り得られます。はじめから探し直してください。", status=400
        )
    return shown(released.body, screen=screen)


def _lead(point: Point) -> dict[str, Any]:
    return {name: None if row is None else row_of(row) for name, row in point.lead.items()}


def _part(part: Any) -> dict[str, Any]:
    rows = [row_of(row) for row in part.rows]
    return {"id": part.panel.id, "title": part.panel.title, "withheld": part.withheld, "rows": rows}
