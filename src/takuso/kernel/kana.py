"""カナ: the key that names and addresses are searched by, and the form that banks take.

Both lose what a name is written with. A stored legal name is never replaced by either.
"""

import re
from itertools import pairwise
from typing import Final
from unicodedata import is_normalized, normalize

from takuso.kernel.malformed import Malformed
from takuso.kernel.widths import HYPHENS, INVISIBLES, LONG_VOWELS, SPACES

_VOICED, _SEMI_VOICED = "\u3099", "\u309a"
_SOUND_MARKS = {"゛": _VOICED, "゜": _SEMI_VOICED, "ﾞ": _VOICED, "ﾟ": _SEMI_VOICED}
_SMALL = dict(
    zip(
        "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ",
        "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロ",
        strict=True,
    )
)
_MIDDLE_DOTS = "・·‧•∙⋅"
_VARIATION_SELECTORS = [*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))]

SAME_NAME_KANJI: Final = dict(
    zip(
        "髙﨑𠮷栁桺濵濱邊邉齊齋嶋嶌澤廣國櫻眞惠龍嶽峯條檜籠曾壽榮圓德瀨冨舘桒會學實藏豐關邨鐵驛",
        "高崎吉柳柳浜浜辺辺斉斎島島沢広国桜真恵竜岳峰条桧篭曽寿栄円徳瀬富館桑会学実蔵豊関村鉄駅",
        strict=True,
    )
)
"""Old and variant shapes that people interchange when they type a name: 髙橋 is found by 高橋. Our choice."""


def _to_katakana() -> dict[str, str]:
    hiragana = {chr(code): chr(code + 0x60) for code in [*range(0x3041, 0x3097), 0x309D, 0x309E]}
    large = {hira: _SMALL.get(kata, kata) for hira, kata in hiragana.items()}
    # ヰ, ヱ and the voiced ワ-row have no half-width form, so data from older systems holds these instead.
    return large | _SMALL | dict(zip("ヰヱゐゑヷヸヹヺ", "イエイエバビベボ", strict=True))


_JOINED = str.maketrans(_SOUND_MARKS)
_KEYED = str.maketrans(
    SAME_NAME_KANJI
    | _to_katakana()
    | dict.fromkeys(HYPHENS + LONG_VOWELS, "ー")
    | dict.fromkeys([*SPACES, *INVISIBLES, *_MIDDLE_DOTS, *_VARIATION_SELECTORS, _VOICED, _SEMI_VOICED])
)
_VU = re.compile("ヴ([アイエオヤユヨ]?)")
_VU_AS_BU = {
    "": "ブ",
    "ア": "バ",
    "イ": "ビ",
    "エ": "ベ",
    "オ": "ボ",
    "ヤ": "ビヤ",
    "ユ": "ビユ",
    "ヨ": "ビヨ",
}
_REPEATS, _REPEATS_VOICED = "ヽ", "ヾ"


def search_key(text: str) -> str:
    """The key by which two spellings of one name are found as one; the key of a key is itself.

    NFKC and upper case; hiragana and half width become katakana; small kana become large (ョ to ヨ); every
    hyphen, dash and long-vowel mark becomes ー; ヴ becomes ブ (ヴァ バ); ゝ and ゞ repeat; kanji of
    SAME_NAME_KANJI take their common shape; spaces, middle dots, invisible signs and loose sound marks drop.
    """
    key = normalize("NFKC", text.translate(_JOINED)).upper().translate(_KEYED)
    key = _VU.sub(lambda found: _VU_AS_BU[found[1]], _spelled_out(key))
    # Taking a sign out can bring two others together that compose.
    return key if is_normalized("NFKC", key) and key == key.upper() else search_key(key)


def bigrams(key: str) -> list[str]:
    """The distinct pairs of neighbouring characters of a search key, in order of first appearance.

    Empty for a key of one character: such a search goes by prefix.
    """
    return list(dict.fromkeys(one + other for one, other in pairwise(key)))


class NotBankKana(Malformed):
    """A character that the banks' kana cannot hold; `position` counts the typed characters from 1."""

    def __init__(self, field: str, rule: str, advice: str, position: int = 0, character: str = "") -> None:
        super().__init__(field, rule, advice)
        self.position = position
        self.character = character


BANK_MARKS: Final = "()-./ "
"""Marks that all banks take. Others (,「」 and the yen sign) are taken by some only."""

_HALF: Final = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ",
        strict=True,
    )
)
_BANK_UNIT = {_VOICED: "ﾞ", _SEMI_VOICED: "ﾟ"} | _HALF | {mark: mark for mark in BANK_MARKS}
_BANK_INPUT = str.maketrans(
    {hira: kata for hira, kata in _to_katakana().items() if hira not in "ヰヱゐゑヷヸヹヺ"}
    | dict.fromkeys(HYPHENS + LONG_VOWELS, "-")
)
_BANK_ADVICE = {
    "ヲ": "「オ」と入力してください。",
    **dict.fromkeys("ヰゐ", "「イ」と入力してください。"),
    **dict.fromkeys("ヱゑ", "「エ」と入力してください。"),
    "・": "空白かピリオドを入力してください。",
}
_LOOSE_MARK = re.compile("(?<![ｳｶ-ﾄﾊ-ﾎ])ﾞ|(?<![ﾊ-ﾎ])ﾟ")


def bank_kana(text: str) -> str:
    """The account holder's name as banks exchange it: half-width kana, Latin capitals, digits, few marks.

    Small kana become large (ショ to ｼﾖ), the long-vowel mark becomes a hyphen, and a sound mark is a
    character of its own, so `len` of the answer is the length that counts. ヲ is refused, as
    some banks do not take it.
    Sources: 全銀協 usable characters as given in https://jinjer-kyuyo.zendesk.com/hc/ja/articles/900002885563
    (no ヲ, no small kana) and https://biz.corporate.bk.mufg.jp/faq/show/811 (marks, no middle dot).
    Raises NotBankKana.
    """
    converted = ""
    for position, character in enumerate(text, start=1):
        units = normalize("NFD", normalize("NFKC", _SOUND_MARKS.get(character, character)))
        for unit in units.upper().translate(_BANK_INPUT):
            half = _BANK_UNIT.get(unit, unit if unit.isascii() and unit.isalnum() else None)
            if half is None:
                raise _not_bank(position, character, unit)
            converted += half
        if _LOOSE_MARK.search(converted):
            raise _not_bank(position, character, "")
    return converted


def _spelled_out(key: str) -> str:
    if _REPEATS not in key and _REPEATS_VOICED not in key:
        return key
    spelled: list[str] = []
    for sign in key:
        if sign not in {_REPEATS, _REPEATS_VOICED}:
            spelled.append(sign)
        elif spelled:
            voiced = normalize("NFC", spelled[-1] + _VOICED).translate(_KEYED)
            spelled.append(voiced if sign == _REPEATS_VOICED else spelled[-1])
    return "".join(spelled)


def _not_bank(position: int, character: str, unit: str) -> NotBankKana:
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return NotBankKana(
        "口座名義(カナ)",
        f"{position}文字目の「{shown}」は銀行のカナで表せません。使えるのはカナ、英字、数字と ( ) - . / 空白です。",
        _BANK_ADVICE.get(unit, "この文字を読みのカナに直して入力してください。"),
        position,
        character,
    )
