"""表示言語: pages are written in Japanese; the catalogue has the English of every message.

The Japanese text itself is the key, in templates as `{% trans %}…{% endtrans %}` or `{{ _("…") }}` and in code as
`_("…")`. The language of a request is the cookie's; only what a person reads depends on it, never what is recorded.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

from babel.messages.pofile import read_po

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
COOKIE: Final = "takuso_language"
CATALOGUES: Final = Path(__file__).parent / "languages"

_current: ContextVar[Language] = ContextVar("language", default="ja")


def language() -> Language:
    """Of this request."""
    return _current.get()


def language_named(text: str) -> Language:
    """The language of that code; Japanese for anything else."""
    return next((one for one in LANGUAGES if one == text), "ja")


@contextmanager
def speaking(one: Language) -> Iterator[None]:
    """Within, pages are written in this language."""
    before = _current.set(one)
    try:
        yield
    finally:
        _current.reset(before)


def _(message: str) -> str:
    """The message in the language of this request; itself, if the catalogue has none."""
    one = language()
    return message if one == "ja" else catalogue(one).get(message, message)


@cache
def catalogue(one: Language) -> Mapping[str, str]:
    """Japanese message to its translation; empty for Japanese."""
    file = CATALOGUES / f"{one}.po"
    if one == "ja" or not file.is_file():
        return MappingProxyType({})
    with file.open("rb") as stream:
        messages = read_po(stream, locale=one)
    return MappingProxyType({str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy})
