"""検索語: what is typed to find a customer, spelled as the search keys are that it is looked for among.

The same spelling makes the keys in the database (barrier/search.sql); a test holds both to one answer. Nothing here
is shown as a customer's own name, address or number: it is what was understood.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args
from unicodedata import normalize

from takuso.kernel.kana import search_key
from takuso.kernel.malformed import Malformed
from takuso.kernel.widths import bare_digits, is_digits

Kind = Literal["kana", "name", "address", "phone", "meter", "pole"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class MalformedTerm(Malformed):
    """A text that nobody can be found by; says the field, the rule and what to do."""


_COMPANIES: Final = {
    "(株)": "株式会社",
    "(有)": "有限会社",
    "(同)": "合同会社",
    "(資)": "合資会社",
    "(名)": "合名会社",
}
_KANJI_DIGITS: Final = "〇一二三四五六七八九"
_ARABIC: Final = str.maketrans(_KANJI_DIGITS, "0123456789")
_UNIT: Final = "丁番号"
_NUMBER: Final = re.compile("0*([0-9]+)(?:丁目|丁|番地|番|号室|号棟|号館|号|棟|室)?(?:[ーノ]+(?=[0-9]|$))?")
_TENS: Final = (
    (re.compile(f"([一二三四五六七八九])十(?=[一二三四五六七八九][{_UNIT}])"), r"\1"),
    (re.compile(f"([一二三四五六七八九])十(?=[{_UNIT}])"), r"\1〇"),
    (re.compile(f"十(?=[一二三四五六七八九][{_UNIT}])"), "一"),
    (re.compile(f"十(?=[{_UNIT}])"), "一〇"),
)
_WRITTEN_NUMBER: Final = re.compile(f"([{_KANJI_DIGITS}]+)([{_UNIT}])")
_IN_ADDRESS: Final = str.maketrans({"ガ": "ケ"} | dict.fromkeys("〒<>、,"))
_IN_METER: Final = str.maketrans(dict.fromkeys("ー!\"#$%&'()*+,./:;<=>?@[\\]^_`{|}~"))
_AROUND_DIGITS: Final = re.compile("[^0-9]")


def written_key(text: str) -> str:
    """The key of a name as it is written: search_key, and short forms of companies written out (㈱ is 株式会社)."""
    key = search_key(text)
    for short, whole in _COMPANIES.items():
        key = key.replace(short, whole)
    return key


def address_key(text: str) -> str:
    """The key of a part of an address; each number in it becomes one sign, `<3>`, whatever stands around it.

    三丁目, 3丁目 and 3- are one; 番地, 番, 号, 号室, 棟 and の between numbers drop, as do 大字 and leading zeros;
    ヶ, ケ, が and ヵ are one. So `9123番地2` and `9123-2` are both `<9123><2>`, and `1-2` is no part of `11-23`.
    """
    key = search_key(text.translate({ord("ヵ"): "ヶ"})).replace("大字", "").translate(_IN_ADDRESS)
    for pattern, plain in _TENS:
        key = pattern.sub(plain, key)
    key = _WRITTEN_NUMBER.sub(lambda found: found[1].translate(_ARABIC) + found[2], key)
    return _NUMBER.sub(r"<\1>", key)


def address_terms(text: str) -> tuple[str, ...]:
    """The words of a typed address, each of which must be found; in any order, separated by spaces or commas."""
    keys = (address_key(word) for word in re.split(r"[\s、,，]+", text))
    return tuple(dict.fromkeys(key for key in keys if key))


def phone_key(text: str) -> str:
    """The digits of a telephone number, width and signs taken out; +81 is the leading zero."""
    plain = normalize("NFKC", text).lstrip()
    return _AROUND_DIGITS.sub("", "0" + plain[3:] if plain.startswith("+81") else plain)


def meter_key(text: str) -> str:
    """The letters and digits of a meter number without the signs between them."""
    return search_key(text).translate(_IN_METER)


def kind_named(text: str) -> Kind | None:
    """The kind of that name, or None."""
    return next((kind for kind in KINDS if kind == text), None)


def terms(kind: Kind, text: str) -> tuple[str, ...]:
    """The search keys that a typed text becomes, all of which must be found; none for a text without any."""
    if kind in ("address", "pole"):
        return address_terms(text)
    key = _SPELLED[kind](text)
    return (key,) if key else ()


_SPELLED: Final[Mapping[Kind, Callable[[str], str]]] = MappingProxyType(
    {"kana": search_key, "name": written_key, "phone": phone_key, "meter": meter_key}
)


def usable_terms(kind: Kind, text: str) -> tuple[str, ...]:
    """As terms. Raises MalformedTerm for a text that is empty, too short, or of other signs than the kind has."""
    found = terms(kind, text)
    if not text.strip():
        raise MalformedTerm(FIELDS[kind], "入力がありません。", ADVICE[kind])
    if kind == "phone" and _NOT_OF_PHONES.search(normalize("NFKC", text)):
        raise MalformedTerm(FIELDS[kind], "数字でない文字が含まれています。", ADVICE[kind])
    if not found:
        raise MalformedTerm(FIELDS[kind], "探せる文字がありません。", ADVICE[kind])
    if kind in ("phone", "meter") and len(found[0]) < _SHORTEST:
        raise MalformedTerm(FIELDS[kind], "短すぎます。", ADVICE[kind])
    if kind in ("address", "pole") and not any(len(key) > 1 for key in found):
        raise MalformedTerm(FIELDS[kind], "1文字では探せません。", ADVICE[kind])
    return found


def meant(kind: Kind, text: str) -> Kind | Literal["number"]:
    """What a text typed as a kana name can only be: a number of 14 or 22 digits, a telephone number, a written name.

    Of any other kind the choice stands.
    """
    if kind != "kana":
        return kind
    digits = bare_digits(text)
    if is_digits(digits, 14) or is_digits(digits, 22):
        return "number"
    if digits.startswith("0") and (is_digits(digits, 10) or is_digits(digits, 11)):
        return "phone"
    return "name" if _KANJI.search(text) else kind


def readable(keys: tuple[str, ...]) -> str:
    """Search keys for the eye: the numbers of an address as 3-1-2, words with spaces between."""
    return " ".join(_BRACKETS.sub("", _BETWEEN.sub("-", key)) for key in keys)


_KANJI: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_BETWEEN: Final = re.compile(">ー?<")
_BRACKETS: Final = re.compile("[<>]")


_SHORTEST: Final = 4
_NOT_OF_PHONES: Final = re.compile(r"[^\W0-9_ー]")
FIELDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "kana": "カナ氏名",
        "name": "契約名義",
        "address": "住所",
        "phone": "電話番号",
        "meter": "計器番号",
        "pole": "引込柱番号",
    }
)
ADVICE: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "kana": "名義のカナの一部を入力してください。",
        "name": "名義の一部を漢字で入力してください。",
        "address": "町名や番地の一部を、空白で区切って入力してください。",
        "phone": "下4桁、または市外局番から6桁以上を入力してください。",
        "meter": "計器番号の終わり4文字以上、または初めから6文字以上を入力してください。",
        "pole": "引込柱番号の一部を2文字以上入力してください。",
    }
)
