"""同意とパスワード, and how far back the usage goes: not longer than 13 months, never before a change of name.

The password is given for an offer to switch, with the consumer's consent and proof of identity, for 1, 7 or 31 days
(sources T2, H2, O2).
"""

from collections.abc import Iterator
from datetime import date

from takuso.flow.reception.facts import Circumstances, PointFacts
from takuso.flow.reception.model import Consent, ConsentPurpose, PasswordRequest, UsageInquiry, UsagePassword
from takuso.flow.reception.parameters import ParameterName, ParameterTable
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Refusal, refusal
from takuso.flow.reception.rules.four_items import differing
from takuso.flow.reception.rules.lead_times import months_before
from takuso.kernel.kana import search_key
from takuso.kernel.periods import DatePeriod


def consent_refusals(consent: Consent, today: date) -> Iterator[Refusal]:
    """Whether the consent is there, for this purpose, of a person that was made sure of, and still stands."""
    if consent.purpose is not ConsentPurpose.SWITCH_OFFER:
        yield refusal(RefusalCode.PURPOSE_NOT_ALLOWED)
    if not any(paper.strip() for paper in consent.identity_papers):
        yield refusal(RefusalCode.IDENTITY_PAPERS_MISSING)
    if consent.given_on > today:
        yield refusal(RefusalCode.CONSENT_NOT_YET, today=today)
    if consent.withdrawn_on is not None and consent.withdrawn_on <= today:
        yield refusal(RefusalCode.CONSENT_WITHDRAWN, day=consent.withdrawn_on)


def password_refusals(request: PasswordRequest, known: Circumstances) -> Iterator[Refusal]:
    """Whether a password may be asked for: the days and the consent."""
    choices = known.parameters.choices(ParameterName.PASSWORD_DAYS, known.today)
    if request.valid_days not in choices:
        yield refusal(RefusalCode.VALID_DAYS_UNKNOWN, choices="・".join(map(str, choices)))
    yield from consent_refusals(request.consent, known.today)


def person_refusals(request: PasswordRequest, known: Circumstances) -> Iterator[Refusal]:
    """Whether the four items are those of the contract.

    Which item differs is not said, and a point that does not exist answers like a person that differs.
    """
    recorded = None if known.point is None else known.point.items_on(known.today)
    if recorded is None or differing(request.items, recorded):
        yield refusal(RefusalCode.PERSON_DIFFERS)


def issued(request: PasswordRequest, retailer: str, digest: str, on: date) -> UsagePassword:
    """The password as it is kept once it is issued on this day."""
    return UsagePassword(
        digest=digest,
        point=request.items.point,
        retailer=retailer,
        issued_on=on,
        valid_days=request.valid_days,
        consent=request.consent,
    )


def issue_day(received_on: date, known: Circumstances) -> date:
    """発行する日: the business day after the request (sources T2, H2, O2)."""
    count = known.parameters.number(ParameterName.PASSWORD_ISSUE_BUSINESS_DAYS, received_on)
    return known.calendar.add_business_days(received_on, count)


def usage_refusals(inquiry: UsageInquiry, sender: str, known: Circumstances) -> Iterator[Refusal]:
    """Whether usage may be given today. A password of others, of another point or of no one gives one answer."""
    given = _given(inquiry, known)
    if given is None or (given.retailer, given.point) != (sender, inquiry.point) or known.point is None:
        yield refusal(RefusalCode.PASSWORD_UNKNOWN)
        return
    if not given.valid.contains(known.today):
        last = given.valid.last_day
        yield refusal(RefusalCode.PASSWORD_EXPIRED, first=given.issued_on, last=last or given.issued_on)
    yield from consent_refusals(given.consent, known.today)


def name_refusals(inquiry: UsageInquiry, known: Circumstances) -> Iterator[Refusal]:
    """Whether the name is still that of the day the password was given: who asks with one that opens nothing must
    not learn by it that another has moved in.
    """
    given, point = _given(inquiry, known), known.point
    if given is not None and point is not None and _name_changed(point, given, known.today):
        yield refusal(RefusalCode.NAME_CHANGED)


def usage_period(point: PointFacts, on: date, parameters: ParameterTable) -> DatePeriod | None:
    """照会できる使用量の期間: from 13 months back, or from the start of the present name if that is later, to `on`.

    Whoever supplied meanwhile does not matter, the name does. None while nobody's name stands on the contract.
    """
    tenure = point.tenure_on(on)
    if tenure is None:
        return None
    start = months_before(on, parameters.number(ParameterName.USAGE_MONTHS, on))
    if tenure.valid.start is not None:
        start = max(start, tenure.valid.start)
    return DatePeriod(start=start, end=on)


def begins_tenure(old_kana: str, new_kana: str) -> bool:
    """True if a change of the party's data is a change of name: the folded kana differ.

    Another way of writing the same name begins nothing. EXAMPLE: no source says what counts as a change of name, so
    every other kana does, and usage is cut rather than given.
    """
    return search_key(old_kana) != search_key(new_kana)


def _given(inquiry: UsageInquiry, known: Circumstances) -> UsagePassword | None:
    return next((one for one in known.passwords if one.digest == inquiry.digest), None)


def _name_changed(point: PointFacts, given: UsagePassword, today: date) -> bool:
    return point.tenure_on(given.issued_on) != point.tenure_on(today)
