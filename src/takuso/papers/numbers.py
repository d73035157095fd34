"""文書番号: a document's number follows from what it was made of, so that a rerun keeps it and a change moves it."""

from hashlib import sha256
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: no I, L, O or U, so that nobody misreads one over the telephone."""
_PLACES: Final = 12


def document_number(kind: str, *parts: str) -> str:
    """`KIND-XXXX-XXXX-XXXX`: 60 bits of the SHA-256 over the parts, each with its length before it."""
    whole = sha256()
    for part in (kind, *parts):
        content = part.encode()
        whole.update(str(len(content)).encode() + b":" + content)
    number = int.from_bytes(whole.digest(), "big") >> (256 - 5 * _PLACES)
    letters = "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(_PLACES)))
    return "-".join((kind, letters[:4], letters[4:8], letters[8:]))
