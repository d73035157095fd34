"""設備 and 計器取替履歴 of a point. All shares and names are EXAMPLE."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from takuso.demo.companies import LIBERALISED
from takuso.demo.facts import Ledger
from takuso.demo.histories import Scenario
from takuso.demo.numbering import meter_number
from takuso.demo.premises import Contract, CustomerKind, Site, Use
from takuso.demo.readings import following
from takuso.flow.reception.model import DISCONNECTIONS

_SMART: Final = 0.94
_GENERATES: Final = 0.06
_REPLACED: Final = ("検定有効期間満了", "スマートメーター化", "計器故障")
_VALID_YEARS: Final = 10
_LINES: Final = ("坂上", "橋本町", "野辺", "堀端", "浦手", "東台")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meter:
    number: str
    since: date
    smart: bool


def write_meters(ledger: Ledger, site: Site, contract: Contract, today: date, rng: Random) -> bool:
    """points.equipment and points.meter_install; returns whether half-hourly values are collected."""
    removed_on = contract.history.spells[-1].now.end if contract.history.scenario is Scenario.REMOVED else None
    meter = _installs(ledger, contract, today, removed_on, rng)
    status = _status(contract, today)
    ledger.write(
        "points.equipment",
        {
            "point": contract.point,
            "status": status,
            "disconnection": rng.choice(DISCONNECTIONS) if status == "廃止中" else "",
            "voltage": "高圧" if site.high else "低圧",
            "wiring": _wiring(rng, site, contract.use),
            "reading_schedule": f"{site.schedule:02d}",
            "next_reading_on": following(today, site.schedule),
            "reading_method": "自動検針" if meter.smart else "訪問検針",
            "meter_number": meter.number,
            "meter_kind": _kind(site, meter),
            "meter_valid_until": meter.since + timedelta(days=365 * _VALID_YEARS),
            "communicating": meter.smart,
            "half_hourly": meter.smart,
            "service_pole": f"{rng.choice(_LINES)}{rng.randint(1, 99)}{rng.choice('東西南北')}{rng.randint(1, 30)}",
            "grid_connected": site.kind is CustomerKind.HOME and rng.random() < _GENERATES,
        },
    )
    return meter.smart


def _status(contract: Contract, today: date) -> str:
    if contract.history.scenario is Scenario.REMOVED:
        return "撤去"
    return "廃止中" if contract.history.supplier(today) is None else "供給中"


def _installs(ledger: Ledger, contract: Contract, today: date, removed_on: date | None, rng: Random) -> _Meter:
    """The meter that hangs there last, after the ones before it."""
    first = contract.history.spells[0].now.start
    if contract.history.scenario is Scenario.NEW:
        first -= timedelta(days=1)
    elif first == LIBERALISED:
        first -= timedelta(days=rng.randint(10, 1500))
    last_day = removed_on or today
    smart = rng.random() < _SMART
    replaced = _replacement_day(first, last_day, rng)
    reason = _REPLACED[rng.randrange(3)] if smart else "検定有効期間満了"
    meter = _Meter(number=meter_number(rng, smart=smart), since=replaced or first, smart=smart)
    if replaced is not None:
        was_smart = smart and reason != "スマートメーター化"
        _install(ledger, contract, meter_number(rng, smart=was_smart), first, replaced, "新設")
    _install(ledger, contract, meter.number, meter.since, removed_on, reason if replaced else "新設")
    return meter


def _replacement_day(first: date, last_day: date, rng: Random) -> date | None:
    room = (last_day - first).days
    overdue = room > 365 * _VALID_YEARS
    if overdue:
        return last_day - timedelta(days=rng.randint(30, 365 * _VALID_YEARS - 400))
    if room > 400 and rng.random() < 0.2:
        return first + timedelta(days=rng.randint(200, room - 30))
    return None


def _install(
    ledger: Ledger, contract: Contract, number: str, installed_on: date, removed_on: date | None, reason: str
) -> None:
    ledger.write(
        "points.meter_install",
        {
            "point": contract.point,
            "meter_number": number,
            "installed_on": installed_on,
            "removed_on": removed_on,
            "reason": reason,
        },
    )


def _wiring(rng: Random, site: Site, use: Use) -> str:
    if site.high:
        return "三相3線式 6,600V"
    if use is Use.POWER:
        return "三相3線式 200V"
    return "単相3線式 100/200V" if rng.random() < 0.95 else "単相2線式 100V"


def _kind(site: Site, meter: _Meter) -> str:
    if site.high:
        return "高圧用電力量計（30分計量）" if meter.smart else "高圧用電力量計（検針員読取）"
    return "ユニット型スマートメーター" if meter.smart else "誘導型電力量計"
