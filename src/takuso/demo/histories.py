"""What happened at a supply point: who supplied it when, to which tenant, and what was recorded when.

All shares are EXAMPLE. Days are JST, periods half-open; instants are ISO texts of +09:00, so that they sort.
"""

from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from random import Random
from typing import Final

from takuso.demo.companies import AFFILIATE, BY_CODE, ENTRANTS, LIBERALISED
from takuso.demo.readings import reading_day

AOI: Final = AFFILIATE.id
EARLIEST_TODAY: Final = date(2020, 4, 1)


class Scenario(StrEnum):
    """The kinds of history; every plan of some size has all of them."""

    SETTLED = "settled"
    SWITCHED_BEFORE = "switched-before"
    SWITCHED_TODAY = "switched-today"  # yesterday was the former supplier's last day
    SWITCHING_TOMORROW = "switching-tomorrow"
    SWITCH_APPLIED = "switch-applied"
    BACK_AND_FORTH = "back-and-forth"
    MOVED_SAME = "moved-same"
    MOVED_OTHER = "moved-other"
    NEW = "new"
    LEAVING = "leaving"
    VACANT = "vacant"
    RETURNING = "returning"  # vacant today, the next tenant comes tomorrow or soon after
    REMOVED = "removed"
    CORRECTED_DATE = "corrected-date"
    CORRECTED_SUPPLIER = "corrected-supplier"


_SHARES: Final = {
    Scenario.SETTLED: 475,
    Scenario.SWITCHED_BEFORE: 165,
    Scenario.SWITCHED_TODAY: 20,
    Scenario.SWITCHING_TOMORROW: 20,
    Scenario.SWITCH_APPLIED: 20,
    Scenario.BACK_AND_FORTH: 40,
    Scenario.MOVED_SAME: 80,
    Scenario.MOVED_OTHER: 45,
    Scenario.NEW: 20,
    Scenario.LEAVING: 15,
    Scenario.VACANT: 50,
    Scenario.RETURNING: 15,
    Scenario.REMOVED: 12,
    Scenario.CORRECTED_DATE: 12,
    Scenario.CORRECTED_SUPPLIER: 11,
}
_SCENARIOS: Final = tuple(_SHARES)
_SCENARIO_BOUNDS: Final = list(accumulate(_SHARES.values()))
_ENTRANT_IDS: Final = tuple(company.id for company in ENTRANTS)
_ENTRANT_BOUNDS: Final = list(accumulate(company.weight for company in ENTRANTS))
_AFFILIATE_SHARE: Final = 0.87  # of customers who never switched
_ON_READING_DAY: Final = 0.7  # switches that fall on the reading day


