"""Values from a name: the same name gives the same digits and letters in every run."""

import hashlib


def digits(name: str, length: int) -> str:
    """Digits that begin with no zero, so that a number printed as one keeps them all."""
    text = str(_digest(name))[-length:]
    return ("7" if text[0] == "0" else text[0]) + text[1:]


def letters(name: str, alphabet: str, length: int) -> str:
    """Letters of an alphabet."""
    value, text = _digest(name), ""
    for _ in range(length):
        value, place = divmod(value, len(alphabet))
        text += alphabet[place]
    return text


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
