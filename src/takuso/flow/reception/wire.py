"""受け渡しの形: the values of reception as plain JSON (dict, list, str, int, bool, None) and back.

Days are ISO, moments ISO with the offset of Japan, a supply point its 22 digits, sets are sorted lists, an amount of
kW is a text. Reading is strict: a key that is missing or unknown, or a value of another type, raises Unreadable and
names where. What a database driver has made of a column already (date, aware datetime, Decimal) is taken as it is.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Holding, PointFacts, RetailerFacts, Tenure, Voltage
from takuso.flow.reception.model import CONTENTS, Application, Content, UsagePassword
from takuso.flow.reception.plain import (
    Plain,
    Unreadable,
    keyed,
    listed,
    mapping,
    plain,
    plain_object,
    read_as,
    unreadable,
)
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Conflict, Refusal, Value
from takuso.flow.reception.vocabulary import State
from takuso.kernel.malformed import Malformed
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import DatePeriod


def content_json(content: Content) -> Plain:
    """The content under the names of its fields; the procedure stands beside it, not in it."""
    return plain_object(content)


def content_of(procedure: str, value: object) -> Content:
    """The content of this procedure; raises Unreadable."""
    kind = _BY_PROCEDURE.get(str(procedure))
    if kind is None:
        raise unreadable("procedure", "知っている手続き")
    content: Content = read_as(kind, value, "content")
    return content


def application_json(application: Application) -> Plain:
    """Number, procedure, sender, content and the two moments."""
    return {
        "number": application.number,
        "procedure": application.procedure.value,
        "sender": application.sender,
        "content": content_json(application.content),
        "received_at": plain(application.received_at),
        "amended_at": plain(application.amended_at),
    }


def application_of(value: object) -> Application:
    """The inverse of application_json; raises Unreadable."""
    return _application(keyed(value, _APPLICATION_KEYS, "application"))


def case_json(case: Case) -> Plain:
    """One row: the application's keys and those of the case."""
    return application_json(case.application) | {
        "state": case.state.value,
        "since": plain(case.since),
        "due": plain(case.due),
        "refusals": [refusal_json(one) for one in case.refusals],
        "counterparts": sorted(case.counterparts),
        "partner": case.partner,
    }


def case_of(row: object) -> Case:
    """The case of a row with the keys of case_json; raises Unreadable."""
    found = keyed(row, _APPLICATION_KEYS | _CASE_KEYS, "case")
    return Case(
        application=_application(found),
        state=read_as(State, found["state"], "state"),
        since=read_as(datetime, found["since"], "since"),
        due=read_as(date | None, found["due"], "due"),
        refusals=tuple(refusal_of(one) for one in listed(found["refusals"], "refusals")),
        counterparts=read_as(frozenset[str], found["counterparts"], "counterparts"),
        partner=read_as(str, found["partner"], "partner"),
    )


def conflict_json(conflict: Conflict) -> Plain:
    """An application, or a change already in force, that stands against another."""
    return plain_object(conflict)


def conflict_of(value: object) -> Conflict:
    """The inverse of conflict_json; raises Unreadable."""
    found: Conflict = read_as(Conflict, value, "conflict")
    return found


def refusal_json(refusal: Refusal) -> Plain:
    """Code, values and conflicts; a value that is a day is `{"day": "2026-04-01"}`, so it is told from a text."""
    return {
        "code": refusal.code.value,
        "values": {
            name: {"day": value.isoformat()} if isinstance(value, date) else value for name, value in refusal.values
        },
        "conflicts": [conflict_json(one) for one in refusal.conflicts],
    }


def refusal_of(value: object) -> Refusal:
    """The inverse of refusal_json; raises Unreadable, also where the values do not fit the text of the code."""
    found = keyed(value, frozenset({"code", "values", "conflicts"}), "refusal")
    values = mapping(found["values"], "refusal.values")
    try:
        return Refusal(
            code=read_as(RefusalCode, found["code"], "refusal.code"),
            values=tuple(sorted((str(name), _value(one)) for name, one in values.items())),
            conflicts=tuple(conflict_of(one) for one in listed(found["conflicts"], "refusal.conflicts")),
        )
    except Unreadable:
        raise
    except ValueError:
        raise unreadable("refusal.values", "このコードの文が求める値") from None


def facts_json(point: PointFacts) -> Plain:
    """What is known of the point; a period is `from` and `to`, null where it is open."""
    return {
        "supply_point": point.number.text,
        "place": point.place,
        "voltage": point.voltage.value,
        "power_kw": plain(point.power_kw),
        "holdings": [
            {"retailer": one.retailer, **_period_json(one.valid), "customer_no": one.customer_no}
            for one in point.holdings
        ],
        "tenures": [{"name": one.name, "kana": one.kana, **_period_json(one.valid)} for one in point.tenures],
        "disconnection": point.disconnection,
        "reading_days": plain(point.reading_days),
        "menus": plain(point.menus),
        "special": point.special,
    }


