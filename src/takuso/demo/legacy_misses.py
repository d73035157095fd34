"""The near misses: views that look like the leak and are not, or are only as known now."""

from collections.abc import Iterator
from typing import Final

from takuso.demo.companies import ENTRANTS
from takuso.demo.legacy_kinds import MISSES
from takuso.demo.legacy_people import Access
from takuso.demo.legacy_script import Case, Path, Script
from takuso.demo.legacy_spells import Spell
from takuso.demo.legacy_week import DAYS, END, FIRST, HOUR, SCREEN_CODES, SECOND, instant

_AFFILIATE: Final = "crowd"
_STAFF: Final = {
    "transferred_as_network": "transferred",
    "former_employee": "former",
    "contractor": "contractors",
    "handed_over_to_network": "heirs",
    "network_staff": "network",
}


class Misses:
    """Plants every kind of near miss, in proportion to the size and at least once."""

    def __init__(self, script: Script, points: Iterator[int]) -> None:
        self._script = script
        self._rng = script.rng
        self._points = points
        self._groups = script.roster.groups
        self._ways = {
            "own_customer": self._own,
            "left_day_after": self._near_a_switch,
            "returned_day_before": self._near_a_switch,
            "left_midnight_before": self._near_a_switch,
            "returned_midnight_at": self._near_a_switch,
            "returned_midnight_after": self._near_a_switch,
            "shared_terminal": self._shared_terminal,
            "other_screen": self._other_path,
            "from_menu": self._other_path,
            "via_ci10": self._other_path,
            "missing_elsewhere": self._missing,
            "missing_first": self._missing_first,
            "over_period_end": self._over_end,
            "before_period": self._before,
            "other_retailer_staff": self._other_retailer,
            "vacant": self._vacant,
            "corrected_before_view": self._corrected_before,
            "corrected_at_view": self._corrected_before,
            "two_windows": self._two_windows,
            **dict.fromkeys(_STAFF, self._other_staff),
        }

    def plant(self) -> None:
        """Every kind in MISSES."""
        for kind in MISSES:
            for number in range(self._script.week.scaled(kind.base)):
                self._ways[kind.name](kind.name, number)

    def plant_later(self, gone: int) -> None:
        """Views that are findings only as known now: more of them than findings that are `gone` by then.

        Each by a person of its own, so that viewers, too, differ between then and now.
        """
        crowd = self._groups[_AFFILIATE]
        for number in range(gone + self._script.week.scaled(20, 2)):
            point, day, spells = next(self._points), self._day(), self._script.spells
            if number % 2:
                kind, spell = "corrected_vacant_to_other", spells.vacant_to_other(point, day, spells.after_the_week())
            else:
                kind, spell = "corrected_to_other", spells.to_other(point, day, spells.after_the_week())
            self._see(kind, crowd[number], point, self._script.office_hours(day), now=spell)

    def _own(self, kind: str, _: int) -> None:
        point = next(self._points)
        self._script.spells.own(point)
        self._see(kind, self._clerk(), point, self._now())

    def _near_a_switch(self, kind: str, _: int) -> None:
        point, day, spells = next(self._points), self._day(), self._script.spells
        if kind == "left_day_after":
            at = self._script.office_hours(day)
            spells.left(point, day + 1)
        elif kind == "returned_day_before":
            at = self._script.office_hours(day)
            spells.returned(point, day - 1)
        elif kind == "left_midnight_before":
            at = instant(day + 1, -1)
            spells.left(point, day + 1)
        else:
            at = instant(day, int(kind == "returned_midnight_after"))
            spells.returned(point, day)
        self._see(kind, self._clerk(), point, at)

    def _other_staff(self, kind: str, number: int) -> None:
        """Persons who are not the affiliate's employees on that day, at another retailer's customers."""
        staff = self._groups[_STAFF[kind]]
        access = staff[number % len(staff)]
        point = next(self._points)
        contract = self._script.spells.other(point)
        self._see(kind, access, point, self._script.office_hours(self._rng.choice(access.days)), contract=contract)

    def _other_retailer(self, kind: str, number: int) -> None:
        """An entrant's employee at the customers of the affiliate and of other entrants."""
        company = ENTRANTS[number % len(ENTRANTS)]
        point = next(self._points)
        if number % 2:
            self._script.spells.own(point)
        else:
            self._script.spells.other(point)
        self._see(kind, self._rng.choice(self._groups[company.code]), point, self._now())

    def _shared_terminal(self, kind: str, _: int) -> None:
        """Ordered by terminal, 口振異動通知 would stand before お客さま情報Ⅱ; ordered by session nothing does."""
        point, at, clerk = next(self._points), self._now(), self._clerk()
        self._script.spells.other(point)
        terminal = self._script.terminal(clerk.user)
        colleague = self._rng.choice(self._groups["network"])
        self._script.visit(colleague.user, at - 5 * SECOND, (("MN00", point), ("KF10", point)), terminal=terminal)
        self._see(kind, clerk, point, at, path=(("CI20", point),), terminal=terminal)

    def _other_path(self, kind: str, number: int) -> None:
        point = next(self._points)
        self._script.spells.other(point)
        others = [code for code in SCREEN_CODES if code not in ("MN00", "KF10", "CI20")]
        end = {
            "other_screen": (others[number % len(others)],),
            "from_menu": ("MN00", "CI20"),
            "via_ci10": ("CI10", "CI20"),
        }[kind]
        path = tuple((screen, point) for screen in ("MN00", "KF10", *end))
        self._see(kind, self._clerk(), point, self._now(), path=path)

    def _missing(self, kind: str, number: int) -> None:
        point = next(self._points)
        self._script.spells.other(point)
        before = ("MN00", "KF10", "CI10") if number % 2 else ("MN00", "KF10", "MN00")
        path = tuple((screen, point) for screen in (*before, "CI20"))
        self._see(kind, self._clerk(), point, self._now(), path=path, hidden=True)

    def _missing_first(self, kind: str, _: int) -> None:
        """Ordered by user, 口振異動通知 would stand before it; but that was another session."""
        point, at, clerk = next(self._points), self._now(), self._clerk()
        self._script.spells.other(point)
        self._script.visit(clerk.user, at - 20 * SECOND, (("MN00", point), ("KF10", point)))
        self._see(kind, clerk, point, at, path=(("CI20", point),), hidden=True)

    def _over_end(self, kind: str, number: int) -> None:
        point = next(self._points)
        self._script.spells.other(point)
        at = instant(END, self._rng.randrange(5 * SECOND)) if number else instant(END)
        self._see(kind, self._clerk(), point, at)

    def _before(self, kind: str, number: int) -> None:
        point = next(self._points)
        self._script.spells.other(point)
        at = self._script.office_hours(DAYS[0]) if number else instant(FIRST, -1)
        self._see(kind, self._clerk(), point, at)

    def _vacant(self, kind: str, _: int) -> None:
        point, day = next(self._points), self._day()
        self._script.spells.vacant(point, day)
        self._see(kind, self._clerk(), point, self._script.office_hours(day))

    def _corrected_before(self, kind: str, _: int) -> None:
        point, at = next(self._points), self._now()
        corrected = at if kind == "corrected_at_view" else at - self._rng.randrange(SECOND, 30 * HOUR)
        self._script.spells.to_own(point, corrected)
        self._see(kind, self._clerk(), point, at)

    def _two_windows(self, kind: str, _: int) -> None:
        """The recorded predecessor is of the same window, the record before it of another."""
        point = next(self._points)
        self._script.spells.own(point)
        path = tuple((screen, point) for screen in ("MN00", "KF10", "MN00", "CI20"))
        self._see(kind, self._clerk(), point, self._now(), path=path, recorded="KF10")

    def _clerk(self) -> Access:
        return self._rng.choice(self._groups[_AFFILIATE])

    def _day(self) -> int:
        return self._rng.randrange(FIRST, END)

    def _now(self) -> int:
        return self._script.office_hours(self._day())

    def _see(
        self,
        kind: str,
        access: Access,
        point: int,
        at: int,
        *,
        path: Path | None = None,
        hidden: bool = False,
        recorded: str | None = None,
        terminal: int | None = None,
        contract: Spell | None = None,
        now: Spell | None = None,
    ) -> None:
        way = path or (("MN00", point), ("KF10", point), ("CI20", point))
        session = self._script.visit(access.user, at, way, hidden=hidden, recorded=recorded, terminal=terminal)
        self._script.cases.append(
            Case(
                kinds=(kind,),
                access=access,
                point=point,
                at=at,
                session=session,
                now=now,
                contract=contract or now,
            )
        )
