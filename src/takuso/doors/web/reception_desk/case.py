"""UK20 案件 1 件: an application whole, its history, its point, what it changes, and what the staff can order.

It is opened by its 受付番号 under a purpose for the customer of its point. An order is confirmed on a page that
shows old and new; a correction is only simulated there. Nothing is decided here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import ActionRefused, Cases, Declined, Sight
from takuso.doors.web.definitions import UK10
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import Key, KeyBar, screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import came_from, office, visit
from takuso.doors.web.page import Page
from takuso.doors.web.reception.wording import said
from takuso.doors.web.reception_desk.facts import PRESENT, Known, case_of, facts_of, known, time_line
from takuso.doors.web.reception_desk.lists import handles, is_late, keys_of, point_text
from takuso.doors.web.reception_desk.preview import ORDERS, expected, ordered, orders
from takuso.doors.web.reception_desk.taking import FORM, case_url, take_next, typed_number
from takuso.doors.web.redirects import see_other
from takuso.flow.reception import operations, wire
from takuso.flow.reception.case import Case
from takuso.flow.reception.model import SwitchEnd
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.queries import (
    APPLICATIONS,
    INSTRUCTIONS,
    MOVES,
    PARTY_SPELLS,
    TAKEN,
    ApplicationLine,
    InstructionLine,
    MoveLine,
)
from takuso.flow.reception.vocabulary import (
    ACTOR_NAMES,
    EVENT_NAMES,
    RECIPIENT_NAMES,
    STATE_NAMES,
    Actor,
    Event,
    Recipient,
    State,
)

NUMBER_FIELD: Final = "case-number"
ORDER_FORM: Final = "order-form"
ORDER_FIELD: Final = "order-title"
_CONFIRM: Final = Key(key="F10", form=ORDER_FORM)
_RULE: Final = "受付番号: 6桁の数字、ハイフン、10文字の英数字です。確かめて入力し直してください。"
DECLINED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "waiting": "先の指示の処理を待っています。少し待って「再表示」を押してください。",
        "event": "この指示は受け付けられません。案件の状態を確かめてください。",
        "unknown": "この案件に指示できません。受付番号を確かめてください。",
    }
)
"""What the page says when the wall does not take an order, by the wall's word."""
VIAS: Final = {"screen": "画面", "api": "API", "file": "ファイル", "paper": "書面・FAX"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the history of a case, in words."""

    at: datetime
    event: str
    source: str
    target: str
    actors: tuple[str, ...]
    told: tuple[str, ...]
    refusals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """An order or an answer that waits for the next turn, or that could not be carried out, and why."""

    at: datetime
    event: str
    company: str
    waiting: bool
    refusals: tuple[str, ...]


def reception_case(request: HttpRequest, page: Page) -> HttpResponse:
    """GET `number`: that case; with `order` the confirmation of one. POST: `do` is order, or it takes the next case."""
    if request.method == "POST" and request.POST.get("do") != "order":
        return take_next(request, page.screen.code)
    given = request.POST if request.method == "POST" else request.GET
    typed = given.get("number", "")
    number = typed_number(typed)
    if number is None:
        return _without_number(request, page, typed)
    event = next((one for one in ORDERS if one.value == given.get("order", "")), None)
    if request.method == "POST":
        return _order(request, page, number, event)
    return _one(request, page, number, event)


def _without_number(request: HttpRequest, page: Page, typed: str) -> HttpResponse:
    problems = (Problem(field=NUMBER_FIELD, text=_(_RULE)),) if typed else ()

    def draw(sight: Sight) -> bytes:
        if not page.screen.opens_for(sight.viewer.duty):
            raise ActionRefused(sight.receipt)
        frame = _frame(page, sight, KeyBar(tuple(one for one in page.keys.keys if not one.form)))
        extra = {"typed": typed[:40], "field": NUMBER_FIELD}
        return render(request, "reception_desk/number.html", frame.with_problems(problems), extra)

    released = office(request).gate.look(visit(request, page.screen.code), render=draw)
    outcome, status = ("malformed", 400) if problems else ("form", 200)
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)


def _one(
    request: HttpRequest, page: Page, number: str, event: Event | None, problems: tuple[Problem, ...] = ()
) -> HttpResponse:
    corrects = event is Event.CORRECT

    def draw(sight: Sight) -> bytes:
        if not sight.shown:
            none = {"number": number, "list": screen_url(UK10.code, receipt=sight.receipt)}
            return render(request, "reception_desk/neutral.html", _frame(page, sight, page.keys), none)
        (line,) = sight.rows(APPLICATIONS)
        shown = known(sight, spells=corrects)
        case, point = case_of(line), facts_of(shown)
        may = orders(case, point, sight.at) if handles(sight.viewer.duty) else {}
        if event in may:
            heads = _heads(line) | {
                "preview": ordered(case, may[event], point),
                "name": ORDERS[event],
                "form": ORDER_FORM,
            }
            back = case_url(number, receipt=sight.receipt)
            keys = KeyBar((_CONFIRM, *(one for one in page.keys.keys if not one.form and one.key != "F10")))
            frame = replace(_frame(page, sight, keys, shown.customer), back=back)
            return render(request, "reception_desk/order.html", frame.with_problems(problems), heads | {"back": back})
        extra = _heads(line) | _drawn(line, case, shown, sight) | {"orders": [(ORDERS[one], one.value) for one in may]}
        extra |= {"done": request.GET.get("done") in {one.value for one in ORDERS}, "gone": event is not None}
        frame = _frame(page, sight, keys_of(page, sight), shown.customer).with_problems(problems)
        return render(request, "reception_desk/case.html", frame, extra)

    released = office(request).gate.cases(
        visit(request, page.screen.code),
        which=Cases(number=number),
        queries=(APPLICATIONS, MOVES, INSTRUCTIONS, TAKEN, *PRESENT, *((PARTY_SPELLS,) if corrects else ())),
        render=draw,
    )
    wrong = bool(problems) and released.shown
    outcome = "malformed" if wrong else "shown" if released.shown else "neutral"
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=400 if wrong else 200)


def _order(request: HttpRequest, page: Page, number: str, event: Event | None) -> HttpResponse:
    if event is None:
        return _one(request, page, number, None, (Problem(field=ORDER_FIELD, text=_(DECLINED["event"])),))
    try:
        office(request).gate.administer(
            visit(request, page.screen.code),
            action=operations.HANDLE,
            asked=(number,),
            statement=operations.INSTRUCT,
            parameters={"action": operations.HANDLE, "number": number, "event": event.value, "reason": None},
        )
    except Declined as error:
        text = _(DECLINED.get(error.why, DECLINED["unknown"]))
        return _one(request, page, number, None, (Problem(field=ORDER_FIELD, text=text),))
    return see_other(case_url(number, receipt=came_from(request), done=event.value))


def _frame(page: Page, sight: Sight, keys: KeyBar, customer: str = "") -> Frame:
    frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=keys, customer=customer)
    return replace(frame, typed="", back=screen_url(UK10.code, receipt=sight.receipt))


def _heads(line: ApplicationLine) -> dict[str, Any]:
    """What both pages say of the case."""
    return {
        "row": line,
        "procedure": CATALOGUE[Procedure(line.procedure)].name,
        "state": STATE_NAMES[State(line.state)],
        "supply_point": point_text(line.supply_point),
    }


def _drawn(line: ApplicationLine, case: Case, shown: Known, sight: Sight) -> dict[str, Any]:
    preview = expected(case, facts_of(shown))
    return {
        "content": said(case.content),
        "via": VIAS.get(line.via, line.via),
        "refusals": case.refusals,
        "undone": [_undone(one) for one in sight.rows(INSTRUCTIONS) if one.done_at is None or one.refusals],
        "steps": [_step(one) for one in sight.rows(MOVES)],
        "taken": next(iter(sight.rows(TAKEN)), None),
        "late": line.open and is_late(line.due, sight.today),
        "today": line.open and line.due == sight.today,
        "preview": preview,
        "by_other_half": isinstance(case.content, SwitchEnd),
        "partner": case_url(line.partner, receipt=sight.receipt) if line.partner else "",
        "shown": shown,
        "times": time_line(shown, line, sight.today),
        "again": case_url(line.number, receipt=sight.receipt),
        "list": screen_url(UK10.code, receipt=sight.receipt),
        "waiting": case.state is State.RECEIVED,
        "handles": handles(sight.viewer.duty),
        "next_form": FORM,
        "field": ORDER_FIELD,
    }


def _undone(given: InstructionLine) -> Undone:
    return Undone(
        at=given.at,
        event=EVENT_NAMES[Event(given.event)],
        company=given.company,
        waiting=given.done_at is None,
        refusals=tuple(wire.refusal_of(one).text for one in given.refusals),
    )


def _step(move: MoveLine) -> Step:
    return Step(
        at=move.at,
        event=EVENT_NAMES[Event(move.event)],
        source=STATE_NAMES[State(move.source)],
        target=STATE_NAMES[State(move.target)],
        actors=_names(move.actor.split("・"), ACTOR_NAMES, Actor),
        told=_names(move.told, RECIPIENT_NAMES, Recipient),
        refusals=tuple(wire.refusal_of(one).text for one in move.refusals),
    )


def _names(values: Sequence[str], names: Mapping[Any, str], kind: Any) -> tuple[str, ...]:
    """Values of an enumeration by their Japanese names, in its order."""
    return tuple(names[one] for one in kind if one.value in values)
