"""判断の材料: what the network company knows of a point, of a retailer and of the other applications, passed in.

What is known is known as recorded at one moment; a rule never asks for more. Periods are half-open JST days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from takuso.flow.reception.case import Case
from takuso.flow.reception.model import FourItems, UsagePassword
from takuso.flow.reception.parameters import PARAMETERS, ParameterTable
from takuso.kernel.business_days import BusinessCalendar
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import DatePeriod, jst_day


class Voltage(StrEnum):
    """供給電圧, in the words of the supply points' table."""

    LOW = "低圧"
    HIGH = "高圧"
    EXTRA_HIGH = "特別高圧"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """供給区間: one retailer supplies, under its own number for the customer."""

    retailer: str
    valid: DatePeriod
    customer_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """入居期間: one party's name stands on the contract."""

    name: str
    kana: str
    valid: DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFacts:
    """供給地点の状況. Holdings and tenures do not overlap and stand in order of their start.

    `reading_days` are the known 定例検針日; `menus` the ones that may be contracted at this voltage and size;
    `disconnection` the 廃止措置方法 of a vacant point; `special` marks 一括受電 and 部分供給.
    """

    number: SupplyPointNumber
    place: str
    voltage: Voltage = Voltage.LOW
    power_kw: Decimal | None = None
    holdings: tuple[Holding, ...] = ()
    tenures: tuple[Tenure, ...] = ()
    disconnection: str = ""
    reading_days: frozenset[date] = frozenset()
    menus: frozenset[str] = frozenset()
    special: bool = False

    def holding_on(self, day: date) -> Holding | None:
        """The holding that holds the day."""
        return next((one for one in self.holdings if one.valid.contains(day)), None)

    def tenure_on(self, day: date) -> Tenure | None:
        """The tenure that holds the day."""
        return next((one for one in self.tenures if one.valid.contains(day)), None)

    def items_on(self, day: date) -> FourItems | None:
        """The four items as recorded for this day; None while nobody is supplied under a name."""
        holding, tenure = self.holding_on(day), self.tenure_on(day)
        if holding is None or tenure is None:
            return None
        return FourItems(
            point=self.number,
            name=tenure.name,
            kana=tenure.kana,
            customer_no=holding.customer_no,
            place=self.place,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RetailerFacts:
    """小売の登録: code, balancing groups it may name, and when its 接続供給契約 is in force."""

    code: str
    balancing_groups: frozenset[str]
    contract: DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """判断の時の状況: the moment, the calendar, the tables, and what is known of point, retailers and applications.

    `cases` are all others at the same point and those that the application names. `passwords` are those issued.
    """

    at: datetime
    area: str
    retailers: Mapping[str, RetailerFacts]
    point: PointFacts | None = None
    cases: tuple[Case, ...] = ()
    passwords: tuple[UsagePassword, ...] = ()
    calendar: BusinessCalendar = field(default_factory=BusinessCalendar)
    parameters: ParameterTable = PARAMETERS

    @property
    def today(self) -> date:
        """The JST day of the moment."""
        return jst_day(self.at)

    def case(self, number: str) -> Case | None:
        """The case of this 受付番号, if it is known here."""
        return next((one for one in self.cases if one.application.number == number), None)
