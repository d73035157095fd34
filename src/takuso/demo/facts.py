"""The rows of one supply point's tables, as its history makes them.

Row keys are the column names of the SQL; the stamps (holder_id, held_from, held_to) are left out. Periods and
instants are texts, as they may be open or infinite. A fact that changed later keeps its former row, retired.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from random import Random
from typing import Final

from takuso.demo.companies import BY_ID, Row
from takuso.demo.histories import Draft, Spell
from takuso.demo.names import mistyped
from takuso.demo.numbering import contract_number
from takuso.demo.premises import Contract, Site, Tenant

FOREVER: Final = "infinity"
_MISTYPED: Final = 0.5  # EXAMPLE: of names with variant characters, first recorded without them


def period(start: date, end: date | None) -> str:
    """A daterange as text, half-open."""
    return f"[{start.isoformat()},{'' if end is None else end.isoformat()})"


class Ledger:
    """Collects rows per table and numbers them; a version of a fact points to the one that replaced it."""

    def __init__(self) -> None:
        self._next: dict[str, int] = defaultdict(lambda: 1)
        self._rows: dict[str, list[Row]] = defaultdict(list)

    def write(self, table: str, row: Row) -> int:
        """Add a row that has no versions; returns its id."""
        id_ = self._next[table]
        self._next[table] = id_ + 1
        self._rows[table].append({"id": id_} | row)
        return id_

    def write_versions(self, table: str, versions: Iterable[tuple[str, Row]]) -> int:
        """Add the versions of one fact, each with the instant it was recorded at; returns the last one's id."""
        known = list(versions)
        for number, (recorded, row) in enumerate(known):
            last = number + 1 == len(known)
            self.write(
                table,
                row
                | {
                    "recorded_from": recorded,
                    "recorded_to": FOREVER if last else known[number + 1][0],
                    "superseded_by": None if last else self._next[table] + 1,
                },
            )
        return self._next[table] - 1

    def add(self, table: str, row: Row) -> None:
        """Add a row that brings its own key."""
        self._rows[table].append(row)

    def take(self) -> dict[str, list[Row]]:
        """All rows since the last call."""
        rows, self._rows = self._rows, defaultdict(list)
        return dict(rows)


def write_place(ledger: Ledger, site: Site, contract: Contract) -> None:
    """wall.point and points.place."""
    keys: Row = {"supply_point": contract.supply_point, "customer_code": site.customer_code}
    ledger.add("wall.point", {"id": contract.point} | keys)
    ledger.write(
        "points.place",
        {
            "point": contract.point,
            **keys,
            "postal_code": site.town.postal_code,
            "prefecture": site.town.prefecture,
            "city": site.town.city,
            "town": site.town.name,
            "block": site.block,
            "building": site.building,
            "room": site.room,
        },
    )


def write_supply(ledger: Ledger, contract: Contract, rng: Random) -> None:
    """points.supply and points.pending."""
    for spell in contract.history.spells:
        company = BY_ID[spell.now.retailer]
        number = contract_number(rng, company.prefix)
        ledger.write_versions(
            "points.supply",
            [(draft.known, _supply(contract.point, spell, draft, number)) for draft in spell.drafts],
        )
    for application in contract.history.applications:
        ledger.write(
            "points.pending",
            {
                "point": contract.point,
                "party": application.party,
                "procedure": application.procedure,
                "application_no": f"9{rng.randrange(10**11):011d}",
                "effective_on": application.effective_on,
                "state": application.state,
            },
        )


def write_parties(ledger: Ledger, contract: Contract, rng: Random) -> None:
    """points.party: one row a tenancy, and its former versions."""
    for number, tenant in enumerate(contract.tenants):
        stays = [spell for spell in contract.history.spells if spell.tenant == number]
        first, last = stays[0].drafts[0], stays[-1].now
        since = contract.history.since if number == 0 else first.start
        versions = [(first.known, _party(contract.point, tenant, since, None))]
        typed = mistyped(tenant.name.written)
        if typed != tenant.name.written and last.end is None and rng.random() < _MISTYPED:
            found = f"{first.known[:10]}T18:20:00+09:00"
            versions = [(first.known, versions[0][1] | {"name": typed}), (found, versions[0][1])]
        if last.end is not None:
            versions.append((last.known, _party(contract.point, tenant, since, last.end)))
        ledger.write_versions("points.party", versions)


def _supply(point: int, spell: Spell, draft: Draft, number: str) -> Row:
    return {
        "point": point,
        "retailer": draft.retailer,
        "balancing_group": BY_ID[draft.retailer].balancing_group,
        "contract_no": number,
        "valid": period(draft.start, draft.end),
        "reason": spell.reason,
    }


def _party(point: int, tenant: Tenant, start: date, end: date | None) -> Row:
    return {
        "point": point,
        "name": tenant.name.written,
        "kana": tenant.name.kana,
        "phone": tenant.phone,
        "mail_address": tenant.mail_address,
        "valid": period(start, end),
    }
