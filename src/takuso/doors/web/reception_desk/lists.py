"""UK10 受付一覧: what waits, what waits for its other half, and all; fifty a page.

Many customers at once, so it needs the purpose of lists. Nothing but applications is shown: their points are seen one
by one, under a purpose for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Cases, Sight
from takuso.barrier.matrix import ACTIONS, Duty
from takuso.doors.web.definitions import UK30
from takuso.doors.web.filters import grouped
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.keys import KeyBar, screen_url
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page
from takuso.doors.web.reception_desk.taking import FORM, case_url, take_next, typed_number
from takuso.flow.reception import operations
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.queries import APPLICATIONS, TAKEN, ApplicationLine, TakenLine
from takuso.flow.reception.vocabulary import STATE_NAMES, State
from takuso.kernel.numbers import MalformedNumber

INBOX: Final = "inbox"
MATCHING: Final = "matching"
LISTS: Final[Mapping[str, str]] = MappingProxyType({INBOX: "処理待ち", MATCHING: "照合待ち", "all": "すべて"})
"""The lists and what their tabs are called."""
CAPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {INBOX: "期限の近い順、50件ずつ", MATCHING: "期限の近い順、50件ずつ", "all": "受付の新しい順、50件ずつ"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One application of a list; procedure and state by their names, `late` and `today` only while it is open."""

    row: ApplicationLine
    href: str
    procedure: str
    supply_point: str
    state: str
    late: bool
    today: bool
    taken: TakenLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """照合の組: both halves of a switch under one relay, as far as they are on the page."""

    relay: str
    supply_point: str
    start: Line | None
    end: Line | None


def reception_list(request: HttpRequest, page: Page) -> HttpResponse:
    """GET `list`, `after` (the last 受付番号 of the page before); POST takes the next case."""
    if request.method == "POST":
        return take_next(request, page.screen.code)
    name = request.GET.get("list", "")
    name = name if name in LISTS else INBOX
    after = typed_number(request.GET.get("after", ""))

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=keys_of(page, sight))
        lines = _lines(sight)
        extra: dict[str, Any] = {
            "list": name,
            "tabs": [(one, label, _url(page, one, sight.receipt)) for one, label in LISTS.items()],
            "caption": CAPTIONS[name],
            "lines": lines,
            "pairs": pairs(lines) if name == MATCHING else (),
            "handles": handles(sight.viewer.duty),
            "next_form": FORM,
            "enter_url": _enter(sight),
            "none": request.GET.get("none") == "yes",
            "continued": after is not None,
            "next": _url(page, name, sight.receipt, lines[-1].row.number) if lines and sight.next_cursor else "",
        }
        return render(request, "reception_desk/list.html", frame, extra)

    released = office(request).gate.cases(
        visit(request, page.screen.code),
        which=Cases(list=name, after=after),
        queries=(APPLICATIONS, TAKEN),
        render=draw,
    )
    return Answer(released.body, screen=page.screen.code, outcome="shown")


def _enter(sight: Sight) -> str:
    return screen_url(UK30.code, receipt=sight.receipt) if UK30.opens_for(sight.viewer.duty) else ""


def handles(duty: Duty) -> bool:
    """True for duties that take cases and give orders; the others read."""
    return duty in ACTIONS[operations.HANDLE]


def keys_of(page: Page, sight: Sight) -> KeyBar:
    """The keys of the page, without 次へ for those who only read."""
    return page.keys if handles(sight.viewer.duty) else KeyBar(tuple(one for one in page.keys.keys if not one.form))


def point_text(supply_point: str | None) -> str:
    """供給地点特定番号 in groups, as written where it is none, and nothing for None."""
    try:
        return grouped(supply_point) if supply_point else ""
    except MalformedNumber:
        return supply_point or ""


def pairs(lines: Sequence[Line]) -> list[Pair]:
    """The halves by their relay, in the order of the page."""
    found: dict[str, dict[Procedure, Line]] = {}
    for line in lines:
        found.setdefault(str(line.row.content.get("relay", "")), {})[Procedure(line.row.procedure)] = line
    return [
        Pair(
            relay=relay,
            supply_point=next(iter(halves.values())).supply_point,
            start=halves.get(Procedure.SWITCH_START),
            end=halves.get(Procedure.SWITCH_END),
        )
        for relay, halves in found.items()
    ]


def _lines(sight: Sight) -> list[Line]:
    if sight.withheld(APPLICATIONS):
        return []
    taken = {one.application: one for one in sight.rows(TAKEN)}
    return [_line(row, sight, taken.get(row.application)) for row in sight.rows(APPLICATIONS)]


def _line(row: ApplicationLine, sight: Sight, taken: TakenLine | None) -> Line:
    return Line(
        row=row,
        href=case_url(row.number, receipt=sight.receipt),
        procedure=CATALOGUE[Procedure(row.procedure)].name,
        supply_point=point_text(row.supply_point),
        state=STATE_NAMES[State(row.state)],
        late=row.open and is_late(row.due, sight.today),
        today=row.open and row.due == sight.today,
        taken=taken,
    )


def is_late(due: date | None, today: date) -> bool:
    """True after the last day."""
    return due is not None and due < today


def _url(page: Page, name: str, receipt: str, after: str = "") -> str:
    query = {"list": name, "after": after, "from": receipt}
    return f"/screens/{page.screen.code}?{urlencode({key: value for key, value in query.items() if value})}"
