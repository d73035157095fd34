"""情報遮断の表: who may see which class of whose customer's data, by which article, from when to when.

Read this first. Each row grants (or denies) one class of data to one duty, for one relation between the
viewer's company and the supply point, in one kind of view. Whatever no row grants is denied; a denial wins
over a grant. There is no row for the affiliated retailer: every retailer is a stranger to every other
retailer's customers (電気事業法 23条1項2号), and all of them have the same rows.

The law forbids use of what was learned in the wheeling business for any other purpose (電気事業法 23条1項1号)
and demands a system of proper management (23条の4). Which duty needs which class is this product's
proposal, marked EXAMPLE in each row: an installing company replaces it by its own decision.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum


class DataClass(StrEnum):
    """Classes of customer data; a guarded table holds exactly one."""

    PLACE = "A"
    EQUIPMENT = "B"
    PARTY = "C"
    SUPPLY = "D"
    SIZE = "E"
    USAGE = "F"
    PENDING = "G"
    MANDATE = "H"
    NOTE = "I"
    CHARGE = "J"
    CARE = "S"


CLASS_NAMES = {
    DataClass.PLACE: "需要場所",
    DataClass.EQUIPMENT: "設備",
    DataClass.PARTY: "契約名義・連絡先",
    DataClass.SUPPLY: "供給者",
    DataClass.SIZE: "契約容量・契約種別",
    DataClass.USAGE: "使用量",
    DataClass.PENDING: "申込中の異動",
    DataClass.MANDATE: "口座振替",
    DataClass.NOTE: "応対履歴",
    DataClass.CHARGE: "託送料金",
    DataClass.CARE: "注意情報",
}

# Facts of a period: a row belongs to the supplier of its own period. All other classes are state.
PERIOD_CLASSES = frozenset({DataClass.SUPPLY, DataClass.SIZE, DataClass.USAGE, DataClass.CHARGE})


class Duty(StrEnum):
    """職務: what a person is appointed to do."""

    INTAKE = "network.intake"
    CONTACT = "network.contact"
    METERING = "network.metering"
    BILLING = "network.billing"
    ACCOUNTING = "network.accounting"
    COMPLIANCE = "network.compliance"
    ADMIN = "network.admin"
    CLERK = "retail.clerk"
    MANAGER = "retail.manager"
    CONTRACTOR = "retail.contractor"

    @property
    def is_network(self) -> bool:
        """True for the duties of the network company."""
        return self.value.startswith("network.")


DUTY_NAMES = {
    Duty.INTAKE: "異動受付",
    Duty.CONTACT: "コンタクトセンター",
    Duty.METERING: "計量",
    Duty.BILLING: "料金・請求",
    Duty.ACCOUNTING: "経理",
    Duty.COMPLIANCE: "情報管理・監査",
    Duty.ADMIN: "システム管理",
    Duty.CLERK: "小売 担当",
    Duty.MANAGER: "小売 責任者",
    Duty.CONTRACTOR: "小売 委託先担当",
}


class Relation(StrEnum):
    """The viewer's company and the supply point at this moment.

    `ANY` is the network company's: it stands to all points alike. `OWN`: supplies it today. `PAST`: supplied
    it in a segment that has ended. `APPLICANT`: is a party of an application there, its sender or the
    one it is addressed to; asked for applications only, of which each party has a copy of its own. The other three are
    what the log tells of a retailer's miss; no rule has them.
    """

    ANY = "any"
    OWN = "own"
    PAST = "past"
    APPLICANT = "applicant"
    FOREIGN = "foreign"
    VACANT = "vacant"
    ABSENT = "absent"


class View(StrEnum):
    """現在: the customer as supplied today. 過去契約: a former supplier's own ended segments."""

    CURRENT = "current"
    PAST = "past"


