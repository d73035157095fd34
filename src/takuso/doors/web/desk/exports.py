"""AL12 閲覧記録の持出し: asked for with a reason, approved by a second person, taken once as a CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from django.http import HttpRequest, HttpResponse

from takuso.barrier.desk_queries import ALL, EXPORTS, MOST_EXPORTED, OF_CUSTOMER, Line
from takuso.barrier.gate import ExportRefused, Sight
from takuso.doors.web.definitions import AL12
from takuso.doors.web.desk.asked import Asked, pills, read_asked
from takuso.doors.web.desk.ways import Ways
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import came_from, is_receipt, office, visit
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other
from takuso.kernel.periods import JST

FIELD: Final = "export-reason"
LIST: Final = "exports"
_LONGEST: Final = 200
_COLUMNS: Final = (
    "時刻",
    "受付番号",
    "利用者",
    "氏名",
    "所属コード",
    "所属",
    "画面",
    "遷移元",
    "種類",
    "判定",
    "お客さま",
    "供給地点の数",
    "関係",
    "契約者",
    "表示した区分",
    "表示",
    "利用目的",
    "根拠の番号",
    "規則の版",
    "入力・問い",
)
# What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def exports(request: HttpRequest, page: Page) -> HttpResponse:
    """GET lists the requests, with a form for the filters in the address; POST `step` asks, approves or takes."""
    step = request.POST.get("step", "") if request.method == "POST" else ""
    try:
        if step == "request":
            return _request(request, page)
        if step == "approval":
            return _approve(request, page)
        if step == "taking":
            return _take(request, page)
    except ExportRefused as refused:
        return _list(request, page, Problem(field=LIST, text=str(refused)), status=409)
    return _list(request, page)


def _given(request: HttpRequest) -> tuple[Asked, tuple[Problem, ...]]:
    given = request.POST if request.method == "POST" else request.GET
    return read_asked(given.dict(), datetime.now(UTC))


def _list(request: HttpRequest, page: Page, *more: Problem, status: int = 400) -> HttpResponse:
    asked, problems = _given(request)
    problems = (*problems, *more)

    def draw(sight: Sight) -> bytes:
        ways = Ways(sight.receipt)
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        frame = replace(frame, problems=problems)
        context = {
            "exports": sight.rows(EXPORTS),
            "mine": sight.viewer.person_code,
            "pills": list(pills(asked, ways.to)),
            "fields": asked.exact,
            "reason": request.POST.get("reason", "")[:_LONGEST],
            "most": MOST_EXPORTED,
        }
        return render(request, "desk/exports.html", frame, context)

    released = office(request).gate.read_log(
        visit(request, page.screen.code), asked="exports", queries=(EXPORTS,), parameters={}, render=draw
    )
    outcome, code = ("malformed", status) if problems else ("shown", 200)
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=code)


def _request(request: HttpRequest, page: Page) -> HttpResponse:
    asked, problems = _given(request)
    reason = request.POST.get("reason", "").strip()
    if problems:
        return _list(request, page)
    if not reason or len(reason) > _LONGEST or not reason.isprintable():
        text = _("持出しの理由: 200文字以内で、何のための持出しかを入力してください。")
        return _list(request, page, Problem(field=FIELD, text=text))
    office(request).gate.export_step(
        visit(request, page.screen.code), step="request", export=None, filters=_text(asked), reason=reason
    )
    return _back(request)


def _approve(request: HttpRequest, page: Page) -> HttpResponse:
    export, filters = _named(request)
    office(request).gate.export_step(
        visit(request, page.screen.code), step="approval", export=export, filters=filters, reason=""
    )
    return _back(request)


def _take(request: HttpRequest, page: Page) -> HttpResponse:
    export, filters = _named(request)
    asked, problems = read_asked(dict(_pairs(filters)), datetime.now(UTC))
    if problems or _text(asked) != filters:
        # No request says this: the wall refuses it as changed, and that is a record.
        filters = "-"
    desk = OF_CUSTOMER if asked.customer else ALL
    released = office(request).gate.take_export(
        visit(request, page.screen.code),
        export=export,
        filters=filters,
        queries=(desk.lines,),
        parameters=asked.parameters | {"last": MOST_EXPORTED + 1},
        render=lambda sight: _csv(sight.rows(desk.lines)),
    )
    answer = Answer(released.body, screen=page.screen.code, outcome="shown")
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="takuso-log-{released.receipt}.csv"'
    return answer


def _named(request: HttpRequest) -> tuple[str, str]:
    export = request.POST.get("export", "")
    return (export if is_receipt(export) else "-"), request.POST.get("filters", "")[:1000] or "-"


def _back(request: HttpRequest) -> HttpResponse:
    return see_other(screen_url(AL12.code, receipt=came_from(request)))


def _text(asked: Asked) -> str:
    """Filters as an export keeps them: the period always in days, so that tomorrow it is still the same."""
    return " ".join(f"{name}={value}" for name, value in asked.exact.items())


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(" "):
        name, _equals, value = pair.partition("=")
        yield name, value


def _csv(lines: Sequence[Line]) -> bytes:
    """UTF-8 with BOM, CRLF, nothing that a spreadsheet would compute; says in its last line if it is not all."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_(column) for column in _COLUMNS])
    writer.writerows([_safe(cell) for cell in _cells(line)] for line in lines[:MOST_EXPORTED])
    if len(lines) > MOST_EXPORTED:
        writer.writerow([_("100,000件で打ち切りました。期間を分けて申請してください。")])
    return text.getvalue().encode("utf-8-sig")


def _cells(line: Line) -> Iterator[object]:
    yield line.at.astimezone(JST).isoformat()
    yield from (line.receipt, line.person, line.person_name, line.employer, line.employer_name, line.screen)
    yield from (line.came_screen, line.kind, line.decision, " ".join(line.customers), line.subjects)
    yield from (" ".join(line.relations), " ".join(line.holders), "".join(line.classes))
    yield {True: "yes", False: "no", None: "none"}[line.rendered]
    yield from (line.purpose_code, line.purpose_reference, line.rule_version, line.typed)


def _safe(cell: object) -> str:
    """As text; an apostrophe before what would be a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
