"""契約容量 and 月別使用量 of a point, cut at every change of supplier and of tenant. All figures are EXAMPLE."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from takuso.demo.companies import Row
from takuso.demo.facts import Ledger, period
from takuso.demo.histories import Spell
from takuso.demo.premises import Contract, CustomerKind, Site, Use
from takuso.demo.readings import Window, windows

_SEASONS: Final = (1.38, 1.30, 1.12, 0.92, 0.78, 0.82, 1.06, 1.22, 1.02, 0.80, 0.86, 1.14)
_WORK_SEASONS: Final = (1.08, 1.06, 0.98, 0.92, 0.90, 1.00, 1.16, 1.18, 1.06, 0.92, 0.92, 1.00)
_LOAD: Final = {  # mean share of the contract size that is drawn
    CustomerKind.HOME: 0.09,
    CustomerKind.SHOP: 0.16,
    CustomerKind.COMPANY: 0.18,
    CustomerKind.HIGH: 0.34,
    CustomerKind.COMMON: 0.20,
}
_CHANGED_SIZE: Final = 0.05  # of spells of more than half a year
_ESTIMATED: Final = 0.03  # of points whose last reading was first estimated
_AGREED: Final = 0.004  # of readings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    menu: str
    basis: str
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Time without a change of size: its versions as (recorded instant, period); `larger` than the one before."""

    versions: tuple[tuple[str, str], ...]
    larger: bool = False


def write_sizes(ledger: Ledger, site: Site, contract: Contract, today: date, rng: Random) -> Decimal:
    """points.contract_size; returns the amount of the last contract."""
    size = _size(rng, site, contract.use)
    for number, spell in enumerate(contract.history.spells):
        if number and rng.random() < 0.2:
            size = replace(size, menu=_MENUS.get(size.menu, size.menu))
        for stretch in _stretches(spell, today, rng):
            if stretch.larger:
                size = replace(size, amount=size.amount + 1)
            row: Row = {
                "point": contract.point,
                "menu": size.menu,
                "kind": contract.use.value,
                "basis": size.basis,
                "amount": size.amount,
                "unit": size.unit,
            }
            ledger.write_versions(
                "points.contract_size", [(known, row | {"valid": valid}) for known, valid in stretch.versions]
            )
    return size.amount


def write_usage(
    ledger: Ledger, site: Site, contract: Contract, amount: Decimal, today: date, rng: Random, *, half_hourly: bool
) -> None:
    """points.usage_month: 13 months up to the last reading, and final readings of contracts that ended since."""
    home = site.kind is CustomerKind.HOME
    seasons = _SEASONS if home and contract.use is Use.LIGHT else _WORK_SEASONS
    daily_wh = float(amount) * 24_000 * _LOAD[site.kind] * (0.6 + rng.random())
    shows_maximum = half_hourly or contract.use is Use.POWER
    cuts = list(_cuts(contract, today, site.schedule))
    estimated = rng.random() < _ESTIMATED
    for number, (window, start, end) in enumerate(cuts):
        days = (end - start).days
        energy = round(daily_wh * seasons[start.month - 1] * days * (0.9 + 0.2 * rng.random()) / 100) * 100
        peak = min(float(amount) * 1000, energy / days / 24 * (3 + 2 * rng.random()))
        even = not half_hourly and (start, end) != (window.start, window.end)
        row: Row = {
            "point": contract.point,
            "month": window.month,
            "energy_wh": energy,
            "maximum_w": round(peak / 10) * 10 if shows_maximum else None,
            "quality": "均等" if even else "協議" if rng.random() < _AGREED else "確定",
            "valid": period(start, end),
        }
        recorded = min(end + timedelta(days=3), today)
        versions = [(f"{recorded}T00:00:00+09:00", row)]
        if estimated and number + 1 == len(cuts):
            first = {"energy_wh": round(energy * 0.93 / 100) * 100, "quality": "推定"}
            versions.insert(0, (f"{end - timedelta(days=1)}T23:50:00+09:00", row | first))
        ledger.write_versions("points.usage_month", versions)


def _cuts(contract: Contract, today: date, schedule: int) -> Iterator[tuple[Window, date, date]]:
    for window in windows(today, schedule):
        for spell in contract.history.spells:
            start = max(window.start, spell.now.start)
            end = window.end if spell.now.end is None else min(window.end, spell.now.end)
            if start < end <= today:
                yield window, start, end


def _stretches(spell: Spell, today: date, rng: Random) -> Iterator[_Stretch]:
    first, now = spell.drafts[0], spell.now
    corrected = len(spell.drafts) > (1 if now.end is None else 2)
    room = (min(now.end or today, today) - now.start).days
    if corrected or room < 180 or rng.random() >= _CHANGED_SIZE:
        versions: dict[str, str] = {}
        for draft in spell.drafts:
            versions.setdefault(period(draft.start, draft.end), draft.known)
        yield _Stretch(versions=tuple((known, valid) for valid, known in versions.items()))
        return
    change = now.start + timedelta(days=rng.randint(60, room - 60))
    known = f"{change - timedelta(days=4)}T11:00:00+09:00"
    yield _Stretch(versions=((first.known, period(now.start, None)), (known, period(now.start, change))))
    closed = () if now.end is None else ((now.known, period(change, now.end)),)
    yield _Stretch(versions=((known, period(change, None)), *closed), larger=True)


def _size(rng: Random, site: Site, use: Use) -> _Size:
    if site.high:
        menu = "高圧標準" if rng.random() < 0.7 else "高圧時間帯別"
        return _Size(menu=menu, basis="実量契約", amount=Decimal(rng.randint(50, 900)), unit="kW")
    if use is Use.POWER:
        basis = "主開閉器契約" if rng.random() < 0.35 else "実量契約"
        return _Size(menu="動力標準", basis=basis, amount=Decimal(rng.randint(2, 25)), unit="kW")
    return _light(rng, site.kind)


def _light(rng: Random, kind: CustomerKind) -> _Size:
    # Homes of this area have no contract in ampere.
    menu = "電灯標準" if rng.random() < 0.85 else "電灯時間帯別"
    most = 9 if kind is CustomerKind.HOME else 18
    share = rng.random()
    if share < 0.7:
        return _Size(menu=menu, basis="実量契約", amount=Decimal(rng.randint(2, most)), unit="kW")
    if share < 0.85:
        return _Size(menu=menu, basis="SB契約", amount=Decimal(rng.randint(3, 6)), unit="kVA")
    return _Size(menu=menu, basis="主開閉器契約", amount=Decimal(rng.randint(6, 20)), unit="kVA")


_MENUS: Final = {
    "電灯標準": "電灯時間帯別",
    "電灯時間帯別": "電灯標準",
    "高圧標準": "高圧時間帯別",
    "高圧時間帯別": "高圧標準",
}
