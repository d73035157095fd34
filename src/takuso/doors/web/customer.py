"""Screens of one customer: the gate answers, the panels of the page show what it granted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.query import Query
from takuso.doors.web.chart import Chart, usage_chart
from takuso.doors.web.definitions import CUSTOMER_SCREENS, KF00, KF10, KS10, MN00, PC10
from takuso.doors.web.entry import malformed
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import came_from, office, viewer, visit
from takuso.doors.web.page import Page, Panel
from takuso.doors.web.redirects import see_other
from takuso.flow.points.model import UsageMonth
from takuso.kernel.numbers import CustomerCode, MalformedNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A panel of one supply point: its rows, or that its class is not granted."""

    panel: Panel
    rows: Sequence[Any]
    withheld: bool
    chart: Chart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One supply point of the customer: the strip above, and the panels."""

    no: int
    lead: dict[str, Any]
    parts: tuple[Part, ...]

    @property
    def mark(self) -> str:
        """Prefix of the ids of this point's panels, such as `p1-`."""
        return f"p{self.no}-"


def customer_screen(request: HttpRequest, page: Page) -> HttpResponse:
    """A screen of `?customer=`: the customer, or the one neutral page, or a request for the code."""
    typed = request.GET.get("customer", "")
    if not typed:
        return _without_code(request, page)
    try:
        code = CustomerCode.parse(typed)
    except MalformedNumber as error:
        return malformed(request, screen=page.screen.code, typed=typed, refusal=error)
    outcome = ""

    def draw(sight: Sight) -> bytes:
        nonlocal outcome
        outcome, body = _draw(request, page, sight, code)
        return body

    released = office(request).gate.look(
        visit(request, page.screen.code), asked=(code.text,), queries=page.queries, render=draw
    )
    return Answer(released.body, screen=page.screen.code, outcome=outcome)


def _draw(request: HttpRequest, page: Page, sight: Sight, code: CustomerCode) -> tuple[str, bytes]:
    if not sight.shown:
        return "neutral", _neutral(request, page, sight, code)
    frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys, customer=code.text)
    if not sight.points:
        return "no-class", render(request, "no_class.html", frame)
    points = _points(page, sight)
    tabs = [
        (screen.code, screen.name, screen_url(screen.code, customer=code.text, receipt=sight.receipt))
        for screen in CUSTOMER_SCREENS
    ]
    extra = {"code": code, "points": points, "tabs": tabs, "many": len(points) > 1}
    return "shown", render(request, "customer.html", frame, extra)


def _neutral(request: HttpRequest, page: Page, sight: Sight, code: CustomerCode) -> bytes:
    """The one answer for hidden, absent and no longer held: of the customer it repeats the 14 digits alone."""
    frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
    steps = {
        "code": code.text,
        "search": screen_url(KS10.code, receipt=sight.receipt),
        # On PC10 itself the step would lead to the very same page.
        "past": "" if page.screen is PC10 else screen_url(PC10.code, customer=code.text, receipt=sight.receipt),
        "menu": screen_url(MN00.code, receipt=sight.receipt),
    }
    return render(request, "neutral.html", frame, steps)


def _without_code(request: HttpRequest, page: Page) -> HttpResponse:
    person = viewer(request)
    if page.screen is KF10:
        return see_other(screen_url(KF00.code, receipt=came_from(request)))
    frame = Frame(title=page.screen.name, viewer=person, screen=page.screen.code, keys=page.keys)
    return Answer(render(request, "ask_code.html", frame), screen=page.screen.code)


def _points(page: Page, sight: Sight) -> tuple[Point, ...]:
    network = sight.viewer.organisation_kind == "network"
    panels = [panel for panel in page.panels if network or not panel.network_only]
    wanted = dict.fromkeys((*page.lead, *(panel.query for panel in panels)))
    found = {query: by_point(sight, query) for query in wanted if not sight.withheld(query)}
    return tuple(
        Point(
            no=no,
            lead={_short(query): _first(found, query, key) for query in page.lead},
            parts=tuple(_part(panel, found.get(panel.query), key) for panel in panels),
        )
        for no, key in enumerate(sight.points, 1)
    )


def _part(panel: Panel, found: Mapping[int, list[Any]] | None, key: int) -> Part:
    if found is None:
        return Part(panel=panel, rows=(), withheld=True, chart=None)
    rows = found.get(key, [])
    chart = usage_chart(rows) if panel.query.row is UsageMonth else None
    return Part(panel=panel, rows=rows, withheld=False, chart=chart)


def _first(found: Mapping[Query[Any], Mapping[int, list[Any]]], query: Query[Any], key: int) -> Any:
    """The one row of a state query; None if there is none, or the class is not granted."""
    rows = found.get(query, {}).get(key, [])
    return rows[0] if rows else None


def _short(query: Query[Any]) -> str:
    return query.name.rpartition(".")[2]


def by_point(sight: Sight, query: Query[Any]) -> Mapping[int, list[Any]]:
    """The rows of a query by supply point, in their order; raises Withheld."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in sight.rows(query):
        found[row.point].append(row)
    return found
