"""Any width is accepted at the edge: digits, hyphens and spaces are unified here, never by the user."""

from typing import Final

HYPHENS: Final = "-\u02d7\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u2212\u2500\u2501\ufe58\ufe63\uff0d"
"""Signs people type for a hyphen or a minus: hyphens, dashes, minus signs, ruled lines."""

LONG_VOWELS: Final = "\u30fc\uff70"
"""The long-vowel mark, full and half width: the key beside the hyphen, so it stands in for it in numbers."""

SPACES: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""Everything Unicode calls white space, the full-width space among it."""

INVISIBLES: Final = (
    "\xad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Soft hyphens, joiners, direction marks, byte order marks: they come along when text is pasted."""

_DIGITS = {ord("０") + n: str(n) for n in range(10)}
_BARE = str.maketrans(dict.fromkeys(HYPHENS + LONG_VOWELS + SPACES + INVISIBLES)) | _DIGITS


def bare_digits(text: str) -> str:
    """The text with full-width digits made half-width and hyphens, spaces and invisible signs taken out.

    Anything else stays, so that the caller can refuse it.
    """
    return text.translate(_BARE)


def is_digits(text: str, count: int) -> bool:
    """True if the text is exactly `count` ASCII digits."""
    return len(text) == count and text.isascii() and text.isdigit()
