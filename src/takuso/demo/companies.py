"""Invented companies of the area, and the invented persons who work for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

OrgKind = Literal["network", "retailer", "contractor"]
Row = dict[str, object]

LIBERALISED: Final = date(2016, 4, 1)
"""小売全面自由化: supply is recorded from this day on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company: surrogate key, code, name, kind, 登録番号 and BG code (both invented), prefix of contract numbers.

    `weight`: how often a customer who leaves the affiliate goes there, EXAMPLE.
    """

    id: int
    code: str
    name: str
    kind: OrgKind
    registered: str | None = None
    balancing_group: str = ""
    prefix: str = ""
    weight: int = 0


NETWORK: Final = Company(id=1, code="aoi-nw", name="葵送配電", kind="network")
AFFILIATE: Final = Company(
    id=2, code="aoi", name="葵電力", kind="retailer", registered="A9001", balancing_group="9A016", prefix="AO"
)
CONTRACTOR: Final = Company(id=9, code="aoi-service", name="葵サービス", kind="contractor")


def _entrant(id_: int, code: str, name: str, weight: int) -> Company:
    return Company(
        id=id_,
        code=code,
        name=name,
        kind="retailer",
        registered=f"A90{id_:02d}",
        balancing_group=f"9{chr(ord('A') + id_)}016",
        prefix=code[:2].upper(),
        weight=weight,
    )


# EXAMPLE: weights of the new retailers.
ENTRANTS: Final = (
    _entrant(3, "asahi", "あさひ電力", 40),
    _entrant(4, "hikari", "ひかりエナジー", 28),
    _entrant(5, "tsubame", "つばめ坂電力", 12),
    _entrant(6, "tsukishiro", "月白野エナジー", 9),
    _entrant(7, "yunagi", "ゆうなぎ浦でんき", 7),
    _entrant(8, "karakusa", "からくさ橋電力小売", 4),
)
COMPANIES: Final = (NETWORK, AFFILIATE, *ENTRANTS, CONTRACTOR)
BY_ID: Final[Mapping[int, Company]] = {company.id: company for company in COMPANIES}
BY_CODE: Final[Mapping[str, Company]] = {company.code: company for company in COMPANIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An appointment, told backwards from the plan's day.

    From 1 April `since` business years before the current one to that of `until` (None: still held).
    """

    employer: Company
    duty: str
    since: int
    until: int | None = None
    principal: Company | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A demo person and all posts, the present one last."""

    code: str
    name: str
    posts: tuple[Post, ...]

    @property
    def organisation(self) -> Company:
        """In whose name the person works now: the principal of a contractor, else the employer."""
        post = self.posts[-1]
        return post.principal or post.employer


def _at(employer: Company, duty: str, since: int, until: int | None = None) -> Post:
    return Post(employer=employer, duty=duty, since=since, until=until)


PERSONS: Final = (
    Person(code="td-intake", name="北浦 灯子", posts=(_at(NETWORK, "network.intake", 4),)),
    Person(
        code="td-contact",
        name="瀬戸口 あずさ",
        posts=(
            Post(employer=CONTRACTOR, principal=NETWORK, duty="network.contact", since=5, until=3),
            _at(NETWORK, "network.contact", 3),
        ),
    ),
    Person(code="td-metering", name="野々垣 亮介", posts=(_at(NETWORK, "network.metering", 5),)),
    Person(code="td-billing", name="桐原 静香", posts=(_at(NETWORK, "network.billing", 2),)),
    Person(code="td-accounting", name="沢渡 健吾", posts=(_at(NETWORK, "network.accounting", 3),)),
    Person(
        code="td-compliance",
        name="龍造寺 真帆",
        posts=(_at(NETWORK, "network.billing", 5, 1), _at(NETWORK, "network.compliance", 1)),
    ),
    Person(code="td-admin", name="宇津木 航", posts=(_at(NETWORK, "network.admin", 3),)),
    Person(code="aoi-clerk", name="小鳥遊 みのり", posts=(_at(AFFILIATE, "retail.clerk", 3),)),
    Person(
        code="aoi-manager",
        name="真壁 俊彦",
        posts=(_at(NETWORK, "network.contact", 5, 2), _at(AFFILIATE, "retail.manager", 2)),
    ),
    Person(
        code="contractor-clerk",
        name="御手洗 さつき",
        posts=(
            Post(employer=CONTRACTOR, principal=NETWORK, duty="network.metering", since=4, until=1),
            Post(employer=CONTRACTOR, principal=AFFILIATE, duty="retail.contractor", since=1),
        ),
    ),
    Person(code="asahi-clerk", name="日向野 拓海", posts=(_at(BY_CODE["asahi"], "retail.clerk", 3),)),
    Person(
        code="hikari-clerk",
        name="光永 千景",
        posts=(_at(BY_CODE["asahi"], "retail.clerk", 4, 2), _at(BY_CODE["hikari"], "retail.clerk", 2)),
    ),
)


def company_rows() -> Iterator[Row]:
    """Rows of wall.org."""
    for company in COMPANIES:
        yield {
            "id": company.id,
            "code": company.code,
            "name": company.name,
            "kind": company.kind,
            "registered": company.registered,
        }


def affiliation_rows() -> Iterator[Row]:
    """Rows of wall.affiliation: 特定関係事業者."""
    yield {
        "network": NETWORK.id,
        "affiliate": AFFILIATE.id,
        "valid": f"[{LIBERALISED},)",
        "recorded_from": f"{LIBERALISED}T00:00:00+09:00",
        "recorded_to": "infinity",
        "superseded_by": None,
    }


def contracting_rows(today: date) -> Iterator[Row]:
    """Rows of wall.contracting: for each pair of contractor and principal, from its first post on."""
    posts = [post for person in PERSONS for post in person.posts if post.principal is not None]
    pairs = {(post.employer.id, post.principal.id) for post in posts if post.principal is not None}
    for contractor, principal in sorted(pairs):
        years = max(
            p.since for p in posts if p.principal and (p.employer.id, p.principal.id) == (contractor, principal)
        )
        since = _april(today, years)
        yield {
            "contractor": contractor,
            "principal": principal,
            "valid": f"[{since},)",
            "recorded_from": f"{since}T00:00:00+09:00",
            "recorded_to": "infinity",
            "superseded_by": None,
        }


def wheeling_contract_rows() -> Iterator[Row]:
    """Rows of reception.contract: 接続供給契約 of every retailer, with its one BG code."""
    for company in COMPANIES:
        if company.kind == "retailer":
            yield {
                "retailer": company.id,
                "balancing_groups": [company.balancing_group],
                "valid": f"[{LIBERALISED},)",
                "recorded_from": f"{LIBERALISED}T00:00:00+09:00",
                "recorded_to": "infinity",
            }


def person_rows() -> Iterator[Row]:
    """Rows of wall.person."""
    for number, person in enumerate(PERSONS, start=1):
        yield {"id": number, "code": person.code, "name": person.name}


def appointment_rows(today: date) -> Iterator[Row]:
    """Rows of wall.appointment; posts begin and end at 00:00 JST."""
    for number, person in enumerate(PERSONS, start=1):
        for post in person.posts:
            since = _april(today, post.since)
            until = "" if post.until is None else f"{_april(today, post.until)}T00:00:00+09:00"
            yield {
                "person": number,
                "employer": post.employer.id,
                "principal": post.principal and post.principal.id,
                "duty": post.duty,
                "valid": f"[{since}T00:00:00+09:00,{until})",
                "recorded_from": f"{since}T00:00:00+09:00",
                "recorded_to": "infinity",
                "superseded_by": None,
            }


def _april(today: date, years: int) -> date:
    current = today.year if today.month >= 4 else today.year - 1
    return date(current - years, 4, 1)
