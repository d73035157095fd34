"""異動受付の API: a retailer's own applications, the relays it answers, and filing."""

import re
from typing import Any, Final

from django.http import HttpRequest

from takuso.barrier.gate import Cases, Declined, Sight
from takuso.doors.api.answers import encoded, looked, malformed, neutral, row_of, shown, visit, wrong_field
from takuso.doors.api.bodies import BadBody, object_of
from takuso.doors.web import problems
from takuso.doors.web.definitions import RT10, RT20, RT30, RT40
from takuso.doors.web.frame import Answer
from takuso.doors.web.office import office
from takuso.doors.web.reception.lists import NUMBER
from takuso.doors.web.reception.one import DECLINED, reason_of
from takuso.flow.reception import operations, wire
from takuso.flow.reception.filings import filing
from takuso.flow.reception.forms import read
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.queries import COPIES, CopyLine
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import places
from takuso.flow.reception.refusals.texts import DECLINES, TEXTS
from takuso.flow.reception.vocabulary import STATE_NAMES, State
from takuso.kernel.malformed import Malformed
from takuso.kernel.wareki import parse_date

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
REASONS: Final = {code.value: TEXTS[code].field for code in RefusalCode if code in DECLINES}
"""不承諾の理由: code, and the field that it is about."""
_ANSWERS: Final = ("agree", "decline")


def one_list(request: HttpRequest, name: str, after: str | None) -> Answer:
    """`own` or `relays`: fifty a page, in the order of the screen."""
    screen = {"own": RT10, "relays": RT30}[name].code
    if after is not None and not NUMBER.fullmatch(after):
        return _no_number("after")

    def draw(sight: Sight) -> bytes:
        rows = () if sight.withheld(COPIES) else sight.rows(COPIES)
        more = rows[-1].number if rows and sight.next_cursor is not None else None
        return encoded({"receipt": sight.receipt, "applications": [_copy(row) for row in rows], "after": more})

    which = Cases(list=name, after=after)
    released = office(request).gate.cases(visit(request, screen), which=which, queries=(COPIES,), render=draw)
    return shown(released.body, screen=screen)


def one(request: HttpRequest, typed: str) -> Answer:
    """The application of that 受付番号, or the neutral document."""
    number = typed.upper()
    if not NUMBER.fullmatch(number):
        return _no_number("number")

    def draw(sight: Sight) -> bytes:
        if not sight.shown:
            return neutral(sight)
        (row,) = sight.rows(COPIES)
        return encoded({"receipt": sight.receipt, "application": _copy(row)})

    which = Cases(number=number)
    released = office(request).gate.cases(visit(request, RT20.code), which=which, queries=(COPIES,), render=draw)
    return looked(released.body, found=released.shown, screen=RT20.code)


def file(request: HttpRequest, procedure: Procedure, key: str) -> Answer:
    """Store an application; the same key with the same content gives the same number again."""
    if not _KEY.fullmatch(key):
        rule, cure = (
            "空白のない ASCII の 1〜255 文字です。",
            "申込ごとに新しい値を作り、送り直すときは同じ値にしてください。",
        )
        field = {"field": "Idempotency-Key", "code": "idempotency-key", "rule": rule, "cure": cure}
        return malformed("idempotency-key", "冪等キー（Idempotency-Key）を確かめてください。", field, status=400)
    try:
        content = read(procedure, object_of(request))
    except BadBody as error:
        return malformed("body", f"{error.rule}{error.advice}", status=400)
    if isinstance(content, tuple):
        return malformed("form", "errors の項目を直してください。", *map(wrong_field, content))
    parameters = filing(content, action=operations.APPLY, via="api", key=key)
    point = parameters["supply_point"]
    try:
        number = office(request).gate.administer(
            visit(request, RT40.code),
            action=operations.APPLY,
            asked=() if point is None else (point,),
            statement=operations.FILE,
            parameters=parameters,
        )
    except Declined as error:
        if error.why == "key-used":
            return malformed("key-used", "この冪等キーは、別の内容の申込に使われています。新しい値にしてください。")
        return malformed("form", "この内容は登録できませんでした。項目の値を確かめてください。")
    href = f"/api/v1/applications/{number}"
    answer = shown(encoded({"number": number, "href": href}), screen=RT40.code, status=201, outcome="form")
    answer["Location"] = href
    return answer


def answer_relay(request: HttpRequest, typed: str) -> Answer:
    """`answer`: agree or decline, this with `reason` (a code) and `day` (the relay's), if its text names one."""
    number = typed.upper()
    if not NUMBER.fullmatch(number):
        return _no_number("number")
    try:
        given = object_of(request)
    except BadBody as error:
        return malformed("body", f"{error.rule}{error.advice}", status=400)
    event, code, day = (str(given.get(name, "")) for name in ("answer", "reason", "day"))
    try:
        day = parse_date(day).isoformat() if day else ""
    except Malformed as error:
        return malformed("day", f"day: {error.rule}{error.advice}")
    if event == "decline" and code in REASONS and not day and "day" in places(TEXTS[RefusalCode(code)]):
        return malformed("day", "day: この理由には、取次の希望日が要ります。")
    reason = reason_of(code, day) if event == "decline" else None
    if set(given) - {"answer", "reason", "day"} or event not in _ANSWERS or (event == "decline" and reason is None):
        return malformed(
            "answer", "answer は agree か decline です。decline には reason（不承諾の理由のコード）が要ります。"
        )
    try:
        office(request).gate.administer(
            visit(request, RT20.code),
            action=operations.ANSWER,
            asked=(number,),
            statement=operations.INSTRUCT,
            parameters={"action": operations.ANSWER, "number": number, "event": event, "reason": reason},
        )
    except Declined as error:
        detail = DECLINED.get(error.why, DECLINED["unknown"])
        status = 409 if error.why == "waiting" else 404
        body = problems.document(status, error.why, "この回答は受け付けられません", detail)
        return problems.answered(body, status=status, outcome="refused", screen=RT20.code)
    body = encoded({"number": number, "href": f"/api/v1/applications/{number}"})
    return shown(body, screen=RT20.code, status=202, outcome="form")


def _no_number(name: str) -> Answer:
    return malformed(
        name, "受付番号は、261101-0A1B2C3D4E の形です。申し込んだときの番号を確かめてください。", status=400
    )


def _copy(row: CopyLine) -> dict[str, Any]:
    return {
        **row_of(row),
        "content": row.content,
        "procedure_name": CATALOGUE[Procedure(row.procedure)].name,
        "state_name": STATE_NAMES[State(row.state)],
        "refusals": [_refusal(found) for found in row.refusals],
    }


def _refusal(found: dict[str, Any]) -> dict[str, str]:
    said = wire.refusal_of(found)
    return {"code": said.code.value, "field": said.field, "rule": said.rule, "cure": said.cure}
