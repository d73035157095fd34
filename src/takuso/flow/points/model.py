"""What a guarded query of this stage returns: one frozen row type for each class of facts.

`point` is the surrogate key of the supply point, for grouping alone: it is never shown. Periods are half-open
JST days; `until` None is open. Energy is Wh, demand is W.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A 需要場所: a supply point and its address."""

    point: int
    supply_point: str
    customer_code: str
    postal_code: str
    prefecture: str
    city: str
    town: str
    block: str
    building: str
    room: str

    @property
    def address(self) -> str:
        """The address on one line, building and room after a full-width space."""
        inner = " ".join(part for part in (self.building, self.room) if part)
        street = f"{self.prefecture}{self.city}{self.town}{self.block}"
        return f"{street}\u3000{inner}" if inner else street


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """B 設備: supply voltage, wiring, meter and reading schedule as of today."""

    point: int
    status: str
    disconnection: str
    voltage: str
    wiring: str
    reading_schedule: str
    next_reading_on: date
    reading_method: str
    meter_number: str
    meter_kind: str
    meter_valid_until: date
    communicating: bool
    half_hourly: bool
    service_pole: str
    grid_connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterInstall:
    """B 計器取替履歴: one meter's time at the point."""

    point: int
    meter_number: str
    installed_on: date
    removed_on: date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """C 契約名義: the party of this point's own contract today."""

    point: int
    name: str
    kana: str
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyContact:
    """C 連絡先: how the party of this point's own contract is reached today."""

    point: int
    phone: str
    mail_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplySegment:
    """D 供給者: one segment of supply by one retailer."""

    point: int
    retailer: str
    balancing_group: str
    contract_no: str
    since: date | None
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSize:
    """E 契約容量・契約種別 over a period. `amount` is in `unit` (A, kVA, kW)."""

    point: int
    menu: str
    kind: str
    basis: str
    amount: Decimal
    unit: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMonth:
    """F 月別使用量: one charging period, named by the first day of its month."""

    point: int
    month: date
    energy_wh: int
    maximum_w: int | None
    quality: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """G 申込中の異動, of one applicant."""

    point: int
    applicant: str
    procedure: str
    application_no: str
    effective_on: date
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankMandate:
    """H 口座振替 in force today; of the account number only the last three digits."""

    point: int
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_kind: str
    account_tail: str
    holder_kana: str
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateNotice:
    """H 口振異動通知: a mandate was set, changed, cancelled, or its result came back."""

    point: int
    kind: str
    received_on: date
    applies_from: date
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_kind: str
    account_tail: str
    holder_kana: str
    result_code: str
    source_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNote:
    """I 応対履歴."""

    point: int
    noted_on: date
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CareNote:
    """S 注意情報, for the network company alone."""

    point: int
    kind: str
    body: str
