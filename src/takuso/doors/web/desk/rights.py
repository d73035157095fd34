"""AL40 権限の棚卸し: every person by organisation, what the rows in force show them, and what changed since a day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.matrix import DUTY_NAMES, Duty
from takuso.barrier.query import Query
from takuso.barrier.rights_queries import ALLOWED, CHANGES, GRANTED, HELD, Held
from takuso.barrier.words import RELATION_NAMES, VIEW_NAMES
from takuso.doors.web.desk.ways import Ways
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.language import _
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page
from takuso.kernel.periods import JST

FORM: Final = "since-form"
FIELD: Final = "rights-since"
CHANGE_NAMES: Final = {
    "began": "発令が始まった",
    "ended": "発令が終わった",
    "late": "あとから記録された発令",
    "corrected": "訂正された発令",
    "rule-added": "規則が加わった",
    "rule-retired": "規則がなくなった",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A company and the people who act in its name."""

    code: str
    name: str
    people: tuple[Held, ...]


def rights(request: HttpRequest, page: Page) -> HttpResponse:
    """`since`: a day, to be told what is different since then."""
    typed = request.GET.get("since", "").strip()[:32]
    day, problems = _day(typed)
    queries: tuple[Query[Any], ...] = (HELD, GRANTED, ALLOWED, CHANGES) if day else (HELD, GRANTED, ALLOWED)

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        frame = replace(frame, problems=problems)
        return render(request, "desk/rights.html", frame, {"typed": typed, **_context(sight, day)})

    released = office(request).gate.read_log(
        visit(request, page.screen.code),
        asked=f"since={day}" if day else "",
        queries=queries,
        parameters={"from_day": day},
        render=draw,
    )
    outcome, status = ("malformed", 400) if problems else ("shown", 200)
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)


def _day(typed: str) -> tuple[date | None, tuple[Problem, ...]]:
    if not typed:
        return None, ()
    try:
        day = date.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        return None, (_wrong(_("日付の形ではありません。2026-11-27の形で入力してください。")),)
    if day > datetime.now(UTC).astimezone(JST).date():
        return None, (_wrong(_("まだ来ていない日です。比べたい過去の日を入力してください。")),)
    return day, ()


def _wrong(rule: str) -> Problem:
    return Problem(field=FIELD, text=_("比べる日: {rule}").format(rule=rule))


def _context(sight: Sight, day: date | None) -> dict[str, Any]:
    granted: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in sight.rows(GRANTED):
        granted[row.duty].append((RELATION_NAMES[row.relation], VIEW_NAMES[row.view], "".join(row.classes)))
    actions: defaultdict[str, list[str]] = defaultdict(list)
    for action in sight.rows(ALLOWED):
        for duty in action.duties:
            actions[duty].append(action.code)
    return {
        "form": FORM,
        "day": day,
        "organisations": _organisations(sight.rows(HELD)),
        "granted": granted,
        "actions": actions,
        "duties": {duty.value: name for duty, name in DUTY_NAMES.items()},
        "known": {duty.value for duty in Duty},
        "changes": sight.rows(CHANGES) if day else (),
        "change_names": CHANGE_NAMES,
        "ways": Ways(sight.receipt),
    }


def _organisations(rows: Sequence[Held]) -> list[Organisation]:
    found: defaultdict[tuple[str, str], list[Held]] = defaultdict(list)
    for row in rows:
        found[row.organisation, row.organisation_name].append(row)
    return [Organisation(code=code, name=name, people=tuple(people)) for (code, name), people in found.items()]
