"""進める: one occurrence moves a case by its state table, or is refused. Total: every pair of state and event answers.

Nothing is changed in place; the moved case, who is told and what takes effect come back as values, to be carried out
in one transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, TypeAlias

from takuso.flow.reception.case import Case
from takuso.flow.reception.deadlines import due_day
from takuso.flow.reception.facts import Circumstances
from takuso.flow.reception.judge import not_now
from takuso.flow.reception.model import Content, SwitchStart, TerminationRelay, Work
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Accepted, Conflict, Decision, Refusal, Refused, refusal
from takuso.flow.reception.refusals.texts import DECLINES
from takuso.flow.reception.states import Guard, Move
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import UNHAPPY, Actor, Event
from takuso.kernel.periods import jst_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """起きたこと: the event, who does it (`retailer` for a retailer's person), and what was found out for it.

    `decision` is the judgement for events that follow one, `reason` the holder's, `content` the amended application,
    `counterparts` the retailers that are now known to stand on the other side, `partner` the half it is matched with.
    """

    event: Event
    by: Actor
    at: datetime
    retailer: str = ""
    decision: Decision | None = None
    reason: Refusal | None = None
    content: Content | None = None
    counterparts: frozenset[str] = frozenset()
    partner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """進んだ案件, by the row of the table: who is told and what takes effect stand in the row."""

    case: Case
    by: Move


Advance: TypeAlias = Moved | Refused


def advance(case: Case, occurrence: Occurrence, known: Circumstances) -> Advance:
    """The case after the occurrence, or why not. Never raises for what a person can do."""
    row = TABLES[case.application.procedure].move(case.state, occurrence.event)
    if not _may_know(case, occurrence):
        return Refused((refusal(RefusalCode.NOT_YOURS_TO_MOVE),))
    if row is None:
        return Refused((not_now(case, occurrence.event),))
    if occurrence.by not in row.by or not _is_the_one(case, occurrence):
        return Refused((refusal(RefusalCode.NOT_YOURS_TO_MOVE),))
    for guard in row.guards:
        unmet = _GUARDS[guard](case, occurrence)
        if unmet:
            return Refused(unmet)
    return Moved(case=_moved(case, row, occurrence, known), by=row)


def _moved(case: Case, row: Move, occurrence: Occurrence, known: Circumstances) -> Case:
    application = case.application
    if occurrence.content is not None and row.event is Event.AMEND:
        application = replace(application, content=occurrence.content, amended_at=occurrence.at)
    made = replace(
        case,
        application=application,
        state=row.target,
        since=occurrence.at,
        counterparts=case.counterparts | occurrence.counterparts,
        partner=occurrence.partner or case.partner,
        refusals=_given(case, row, occurrence) if row.target in UNHAPPY else (),
    )
    deadline = TABLES[application.procedure].deadlines.get(row.target)
    return replace(made, due=None if deadline is None else due_day(deadline, made, known))


def _given(case: Case, row: Move, occurrence: Occurrence) -> tuple[Refusal, ...]:
    """The refusals that an unhappy end leaves on the case."""
    if occurrence.reason is not None and Guard.REASONED in row.guards:
        return (occurrence.reason,)
    if row.code is None:
        return occurrence.decision.refusals if isinstance(occurrence.decision, Refused) else ()
    own: tuple[Conflict, ...] = (case.as_conflict(),)
    match row.code:
        case RefusalCode.UNMATCHED | RefusalCode.UNANSWERED:
            return (refusal(row.code, *own, due=case.due or jst_day(occurrence.at)),)
        case RefusalCode.PASSWORD_EXPIRED:
            return (refusal(row.code, first=jst_day(case.since), last=case.due or jst_day(occurrence.at)),)
        case _:
            return (refusal(row.code, *own),)


def _may_know(case: Case, occurrence: Occurrence) -> bool:
    """A retailer that is no party gets one answer, whatever the state."""
    return occurrence.by in (Actor.SYSTEM, Actor.NETWORK) or _is_the_one(case, occurrence)


def _is_the_one(case: Case, occurrence: Occurrence) -> bool:
    match occurrence.by:
        case Actor.SENDER:
            return occurrence.retailer == case.application.sender
        case Actor.HOLDER:
            return isinstance(case.content, TerminationRelay) and occurrence.retailer == case.content.holder
        case _:
            return True


_Guarded: TypeAlias = Callable[[Case, Occurrence], tuple[Refusal, ...]]


def _passed(case: Case, occurrence: Occurrence) -> tuple[Refusal, ...]:
    match occurrence.decision:
        case None:
            return (refusal(RefusalCode.NOT_JUDGED, case.as_conflict()),)
        case Refused(refusals=found):
            return found
        case _:
            return ()


def _failed(case: Case, occurrence: Occurrence) -> tuple[Refusal, ...]:
    match occurrence.decision:
        case None:
            return (refusal(RefusalCode.NOT_JUDGED, case.as_conflict()),)
        case Accepted():
            return (refusal(RefusalCode.NO_GROUND, case.as_conflict()),)
        case _:
            return ()


def _in_time(case: Case, occurrence: Occurrence) -> tuple[Refusal, ...]:
    if case.due is not None and jst_day(occurrence.at) > case.due:
        return (refusal(RefusalCode.TOO_LATE, case.as_conflict(), due=case.due),)
    return ()


def _overdue(case: Case, occurrence: Occurrence) -> tuple[Refusal, ...]:
    if case.due is None or jst_day(occurrence.at) <= case.due:
        return (refusal(RefusalCode.NOT_YET_DUE, case.as_conflict(), due=case.due or "なし"),)
    return ()


def _day_come(case: Case, occurrence: Occurrence) -> tuple[Refusal, ...]:
    if case.day is None or jst_day(occurrence.at) < case.day:
        return (refusal(RefusalCode.DAY_NOT_COME, case.as_conflict(), day=_day(case)),)
    return ()


def _before_day(case: Case, occurrence: Occurrence) -> tuple[Refusal, ...]:
    if case.day is not None and jst_day(occurrence.at) >= case.day:
        return (refusal(RefusalCode.DAY_COME, case.as_conflict(), day=_day(case)),)
    return ()


def _reasoned(case: Case, occurrence: Occurrence) -> tuple[Refusal, ...]:
    if occurrence.reason is None or occurrence.reason.code not in DECLINES:
        return (refusal(RefusalCode.REASON_MISSING, case.as_conflict()),)
    return ()


def _work_wanted(case: Case, _occurrence: Occurrence) -> tuple[Refusal, ...]:
    return () if _wants_work(case) else (refusal(RefusalCode.NO_WORK_WANTED, case.as_conflict()),)


def _no_work_wanted(case: Case, _occurrence: Occurrence) -> tuple[Refusal, ...]:
    return (refusal(RefusalCode.WORK_WANTED, case.as_conflict()),) if _wants_work(case) else ()


def _wants_work(case: Case) -> bool:
    return isinstance(case.content, SwitchStart) and case.content.work is not Work.NONE


def _day(case: Case) -> date | str:
    return case.day or "なし"


_GUARDS: Final[Mapping[Guard, _Guarded]] = MappingProxyType(
    {
        Guard.PASSED: _passed,
        Guard.FAILED: _failed,
        Guard.IN_TIME: _in_time,
        Guard.OVERDUE: _overdue,
        Guard.DAY_COME: _day_come,
        Guard.BEFORE_DAY: _before_day,
        Guard.REASONED: _reasoned,
        Guard.WORK_WANTED: _work_wanted,
        Guard.NO_WORK_WANTED: _no_work_wanted,
    }
)
