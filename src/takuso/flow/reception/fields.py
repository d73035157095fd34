"""項目: one typed thing of a form, how it is read in any width and calendar, and its one canonical way of writing.

What is malformed for its kind is an error of the form. What a rule can say better is left to the rule: whether the
kana are kana (T20), whether menu, BG code, retailer and number exist, which valid days there are (U01).
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from unicodedata import category, normalize

from takuso.flow.reception.form_errors import FieldProblem, FormErrorCode
from takuso.kernel.malformed import Malformed
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.wareki import parse_date
from takuso.kernel.widths import HYPHENS, INVISIBLES, LONG_VOWELS, SPACES, bare_digits


class FieldKind(StrEnum):
    """項目の種類: decides reading, writing, and the widget of a screen."""

    SUPPLY_POINT = "supply-point"
    DAY = "day"
    TEXT = "text"
    KANA = "kana"
    PHONE = "phone"
    CHOICE = "choice"
    FLAG = "flag"
    COUNT = "count"
    MENU = "menu"
    RETAILER = "retailer"
    BALANCING_GROUP = "balancing-group"
    APPLICATION = "application"
    CUSTOMER_NO = "customer-no"
    METER = "meter"
    PAPERS = "papers"
    SECRET = "secret"  # noqa: S105


class Need(StrEnum):
    """要るか. RULE: a text whose absence the rules refuse (T01, U03). FORM: nothing can be read without it (F01)."""

    OPTIONAL = "optional"
    RULE = "rule"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Choice:
    """選択肢: stable value, Japanese label; `means` is what the content holds. Value and label are both read."""

    value: str
    label: str
    means: Any = None

    @property
    def meaning(self) -> Any:
        """What the content holds; the value itself where nothing else is said."""
        return self.value if self.means is None else self.means


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """項目: `name` is the key in JSON and never changes, `label` stands on screens and heads the column of a file.

    `limit` is the most characters of the canonical text (for PAPERS of each paper, for COUNT the greatest number),
    `width` how many half-width characters a screen shows.
    """

    name: str
    label: str
    kind: FieldKind
    need: Need = Need.OPTIONAL
    help: str = ""
    width: int = 20
    limit: int = 60
    choices: tuple[Choice, ...] = ()

    @property
    def required(self) -> bool:
        """True if it is marked as 必須, whoever refuses its absence."""
        return self.need is not Need.OPTIONAL


MOST_PAPERS: Final = 5
_LONGEST_RAW: Final = 1000


def read_field(field: Field, typed: str) -> Any:
    """The value of the field; for an empty text None (DAY, COUNT, a CHOICE of values), False, () or "".

    Raises FieldProblem.
    """
    if len(typed) > _LONGEST_RAW:
        raise FieldProblem(FormErrorCode.TOO_LONG, limit=field.limit, length=len(typed))
    if field.need is Need.FORM and not typed.translate(_NO_SPACE):
        raise FieldProblem(FormErrorCode.MISSING)
    return _READ[field.kind](field, typed)


def write_field(field: Field, value: Any) -> str:
    """The canonical text of a value that `read_field` gives; empty for None."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case tuple():
            return "、".join(value)
        case _ if field.choices:
            return next((one.value for one in field.choices if one.meaning == value), str(value))
        case _:
            return str(value)


def password_digest(secret: str) -> str:
    """What is kept of a 使用量照会パスワード: sha256 (hex) of it in one width and without spaces.

    The digest is not slow, so a secret that is issued must be drawn at random and long (128 bits or more).
    """
    return hashlib.sha256(normalize("NFKC", secret).translate(_NO_SPACE).encode()).hexdigest()


def _text(field: Field, typed: str) -> str:
    return _limited(field, _settled(_folded_text, _clean(typed)))


def _kana(field: Field, typed: str) -> str:
    return _limited(field, _settled(_folded_kana, _clean(typed)))


def _code(field: Field, typed: str) -> str:
    return _limited(field, _settled(_folded_code, _clean(typed)))


def _application(field: Field, typed: str) -> str:
    return _limited(field, _settled(lambda text: _folded_code(text).upper(), _clean(typed)))


def _secret(field: Field, typed: str) -> str:
    return password_digest(_limited(field, _clean(typed)))


def _supply_point(_field: Field, typed: str) -> SupplyPointNumber:
    try:
        return SupplyPointNumber.parse(typed)
    except Malformed:
        raise FieldProblem(FormErrorCode.NOT_A_SUPPLY_POINT) from None


def _day(_field: Field, typed: str) -> date | None:
    if not typed.translate(_NO_SPACE):
        return None
    try:
        return parse_date(typed)
    except Malformed:
        raise FieldProblem(FormErrorCode.NOT_A_DAY) from None


def _count(field: Field, typed: str) -> int | None:
    digits = typed.translate(_NO_SPACE).translate(_DIGITS)
    if not digits:
        return None
    if not _COUNT.fullmatch(digits) or not 1 <= int(digits) <= field.limit:
        raise FieldProblem(FormErrorCode.NOT_A_COUNT, most=field.limit)
    return int(digits)


