"""AL10 閲覧記録: the records that the filters leave, when they were made, and of what kinds they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from takuso.barrier.desk_queries import ALL, OF_CUSTOMER, PAGE, SAMPLE, TALLIED_BARS, Bar, Desk, Facet, Line
from takuso.barrier.gate import Sight
from takuso.barrier.matrix import PURPOSES, Relation
from takuso.barrier.query import Query
from takuso.barrier.words import DECISION_NAMES, KIND_NAMES, RELATION_NAMES
from takuso.doors.web.desk.asked import (
    FIELD_NAMES,
    RENDERED,
    UNITS,
    WIDTHS,
    After,
    Asked,
    named,
    pills,
    read_asked,
)
from takuso.doors.web.desk.histogram import histogram
from takuso.doors.web.desk.ways import Ways
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page

FORM: Final = "filter-form"
_GROUPS_SHOWN: Final = 200
# Facet to the filter that it sets, in the order of the page.
_FACETS: Final = {
    "employer": "employer",
    "holder": "holder",
    "relation": "relation",
    "screen": "on",
    "came": "came",
    "decision": "decision",
    "purpose": "purpose",
    "rule": "rule",
}
VIEWS: Final = (("", "一覧"), ("person", "閲覧者ごと"), ("customer", "お客さまごと"))


def log_list(request: HttpRequest, page: Page) -> HttpResponse:
    """GET with the filters in the address, or POST where a 22-digit number is among them."""
    given = request.POST if request.method == "POST" else request.GET
    asked, problems = read_asked(given.dict(), datetime.now(UTC))
    desk = OF_CUSTOMER if asked.customer else ALL
    queries = () if problems else _queries(desk, asked)
    more = {"sample": SAMPLE} | ({"last": _GROUPS_SHOWN} if asked.by else {})

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        frame = replace(frame, problems=problems)
        return render(request, "desk/log.html", frame, _context(sight, desk, asked, problems, given))

    released = office(request).gate.read_log(
        visit(request, page.screen.code),
        asked=asked.words,
        queries=queries,
        parameters=asked.parameters | more,
        render=draw,
    )
    outcome, status = ("malformed", 400) if problems else ("shown", 200)
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)


def _queries(desk: Desk, asked: Asked) -> tuple[Query[Any], ...]:
    """Only the first page has the overview: the others are of the same records."""
    if asked.by:
        return (desk.groups[asked.by],)
    overview: tuple[Query[Any], ...] = () if asked.after else (desk.facets, bars_of(desk, asked))
    return (desk.lines, *overview)


def bars_of(desk: Desk, asked: Asked) -> Query[Bar]:
    """Ended days are counted already for most of what is asked first."""
    return TALLIED_BARS[asked.unit] if asked.tally else desk.bars[asked.unit]


def _context(
    sight: Sight, desk: Desk, asked: Asked, problems: Sequence[Problem], given: Mapping[str, str]
) -> dict[str, Any]:
    ways = Ways(sight.receipt)
    context: dict[str, Any] = {
        "asked": asked,
        "form": FORM,
        "given": {name: given.get(name, "") for name in FIELD_NAMES},
        "wrong": {problem.field for problem in problems},
        "names": FIELD_NAMES,
        "decisions": DECISION_NAMES,
        "relations": RELATION_NAMES,
        "kinds": KIND_NAMES,
        "rendered": RENDERED,
        "purposes": {one.code: one.name for one in PURPOSES},
        "pills": list(pills(asked, ways.to)),
        "views": [(name, ways.to(asked.having(by=by or None)), by) for by, name in VIEWS],
        "ways": ways,
        "lines": None,
        "groups": None,
        "facets": (),
        "chart": None,
    }
    if problems:
        return context
    return context | (_groups(sight, desk, asked, ways) if asked.by else _records(sight, desk, asked, ways))


def _groups(sight: Sight, desk: Desk, asked: Asked, ways: Ways) -> dict[str, Any]:
    rows = sight.rows(desk.groups[asked.by or "person"])
    field = "person" if asked.by == "person" else "customer"
    groups = []
    for row in rows:
        chosen = asked.having(**{field: row.code}, by=None)
        groups.append((row, ways.to(chosen.having(employer=row.employer) if row.employer else chosen)))
    return {"groups": groups, "most": _GROUPS_SHOWN}


def _records(sight: Sight, desk: Desk, asked: Asked, ways: Ways) -> dict[str, Any]:
    found = sight.rows(desk.lines)
    lines = [(line, ways.record(line.receipt, line.day)) for line in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    context: dict[str, Any] = {
        "lines": lines,
        "export": ways.export(asked),
        "first": ways.to(asked.having()) if asked.after else None,
        "next": ways.to(asked.having(after=_after(last))) if last else None,
    }
    if asked.after:
        return context
    chart = histogram(asked, sight.rows(bars_of(desk, asked)))
    days = [ways.to(asked.having(since=bar.at.date(), until=bar.at.date(), per="")) for bar in chart.filled]
    return context | {
        "facets": _facets(sight.rows(desk.facets), asked, ways),
        "counted": next((one.amount for one in sight.rows(desk.facets) if one.facet == "total"), 0),
        "sample": SAMPLE,
        "chart": chart,
        "chart_rows": list(zip(chart.filled, days, strict=True)),
        "unit": UNITS[asked.unit],
        "units": [(name, ways.to(asked.having(unit=unit)), unit == asked.unit) for unit, name in UNITS.items()],
        "widths": [
            (name, ways.to(asked.having(per=per)), per == asked.width)
            for per, (_, most, name) in WIDTHS.items()
            if (asked.until - asked.since).days < most
        ],
    }


def _after(line: Line) -> After:
    return After(day=line.day, at=line.at, receipt=line.receipt)


def _facets(rows: Sequence[Facet], asked: Asked, ways: Ways) -> list[tuple[str, list[tuple[str, str, int, Any]]]]:
    """Name of the facet, and its values: what it is called, its code, how many, and where it leads."""
    facets = []
    for facet, field in _FACETS.items():
        if getattr(asked, field):
            continue
        values = [
            (_word(field, row), row.value, row.amount, ways.to(asked.having(**{field: row.value})))
            for row in rows
            if row.facet == facet
        ]
        if values:
            facets.append((FIELD_NAMES[field], values))
    return facets


def _word(field: str, row: Facet) -> str:
    if field == "relation":
        return RELATION_NAMES.get(Relation(row.value).value, row.value)
    if field == "purpose":
        return next((one.name for one in PURPOSES if one.code == row.value), named(field, row.value))
    return row.name or named(field, row.value)
