"""四項目の照合: 供給地点特定番号, 契約名義, お客さま番号, 使用場所, and why two of them nearly agree.

The name is compared by its kana, folded: half width, hiragana, small kana, ヴ, the long-vowel mark in all its shapes
(kernel.kana.search_key). Kanji are for the eye: old and new shapes are never taken as one where they alone decide.
A near miss is explained to whoever has the customer's own record before it, the holder or the network company; the
new retailer only learns which item differs, or it could find out a name by trying.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from unicodedata import normalize

from takuso.flow.reception.model import FourItems
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.kernel.finding import address_key, written_key
from takuso.kernel.kana import SAME_NAME_KANJI, search_key
from takuso.kernel.widths import bare_digits


class Item(StrEnum):
    """四項目の一つ."""

    POINT = "point"
    NAME = "name"
    CUSTOMER_NO = "customer-no"
    PLACE = "place"


ITEM_CODES: Final = {
    Item.POINT: RefusalCode.RELAY_UNKNOWN,
    Item.NAME: RefusalCode.NAME_DIFFERS,
    Item.CUSTOMER_NO: RefusalCode.CUSTOMER_NO_DIFFERS,
    Item.PLACE: RefusalCode.PLACE_DIFFERS,
}


class NearMiss(StrEnum):
    """惜しい違い: what two texts of one item differ by, where they differ by little."""

    LONG_VOWEL = "long-vowel"
    SOUND_MARK = "sound-mark"
    ONE_SIGN = "one-sign"
    TWO_SWAPPED = "two-swapped"
    GIVEN_NAME_SAME = "given-name-same"
    ORDER = "order"
    KANJI_SAME = "kanji-same"
    KANA_MISSING = "kana-missing"
    LEADING_ZEROS = "leading-zeros"
    ONE_IS_PART = "one-is-part"
    OLD_KANJI = "old-kanji"


NEAR_MISSES: Final = {
    NearMiss.LONG_VOWEL: "長音の書き方が違います（オウ・オオ・オー）。",
    NearMiss.SOUND_MARK: "濁点・半濁点が違います。",
    NearMiss.ONE_SIGN: "1 文字が違うか、足りません。",
    NearMiss.TWO_SWAPPED: "隣り合う 2 文字が入れ替わっています。",
    NearMiss.GIVEN_NAME_SAME: "名だけが一致し、姓が違います（旧姓のままの契約は多くあります）。",
    NearMiss.ORDER: "姓と名の順が違います。",
    NearMiss.KANJI_SAME: "漢字は一致し、読みが違います。",
    NearMiss.KANA_MISSING: "カナがなく、漢字は一致します。",
    NearMiss.LEADING_ZEROS: "頭の 0 の数が違います。",
    NearMiss.ONE_IS_PART: "片方に、建物名・部屋番号などがありません。",
    NearMiss.OLD_KANJI: "旧字体・異体字だけが違います。",
}
"""Each in one sentence, for the holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemComparison:
    """One item: whether both say the same, and if not, by how little."""

    item: Item
    same: bool
    near: tuple[NearMiss, ...] = ()

    @property
    def explanation(self) -> str:
        """For the holder; nothing for items that are the same or have nothing in common."""
        return "".join(NEAR_MISSES[one] for one in self.near)


def compare(one: FourItems, other: FourItems) -> tuple[ItemComparison, ...]:
    """The four items of both, in order; the same whichever comes first."""
    return (
        _compared(Item.POINT, one.point.text == other.point.text, _digits_near(one.point.text, other.point.text)),
        _compared(Item.NAME, same_name(one, other), _name_near(one, other)),
        _compared(
            Item.CUSTOMER_NO,
            customer_no_key(one.customer_no) == customer_no_key(other.customer_no) != "",
            _digits_near(customer_no_key(one.customer_no), customer_no_key(other.customer_no)),
        ),
        _compared(Item.PLACE, same_place(one.place, other.place), _place_near(one.place, other.place)),
    )


def differing(one: FourItems, other: FourItems) -> tuple[RefusalCode, ...]:
    """The codes of the items that differ."""
    return tuple(ITEM_CODES[found.item] for found in compare(one, other) if not found.same)


def same_name(one: FourItems, other: FourItems) -> bool:
    """True if both have a kana name and the folded kana agree."""
    key = search_key(one.kana)
    return bool(key) and key == search_key(other.kana)


