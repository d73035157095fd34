"""Who lives and works where: neighbourhoods, apartment houses, and the one or two contracts of each place.

All shares are EXAMPLE.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate
from random import Random
from typing import Final

from takuso.demo import names
from takuso.demo.histories import History, Teller
from takuso.demo.names import Name
from takuso.demo.numbering import Numbers, supply_point, telephone
from takuso.demo.readings import READING_DAYS
from takuso.demo.towns import Town, towns

_SITES_IN_NEIGHBOURHOOD: Final = 8
_APARTMENTS: Final = 0.3  # of neighbourhoods


class CustomerKind(StrEnum):
    """家庭, 商店, 会社 (低圧), 会社 (高圧), 共用部."""

    HOME = "home"
    SHOP = "shop"
    COMPANY = "company"
    HIGH = "high"
    COMMON = "common"


class Use(StrEnum):
    """契約種別."""

    LIGHT = "電灯"
    POWER = "動力"


_KINDS: Final = (CustomerKind.HOME, CustomerKind.SHOP, CustomerKind.COMPANY, CustomerKind.HIGH)
_KIND_BOUNDS: Final = list(accumulate((76, 12, 9, 3)))
_TWO_CONTRACTS: Final = {
    CustomerKind.HOME: 0.02,
    CustomerKind.SHOP: 0.40,
    CustomerKind.COMPANY: 0.55,
    CustomerKind.COMMON: 0.50,
    CustomerKind.HIGH: 0.0,
}
_ONLY_POWER: Final = {CustomerKind.SHOP: 0.05, CustomerKind.COMPANY: 0.15}
_OTHER_SUPPLIER: Final = 0.35  # of second contracts
_DAY_ONE: Final = 0.4  # of 高圧, which stayed on the first of the month


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A party of one contract."""

    name: Name
    phone: str
    mail_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One supply point: surrogate key, 22 digits, use, and its history with its tenants in order."""

    point: int
    supply_point: str
    use: Use
    history: History
    tenants: tuple[Tenant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A 需要場所 with its お客さま番号 and its contracts; `schedule` is the 検針日程, from 1."""

    customer_code: str
    kind: CustomerKind
    town: Town
    block: str
    building: str
    room: str
    schedule: int
    contracts: tuple[Contract, ...]

    @property
    def high(self) -> bool:
        """True for 高圧."""
        return self.kind is CustomerKind.HIGH


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbourhood:
    town: Town
    block: int
    house: Name | None


