"""The week of the legacy system: its days, its screens, its organisations, and how much is planted.

The figures at full size are the notice's (小売顧客情報の漏洩に係る報告徴収の受領について, 2022-12-27): 9,660,899
records from 12-06 to 12-12, 329 viewers, 1,327 contracts. Days are JST and counted from 1970-01-01; instants are
microseconds UTC. Every other number here is EXAMPLE.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from takuso.demo.companies import AFFILIATE, CONTRACTOR, ENTRANTS, NETWORK

FULL_ROWS: Final = 9_660_899
FULL_POINTS: Final = 13_000_000
FULL_VIEWERS: Final = 329
FULL_CONTRACTS: Final = 1_327
DEFAULT_MISSING: Final = 0.02

_EPOCH: Final = date(1970, 1, 1).toordinal()
SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def day_date(number: int) -> date:
    """The day with this number."""
    return date.fromordinal(number + _EPOCH)


def instant(day: int, microseconds: int = 0) -> int:
    """Microseconds UTC of a moment this long after 00:00 JST of the day."""
    return day * DAY - 9 * HOUR + microseconds


PERIOD: Final = (date(2022, 12, 6), date(2022, 12, 13))
FIRST: Final = day_number(PERIOD[0])
END: Final = day_number(PERIOD[1])
"""The first day of the period, and the first one after it."""
DAYS: Final = range(FIRST - 1, END + 1)
"""The days with a log: the period and one day on either side."""
WITHIN: Final = range(FIRST, END)
LIBERALISED: Final = day_number(date(2016, 4, 1))
SPLIT: Final = day_number(date(2020, 4, 1))
SNAPSHOT: Final = day_number(date(2022, 12, 22))
"""The day on which persons and supply histories were written out: what is known 'now'."""

# EXAMPLE: share of a day's records, from Monday 12-05 to Tuesday 12-13; the edges are a few rows only.
DAY_WEIGHTS: Final = (2, 204, 198, 201, 195, 62, 31, 209, 2)
# EXAMPLE: weight of the hour in which a session starts; a call centre with a night desk.
HOUR_WEIGHTS: Final = (2, 1, 1, 1, 1, 2, 4, 12, 60, 120, 118, 110, 70, 112, 115, 108, 98, 80, 40, 20, 12, 8, 5, 4)

# In this order the organisations are numbered in the columns made here.
ORGS: Final = (AFFILIATE.code, *(company.code for company in ENTRANTS), NETWORK.code, CONTRACTOR.code)
RETAILERS: Final = ORGS[: 1 + len(ENTRANTS)]
ENTRANT_WEIGHTS: Final = tuple(company.weight for company in ENTRANTS)
OWN: Final = 0
"""The affiliate's number."""
NOBODY: Final = -1
"""A supply point without a retailer."""

SCREENS: Final = {
    "MN00": "メニュー",
    "CI10": "お客さま情報Ⅰ",
    "CI20": "お客さま情報Ⅱ",
    "KF10": "口振異動通知",
    "ID10": "異動受付",
    "ID20": "異動受付照会",
    "KS20": "供給者変更受付",
    "SB10": "設備情報照会",
    "SY10": "使用量照会",
    "KN10": "検針予定",
    "KN20": "検針値照会",
    "KI10": "計器交換",
    "KJ10": "工事受付",
    "TS10": "停電受付",
    "RY10": "託送料金照会",
    "SK10": "請求照会",
    "NK10": "入金照会",
    "YK10": "引込線照会",
}
SCREEN_CODES: Final = tuple(SCREENS)
SCREEN: Final = {code: number for number, code in enumerate(SCREEN_CODES)}
ACTIONS: Final = ("VIEW", "PRINT", "UPDATE", "EXPORT")


class NotAShare(ValueError):
    """A share outside 0 to 1."""

    def __init__(self, share: float) -> None:
        super().__init__(
            f"遷移元の記録がない割合は 0 から 1 までです（{share}）。\n"
            "対処: --missing-predecessors に 0.02 のような割合を指定してください。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What is asked for: records in the period, supply points, the seed, the share of predecessors left out.

    Raises NotAShare.
    """

    rows: int = FULL_ROWS
    points: int = FULL_POINTS
    seed: int = 1
    missing: float = DEFAULT_MISSING

    def __post_init__(self) -> None:
        if not 0 <= self.missing <= 1:
            raise NotAShare(self.missing)

    def scaled(self, base: int, least: int = 1) -> int:
        """What `base` is at this size: base × rows / 9,660,899, rounded half up, at least `least`."""
        return max(least, (2 * base * self.rows + FULL_ROWS) // (2 * FULL_ROWS))

    @property
    def contracts(self) -> int:
        """Contracts of the leak: 1,327 at full size."""
        return self.scaled(FULL_CONTRACTS)

    @property
    def viewers(self) -> int:
        """Viewers of the leak: 329 at full size, never more than contracts."""
        return min(self.contracts, self.scaled(FULL_VIEWERS))
