"""RT10 申込一覧 and RT30 廃止取次の回答待ち: fifty a page, each line one copy of this company's."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Cases, Sight
from takuso.doors.web.definitions import RT20, RT30, RT40, offered
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.queries import COPIES, CopyLine
from takuso.flow.reception.vocabulary import STATE_NAMES, State

NUMBER: Final = re.compile(r"[0-9]{6}-[0-9A-Z]{10}")
"""A 受付番号."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One application of a list; procedure and state by their Japanese names."""

    href: str
    number: str
    procedure: str
    supply_point: str
    day: date | None
    state: str
    due: date | None
    received_at: datetime


def own_list(request: HttpRequest, page: Page) -> HttpResponse:
    """The company's own applications, newest first; `after` is the last number of the page before."""
    return _list(request, page, "own", "reception/own.html")


def relay_list(request: HttpRequest, page: Page) -> HttpResponse:
    """The relays that wait for this company's answer, the one that is due first at the top; `after` as in RT10."""
    return _list(request, page, "relays", "reception/relays.html")


def _list(request: HttpRequest, page: Page, name: str, template: str) -> HttpResponse:
    given = request.GET.get("after", "")
    # What is no number is the beginning of the list: nobody's page ends with it.
    after = given if NUMBER.fullmatch(given) else None

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        rows = () if sight.withheld(COPIES) else sight.rows(COPIES)
        may = offered(sight.viewer.duty)
        extra = {
            "lines": [_line(row, sight.receipt) for row in rows],
            "next": _next(page, rows, sight),
            "continued": after is not None,
            "apply": screen_url(RT40.code, receipt=sight.receipt) if RT40 in may else "",
            "relays": screen_url(RT30.code, receipt=sight.receipt) if RT30 in may else "",
        }
        return render(request, template, frame, extra)

    which = Cases(list=name, after=after)
    released = office(request).gate.cases(visit(request, page.screen.code), which=which, queries=(COPIES,), render=draw)
    return Answer(released.body, screen=page.screen.code, outcome="shown")


def _next(page: Page, rows: Sequence[CopyLine], sight: Sight) -> str:
    """The page after this one; empty where there is none."""
    if not rows or sight.next_cursor is None:
        return ""
    return f"/screens/{page.screen.code}?{urlencode({'after': rows[-1].number, 'from': sight.receipt})}"


def _line(row: CopyLine, receipt: str) -> Line:
    return Line(
        href=one_url(row.number, receipt=receipt),
        number=row.number,
        procedure=CATALOGUE[Procedure(row.procedure)].name,
        supply_point=row.supply_point or "",
        day=row.day,
        state=STATE_NAMES[State(row.state)],
        due=row.due,
        received_at=row.received_at,
    )


def one_url(number: str, *, receipt: str | None = None, done: str = "", screen: str = RT20.code) -> str:
    """Address of RT20, or of another screen of one application, for this 受付番号."""
    query = {"number": number, "done": done, "from": receipt or ""}
    return f"/screens/{screen}?{urlencode({name: value for name, value in query.items() if value})}"
