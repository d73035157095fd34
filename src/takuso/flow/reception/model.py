"""申込: what a retailer says. One frozen content for each procedure, and the parts they share.

Days are JST days, moments are aware. A retailer is named by its code in the network company's register. Nothing here
knows whether what is said is true: that is judged against facts.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from takuso.flow.reception.procedures import Procedure
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import DatePeriod


class Work(StrEnum):
    """工事: what must be done on site before the start; the standard periods differ by it."""

    NONE = "none"
    METER = "meter"
    TRANSFORMER = "meter-and-transformer"
    TERMINAL = "terminal"
    TERMINAL_OPTED = "terminal-opted-in"


WORK_NAMES: Final = {
    Work.NONE: "工事なし",
    Work.METER: "計器工事",
    Work.TRANSFORMER: "計器・変成器工事",
    Work.TERMINAL: "通信端末工事",
    Work.TERMINAL_OPTED: "通信端末工事（事前の同意あり）",
}


LIT_BY_CONSUMER: Final = "廃止中(お客さま宅内操作で点灯)"
"""The 廃止措置方法 under which a supply can have begun before anybody applied (source H3)."""
DISCONNECTIONS: Final = ("計器SW開放", "引込線切離し", LIT_BY_CONSUMER)
"""廃止措置方法, in the words of the supply points' table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FourItems:
    """四項目: by what the retailer of today recognises its own customer. `name` is for the eye, `kana` is compared."""

    point: SupplyPointNumber
    name: str
    kana: str
    customer_no: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredDate:
    """希望日. `wished`: the consumer named this day, so it need not be a reading day."""

    on: date
    wished: bool = False


class ConsentPurpose(StrEnum):
    """同意の目的: what the consumer agreed that the usage may be looked up for."""

    SWITCH_OFFER = "switch-offer"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """需要者の同意, and the papers by which the retailer made sure of the person (本人確認書類)."""

    given_on: date
    purpose: ConsentPurpose
    identity_papers: tuple[str, ...]
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePassword:
    """使用量照会パスワード, as issued to one retailer for one point. `digest` stands for the secret itself."""

    digest: str
    point: SupplyPointNumber
    retailer: str
    issued_on: date
    valid_days: int
    consent: Consent

    @property
    def valid(self) -> DatePeriod:
        """The days on which it opens anything; the day of issue is the first."""
        return DatePeriod(start=self.issued_on, end=self.issued_on + timedelta(days=self.valid_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentInquiry:
    """設備情報照会."""

    point: SupplyPointNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSearch:
    """供給地点特定番号検索, by one of the two."""

    address: str = ""
    meter_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRequest:
    """使用量照会パスワード発行: who the consumer is, what was agreed, for how many days."""

    items: FourItems
    consent: Consent
    valid_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageInquiry:
    """使用量情報照会. `digest` of the password that was typed."""

    point: SupplyPointNumber
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationRelay:
    """スイッチング廃止取次, to the retailer that supplies today."""

    items: FourItems
    holder: str
    desired: DesiredDate


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchStart:
    """スイッチング開始, under the number of the relay that the holder agreed to. `customer_no` is the sender's own."""

    point: SupplyPointNumber
    relay: str
    desired: DesiredDate
    balancing_group: str
    menu: str
    work: Work = Work.NONE
    customer_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchEnd:
    """スイッチング廃止, the holder's half, under the same number. It does not name the new retailer."""

    point: SupplyPointNumber
    relay: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reenergisation:
    """再点."""

    point: SupplyPointNumber
    name: str
    kana: str
    phone: str
    desired: DesiredDate
    balancing_group: str
    menu: str
    customer_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOut:
    """廃止（退去）. `on` is the first day without supply."""

    point: SupplyPointNumber
    on: date
    disconnection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerChange:
    """需要者情報変更, in force from `on`."""

    point: SupplyPointNumber
    name: str
    kana: str
    phone: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """取消・変更 of the application `concerns`: to a new day, or withdrawn where `new_day` is None."""

    concerns: str
    new_day: DesiredDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInquiry:
    """申込内容照会 of one's own application."""

    concerns: str


Content: TypeAlias = (
    EquipmentInquiry
    | PointSearch
    | PasswordRequest
    | UsageInquiry
    | TerminationRelay
    | SwitchStart
    | SwitchEnd
    | Reenergisation
    | MoveOut
    | ConsumerChange
    | Amendment
    | StatusInquiry
)

_PROCEDURES: Final[dict[type, Procedure]] = {
    EquipmentInquiry: Procedure.EQUIPMENT_INQUIRY,
    PointSearch: Procedure.POINT_SEARCH,
    PasswordRequest: Procedure.USAGE_PASSWORD,
    UsageInquiry: Procedure.USAGE_INQUIRY,
    TerminationRelay: Procedure.TERMINATION_RELAY,
    SwitchStart: Procedure.SWITCH_START,
    SwitchEnd: Procedure.SWITCH_END,
    Reenergisation: Procedure.REENERGISATION,
    MoveOut: Procedure.MOVE_OUT,
    ConsumerChange: Procedure.CONSUMER_CHANGE,
    Amendment: Procedure.AMENDMENT,
    StatusInquiry: Procedure.STATUS_INQUIRY,
}
CONTENTS: Final = tuple(_PROCEDURES)
"""One type for each procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """申込: 受付番号, the moment it was received, who sent it, what it says, and when it was last changed."""

    number: str
    received_at: datetime
    sender: str
    content: Content
    amended_at: datetime | None = None

    @property
    def procedure(self) -> Procedure:
        """Which procedure the content belongs to."""
        return procedure_of(self.content)

    @property
    def place_in_line(self) -> tuple[datetime, str]:
        """Earlier wins: by the moment it counts from, in the same moment by number."""
        return (self.counts_from, self.number)

    @property
    def counts_from(self) -> datetime:
        """The moment from which periods are counted: a changed application goes behind those that came before."""
        return self.amended_at or self.received_at


def procedure_of(content: Content) -> Procedure:
    """Which procedure the content belongs to."""
    return _PROCEDURES[type(content)]


def point_of(content: Content) -> SupplyPointNumber | None:
    """The supply point that the content is about; None where it names none."""
    match content:
        case PointSearch() | Amendment() | StatusInquiry():
            return None
        case PasswordRequest() | TerminationRelay():
            return content.items.point
        case _:
            return content.point


def day_of(content: Content) -> date | None:
    """効力日: the JST day from which the content wants to be in force; None for inquiries and the like."""
    match content:
        case TerminationRelay() | SwitchStart() | Reenergisation():
            return content.desired.on
        case SwitchEnd() | MoveOut() | ConsumerChange():
            return content.on
        case _:
            return None


def with_day(content: Content, day: DesiredDate) -> Content:
    """The same content, wanted for another day; a content without a day stays as it is."""
    match content:
        case TerminationRelay() | SwitchStart() | Reenergisation():
            return replace(content, desired=day)
        case SwitchEnd() | MoveOut() | ConsumerChange():
            return replace(content, on=day.on)
        case _:
            return content
