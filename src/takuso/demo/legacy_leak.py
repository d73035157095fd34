"""The leak: every contract of another retailer that an employee of the affiliate saw, and how."""

from collections.abc import Callable, Iterator
from typing import Final

from takuso.demo.legacy_kinds import LEAKS
from takuso.demo.legacy_people import Access, Viewer
from takuso.demo.legacy_script import Case, Path, Script
from takuso.demo.legacy_spells import Spell
from takuso.demo.legacy_week import END, FIRST, SECOND, instant

_ORDER: Final = tuple(kind.name for kind in LEAKS)
_PAIR: Final = "two_contracts"
_NEEDED: Final = {"over_period_start": FIRST, "left_midnight_at": FIRST, "returned_midnight_before": END - 1}
_EVERY_FOURTH: Final = 4
_EVERY_SEVENTH: Final = 7


def slots(contracts: int) -> Iterator[str]:
    """The kinds in which this many contracts are seen: each once, then every fourth in turn among plain ones."""
    left, number = contracts, 0
    while left:
        kind = _ORDER[0]
        if number < len(_ORDER):
            kind = _ORDER[number]
        elif number % _EVERY_FOURTH == 0:
            kind = _ORDER[number // _EVERY_FOURTH % len(_ORDER)]
        if kind == _PAIR and left == 1:
            kind = _ORDER[0]
        yield kind
        left -= 1 + (kind == _PAIR)
        number += 1


class Leak:
    """Plants exactly the contracts and viewers of the week."""

    def __init__(self, script: Script, points: Iterator[int]) -> None:
        self._script = script
        self._rng = script.rng
        self._points = points
        self._viewers = script.roster.viewers
        self._number = 0

    def plant(self) -> int:
        """All of it; returns how many contracts are no longer another retailer's as known now."""
        gone = 0
        for number, asked in enumerate(slots(self._script.week.contracts)):
            self._number = number
            viewer, kind = self._viewer(number, asked)
            self._plant(kind, viewer)
            gone += kind in ("corrected_to_own", "corrected_to_vacant")
        return gone

    def _viewer(self, number: int, kind: str) -> tuple[Viewer, str]:
        """Each viewer has one contract at least; some have many."""
        if number < len(self._viewers):
            viewer = self._viewers[number]
            return viewer, kind if _fits(kind, viewer) else _ORDER[0]
        while True:
            viewer = self._viewers[int(len(self._viewers) * self._rng.random() ** 2)]
            if _fits(kind, viewer):
                return viewer, kind

    def _plant(self, kind: str, viewer: Viewer) -> None:
        special: dict[str, Callable[[Viewer], None]] = {
            "leak": self._plain,
            "missing_reached": self._missing,
            "over_midnight": self._over_midnight,
            "over_period_start": self._over_start,
            "two_contracts": self._two_contracts,
            "other_customer_before": self._other_customer,
        }
        if kind in special:
            special[kind](viewer)
        elif kind.startswith("corrected"):
            self._corrected(kind, viewer)
        else:
            self._near_a_switch(kind, viewer)

    def _plain(self, viewer: Viewer) -> None:
        point = next(self._points)
        spell = self._script.spells.other(point)
        times = max(len(viewer.accesses), self._rng.choice((1, 1, 1, 1, 2, 3)))
        for time in range(times):
            at = self._script.office_hours(self._rng.choice(viewer.days))
            self._see("leak", viewer, point, at, spell, access=viewer.accesses[time % len(viewer.accesses)])
        if self._number > len(self._viewers) and self._rng.random() < 0.1:
            another = self._rng.choice(self._viewers)
            self._see("leak", another, point, self._script.office_hours(self._rng.choice(another.days)), spell)

    def _missing(self, viewer: Viewer) -> None:
        point = next(self._points)
        spell = self._script.spells.other(point)
        at = self._script.office_hours(self._rng.choice(viewer.days))
        self._see("missing_reached", viewer, point, at, spell, hidden=True)

    def _over_midnight(self, viewer: Viewer) -> None:
        point = next(self._points)
        spell = self._script.spells.other(point)
        later = [day for day in viewer.days if day > FIRST] or [FIRST]
        at = instant(self._rng.choice(later), self._rng.randrange(5 * SECOND))
        self._see("over_midnight", viewer, point, at, spell, hidden=True)

    def _over_start(self, viewer: Viewer) -> None:
        point = next(self._points)
        spell = self._script.spells.other(point)
        at = instant(FIRST, self._rng.randrange(5 * SECOND))
        self._see("over_period_start", viewer, point, at, spell, hidden=True)

    def _two_contracts(self, viewer: Viewer) -> None:
        point = next(self._points)
        switch = self._rng.choice(viewer.days[1:])
        for day, spell in zip(
            (self._rng.choice([day for day in viewer.days if day < switch]), switch),
            self._script.spells.between_entrants(point, switch),
            strict=True,
        ):
            self._see("two_contracts", viewer, point, self._script.office_hours(day), spell)

    def _other_customer(self, viewer: Viewer) -> None:
        before, point = next(self._points), next(self._points)
        self._script.spells.own(before)
        spell = self._script.spells.other(point)
        at = self._script.office_hours(self._rng.choice(viewer.days))
        path = (("MN00", before), ("KF10", before), ("CI20", point))
        self._see("other_customer_before", viewer, point, at, spell, path=path)

    def _near_a_switch(self, kind: str, viewer: Viewer) -> None:
        point, day, spells = next(self._points), self._rng.choice(viewer.days), self._script.spells
        if self._number < len(_ORDER):
            # The first of its kind stands on the very edge of the period.
            day = _NEEDED.get(kind, day)
        if kind == "left_day_before":
            at, spell = self._script.office_hours(day), spells.left(point, day - 1)
        elif kind == "returned_day_after":
            at, spell = self._script.office_hours(day), spells.returned(point, day + 1)
        elif kind == "returned_midnight_before":
            at, spell = instant(day + 1, -1), spells.returned(point, day + 1)
        else:
            at, spell = instant(day, int(kind == "left_midnight_after")), spells.left(point, day)
        self._see(kind, viewer, point, at, spell)

    def _corrected(self, kind: str, viewer: Viewer) -> None:
        point, day, spells = next(self._points), self._rng.choice(viewer.days), self._script.spells
        corrected = spells.after_the_week()
        now: Spell | None = None
        if kind == "corrected_to_own":
            then = spells.to_own(point, corrected)
        elif kind == "corrected_to_vacant":
            then = spells.to_vacant(point, day, corrected)
        else:
            then, now = spells.another_contract(point, corrected)
        self._see(kind, viewer, point, self._script.office_hours(day), then, now=now)

    def _see(
        self,
        kind: str,
        viewer: Viewer,
        point: int,
        at: int,
        then: Spell,
        *,
        now: Spell | None = None,
        access: Access | None = None,
        path: Path | None = None,
        hidden: bool = False,
    ) -> None:
        way = path or (("MN00", point), ("KF10", point), ("CI20", point))
        used = access or self._rng.choice(viewer.accesses)
        twice = self._number % _EVERY_SEVENTH == 0
        session = self._script.visit(used.user, at, way, hidden=hidden, copies=1 + twice)
        kinds = (kind, *((viewer.kind,) if viewer.kind else ()), *(("duplicate",) if twice else ()))
        self._script.cases.append(
            Case(
                kinds=kinds,
                access=used,
                point=point,
                at=at,
                session=session,
                then=then,
                now=now if kind.startswith("corrected") else then,
                contract=then,
            )
        )


def _fits(kind: str, viewer: Viewer) -> bool:
    """Some kinds need the first or the last day of the period among the viewer's days."""
    return kind not in _NEEDED or _NEEDED[kind] in viewer.days
