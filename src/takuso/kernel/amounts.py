"""円 and Wh: whole numbers with their unit, and the rounding rules by name. No float ever.

Sums before the last rounding are `Decimal`; money is cut to whole yen once, on the total.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self, TypeVar
from unicodedata import normalize

from takuso.kernel.malformed import Malformed
from takuso.kernel.widths import HYPHENS, INVISIBLES, LONG_VOWELS, SPACES

_YEN = "金額"
_ENERGY = "電力量"
_MINUS = str.maketrans(dict.fromkeys(HYPHENS + LONG_VOWELS + "▲△", "-") | dict.fromkeys(SPACES + INVISIBLES))
_YEN_TEXT = re.compile(r"(?P<sign>-?)[¥\\]?(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)円?")
_KWH_TEXT = re.compile(r"(?P<number>-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(?:kwh)?", re.IGNORECASE)

Amount = TypeVar("Amount", "Yen", "Wh")


class NotWhole(Malformed):
    """Money and energy take whole numbers, and sums before rounding take `Decimal`; never float."""


class MalformedAmount(Malformed):
    """A text or number that is no such amount; says the field, the rule and what to do."""


@dataclass(frozen=True, slots=True, order=True)
class _Whole:
    value: int

    def __post_init__(self) -> None:
        if type(self.value) is not int:
            raise NotWhole(
                "金額・電力量",
                f"整数です({type(self.value).__name__} が渡されました)。",
                "端数は truncate_yen などの丸めの規則で整数にしてから渡してください。",
            )

    def __add__(self, other: Self) -> Self:
        return type(self)(self.value + other.value) if type(other) is type(self) else NotImplemented

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.value - other.value) if type(other) is type(self) else NotImplemented

    def __neg__(self) -> Self:
        return type(self)(-self.value)

    def __mul__(self, times: int) -> Self:
        return type(self)(self.value * times) if type(times) is int else NotImplemented

    __rmul__ = __mul__


@dataclass(frozen=True, slots=True, order=True)
class Yen(_Whole):
    """Whole yen, negative for money back. Adds and compares with yen only, multiplies by int only."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From typed text, `1,234円`, `￥１２３４`, `▲500`; raises MalformedAmount."""
        found = _YEN_TEXT.fullmatch(normalize("NFKC", text).translate(_MINUS))
        if found is None:
            raise MalformedAmount(
                _YEN,
                "1円単位の整数です。",
                "数字を入力してください(例 1,234)。桁区切りのカンマと「円」はあってもなくても構いません。",
            )
        return cls(int(found["sign"] + found["digits"].replace(",", "")))

    def __str__(self) -> str:
        return f"{self.value:,}円"


@dataclass(frozen=True, slots=True, order=True)
class Wh(_Whole):
    """Whole watt-hours, negative for a correction. Adds and compares with Wh only, multiplies by int only."""

    @classmethod
    def from_kwh(cls, kwh: Decimal) -> Self:
        """The exact number of Wh; raises MalformedAmount where kWh has more than three decimals."""
        numerator, denominator = _ratio(kwh)
        whole, rest = divmod(numerator * 1000, denominator)
        if rest:
            raise MalformedAmount(
                _ENERGY,
                "1Wh単位、kWhでは小数第3位までです。",
                "計器の表示を確認し、小数第3位までで入力してください。",
            )
        return cls(whole)

    @classmethod
    def parse_kwh(cls, text: str) -> Self:
        """From typed kWh, `1,234.5kWh`, `１２．５`; raises MalformedAmount."""
        found = _KWH_TEXT.fullmatch(normalize("NFKC", text).translate(_MINUS))
        if found is None:
            raise MalformedAmount(_ENERGY, "kWhの数字です。", "計器の表示どおりに数字を入力してください(例 1234.5)。")
        return cls.from_kwh(Decimal(found["number"].replace(",", "")))

    @property
    def kwh(self) -> Decimal:
        """The same energy in kWh, exact, with three decimals."""
        return _shifted(self.value, 3)

    def format_kwh(self, decimals: int = 3) -> str:
        """As printed, `1,234.5kWh`, rounded half up to 0-3 decimals; raises MalformedAmount for others."""
        if not 0 <= decimals <= 3:
            raise MalformedAmount(_ENERGY, "小数は0桁から3桁までです。", "0から3までの桁数を指定してください。")
        return f"{_shifted(_half_up(self.value, 10 ** (3 - decimals)), decimals):,}kWh"

    def __str__(self) -> str:
        return self.format_kwh()


def total(amounts: Iterable[Amount], zero: Amount) -> Amount:
    """The sum, `zero` for none."""
    result = zero
    for amount in amounts:
        result = result + amount
    return result


def paper_yen(amount: Yen) -> str:
    """As printed on papers: `1,234円`, a negative amount as `▲1,234円`."""
    return f"{'▲' if amount.value < 0 else ''}{abs(amount.value):,}円"


def truncate_yen(amount: Decimal) -> Yen:
    """切捨て to whole yen, toward zero so that a reversal is the exact opposite. On a total, never on a part.

    Source: the clause 単位および端数処理 of retail terms, which mirror the wheeling terms: the unit of the
    sum is 1 yen and its fraction is cut off, https://lawinsider.com/ja/clause/単位および端数処理/_7
    Raises NotWhole for float, MalformedAmount for NaN and infinity.
    """
    numerator, denominator = _ratio(amount)
    cut = abs(numerator) // denominator
    return Yen(cut if numerator >= 0 else -cut)


def half_up_kwh(energy: Wh) -> int:
    """四捨五入 to whole kWh at the first decimal, by size, so that a reversal is the exact opposite.

    Source: the same clause as for `truncate_yen`: the unit of energy is 1 kWh, rounded at the first decimal.
    Whether half-hour values of smart meters are rounded so is doubtful; the caller decides.
    """
    return _half_up(energy.value, 1000)


def _half_up(value: int, unit: int) -> int:
    rounded = (2 * abs(value) + unit) // (2 * unit)
    return rounded if value >= 0 else -rounded


def _shifted(value: int, decimals: int) -> Decimal:
    """value / 10^decimals without the context's precision, which would round large values."""
    digits = tuple(int(digit) for digit in str(abs(value)))
    return Decimal((int(value < 0), digits, -decimals))


def _ratio(amount: Decimal) -> tuple[int, int]:
    if type(amount) is not Decimal:
        raise NotWhole(
            "計算結果",
            f"Decimal です({type(amount).__name__} が渡されました)。",
            "float を使わずに計算してください。",
        )
    if not amount.is_finite():
        raise MalformedAmount("計算結果", "有限の数です。", "計算のもとになる単価と数量を確認してください。")
    return amount.as_integer_ratio()
