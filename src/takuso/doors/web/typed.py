"""番号の入力: one field takes an お客さまコード or a 供給地点特定番号; how many digits it has tells which."""

from takuso.kernel.numbers import CustomerCode, MalformedNumber, SupplyPointNumber
from takuso.kernel.widths import bare_digits, is_digits

_FIELD = "お客さまコード"
_RULE = "14桁です。供給地点特定番号は22桁です"
_ADVICE = "検針票または請求書で番号を確かめてください。全角、ハイフン、空白はそのままで構いません。"


def typed_number(text: str) -> CustomerCode | SupplyPointNumber:
    """From typed text in any width; raises MalformedNumber."""
    digits = bare_digits(text)
    if is_digits(digits, 14):
        return CustomerCode(digits)
    if is_digits(digits, 22):
        return SupplyPointNumber(digits)
    if not digits:
        found = "入力がありません"
    elif digits.isascii() and digits.isdigit():
        found = f"入力は{len(digits)}桁でした"
    else:
        found = "数字でない文字が含まれています"
    raise MalformedNumber(_FIELD, f"{_RULE}({found})。", _ADVICE)
