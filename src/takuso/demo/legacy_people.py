"""Who worked at the legacy system that week: persons, their IDs, and their dated affiliations.

Employees of the affiliate who have a part in the leak or in a near miss stand in groups of their own; the others are
the crowd. One ID has exactly one person on every day of the log. Numbers of persons are EXAMPLE.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from takuso.demo.companies import AFFILIATE, CONTRACTOR, ENTRANTS, NETWORK
from takuso.demo.legacy_numbers import person_id, user_id
from takuso.demo.legacy_week import FIRST, LIBERALISED, ORGS, SPLIT, WITHIN, Week

AWAY: Final = (FIRST + 2, FIRST + 4)
"""Transferred staff: with the network company on these two days, half-open, with the affiliate before and after."""
HANDED: Final = FIRST + 3
"""The day on which an ID passes from one person to the next."""
_LEFT: Final = FIRST - 5
_JUST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A person's use of an ID: the days of the week on which the ID is this person's."""

    user: int
    person: int
    days: tuple[int, ...] = tuple(WITHIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A viewer of the leak, with the days on which this person is the affiliate's employee.

    `kind` names what is particular: several_ids, transferred_as_affiliate, handed_over_id, or nothing.
    """

    accesses: tuple[Access, ...]
    kind: str | None = None

    @property
    def days(self) -> tuple[int, ...]:
        """Days on which a view by this person counts."""
        return self.accesses[0].days


@dataclass(slots=True)
class Roster:
    """All persons of one week."""

    rows: list[tuple[int, int, str, str | None, int, int | None]] = field(default_factory=list)
    viewers: list[Viewer] = field(default_factory=list)
    groups: dict[str, list[Access]] = field(default_factory=dict)
    careful: set[int] = field(default_factory=set)
    """IDs that in the crowd reach お客さま情報Ⅱ from 口振異動通知 only for the affiliate's own customers."""
    users: int = 0
    persons: int = 0

    def table(self, rng: np.random.Generator) -> pa.Table:
        """people.parquet, in any order."""
        order = rng.permutation(len(self.rows))
        user, person, org, principal, since, until = zip(*(self.rows[n] for n in order), strict=True)
        return pa.table(
            {
                "user_id": pa.array(map(user_id, user), pa.string()),
                "person_id": pa.array(map(person_id, person), pa.string()),
                "org": pa.array(org, pa.string()),
                "contractor_of": pa.array(principal, pa.string()),
                "from": pa.array(since, pa.int32()).view(pa.date32()),
                "to": pa.array(until, pa.int32()).view(pa.date32()),
            }
        )

    def employers(self) -> npt.NDArray[np.int8]:
        """For each ID of the crowd, the number of the organisation in whose name it works; by its first row."""
        found = np.zeros(self.users, np.int8)
        for user, _, org, principal, _, _ in reversed(self.rows):
            found[user] = ORGS.index(principal or org)
        return found

    def new_user(self) -> int:
        """An ID nobody has."""
        self.users += 1
        return self.users - 1

    def new_person(self) -> int:
        """A person without an ID."""
        self.persons += 1
        return self.persons - 1

    def employ(
        self, user: int, person: int, org: str, since: int, until: int | None = None, *, of: str | None = None
    ) -> None:
        """A row of people.parquet; IDs that ever work for the affiliate are careful in the crowd."""
        self.rows.append((user, person, org, of, since, until))
        if AFFILIATE.code in (org, of):
            self.careful.add(user)


def roster(week: Week) -> Roster:
    """The persons of the week."""
    made = Roster()
    rng = Random(f"legacy/people/{week.seed}")  # noqa: S311 - repeatable on purpose
    _viewers(made, week.viewers, rng)
    made.groups["crowd"] = _staff(made, rng, week.scaled(2_000, 30), AFFILIATE.code)
    made.groups["network"] = _staff(made, rng, week.scaled(5_200, 24), NETWORK.code)
    made.groups["contractors"] = _staff(made, rng, week.scaled(600, 4), CONTRACTOR.code, of=AFFILIATE.code)
    _staff(made, rng, week.scaled(900, 4), CONTRACTOR.code, of=NETWORK.code)
    for company in ENTRANTS:
        # EXAMPLE: a retailer's staff grows with its customers.
        made.groups[company.code] = _staff(made, rng, week.scaled(9 * company.weight), company.code)
    made.groups["former"] = _former(made, week.scaled(60))
    made.groups["transferred"] = _transferred(made, rng, week.scaled(30))
    heirs = [_heir(made, _since(rng)) for _ in range(week.scaled(20))]
    made.groups["heirs"] = [*made.groups.pop("heirs_of_viewers", []), *heirs]
    return made


def _since(rng: Random) -> int:
    return rng.randrange(SPLIT, FIRST - 30)


def _staff(made: Roster, rng: Random, count: int, org: str, of: str | None = None) -> list[Access]:
    """Persons with one ID who stay that week; some worked elsewhere before, some will."""
    found = []
    for _ in range(count):
        access = Access(user=made.new_user(), person=made.new_person())
        since, fate = _since(rng), rng.randrange(20)
        until = FIRST + 30 + rng.randrange(60) if fate == 0 else None
        made.employ(access.user, access.person, org, since, until, of=of)
        if until is not None and of is None:
            made.employ(access.user, access.person, ENTRANTS[0].code if org == NETWORK.code else NETWORK.code, until)
        if fate == 1 and of is None and org == NETWORK.code:
            made.employ(access.user, access.person, AFFILIATE.code, LIBERALISED, since)
        found.append(access)
    return found


def _viewers(made: Roster, count: int, rng: Random) -> None:
    """Of ten viewers one has several IDs, one is transferred, one's ID passes on, two share an ID one after another."""
    while len(made.viewers) < count:
        place = len(made.viewers) % 10
        if place == 0:
            made.viewers.append(_several(made, rng))
        elif place == 1:
            access = _transfer(made, _since(rng))
            kept = Access(user=access.user, person=access.person, days=_employed_days())
            made.viewers.append(Viewer(accesses=(kept,), kind="transferred_as_affiliate"))
        elif place == 2:
            heir = _heir(made, _since(rng))
            made.groups.setdefault("heirs_of_viewers", []).append(heir)
            made.viewers.append(_first_holder(made, heir.user))
        elif place == _JUST and len(made.viewers) + 1 < count:
            made.viewers += _one_after_another(made, _since(rng))
        else:
            access = Access(user=made.new_user(), person=made.new_person())
            made.employ(access.user, access.person, AFFILIATE.code, _since(rng))
            made.viewers.append(Viewer(accesses=(access,)))


def _several(made: Roster, rng: Random) -> Viewer:
    person = made.new_person()
    accesses = tuple(Access(user=made.new_user(), person=person) for _ in range(2 + (made.users % 3 == 0)))
    for access in accesses:
        made.employ(access.user, person, AFFILIATE.code, _since(rng))
    return Viewer(accesses=accesses, kind="several_ids")


def _employed_days() -> tuple[int, ...]:
    return tuple(day for day in WITHIN if not AWAY[0] <= day < AWAY[1])


def _transfer(made: Roster, since: int) -> Access:
    """Affiliate, two days with the network company, affiliate again."""
    access = Access(user=made.new_user(), person=made.new_person(), days=tuple(range(*AWAY)))
    made.employ(access.user, access.person, AFFILIATE.code, since, AWAY[0])
    made.employ(access.user, access.person, NETWORK.code, *AWAY)
    made.employ(access.user, access.person, AFFILIATE.code, AWAY[1])
    return access


def _transferred(made: Roster, rng: Random, count: int) -> list[Access]:
    return [_transfer(made, _since(rng)) for _ in range(count)]


def _heir(made: Roster, since: int) -> Access:
    """An ID of the affiliate's employee that passes to a person of the network company; returns the latter's."""
    user, before, after = made.new_user(), made.new_person(), made.new_person()
    made.employ(user, before, AFFILIATE.code, since, HANDED)
    made.employ(user, after, NETWORK.code, HANDED)
    return Access(user=user, person=after, days=tuple(range(HANDED, WITHIN.stop)))


def _first_holder(made: Roster, user: int) -> Viewer:
    person = next(row[1] for row in made.rows if row[0] == user)
    access = Access(user=user, person=person, days=tuple(range(FIRST, HANDED)))
    return Viewer(accesses=(access,), kind="handed_over_id")


def _one_after_another(made: Roster, since: int) -> Iterable[Viewer]:
    user, before, after = made.new_user(), made.new_person(), made.new_person()
    made.employ(user, before, AFFILIATE.code, since, HANDED)
    made.employ(user, after, AFFILIATE.code, HANDED)
    for person, days in ((before, range(FIRST, HANDED)), (after, range(HANDED, WITHIN.stop))):
        yield Viewer(accesses=(Access(user=user, person=person, days=tuple(days)),), kind="handed_over_id")


def _former(made: Roster, count: int) -> list[Access]:
    """The affiliate's employees until 12-01, the network company's since."""
    found = [Access(user=made.new_user(), person=made.new_person()) for _ in range(count)]
    for access in found:
        made.employ(access.user, access.person, AFFILIATE.code, SPLIT, _LEFT)
        made.employ(access.user, access.person, NETWORK.code, _LEFT)
    return found