class Verdict(StrEnum):
    """What a row says."""

    SHOW = "show"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table. `valid` is half-open in JST days; `until` None = open."""

    duty: Duty
    relation: Relation
    view: View
    data_class: DataClass
    verdict: Verdict
    article: str
    note: str
    since: date
    until: date | None = None

    @property
    def key(self) -> str:
        """Identity of the row over versions."""
        return f"{self.duty}/{self.relation}/{self.view}/{self.data_class}/{self.verdict}/{self.since}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """利用目的 a network person may state, and the kinds of case that can verify its reference."""

    code: str
    name: str
    duties: frozenset[Duty]
    case_kinds: frozenset[str]


_LAW = "電気事業法23条1項1号"
_SYSTEM = "電気事業法23条の4第1項"
_EXAMPLE = "EXAMPLE: 職務ごとの必要性は本製品の設計案"
_START = date(2016, 4, 1)

_NETWORK: dict[Duty, str] = {
    Duty.INTAKE: "ABCDEGS",
    Duty.CONTACT: "ABCDEGIS",
    Duty.METERING: "ABCFS",
    Duty.BILLING: "ABCDEFHJ",
    Duty.ACCOUNTING: "ADEJ",
    Duty.COMPLIANCE: "ABDGJ",
    Duty.ADMIN: "",
}
_OWN: dict[Duty, str] = {
    Duty.CLERK: "ABCDEFGHIJ",
    Duty.MANAGER: "ABCDEFGHIJ",
    Duty.CONTRACTOR: "ABCDEFGHI",
}
_PAST = "DEFJ"


def _rows() -> tuple[Rule, ...]:
    rows = []
    for duty, letters in _NETWORK.items():
        for view in View:
            allowed = letters if view is View.CURRENT else "".join(c for c in letters if c in _PAST)
            rows += [_rule(duty, Relation.ANY, view, c, Verdict.SHOW, f"{_LAW} 託送供給等の業務の用") for c in allowed]
    for duty, letters in _OWN.items():
        rows += [_rule(duty, Relation.OWN, View.CURRENT, c, Verdict.SHOW, f"{_LAW} 自社の需要家") for c in letters]
        rows.append(_rule(duty, Relation.APPLICANT, View.CURRENT, "G", Verdict.SHOW, f"{_LAW} 自社の申込"))
        past = [c for c in _PAST if c in letters]
        rows += [_rule(duty, Relation.PAST, View.PAST, c, Verdict.SHOW, f"{_LAW} 自社の契約期間") for c in past]
        for relation, view in ((Relation.OWN, View.CURRENT), (Relation.PAST, View.PAST)):
            rows.append(_rule(duty, relation, view, "S", Verdict.DENY, _SYSTEM))
    return tuple(rows)


def _rule(duty: Duty, relation: Relation, view: View, letter: str, verdict: Verdict, article: str) -> Rule:
    return Rule(
        duty=duty,
        relation=relation,
        view=view,
        data_class=DataClass(letter),
        verdict=verdict,
        article=article,
        note=_EXAMPLE,
        since=_START,
    )


RULES: tuple[Rule, ...] = _rows()

_ALL_DUTIES = frozenset(d for d in Duty if d.is_network and d is not Duty.ADMIN)
PURPOSES: tuple[Purpose, ...] = (
    Purpose(code="TOI", name="問合せ対応", duties=_ALL_DUTIES, case_kinds=frozenset({"call"})),
    Purpose(
        code="IDO",
        name="異動申込の処理",
        duties=frozenset({Duty.INTAKE, Duty.CONTACT}),
        case_kinds=frozenset({"application"}),
    ),
    Purpose(
        code="KOJ",
        name="工事・計器の作業",
        duties=frozenset({Duty.INTAKE, Duty.CONTACT, Duty.METERING}),
        case_kinds=frozenset({"work-order"}),
    ),
    Purpose(
        code="RYO",
        name="料金・請求の処理",
        duties=frozenset({Duty.BILLING, Duty.ACCOUNTING}),
        case_kinds=frozenset({"billing-run"}),
    ),
    Purpose(
        code="KAN",
        name="監査・点検",
        duties=frozenset({Duty.COMPLIANCE, Duty.ADMIN}),
        case_kinds=frozenset({"audit"}),
    ),
)

# A stated purpose ends with the sign-in, and at the latest after this many hours (EXAMPLE).
PURPOSE_HOURS = 8

# Writes, the administration, reading the access log: which duty may do what. The wall checks it when such a ticket is
# opened.
ACTIONS: dict[str, frozenset[Duty]] = {
    "points.record_supply": frozenset({Duty.INTAKE}),
    "log.read": frozenset({Duty.COMPLIANCE}),
    "log.export": frozenset({Duty.COMPLIANCE}),
    "log.erase": frozenset({Duty.COMPLIANCE}),
    "office.read": frozenset({Duty.ADMIN}),
    "office.write": frozenset({Duty.ADMIN}),
    "reception.read": frozenset({Duty.INTAKE, Duty.CONTACT}),
    "reception.enter": frozenset({Duty.INTAKE}),
    "reception.handle": frozenset({Duty.INTAKE}),
    "reception.apply": frozenset({Duty.CLERK, Duty.MANAGER, Duty.CONTRACTOR}),
    "reception.answer": frozenset({Duty.CLERK, Duty.MANAGER}),
    "rule.read": frozenset({Duty.ADMIN, Duty.COMPLIANCE}),
    "rule.propose": frozenset({Duty.ADMIN}),
    "rule.approve": frozenset({Duty.COMPLIANCE}),
}

# What a retailer's person may do, in the name of the company they work for: file applications, and answer what was
# relayed to it. Whoever answers knows of customers that are leaving (取戻し営業): which duties those are is EXAMPLE.
RETAIL_ACTIONS = frozenset({"reception.apply", "reception.answer"})


def digest(rules: tuple[Rule, ...] = RULES) -> bytes:
    """SHA-256 over the rows in a fixed order: the server compares it with what the database enforces."""
    rows = sorted((asdict(rule) for rule in rules), key=lambda row: json.dumps(row, default=str, sort_keys=True))
    return hashlib.sha256(json.dumps(rows, default=str, sort_keys=True, ensure_ascii=False).encode()).digest()
