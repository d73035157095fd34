"""供給地点特定番号 and お客さま番号: digit strings, never integers, typed in any width.

Neither has a check digit, so every well-formed number is accepted here; whether it exists is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from takuso.kernel.malformed import Malformed
from takuso.kernel.widths import bare_digits, is_digits

_SPIN = "供給地点特定番号"
_CUSTOMER = "お客さま番号"


class MalformedNumber(Malformed):
    """A text that is no such number; says the field, the rule and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One of the ten areas: two-digit code, name, frequency in Hz."""

    code: str
    name_ja: str
    frequency_hz: int


AREAS: Final[Mapping[str, Area]] = MappingProxyType(
    {
        code: Area(code=code, name_ja=name, frequency_hz=frequency)
        for code, name, frequency in (
            ("01", "北海道", 50),
            ("02", "東北", 50),
            ("03", "東京", 50),
            ("04", "中部", 60),
            ("05", "北陸", 60),
            ("06", "関西", 60),
            ("07", "中国", 60),
            ("08", "四国", 60),
            ("09", "九州", 60),
            ("10", "沖縄", 60),
        )
    }
)
"""Area code (first two digits) to area.

Source of the codes: https://www.eneos-power.co.jp/article/basics-electricity/supply-point-number-check
"""


@dataclass(frozen=True, slots=True, order=True)
class CustomerCode:
    """お客さま番号 (お客さまコード): 14 digits, any 14 are well formed.

    Source: http://kepco.jp/faq/pps/01-004 (日程 + 所 + 番号; the widths of the parts are not published, so
    no part is read out of it).
    """

    text: str

    def __post_init__(self) -> None:
        if not is_digits(self.text, 14):
            raise _refused(_CUSTOMER, self.text, 14, "検針票または請求書")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From typed text in any width, with or without hyphens and spaces; raises MalformedNumber."""
        return cls(bare_digits(text))

    @property
    def grouped(self) -> str:
        """For the eye only, `12-3456-7890-1234`; the groups carry no meaning."""
        return _grouped(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class SupplyPointNumber:
    """供給地点特定番号 (受電地点特定番号 for generation): 22 digits, the first two name the area.

    One per supply point and contract kind. Sources: http://kepco.jp/faq/pps/01-004 and, for the area codes,
    the source of AREAS.
    """

    text: str

    def __post_init__(self) -> None:
        if not is_digits(self.text, 22):
            raise _refused(_SPIN, self.text, 22, "検針票、請求書または設備情報照会")
        if self.text[:2] not in AREAS:
            raise MalformedNumber(
                _SPIN,
                f"先頭2桁はエリアコード01〜10です(入力は{self.text[:2]}でした)。",
                "先頭の桁が欠けたりずれたりしていないか確認し、22桁を入力し直してください。",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """From typed text in any width, with or without hyphens and spaces; raises MalformedNumber."""
        return cls(bare_digits(text))

    @property
    def area(self) -> Area:
        """The area that the first two digits name."""
        return AREAS[self.text[:2]]

    @property
    def grouped(self) -> str:
        """For the eye only, `06-1234-5678-9012-3456-7890`; the groups carry no meaning."""
        return _grouped(self.text)

    def contains(self, code: CustomerCode) -> bool:
        """True if the 14 digits stand somewhere in this number.

        A 関西 low-voltage number holds the お客さま番号 of its place (http://kepco.jp/faq/pps/01-004), so
        showing one shows the other. Where it stands is not published: this is a plain substring test, and
        for other areas and voltages a hit means nothing.
        """
        return code.text in self.text

    def __str__(self) -> str:
        return self.text


def _grouped(text: str) -> str:
    return "-".join([text[:2], *(text[at : at + 4] for at in range(2, len(text), 4))])


def _refused(field: str, text: str, count: int, paper: str) -> MalformedNumber:
    if text.isascii() and text.isdigit():
        return MalformedNumber(
            field,
            f"数字{count}桁です(入力は{len(text)}桁でした)。",
            f"{paper}で番号を確認し、{count}桁を続けて入力してください。",
        )
    found = "入力がありません" if not text else "数字でない文字が含まれています"
    return MalformedNumber(
        field,
        f"数字{count}桁です({found})。",
        f"{paper}で番号を確認し、数字だけを入力してください。全角、ハイフン、空白はそのままで構いません。",
    )