class Settlement:
    """Settles sites, neighbourhood by neighbourhood; each depends on the seed and its number alone."""

    def __init__(self, *, points: int, seed: int, today: date) -> None:
        self._left = points
        self._settled = 0
        self._sites = 0
        self._seed = seed
        self._today = today
        self._numbers = Numbers(points, seed)

    def sites(self) -> Iterator[tuple[Random, Site]]:
        """Sites until the points are used up, each with the generator that its further facts are drawn from."""
        number = 0
        while self._left:
            rng = Random(f"{self._seed}/{number}")  # noqa: S311 - repeatable on purpose
            yield from self._neighbours(rng)
            number += 1

    def _neighbours(self, rng: Random) -> Iterator[tuple[Random, Site]]:
        town = towns().draw(rng)
        house = names.building(rng) if rng.random() < _APARTMENTS else None
        # No town has so high a block number, so that the address is nobody's.
        around = _Neighbourhood(town=town, block=rng.randint(9001, 9999), house=house)
        for place in range(_SITES_IN_NEIGHBOURHOOD):
            if self._left:
                site = self._site(rng, around, place)
                self._left -= len(site.contracts)
                self._settled += len(site.contracts)
                self._sites += 1
                yield rng, site

    def _site(self, rng: Random, around: _Neighbourhood, place: int) -> Site:
        house = around.house
        kind = _kind(rng, house is not None, last=place == _SITES_IN_NEIGHBOURHOOD - 1)
        schedule = 1 if kind is CustomerKind.HIGH and rng.random() < _DAY_ONE else rng.randint(1, len(READING_DAYS))
        code = self._numbers.customer_code(self._sites, schedule, around.town.prefecture)
        in_house = house is not None and kind in (CustomerKind.HOME, CustomerKind.COMMON)
        return Site(
            customer_code=code,
            kind=kind,
            town=around.town,
            block=f"{around.block}番地{1 if in_house else place + 2}",
            building=house.written if house is not None and in_house else "",
            room=""
            if not in_house
            else "共用部"
            if kind is CustomerKind.COMMON
            else f"{place + 1}0{place % 3 + 1}号室",
            schedule=schedule,
            contracts=tuple(self._contracts(rng, kind, code, schedule, around)),
        )

    def _contracts(
        self, rng: Random, kind: CustomerKind, code: str, schedule: int, around: _Neighbourhood
    ) -> Iterator[Contract]:
        uses = _uses(rng, kind)[: self._left]
        teller = Teller(rng, self._today, schedule)
        first = teller.tell()
        parties = tuple(_tenant(rng, kind, around) for _ in range(first.spells[-1].tenant + 1))
        for number, use in enumerate(uses):
            history, tenants = first, parties
            if number and rng.random() < _OTHER_SUPPLIER:
                history = teller.tell_settled_with_other(first.supplier(self._today))
            if number:
                tenants = tuple(_other_contact(rng, kind, around, tenant) for tenant in parties)
            yield Contract(
                point=self._numbers.point(self._settled + number),
                supply_point=supply_point(
                    code, high=kind is CustomerKind.HIGH, power=use is Use.POWER, contracts=len(uses)
                ),
                use=use,
                history=history,
                tenants=tenants[-1:] if history is not first else tenants,
            )


def _kind(rng: Random, in_house: bool, *, last: bool) -> CustomerKind:
    if in_house:
        return CustomerKind.COMMON if last else CustomerKind.HOME
    return _KINDS[bisect(_KIND_BOUNDS, rng.randrange(_KIND_BOUNDS[-1]))]


def _room(place: int, kind: CustomerKind) -> str:
    return "共用部" if kind is CustomerKind.COMMON else f"{place // 4 + 1}0{place % 4 + 1}号室"


def _uses(rng: Random, kind: CustomerKind) -> tuple[Use, ...]:
    if kind is CustomerKind.HIGH or rng.random() < _ONLY_POWER.get(kind, 0):
        return (Use.POWER,)
    return (Use.LIGHT, Use.POWER) if rng.random() < _TWO_CONTRACTS[kind] else (Use.LIGHT,)


def _tenant(rng: Random, kind: CustomerKind, around: _Neighbourhood) -> Tenant:
    if kind is CustomerKind.COMMON and around.house is not None:
        name = names.owners(around.house)
    elif kind is CustomerKind.SHOP:
        name = names.shop(rng) if rng.random() < 0.7 else names.person(rng)
    elif kind in (CustomerKind.COMPANY, CustomerKind.HIGH):
        name = names.company(rng)
    else:
        name = names.person(rng)
    return Tenant(name=name, phone=_phone(rng, kind, around), mail_address=_mail_address(rng))


def _other_contact(rng: Random, kind: CustomerKind, around: _Neighbourhood, tenant: Tenant) -> Tenant:
    # Two contracts at one place never share a party: the second has a contact of its own, at times another name.
    name = names.person(rng) if kind is CustomerKind.SHOP and rng.random() < 0.4 else tenant.name
    return Tenant(name=name, phone=_phone(rng, kind, around), mail_address=_mail_address(rng))


def _phone(rng: Random, kind: CustomerKind, around: _Neighbourhood) -> str:
    mobile = rng.random() < (0.7 if kind is CustomerKind.HOME else 0.15)
    return telephone(rng, around.town.prefecture, mobile=mobile)


def _mail_address(rng: Random) -> str:
    if rng.random() >= 0.06:
        return ""
    town = towns().draw(rng)
    postal_code = f"〒{town.postal_code[:3]}-{town.postal_code[3:]}"
    return f"{postal_code} {town.prefecture}{town.city}{town.name}{rng.randint(9001, 9999)}番地"
