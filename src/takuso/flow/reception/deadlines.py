"""期限: the last day of a state, by what it waits for."""

from datetime import date, timedelta

from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Circumstances
from takuso.flow.reception.model import PasswordRequest, SwitchStart, Work
from takuso.flow.reception.parameters import Band
from takuso.flow.reception.rules.consent import issue_day
from takuso.flow.reception.rules.lead_times import answer_due, band_of, day_received, matching_due
from takuso.flow.reception.states import Deadline


def due_day(deadline: Deadline, case: Case, known: Circumstances) -> date | None:
    """The last day of the case's present state, counted from the moment it came into it; None without a day."""
    entered = day_received(case.since, known.parameters)
    match deadline:
        case Deadline.ANSWER:
            answer = answer_due(entered, known.calendar, known.parameters)
            # After the pair can no longer be matched, an answer is of no use.
            matching = _matching(case, known, entered)
            return answer if matching is None else min(answer, matching)
        case Deadline.MATCHING:
            return _matching(case, known, entered)
        case Deadline.EFFECTIVE_DAY:
            return case.day
        case Deadline.PASSWORD_ISSUE:
            return issue_day(entered, known)
        case Deadline.PASSWORD_END:
            days = case.content.valid_days if isinstance(case.content, PasswordRequest) else 1
            return entered + timedelta(days=days - 1)


def _matching(case: Case, known: Circumstances, today: date) -> date | None:
    """By the standard period of the point; where none is known, that of low voltage without work."""
    band = Band.LOW if known.point is None else band_of(known.point)
    work = case.content.work if isinstance(case.content, SwitchStart) else Work.NONE
    lead = known.parameters.lead_time(band, work, today)
    if lead is None or case.day is None:
        return case.day
    return matching_due(case.day, lead, known.calendar, known.parameters, today)