class PlanTooEarly(ValueError):
    """The plan's day leaves no room for the histories."""

    def __init__(self, today: date) -> None:
        super().__init__(f"デモの日付 {today} は早すぎます。{EARLIEST_TODAY} 以後の日付を --now に指定してください。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A segment of supply as it was recorded from the instant `known` on."""

    start: date
    end: date | None
    retailer: int
    known: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One contract of one tenant: all its drafts, the last of which is what is recorded now."""

    drafts: tuple[Draft, ...]
    tenant: int
    reason: str

    @property
    def now(self) -> Draft:
        """As recorded now."""
        return self.drafts[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """申込中の異動 of one party."""

    party: int
    procedure: str
    effective_on: date
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All of a point's spells in order, the first tenant's moving-in, and what is applied for."""

    scenario: Scenario
    spells: tuple[Spell, ...]
    since: date
    applications: tuple[Application, ...] = ()

    def supplier(self, day: date) -> int | None:
        """Who supplies on this day, as recorded now."""
        for spell in self.spells:
            if spell.now.start <= day and (spell.now.end is None or day < spell.now.end):
                return spell.now.retailer
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    start: date
    end: date | None
    retailer: int
    tenant: int = 0


class Teller:
    """Tells the histories of one site: draws days before `today`; switches like to fall on the reading day."""

    def __init__(self, rng: Random, today: date, schedule: int) -> None:
        if today < EARLIEST_TODAY:
            raise PlanTooEarly(today)
        self.rng = rng
        self._today = today
        self._schedule = schedule

    def tell(self, scenario: Scenario | None = None) -> History:
        """A history; without a scenario one is drawn."""
        rng = self.rng
        if scenario is None:
            scenario = _SCENARIOS[bisect(_SCENARIO_BOUNDS, rng.randrange(_SCENARIO_BOUNDS[-1]))]
        steps = _TELLERS[scenario](self)
        spells = self._spells(steps)
        if scenario is Scenario.NEW:
            spells = [replace(spells[0], reason="新設")]
        if scenario in _CORRECTIONS:
            spells = _CORRECTIONS[scenario](self, spells)
        since = steps[0].start
        if since == LIBERALISED:
            since -= timedelta(days=rng.randint(30, 14_000))
        return History(
            scenario=scenario,
            spells=tuple(spells),
            since=since,
            applications=self._applications(scenario, steps),
        )

    def tell_settled_with_other(self, retailer: int | None) -> History:
        """A quiet history with another supplier than this one: the second contract at a place."""
        other = self.entrant() if retailer in (None, AOI) else AOI
        step = _Step(start=self.origin(other, self.ago(200)), end=None, retailer=other)
        return History(scenario=Scenario.SETTLED, spells=tuple(self._spells([step])), since=step.start)

    def entrant(self, *but: int) -> int:
        """A new retailer, not one of these."""
        while True:
            found = _ENTRANT_IDS[bisect(_ENTRANT_BOUNDS, self.rng.randrange(_ENTRANT_BOUNDS[-1]))]
            if found not in but:
                return found

    def anyone(self, *but: int) -> int:
        """A retailer as a customer has who never switched, not one of these."""
        if AOI not in but and self.rng.random() < _AFFILIATE_SHARE:
            return AOI
        return self.entrant(*but)

    def pair(self) -> tuple[int, int]:
        """Former and new supplier of a switch; most leave the affiliate."""
        share = self.rng.random()
        if share < 0.55:
            return AOI, self.entrant()
        former = self.entrant()
        return former, (AOI if share < 0.85 else self.entrant(former))

    def ago(self, low: int, high: int | None = None) -> date:
        """A day between so many days ago."""
        days = low if high is None else self.rng.randint(low, high)
        return self._today - timedelta(days=days)

    def origin(self, retailer: int, before: date) -> date:
        """The start of a first contract, at least 100 days before this day."""
        if retailer == AOI and self.rng.random() < 0.5:
            return LIBERALISED
        room = (before - LIBERALISED).days - 100
        return before - timedelta(days=100 + self.rng.randint(0, min(room, 2500)))

    def switch_day(self, low: int, high: int) -> date:
        """A day for a switch, usually the reading day of its month."""
        room = (self._today - LIBERALISED).days - 200
        day = self.ago(low, min(high, room))
        usual = reading_day(day, self._schedule)
        return usual if self.rng.random() < _ON_READING_DAY and usual <= self.ago(low) else day

    def _known(self, day: date) -> str:
        recorded = min(day, self._today) - timedelta(days=self.rng.randint(1, 9))
        return f"{recorded}T{self.rng.randint(9, 17):02d}:{self.rng.randrange(60):02d}:00+09:00"

    def _spells(self, steps: list[_Step]) -> list[Spell]:
        known: dict[date, str] = {}
        for day in [day for step in steps for day in (step.start, step.end) if day is not None]:
            # What ends a contract is recorded before, or with, what begins the next.
            known.setdefault(day, max([self._known(day), *known.values()]))
        spells = []
        before: _Step | None = None
        for step in steps:
            opened = Draft(start=step.start, end=None, retailer=step.retailer, known=known[step.start])
            drafts: tuple[Draft, ...] = (opened,)
            if step.end is not None:
                drafts += (replace(opened, end=step.end, known=known[step.end]),)
            spells.append(Spell(drafts=drafts, tenant=step.tenant, reason=_reason(before, step)))
            before = step
        return spells

    def _applications(self, scenario: Scenario, steps: list[_Step]) -> tuple[Application, ...]:
        last = steps[-1]
        if scenario is Scenario.SWITCHING_TOMORROW:
            return _switch(steps[-2].retailer, last.retailer, last.start, "照合済・異動待ち")
        if scenario is Scenario.SWITCH_APPLIED:
            day = self._today + timedelta(days=self.rng.randint(3, 25))
            new = self.anyone(last.retailer)
            if self.rng.random() < 0.5:
                return _switch(last.retailer, new, day, "照合済")
            return _switch(last.retailer, new, day, "照合待ち")[1:]
        if scenario is Scenario.RETURNING:
            return (_apply(last.retailer, "再点", last.start, "受付済"),)
        if scenario is Scenario.LEAVING and last.end is not None:
            return (_apply(last.retailer, "廃止", last.end, "受付済"),)
        return ()


def _settled(teller: Teller) -> list[_Step]:
    retailer = teller.anyone()
    return [_Step(start=teller.origin(retailer, teller.ago(100)), end=None, retailer=retailer)]


def _switched_on(teller: Teller, day: date) -> list[_Step]:
    former, new = teller.pair()
    return [
        _Step(start=teller.origin(former, day), end=day, retailer=former),
        _Step(start=day, end=None, retailer=new),
    ]


def _back_and_forth(teller: Teller) -> list[_Step]:
    back = teller.switch_day(20, 300)
    forth = back - timedelta(days=min(teller.rng.randint(90, 500), (back - LIBERALISED).days - 150))
    out = BY_CODE["asahi"].id if teller.rng.random() < 0.6 else teller.entrant()
    home, away = (AOI, out) if teller.rng.random() < 0.8 else (out, AOI)
    return [
        _Step(start=teller.origin(home, forth), end=forth, retailer=home),
        _Step(start=forth, end=back, retailer=away),
        _Step(start=back, end=None, retailer=home),
    ]


def _moved(teller: Teller, *, other: bool) -> list[_Step]:
    days = teller.rng.randint(20, 900)
    out = teller.ago(days)
    gap = 0 if teller.rng.random() < 0.4 else teller.rng.randint(3, min(60, days - 5))
    former = teller.anyone()
    new = teller.anyone(former) if other else former
    return [
        _Step(start=teller.origin(former, out), end=out, retailer=former),
        _Step(start=out + timedelta(days=gap), end=None, retailer=new, tenant=1),
    ]


def _new(teller: Teller) -> list[_Step]:
    return [_Step(start=teller.ago(1, 60), end=None, retailer=teller.anyone())]


def _until(teller: Teller, end: date) -> list[_Step]:
    retailer = teller.anyone()
    return [_Step(start=teller.origin(retailer, min(end, teller.ago(0))), end=end, retailer=retailer)]


def _returning(teller: Teller) -> list[_Step]:
    steps = _until(teller, teller.ago(15, 200))
    start = teller.ago(-1) if teller.rng.random() < 0.6 else teller.ago(-7, -2)
    return [*steps, _Step(start=start, end=None, retailer=teller.anyone(), tenant=1)]


_TELLERS: Final[Mapping[Scenario, Callable[[Teller], list[_Step]]]] = {
    Scenario.SETTLED: _settled,
    Scenario.SWITCHED_BEFORE: lambda teller: _switched_on(teller, teller.switch_day(20, 1500)),
    Scenario.SWITCHED_TODAY: lambda teller: _switched_on(teller, teller.ago(0)),
    Scenario.SWITCHING_TOMORROW: lambda teller: _switched_on(teller, teller.ago(-1)),
    Scenario.SWITCH_APPLIED: _settled,
    Scenario.BACK_AND_FORTH: _back_and_forth,
    Scenario.MOVED_SAME: lambda teller: _moved(teller, other=False),
    Scenario.MOVED_OTHER: lambda teller: _moved(teller, other=True),
    Scenario.NEW: _new,
    Scenario.LEAVING: lambda teller: _until(teller, teller.ago(-20, -1)),
    Scenario.VACANT: lambda teller: _until(teller, teller.ago(1, 400)),
    Scenario.RETURNING: _returning,
    Scenario.REMOVED: lambda teller: _until(teller, teller.ago(30, 700)),
    Scenario.CORRECTED_DATE: lambda teller: _switched_on(teller, teller.switch_day(60, 500)),
    Scenario.CORRECTED_SUPPLIER: lambda teller: _switched_on(teller, teller.switch_day(60, 500)),
}


def _correct_date(teller: Teller, spells: list[Spell]) -> list[Spell]:
    """The switch was first recorded for another day; found and corrected weeks after."""
    former, new = spells
    true_day = new.now.start
    wrong_day = true_day + timedelta(days=teller.rng.choice((-14, -7, 5, 10)))
    found = _weeks_after(teller, max(true_day, wrong_day))
    opened, closed = former.drafts
    return [
        replace(former, drafts=(opened, replace(closed, end=wrong_day), replace(closed, known=found))),
        replace(new, drafts=(replace(new.now, start=wrong_day), replace(new.now, known=found))),
    ]


def _correct_supplier(teller: Teller, spells: list[Spell]) -> list[Spell]:
    """The switch was first recorded for the wrong new supplier."""
    former, new = spells
    wrong = teller.entrant(former.now.retailer, new.now.retailer)
    found = _weeks_after(teller, new.now.start)
    drafts = (replace(new.now, retailer=wrong), replace(new.now, known=found))
    return [former, replace(new, drafts=drafts)]


_CORRECTIONS: Final[Mapping[Scenario, Callable[[Teller, list[Spell]], list[Spell]]]] = {
    Scenario.CORRECTED_DATE: _correct_date,
    Scenario.CORRECTED_SUPPLIER: _correct_supplier,
}


def _weeks_after(teller: Teller, day: date) -> str:
    return f"{day + timedelta(days=teller.rng.randint(10, 40))}T10:30:00+09:00"


def _reason(before: _Step | None, step: _Step) -> str:
    if before is None:
        return "自由化前からの供給" if step.start == LIBERALISED else "再点"
    if step.tenant != before.tenant:
        return "再点"
    return "スイッチング"


def _switch(former: int, new: int, day: date, state: str) -> tuple[Application, ...]:
    return (
        _apply(former, "スイッチング廃止", day, state),
        _apply(new, "スイッチング開始", day, state),
    )


def _apply(party: int, procedure: str, day: date, state: str) -> Application:
    return Application(party=party, procedure=procedure, effective_on=day, state=state)
