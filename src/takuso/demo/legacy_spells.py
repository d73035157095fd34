"""Supply histories of the points that matter: what was true at the view, what was known then, what is known now.

A spell is a row of supply.parquet. Days are half-open, and so are the times from which and until which it was known.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from takuso.demo.legacy_week import ENTRANT_WEIGHTS, FIRST, HOUR, LIBERALISED, OWN, RETAILERS, SECOND, instant

_ENTRANTS: Final = range(1, len(RETAILERS))
_LEAD: Final = 9
"""Days between the application of a switch and its effect, EXAMPLE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Supply of a point by a retailer (its number), as it was known from one instant until another."""

    point: int
    retailer: int
    since: int
    until: int | None
    known_from: int
    known_to: int | None = None


@dataclass(slots=True)
class Spells:
    """The histories, by one function for each way a history can go; each returns what a view will meet."""

    rng: Random
    rows: list[Spell] = field(default_factory=list)

    def own(self, point: int) -> Spell:
        """The affiliate's customer, always."""
        return self._add(point, OWN, LIBERALISED, None)

    def other(self, point: int) -> Spell:
        """The affiliate's customer once, another retailer's for long."""
        return self.switched(point, OWN, self._entrant(), self._long_ago())[1]

    def switched(self, point: int, old: int, new: int, day: int) -> tuple[Spell, Spell]:
        """From one retailer to another at 00:00 of the day."""
        first = self._add(point, old, LIBERALISED if old == OWN else self._long_ago(), day)
        return first, self._add(point, new, day, None)

    def left(self, point: int, day: int) -> Spell:
        """Leaves the affiliate on this day; returns the spell after it."""
        return self.switched(point, OWN, self._entrant(), day)[1]

    def returned(self, point: int, day: int) -> Spell:
        """Comes back to the affiliate on this day; returns the spell before it."""
        return self.switched(point, self._entrant(), OWN, day)[0]

    def between_entrants(self, point: int, day: int) -> tuple[Spell, Spell]:
        """From one entrant to another."""
        old = self._entrant()
        return self.switched(point, old, self._entrant(but=old), day)

    def vacant(self, point: int, day: int) -> None:
        """Nobody's on this day: left before it, or between two tenants, or not yet supplied."""
        kind = self.rng.randrange(3)
        if kind < 2:
            self._add(point, self._entrant(), self._long_ago(), day - self.rng.randrange(5))
        if kind > 0:
            self._add(point, self._entrant(), day + 1 + self.rng.randrange(5), None)

    def to_own(self, point: int, corrected: int) -> Spell:
        """A switch to an entrant that was recorded by mistake and taken back at this instant; returns the mistake."""
        switched = self._long_ago()
        self._add(point, OWN, LIBERALISED, switched, known_to=corrected)
        mistake = self._add(point, self._entrant(), switched, None, known_to=corrected)
        self._add(point, OWN, LIBERALISED, None, known_from=corrected)
        return mistake

    def to_vacant(self, point: int, day: int, corrected: int) -> Spell:
        """The end of an entrant's supply, by this day, that was recorded late; returns the spell without its end."""
        since, entrant = self._long_ago(), self._entrant()
        known = self._add(point, entrant, since, None, known_to=corrected)
        self._add(point, entrant, since, day - self.rng.randrange(3), known_from=corrected)
        return known

    def to_other(self, point: int, day: int, corrected: int) -> Spell:
        """A switch away from the affiliate, by this day, that was recorded late; returns the entrant's spell."""
        switched = day - self.rng.randrange(4)
        self._add(point, OWN, LIBERALISED, None, known_to=corrected)
        self._add(point, OWN, LIBERALISED, switched, known_from=corrected)
        return self._add(point, self._entrant(), switched, None, known_from=corrected)

    def vacant_to_other(self, point: int, day: int, corrected: int) -> Spell:
        """再点 with an entrant, by this day, that was recorded late; returns the entrant's spell."""
        entered = day - self.rng.randrange(4)
        self._add(point, OWN, LIBERALISED, entered - 20)
        return self._add(point, self._entrant(), entered, None, known_from=corrected)

    def another_contract(self, point: int, corrected: int) -> tuple[Spell, Spell]:
        """An entrant's spell whose start, or retailer, was corrected; returns it as known before and after."""
        since, entrant = self._long_ago(), self._entrant()
        before = self._add(point, entrant, since, None, known_to=corrected)
        if self.rng.randrange(2):
            return before, self._add(point, entrant, since + 7, None, known_from=corrected)
        return before, self._add(point, self._entrant(but=entrant), since, None, known_from=corrected)

    def after_the_week(self) -> int:
        """An instant of the days after the last day of the log, before the histories were written out."""
        return instant(FIRST + 8 + self.rng.randrange(7), self.rng.randrange(9 * HOUR, 18 * HOUR, SECOND))

    def _add(
        self,
        point: int,
        retailer: int,
        since: int,
        until: int | None,
        *,
        known_from: int = 0,
        known_to: int | None = None,
    ) -> Spell:
        applied = instant(since - _LEAD) + self.rng.randrange(9 * HOUR, 18 * HOUR, SECOND)
        spell = Spell(
            point=point,
            retailer=retailer,
            since=since,
            until=until,
            known_from=known_from or applied,
            known_to=known_to,
        )
        self.rows.append(spell)
        return spell

    def _entrant(self, but: int | None = None) -> int:
        while (found := self.rng.choices(_ENTRANTS, ENTRANT_WEIGHTS)[0]) == but:
            pass
        return found

    def _long_ago(self) -> int:
        return LIBERALISED + 10 + self.rng.randrange((FIRST - 60) - LIBERALISED - 10)
