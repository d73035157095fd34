"""RT20 申込 1 件: what was said, where it stands and why not; for the one that a relay is addressed to, its answer.

A number of others, one that does not exist and one that this duty is not told of are one page.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from unicodedata import normalize

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Cases, Declined, Sight
from takuso.barrier.matrix import ACTIONS, Duty
from takuso.doors.web.definitions import MN00, RT10, RT20
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import came_from, office, visit
from takuso.doors.web.page import Page
from takuso.doors.web.reception.lists import one_url
from takuso.doors.web.reception.offered import apply_url, procedures
from takuso.doors.web.reception.wording import said_of
from takuso.doors.web.redirects import see_other
from takuso.flow.reception import operations, wire
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.queries import COPIES, CopyLine
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import places, refusal
from takuso.flow.reception.refusals.texts import DECLINES, TEXTS
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import STATE_NAMES, Actor, Event, State

REASON_FIELD: Final = "answer-reason"
ANSWER_FIELD: Final = "answer-title"
DONE: Final = {
    "agree": "承諾を受け付けました。状態は、判断のあとに「再表示」で確かめてください。",
    "decline": "不承諾を受け付けました。状態は、判断のあとに「再表示」で確かめてください。",
}
"""What the page says after an answer."""
DECLINED: Final = {
    "waiting": "先の回答の処理を待っています。少し待って「再表示」を押してください。",
    "unknown": "この申込に回答できません。申込の状態を確かめてください。",
}
"""What the page says when the wall does not take an answer, by the wall's word."""
_LONGEST: Final = 40
_REASONS: Final = tuple(code for code in RefusalCode if code in DECLINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Something that can be done next: where, and in which words."""

    href: str
    label: str


def application(request: HttpRequest, page: Page) -> HttpResponse:
    """GET `number`: the one of that 受付番号. POST: the answer to a relay (`answer`: agree or decline, `reason`)."""
    given = request.POST if request.method == "POST" else request.GET
    number = normalize("NFKC", given.get("number", "")).strip().upper()[:_LONGEST]
    if not number:
        return see_other(screen_url(RT10.code, receipt=came_from(request)))
    return _answer(request, page, number) if request.method == "POST" else _one(request, page, number)


def _one(request: HttpRequest, page: Page, number: str, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        if not sight.shown:
            ways = {"menu": screen_url(MN00.code, receipt=sight.receipt), "own": _own(sight)}
            return render(request, "reception/neutral.html", frame, ways)
        (row,) = sight.rows(COPIES)
        done = DONE.get(request.GET.get("done", ""), "")
        extra = {"done": done, "reason": request.POST.get("reason", ""), **_drawn(row, sight)}
        return render(request, "reception/one.html", frame.with_problems(problems), extra)

    which = Cases(number=number)
    released = office(request).gate.cases(visit(request, page.screen.code), which=which, queries=(COPIES,), render=draw)
    wrong = bool(problems) and released.shown
    outcome = "malformed" if wrong else "shown" if released.shown else "neutral"
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=400 if wrong else 200)


def _own(sight: Sight) -> str:
    return screen_url(RT10.code, receipt=sight.receipt)


def _drawn(row: CopyLine, sight: Sight) -> dict[str, Any]:
    state, duty = State(row.state), sight.viewer.duty
    return {
        "row": row,
        "procedure": CATALOGUE[Procedure(row.procedure)].name,
        "state": STATE_NAMES[state],
        "waiting": state is State.RECEIVED,
        "content": said_of(row.procedure, row.content),
        "refusals": [wire.refusal_of(one) for one in row.refusals],
        "again": one_url(row.number, receipt=sight.receipt),
        "ways": _ways(row, duty, sight.receipt),
        "reasons": [(one, TEXTS[one].field, _rule(one, row.day)) for one in _REASONS] if _answers(row, duty) else (),
        "own": _own(sight),
    }


def _answers(row: CopyLine, duty: Duty) -> bool:
    """True if this copy is the holder's, of a relay that waits for it, and the duty answers relays."""
    move = TABLES[Procedure(row.procedure)].move(State(row.state), Event.AGREE)
    holder = row.role == "holder" and move is not None and Actor.HOLDER in move.by
    return holder and duty in ACTIONS[operations.ANSWER]


def _rule(code: RefusalCode, day: date | None) -> str:
    """The rule of a reason, with the day of the relay where it has a place for one."""
    return TEXTS[code].rule.format(day="" if day is None else day.isoformat())


def _ways(row: CopyLine, duty: Duty, receipt: str) -> tuple[Way, ...]:
    """Applications that can follow: a change of this one where the table has it, and the halves of a switch."""
    procedure, state, number = Procedure(row.procedure), State(row.state), row.number
    moves = (TABLES[procedure].move(state, event) for event in (Event.AMEND, Event.WITHDRAW))
    found = []
    if row.role == "sender" and any(move is not None and Actor.SENDER in move.by for move in moves):
        found.append((Procedure.AMENDMENT, "concerns", "この申込の取消・変更を申し込む"))
    if procedure is Procedure.TERMINATION_RELAY and state is State.AGREED:
        if row.role == "sender":
            found.append((Procedure.SWITCH_START, "relay", "この取次でスイッチング開始を申し込む"))
        else:
            found.append((Procedure.SWITCH_END, "relay", "この取次でスイッチング廃止を申し込む"))
    may = procedures(duty)
    return tuple(
        Way(href=apply_url(one, receipt=receipt, **{field: number}), label=label)
        for one, field, label in found
        if one in may
    )


def _answer(request: HttpRequest, page: Page, number: str) -> HttpResponse:
    event = {"agree": Event.AGREE, "decline": Event.DECLINE}.get(request.POST.get("answer", ""))
    if event is None:
        text = _("回答: 「承諾する」か「不承諾とする」を押してください。")
        return _one(request, page, number, (Problem(field=ANSWER_FIELD, text=text),))
    reason = None
    if event is Event.DECLINE:
        reason = reason_of(request.POST.get("reason", ""), request.POST.get("seen", ""))
        if reason is None:
            text = _("不承諾の理由: 選ばれていません。一覧から 1 つ選んでください。")
            return _one(request, page, number, (Problem(field=REASON_FIELD, text=text),))
    try:
        office(request).gate.administer(
            visit(request, RT20.code),
            action=operations.ANSWER,
            asked=(number,),
            statement=operations.INSTRUCT,
            parameters={"action": operations.ANSWER, "number": number, "event": event.value, "reason": reason},
        )
    except Declined as error:
        text = _(DECLINED.get(error.why, DECLINED["unknown"]))
        return _one(request, page, number, (Problem(field=ANSWER_FIELD, text=text),))
    return see_other(one_url(number, done=event.value, receipt=came_from(request)))


def reason_of(code: str, seen: str) -> str | None:
    """The reason as JSON, with the day that the page showed where it has a place for one; None if there is none."""
    chosen = next((one for one in _REASONS if one.value == code), None)
    if chosen is None:
        return None
    values = {}
    if "day" in places(TEXTS[chosen]):
        try:
            values["day"] = date.fromisoformat(seen)
        except ValueError:
            return None
    return json.dumps(wire.refusal_json(refusal(chosen, **values)), ensure_ascii=False)
