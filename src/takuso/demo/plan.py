"""The plan of an invented network area: every row of every table, told by (points, seed, today) alone.

Sites stream, so that a million points need no more memory than one. Tables and columns are those of the SQL.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from takuso.demo import companies
from takuso.demo.companies import Row
from takuso.demo.consumption import write_sizes, write_usage
from takuso.demo.facts import Ledger, write_parties, write_place, write_supply
from takuso.demo.histories import EARLIEST_TODAY, PlanTooEarly
from takuso.demo.mandates import write_mandates
from takuso.demo.meters import write_meters
from takuso.demo.notes import CaseBook, write_notes
from takuso.demo.premises import Contract, Settlement, Site

GENERAL_TABLES: Final = (
    "wall.org",
    "wall.affiliation",
    "wall.contracting",
    "wall.person",
    "wall.appointment",
    "reception.contract",
)
SITE_TABLES: Final = (
    "wall.cases",
    "wall.point",
    "points.place",
    "points.equipment",
    "points.meter_install",
    "points.party",
    "points.supply",
    "points.contract_size",
    "points.usage_month",
    "points.pending",
    "points.bank_mandate",
    "points.mandate_notice",
    "points.contact_note",
    "points.care_note",
)


class NoPoints(ValueError):
    """A plan without a single point."""

    def __init__(self, points: int) -> None:
        super().__init__(f"地点数は1以上です（指定は {points} でした）。--points に1以上を指定してください。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A site and its rows per table."""

    site: Site
    rows: Mapping[str, list[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An area of so many points. `today` is its JST day. Raises NoPoints, PlanTooEarly."""

    points: int
    seed: int
    today: date

    def __post_init__(self) -> None:
        if self.points < 1:
            raise NoPoints(self.points)
        if self.today < EARLIEST_TODAY:
            raise PlanTooEarly(self.today)

    def general(self) -> Mapping[str, list[Row]]:
        """Rows of GENERAL_TABLES, and the cases that are about no single customer."""
        return {
            "wall.org": list(companies.company_rows()),
            "wall.affiliation": list(companies.affiliation_rows()),
            "wall.contracting": list(companies.contracting_rows(self.today)),
            "wall.person": list(companies.person_rows()),
            "wall.appointment": list(companies.appointment_rows(self.today)),
            "reception.contract": list(companies.wheeling_contract_rows()),
            "wall.cases": list(CaseBook(self.today).general()),
        }

    def settle(self) -> Iterator[Settled]:
        """Every site in turn, as often as called."""
        ledger, book = Ledger(), CaseBook(self.today)
        list(book.general())
        for rng, site in Settlement(points=self.points, seed=self.seed, today=self.today).sites():
            for contract in site.contracts:
                self._write(ledger, site, contract, rng)
            for case in book.of_site(site, rng):
                ledger.add("wall.cases", case)
            yield Settled(site=site, rows=ledger.take())

    def _write(self, ledger: Ledger, site: Site, contract: Contract, rng: Random) -> None:
        write_place(ledger, site, contract)
        write_supply(ledger, contract, rng)
        write_parties(ledger, contract, rng)
        half_hourly = write_meters(ledger, site, contract, self.today, rng)
        amount = write_sizes(ledger, site, contract, self.today, rng)
        write_usage(ledger, site, contract, amount, self.today, rng, half_hourly=half_hourly)
        write_notes(ledger, contract, self.today, rng)
        write_mandates(ledger, contract, self.today, rng)