def _phone(_field: Field, typed: str) -> str:
    text = normalize("NFKC", typed).translate(_NO_SPACE).translate(_DASHED)
    text = re.sub("-{2,}", "-", re.sub("[()]", "-", text)).strip("-")
    digits = bare_digits(text)
    if text and not (_DOMESTIC.fullmatch(digits) or _ABROAD.fullmatch(digits)):
        raise FieldProblem(FormErrorCode.NOT_A_PHONE)
    return text


def _choice(field: Field, typed: str) -> Any:
    key = _key(typed)
    if not key:
        return "" if field.need is Need.RULE else None
    for one in field.choices:
        if key in (_key(one.value), _key(one.label)):
            return one.meaning
    raise FieldProblem(FormErrorCode.NOT_A_CHOICE, choices="・".join(one.label for one in field.choices))


def _flag(_field: Field, typed: str) -> bool:
    key = _key(typed)
    if key not in _YES | _NO:
        raise FieldProblem(FormErrorCode.NOT_A_FLAG)
    return key in _YES


def _papers(field: Field, typed: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text for one in _BETWEEN.split(typed) if (text := _text(field, one))))
    if len(found) > MOST_PAPERS:
        raise FieldProblem(FormErrorCode.TOO_MANY, most=MOST_PAPERS, count=len(found))
    return found


def _clean(typed: str) -> str:
    """Without invisible signs and outer spaces; raises FieldProblem for signs that no field takes."""
    kept = typed.translate(_NO_INVISIBLE)
    inner = kept.strip(SPACES)
    for at, sign in enumerate(inner, start=kept.find(inner) + 1):
        if category(sign) in _REFUSED:
            raise FieldProblem(FormErrorCode.NOT_ALLOWED_SIGN, position=at)
    return inner


def _limited(field: Field, text: str) -> str:
    if len(text) > field.limit:
        raise FieldProblem(FormErrorCode.TOO_LONG, limit=field.limit, length=len(text))
    return text


def _settled(fold: Callable[[str], str], text: str) -> str:
    """Folded until nothing changes: taking a sign out can bring two others together that compose."""
    folded = fold(text)
    return text if folded == text else _settled(fold, folded)


def _folded_text(text: str) -> str:
    """Half-width kana full, sound marks joined, spaces one; kanji and Latin letters keep their shape."""
    full = _HALF_KANA.sub(lambda found: normalize("NFKC", found[0]), text)
    return " ".join(_WITH_MARK.sub(lambda found: normalize("NFC", found[0]), full).split())


def _folded_kana(text: str) -> str:
    return " ".join(normalize("NFKC", text.translate(_JOINED)).translate(_KATAKANA).split())


def _folded_code(text: str) -> str:
    """One width, no spaces; the key beside the hyphen counts as one where no kana are meant."""
    folded = normalize("NFKC", text).translate(_NO_SPACE).translate(_HYPHENS)
    dashed = folded.translate(_DASHED)
    return dashed if dashed.isascii() else folded


def _key(text: str) -> str:
    return normalize("NFKC", text).translate(_NO_SPACE).casefold()


_REFUSED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_NO_INVISIBLE: Final = str.maketrans(dict.fromkeys(INVISIBLES))
_NO_SPACE: Final = str.maketrans(dict.fromkeys(SPACES + INVISIBLES))
_HYPHENS: Final = str.maketrans(dict.fromkeys(HYPHENS, "-"))
_DASHED: Final = str.maketrans(dict.fromkeys(HYPHENS + LONG_VOWELS, "-"))
_DIGITS: Final = str.maketrans("０１２３４５６７８９", "0123456789")
_JOINED: Final = str.maketrans({"゛": "\u3099", "゜": "\u309a", "ﾞ": "\u3099", "ﾟ": "\u309a"})
_KATAKANA: Final = str.maketrans(
    {chr(code): chr(code + 0x60) for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
    | dict.fromkeys(HYPHENS + LONG_VOWELS, "ー")
)
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]+")
_WITH_MARK: Final = re.compile("[\u3041-\u30ff][\u3099\u309a]")
_COUNT: Final = re.compile("[0-9]{1,6}")
_DOMESTIC: Final = re.compile("0[0-9]{9,10}")
_ABROAD: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN: Final = re.compile("[、，,;；\r\n]")
_YES: Final = frozenset({"true", "1", "on", "yes", "はい", "○", "〇", "◯", "有", "あり"})
_NO: Final = frozenset({"", "false", "0", "off", "no", "いいえ", "×", "無", "なし"})

_READ: Final[Mapping[FieldKind, Callable[[Field, str], Any]]] = MappingProxyType(
    {
        FieldKind.SUPPLY_POINT: _supply_point,
        FieldKind.DAY: _day,
        FieldKind.TEXT: _text,
        FieldKind.KANA: _kana,
        FieldKind.PHONE: _phone,
        FieldKind.CHOICE: _choice,
        FieldKind.FLAG: _flag,
        FieldKind.COUNT: _count,
        FieldKind.MENU: _text,
        FieldKind.RETAILER: _code,
        FieldKind.BALANCING_GROUP: _code,
        FieldKind.APPLICATION: _application,
        FieldKind.CUSTOMER_NO: _code,
        FieldKind.METER: _code,
        FieldKind.PAPERS: _papers,
        FieldKind.SECRET: _secret,
    }
)
