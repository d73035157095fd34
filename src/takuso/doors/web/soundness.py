"""What a request may bring as text: nothing that PostgreSQL cannot store, in the one encoding the pages are sent in."""

import codecs
from collections.abc import Iterator

from django.http import HttpRequest


def sound(text: str) -> bool:
    """True if the text can be stored: no NUL and no lone surrogate (U+D800 to U+DFFF)."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def sound_form(request: HttpRequest) -> bool:
    """True if every name and value of address and form is sound and sent as UTF-8.

    Raises what reading the body raises: UnreadablePostError, SuspiciousOperation.
    """
    said = request.encoding
    if said is not None and codecs.lookup(said).name != "utf-8":
        # Other encodings can spell what UTF-8 cannot; from here on the request is read as the pages are written.
        request.encoding = "utf-8"
        return False
    return all(sound(text) for text in _texts(request))


def _texts(request: HttpRequest) -> Iterator[str]:
    for given in (request.GET, request.POST):
        for name, values in given.lists():
            yield name
            yield from values
