"""パスワード: what is taken as one, and the key derived from it (NIST SP 800-63B: long, not common, no recipes)."""

import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from argon2.low_level import Type, hash_secret_raw

SHORTEST: Final = 12
LONGEST: Final = 128
SALT_BYTES: Final = 16
_COMMON: Final = Path(__file__).parent / "common_passwords.txt"
_RECIPE: Final = re.compile(r"argon2id t=([1-9][0-9]?) m=([1-9][0-9]{0,6}) p=([1-9])")
_ROWS: Final = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "あいうえお")
_FEWEST: Final = 5
"""Different characters that a password has at least."""


class PasswordRefused(Exception):
    """Not taken as a password; the message names the rule and what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Parameters of argon2id: passes, KiB of memory, lanes. About 60 ms of one core."""

    passes: int = 3
    memory: int = 32 * 1024
    lanes: int = 1

    @classmethod
    def parse(cls, text: str) -> "Recipe":
        """From `argon2id t=3 m=32768 p=1`. Raises ValueError."""
        found = _RECIPE.fullmatch(text)
        if found is None:
            raise ValueError("not a recipe of argon2id")
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"argon2id t={self.passes} m={self.memory} p={self.lanes}"


@dataclass(frozen=True, slots=True)
class Derivation:
    """Salt and recipe: how the key of one person is derived."""

    salt: bytes
    recipe: Recipe = field(default_factory=Recipe)

    @classmethod
    def new(cls) -> "Derivation":
        """A fresh salt and the recipe of today."""
        return cls(secrets.token_bytes(SALT_BYTES))

    def key(self, password: str) -> bytes:
        """32 bytes. The password counts as its NFKC form, so that it can be typed on another keyboard."""
        return hash_secret_raw(
            secret=normal(password)[:LONGEST].encode("utf-8", "replace"),
            salt=self.salt,
            time_cost=self.recipe.passes,
            memory_cost=self.recipe.memory,
            parallelism=self.recipe.lanes,
            hash_len=32,
            type=Type.ID,
        )


def normal(password: str) -> str:
    """Its NFKC form."""
    return unicodedata.normalize("NFKC", password)


def must_be_good(password: str, *about: str) -> None:
    """Raise PasswordRefused unless it may be taken. `about`: the person's code and name, which it must not be."""
    text = normal(password)
    if len(text) < SHORTEST:
        raise PasswordRefused("12文字以上にしてください。いくつかの言葉を並べると、長くても覚えやすくなります。")
    if len(text) > LONGEST:
        raise PasswordRefused("128文字以内にしてください。")
    bare = _bare(text)
    if any(_bare(word) and bare in (_bare(word) * n for n in range(1, 5)) for word in about) or _is_about(bare, about):
        raise PasswordRefused("利用者コードや氏名から作ったものは使えません。それらと関わりのない言葉にしてください。")
    if text.casefold() in _common() or len(set(bare)) < _FEWEST or _is_row(bare):
        raise PasswordRefused("よく使われるもの・同じ文字や並びの繰り返しは使えません。ほかの言葉にしてください。")


def _is_about(bare: str, about: tuple[str, ...]) -> bool:
    """Whether nothing but digits stands beside the person's code or name."""
    return any(
        len(word) >= 3 and word in bare and re.fullmatch(r"[0-9]*", bare.replace(word, "")) is not None
        for word in map(_bare, about)
    )


def _is_row(bare: str) -> bool:
    """A run along the keyboard or the alphabet, either way, however often."""
    return any(bare in row * 12 or bare in row[::-1] * 12 for row in _ROWS)


def _bare(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return "".join(c for c in normal(text).casefold() if c.isalnum())


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split("\n"))
