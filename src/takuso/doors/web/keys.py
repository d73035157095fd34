"""ファンクションキー: which key does what on a screen, as data; the places never change.

F1, F3, F5, F11 and F12 belong to the browser, single letters to people who speak to their computer
(WCAG 2.1.4). Every key is a visible link or button too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString

from takuso.doors.web.language import _
from takuso.doors.web.readings import words

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "F2": "検索",
        "F4": "一覧",
        "F6": "前行複写",
        "F7": "情報Ⅰ",
        "F8": "印刷",
        "F9": "情報Ⅱ",
        "F10": "確定",
        "Escape": "戻る",
    }
)
"""Key to the label that stands in its place while a screen does not use it, in the order of the bar."""


class KeyClash(ValueError):
    """A screen declares one key twice, or a key that is not the product's to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of one screen: it opens a screen, submits a form of the page, prints, or goes back.

    Exactly one of `screen`, `form`, `prints`, `back` is set; `customer`: the screen is opened for this customer.
    """

    key: str
    label: str = ""
    screen: str = ""
    customer: bool = False
    form: str = ""
    prints: bool = False
    back: bool = False

    def __post_init__(self) -> None:
        if self.key not in PLACES:
            raise KeyClash(f"{self.key} is not one of {', '.join(PLACES)}")
        if [bool(self.screen), bool(self.form), self.prints, self.back].count(True) != 1:
            raise KeyClash(f"{self.key} does exactly one thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place of the bar as rendered: a link, a submit button, the print button, or nothing to press."""

    key: str
    label: str
    href: str = ""
    form: str = ""
    prints: bool = False

    @property
    def marks(self) -> SafeString:
        """Attributes by which the script and assistive technology know the key."""
        return _marks(self.key, self.label)

    @property
    def face(self) -> SafeString:
        """Key cap and label."""
        return _face("Esc" if self.key == "Escape" else self.key, _(self.label))


@cache
def _marks(key: str, label: str) -> SafeString:
    return format_html('data-key="{}" aria-keyshortcuts="{}" data-words="{}"', key, key, words(label))


@cache
def _face(cap: str, label: str) -> SafeString:
    return format_html("<kbd>{}</kbd> {}", cap, label)


@dataclass(frozen=True, slots=True)
class KeyBar:
    """The keys of one screen; raises KeyClash when a key stands twice."""

    keys: tuple[Key, ...] = ()

    def __post_init__(self) -> None:
        names = [key.key for key in self.keys]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise KeyClash(f"declared twice: {', '.join(twice)}")

    def slots(self, *, receipt: str | None, customer: str, back: str) -> tuple[Slot, ...]:
        """All places in order. Keys that need a customer are idle while there is none."""
        declared = {key.key: key for key in self.keys}
        return tuple(
            _slot(place, label, declared.get(place), receipt=receipt, customer=customer, back=back)
            for place, label in PLACES.items()
        )


def screen_url(code: str, *, customer: str = "", receipt: str | None = None) -> str:
    """Address of a screen, carrying the ticket it is reached from."""
    query = {"customer": customer, "from": receipt or ""}
    text = urlencode({name: value for name, value in query.items() if value})
    return f"/screens/{code}?{text}" if text else f"/screens/{code}"


def _slot(place: str, label: str, key: Key | None, *, receipt: str | None, customer: str, back: str) -> Slot:
    if key is None:
        return Slot(key=place, label=label)
    label = key.label or label
    if key.back:
        return Slot(key=place, label=label, href=back)
    if key.screen:
        if key.customer and not customer:
            return Slot(key=place, label=label)
        to = screen_url(key.screen, customer=customer if key.customer else "", receipt=receipt)
        return Slot(key=place, label=label, href=to)
    return Slot(key=place, label=label, form=key.form, prints=key.prints)
