"""番号の入力: one field takes an お客さまコード or a 供給地点特定番号; how many digits it has tells which."""

from typing import Final

from takuso.doors.web.language import _
from takuso.kernel.numbers import CustomerCode, MalformedNumber, SupplyPointNumber
from takuso.kernel.widths import bare_digits, is_digits

_FIELD: Final = "お客さまコード"
_RULE: Final = "14桁です。供給地点特定番号は22桁です({found})。"
_ADVICE: Final = "検針票または請求書で番号を確かめてください。全角、ハイフン、空白はそのままで構いません。"
_POINT: Final = "供給地点特定番号"
_AREA: Final = "先頭2桁はエリアコード01〜10です(入力は{start}でした)。"
_AREA_ADVICE: Final = "先頭の桁が欠けたりずれたりしていないか確認し、22桁を入力し直してください。"


def typed_number(text: str) -> CustomerCode | SupplyPointNumber:
    """From typed text in any width; raises MalformedNumber, in the language of this request."""
    digits = bare_digits(text)
    if is_digits(digits, 14):
        return CustomerCode(digits)
    if is_digits(digits, 22):
        return _supply_point(digits)
    if not digits:
        found = _("入力がありません")
    elif digits.isascii() and digits.isdigit():
        found = _("入力は{count}桁でした").format(count=len(digits))
    else:
        found = _("数字でない文字が含まれています")
    raise MalformedNumber(_(_FIELD), _(_RULE).format(found=found), _(_ADVICE))


def typed_customer(text: str) -> CustomerCode:
    """An お客さまコード of an address; raises MalformedNumber, for 22 digits too: those stand in no address."""
    number = typed_number(text)
    if isinstance(number, CustomerCode):
        return number
    raise not_in_addresses()


def not_in_addresses() -> MalformedNumber:
    """The refusal of a 供給地点特定番号 that came in an address."""
    return MalformedNumber(_(_POINT), _("アドレスには載せません。"), _("「開く」を押すと、この番号で検索します。"))


def _supply_point(digits: str) -> SupplyPointNumber:
    try:
        return SupplyPointNumber(digits)
    except MalformedNumber:
        raise MalformedNumber(_(_POINT), _(_AREA).format(start=digits[:2]), _(_AREA_ADVICE)) from None
