"""Screens of one customer: the gate answers, the panels of the page show what it granted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.query import Query
from takuso.barrier.viewer import Viewer
from takuso.doors.web.chart import Chart, usage_chart
from takuso.doors.web.definitions import CUSTOMER_SCREENS, KF00, KF10, KS10, MN00, PC10
from takuso.doors.web.entry import malformed
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import came_from, office, viewer, visit
from takuso.doors.web.page import Page, Panel
from takuso.doors.web.redirects import see_other
from takuso.doors.web.typed import typed_customer
from takuso.flow.points.model import UsageMonth
from takuso.kernel.numbers import CustomerCode, MalformedNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A panel of one supply point: its rows, or that its class is not granted, or where it is asked for."""

    panel: Panel
    rows: Sequence[Any] = ()
    withheld: bool = False
    chart: Chart | None = None
    reveal: str = ""


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
        code = typed_customer(typed)
    except MalformedNumber as error:
        return malformed(request, screen=page.screen.code, typed=typed, refusal=error)
    revealed = _revealed(request, page)
    outcome = ""

    def draw(sight: Sight) -> bytes:
        nonlocal outcome
        outcome, body = _draw(request, page, sight, code, revealed)
        return body

    def wanted(person: Viewer) -> Sequence[Query[Any]]:
        return page.wanted(person, revealed)

    released = office(request).gate.look(
        visit(request, page.screen.code), asked=(code.text,), queries=wanted, render=draw
    )
    return Answer(released.body, screen=page.screen.code, outcome=outcome)


def _revealed(request: HttpRequest, page: Page) -> frozenset[str]:
    """The parts that the address asks for, of those that wait to be asked."""
    return frozenset(panel.id for panel in page.panels if panel.reveal and panel.id in request.GET.getlist("show"))


def _draw(
    request: HttpRequest, page: Page, sight: Sight, code: CustomerCode, revealed: frozenset[str]
) -> tuple[str, bytes]:
    if not sight.shown:
        return "neutral", _neutral(request, page, sight, code)
    frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys, customer=code.text)
    if not sight.points:
        return "no-class", render(request, "no_class.html", frame)
    points = points_of(page, sight, code, revealed)
    tabs = [
        (screen.code, screen.name, screen_url(screen.code, customer=code.text, receipt=sight.receipt))
        for screen in CUSTOMER_SCREENS
    ]
    extra = {"code": code, "revealed": revealed, "points": points, "tabs": tabs, "many": len(points) > 1}
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


def points_of(page: Page, sight: Sight, code: CustomerCode, revealed: frozenset[str]) -> tuple[Point, ...]:
    """The supply points that a page shows under this ticket, with the panels that the viewer's company has."""
    network = sight.viewer.organisation_kind == "network"
    panels = [panel for panel in page.panels if network or not panel.network_only]
    shown = [panel for panel in panels if not panel.masked(sight.viewer, revealed)]
    wanted = dict.fromkeys((*page.lead, *(panel.query for panel in shown)))
    found = {query: by_point(sight, query) for query in wanted if not sight.withheld(query)}
    here = screen_url(page.screen.code, customer=code.text, receipt=sight.receipt)
    asks = {panel: _ask(here, panel, revealed) for panel in panels if panel not in shown}
    return tuple(
        Point(
            no=no,
            lead={_short(query): _first(found, query, key) for query in page.lead},
            parts=tuple(
                Part(panel=panel, reveal=asks[panel])
                if panel in asks and not sight.withheld(panel.query)
                else _part(panel, found.get(panel.query), key)
                for panel in panels
            ),
        )
        for no, key in enumerate(sight.points, 1)
    )


def _ask(here: str, panel: Panel, revealed: frozenset[str]) -> str:
    """This page with one part more."""
    return here + "".join(f"&show={name}" for name in sorted(revealed | {panel.id}))


def _part(panel: Panel, found: Mapping[int, list[Any]] | None, key: int) -> Part:
    if found is None:
        return Part(panel=panel, withheld=True)
    rows = found.get(key, [])
    chart = usage_chart(rows) if panel.query.row is UsageMonth else None
    return Part(panel=panel, rows=rows, chart=chart)


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