def same_place(one: str, other: str) -> bool:
    """True if both name one place, however its numbers are written; old kanji beside new ones are for a person."""
    key = address_key(one)
    return bool(key) and key == address_key(other) and _old_shapes(one) == _old_shapes(other)


def customer_no_key(text: str) -> str:
    """Width and case as one, hyphens and spaces out; letters stay, since retailers use them."""
    return bare_digits(normalize("NFKC", text)).upper()


def _compared(item: Item, same: bool, near: Iterator[NearMiss]) -> ItemComparison:
    return ItemComparison(item=item, same=same, near=() if same else tuple(dict.fromkeys(near)))


def _name_near(one: FourItems, other: FourItems) -> Iterator[NearMiss]:
    kana = search_key(one.kana), search_key(other.kana)
    kanji_same = _bare(one.name) == _bare(other.name) != ""
    if not all(kana):
        if kanji_same:
            yield NearMiss.KANA_MISSING
        return
    if kanji_same:
        yield NearMiss.KANJI_SAME
    elif written_key(one.name) == written_key(other.name) != "":
        yield NearMiss.OLD_KANJI
    yield from _kana_near(one.kana, other.kana)


def _kana_near(one: str, other: str) -> Iterator[NearMiss]:
    """The closest reason alone."""
    first, second = search_key(one), search_key(other)
    words, others = _words(one), _words(other)
    two = len(words) == len(others) == 2
    if _short(first) == _short(second):
        yield NearMiss.LONG_VOWEL
    elif _unvoiced(first) == _unvoiced(second):
        yield NearMiss.SOUND_MARK
    elif two and words == others[::-1]:
        yield NearMiss.ORDER
    elif slips := tuple(_slip(first, second)):
        yield from slips
    elif two and words[1] == others[1]:
        yield NearMiss.GIVEN_NAME_SAME


def _digits_near(one: str, other: str) -> Iterator[NearMiss]:
    if one and other and one.lstrip("0") == other.lstrip("0"):
        yield NearMiss.LEADING_ZEROS
    else:
        yield from _slip(one, other)


def _place_near(one: str, other: str) -> Iterator[NearMiss]:
    first, second = address_key(one), address_key(other)
    if not first or not second:
        return
    if first == second:
        yield NearMiss.OLD_KANJI
    elif first.startswith(second) or second.startswith(first):
        yield NearMiss.ONE_IS_PART


def _slip(one: str, other: str) -> Iterator[NearMiss]:
    """One sign more, less or other; or two neighbours swapped. Texts of fewer than three signs are too short to say."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST or len(long) - len(short) > 1:
        return
    if len(short) < len(long):
        if any(long[:at] + long[at + 1 :] == short for at in range(len(long))):
            yield NearMiss.ONE_SIGN
        return
    unlike = [at for at in range(len(short)) if short[at] != long[at]]
    if len(unlike) == 1:
        yield NearMiss.ONE_SIGN
    elif (
        len(unlike) == 2
        and unlike[1] - unlike[0] == 1
        and {*short[slice(*_ends(unlike))]} == {*long[slice(*_ends(unlike))]}
    ):
        yield NearMiss.TWO_SWAPPED


def _ends(unlike: list[int]) -> tuple[int, int]:
    return unlike[0], unlike[1] + 1


def _short(key: str) -> str:
    """Without long vowels: ー, and ウ or オ after the オ-row, and the second of two equal vowels."""
    return _LENGTHENED.sub(r"\1", key.replace("ー", ""))


def _unvoiced(key: str) -> str:
    return "".join(sign for sign in normalize("NFD", key) if sign not in "\u3099\u309a")


def _words(text: str) -> list[str]:
    return [search_key(word) for word in re.split(r"[\s・]+", normalize("NFKC", text).strip()) if word]


def _bare(text: str) -> str:
    """Kanji as they stand: width as one and no spaces, but old shapes kept."""
    return "".join(normalize("NFKC", text).split())


def _old_shapes(text: str) -> list[str]:
    return [sign for sign in normalize("NFKC", text) if sign in _SHAPES]


_SHORTEST: Final = 3
_SHAPES: Final = frozenset(SAME_NAME_KANJI) | frozenset(SAME_NAME_KANJI.values())
_LENGTHENED: Final = re.compile("([オコソトノホモヨロゴゾドボポヲ])[ウオ]|([ウクスツヌフムユルグズヅブプ])ウ")