def facts_of(value: object) -> PointFacts:
    """The inverse of facts_json; holdings and tenures are put in order of their start. Raises Unreadable."""
    found = keyed(value, _FACTS_KEYS, "facts")
    holdings = (_holding(one) for one in listed(found["holdings"], "facts.holdings"))
    tenures = (_tenure(one) for one in listed(found["tenures"], "facts.tenures"))
    return PointFacts(
        number=read_as(SupplyPointNumber, found["supply_point"], "facts.supply_point"),
        place=read_as(str, found["place"], "facts.place"),
        voltage=read_as(Voltage, found["voltage"], "facts.voltage"),
        power_kw=read_as(Decimal | None, found["power_kw"], "facts.power_kw"),
        holdings=tuple(sorted(holdings, key=lambda one: one.valid.start or date.min)),
        tenures=tuple(sorted(tenures, key=lambda one: one.valid.start or date.min)),
        disconnection=read_as(str, found["disconnection"], "facts.disconnection"),
        reading_days=read_as(frozenset[date], found["reading_days"], "facts.reading_days"),
        menus=read_as(frozenset[str], found["menus"], "facts.menus"),
        special=read_as(bool, found["special"], "facts.special"),
    )


def retailer_json(retailer: RetailerFacts) -> Plain:
    """Code, balancing groups, and the days of the contract."""
    return {
        "code": retailer.code,
        "balancing_groups": sorted(retailer.balancing_groups),
        **_period_json(retailer.contract),
    }


def retailer_of(value: object) -> RetailerFacts:
    """The inverse of retailer_json; raises Unreadable."""
    found = keyed(value, frozenset({"code", "balancing_groups", "from", "to"}), "retailer")
    return RetailerFacts(
        code=read_as(str, found["code"], "retailer.code"),
        balancing_groups=read_as(frozenset[str], found["balancing_groups"], "retailer.balancing_groups"),
        contract=_period(found, "retailer"),
    )


def password_json(password: UsagePassword) -> Plain:
    """The password as it is kept, under the names of its fields, with its consent."""
    return plain_object(password)


def password_of(value: object) -> UsagePassword:
    """The inverse of password_json; raises Unreadable."""
    found: UsagePassword = read_as(UsagePassword, value, "password")
    return found


_BY_PROCEDURE: Final[Mapping[str, type]] = {
    procedure.value: kind for procedure, kind in zip(Procedure, CONTENTS, strict=True)
}
_APPLICATION_KEYS: Final = frozenset({"number", "procedure", "sender", "content", "received_at", "amended_at"})
_CASE_KEYS: Final = frozenset({"state", "since", "due", "refusals", "counterparts", "partner"})
_FACTS_KEYS: Final = frozenset(
    {
        "supply_point",
        "place",
        "voltage",
        "power_kw",
        "holdings",
        "tenures",
        "disconnection",
        "reading_days",
        "menus",
        "special",
    }
)


def _application(found: Mapping[str, Any]) -> Application:
    return Application(
        number=read_as(str, found["number"], "number"),
        received_at=read_as(datetime, found["received_at"], "received_at"),
        sender=read_as(str, found["sender"], "sender"),
        content=content_of(found["procedure"], found["content"]),
        amended_at=read_as(datetime | None, found["amended_at"], "amended_at"),
    )


def _holding(value: object) -> Holding:
    found = keyed(value, frozenset({"retailer", "from", "to", "customer_no"}), "holding")
    return Holding(
        retailer=read_as(str, found["retailer"], "holding.retailer"),
        valid=_period(found, "holding"),
        customer_no=read_as(str, found["customer_no"], "holding.customer_no"),
    )


def _tenure(value: object) -> Tenure:
    found = keyed(value, frozenset({"name", "kana", "from", "to"}), "tenure")
    return Tenure(
        name=read_as(str, found["name"], "tenure.name"),
        kana=read_as(str, found["kana"], "tenure.kana"),
        valid=_period(found, "tenure"),
    )


def _period_json(period: DatePeriod) -> Plain:
    return {"from": plain(period.start), "to": plain(period.end)}


def _period(found: Mapping[str, Any], at: str) -> DatePeriod:
    start, end = (read_as(date | None, found[key], f"{at}.{key}") for key in ("from", "to"))
    try:
        return DatePeriod(start=start, end=end)
    except Malformed:
        raise unreadable(f"{at}.to", "始まり以後の日") from None


def _value(value: object) -> Value:
    if isinstance(value, Mapping):
        day: date = read_as(date, keyed(value, frozenset({"day"}), "refusal.values")["day"], "refusal.values.day")
        return day
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise unreadable("refusal.values", "文字列・整数・日")
