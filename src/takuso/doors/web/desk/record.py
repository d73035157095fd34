"""AL11 閲覧記録 1 件: one record, its subjects, what the same sign-in did around it, and the row that decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.barrier.decide import Decision
from takuso.barrier.desk_queries import PATH, RECORD, SUBJECTS, Record
from takuso.barrier.explanation import OF_RECORD, Explained, PointExplained, explain
from takuso.barrier.gate import Sight
from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, DataClass, Duty
from takuso.barrier.words import DECISION_NAMES, KIND_NAMES, RELATION_NAMES
from takuso.doors.web.definitions import AL10
from takuso.doors.web.desk.ways import Ways
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import is_receipt, office, visit
from takuso.doors.web.page import Page

FIELD: Final = "record-receipt"
FORM: Final = "record-form"
_EVER: Final = (date(1970, 1, 1), date(2999, 12, 31))
_MOST_SUBJECTS: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One class: who decided then and now. A key of "" is no row, which denies."""

    letter: DataClass
    name: str
    then: Decision | None
    now: Decision | None

    @property
    def differs(self) -> bool:
        """True if another row, or another answer, stands now."""
        return self.then is None or self.now is None or _said(self.then) != _said(self.now)


def _said(decision: Decision) -> tuple[Any, ...]:
    return decision.show, decision.rule.key if decision.rule else "", decision.relation


def log_record(request: HttpRequest, page: Page) -> HttpResponse:
    """`receipt`, and, to find it at once, its `day`; `no`: the subject whose decision is explained."""
    receipt, day, no = _asked(request)
    problems: tuple[Problem, ...] = ()
    if receipt and not is_receipt(receipt):
        text = _("受付番号: 32文字の英数字です。記録の一覧から開くか、そのまま貼り付けてください。")
        problems = (Problem(field=FIELD, text=text),)
    sought = bool(receipt) and not problems
    since, until = (day, day) if day else _EVER

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        frame = replace(frame, problems=problems)
        context = {"form": FORM, "receipt": receipt, "sought": sought, "record": None}
        return render(request, "desk/record.html", frame, context | (_context(sight, no) if sought else {}))

    released = office(request).gate.read_log(
        visit(request, page.screen.code),
        asked=f"receipt={receipt} no={no}" if sought else "",
        queries=(RECORD, SUBJECTS, PATH, *OF_RECORD.all) if sought else (),
        parameters={"receipt": receipt, "since": since, "until": until, "no": no},
        render=draw,
    )
    outcome, status = ("malformed", 400) if problems else ("shown", 200)
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)


def _asked(request: HttpRequest) -> tuple[str, date | None, int]:
    receipt = request.GET.get("receipt", "").strip()[:64]
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = None
    typed = request.GET.get("no", "1")
    no = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 2 else 1
    return receipt, day, min(max(no, 1), _MOST_SUBJECTS)


def _context(sight: Sight, no: int) -> dict[str, Any]:
    record = next(iter(sight.rows(RECORD)), None)
    if record is None:
        return {"record": None}
    ways = Ways(sight.receipt)
    subjects = sight.rows(SUBJECTS)
    customers = list(dict.fromkeys(one.customer for one in subjects if one.customer))
    both = explain(OF_RECORD.found(sight.rows))
    return {
        "record": record,
        "subjects": [(one, ways.record(record.receipt, record.day, one.no)) for one in subjects],
        "no": no,
        "path": [(one, ways.record(one.receipt, one.day)) for one in sight.rows(PATH)],
        "duty_name": DUTY_NAMES[Duty(record.duty)],
        "decisions": DECISION_NAMES,
        "relations": RELATION_NAMES,
        "kinds": KIND_NAMES,
        "of_person": _narrowed(sight, person=record.person, employer=record.employer),
        "of_customers": [(code, screen_url(AL10.code, customer=code, receipt=sight.receipt)) for code in customers],
        "came": ways.record(record.came_from, record.day) if record.came_from else "",
        "classes": list(_compared(both, record)) if both else [],
        "conditions": _conditions(both.get("then"), record) if both else (),
    }


def _narrowed(sight: Sight, **filters: str) -> str:
    return f"/screens/{AL10.code}?{urlencode({**filters, 'from': sight.receipt})}"


def _compared(both: Mapping[Any, Explained], record: Record) -> Iterator[Compared]:
    then, now = (_point(both.get(answer), record) for answer in ("then", "now"))
    letters = sorted({*(then.classes if then else ()), *(now.classes if now else ())})
    for letter in letters:
        yield Compared(
            letter=letter,
            name=CLASS_NAMES[letter],
            then=then.classes.get(letter) if then else None,
            now=now.classes.get(letter) if now else None,
        )


def _point(explained: Explained | None, record: Record) -> PointExplained | None:
    """The point asked for, in the appointment the record was made in."""
    for acting in explained.acting if explained else ():
        if acting.appointment is None or acting.appointment.organisation == record.organisation_key:
            return next(iter(acting.points), None)
    return None


def _conditions(explained: Explained | None, record: Record) -> Sequence[str]:
    for acting in explained.acting if explained else ():
        if acting.appointment is not None and acting.appointment.organisation == record.organisation_key:
            return acting.conditions
    return ()
