"""The key of this home that never enters the database: without it a copy of the database gives nothing to guess at."""

import hmac
from typing import Final, Literal

from takuso.store.home import Home, new_secret

SECRET: Final = "signin_key"  # noqa: S105 - a name
"""Its name among the secrets of the home."""
Use = Literal["password", "totp", "recovery", "claimed", "salt", "handle", "external", "client", "token"]


def ensure_key(home: Home) -> None:
    """Make the key of a home that has none; deployment does this, before anybody can enrol. Raises CorruptHome."""
    if not home.has_secret(SECRET):
        home.write_secret(SECRET, new_secret())


def subkey(home: Home, use: Use) -> bytes:
    """32 bytes for one use. Raises CorruptHome."""
    return hmac.digest(bytes.fromhex(home.secret(SECRET)), use.encode(), "sha256")


def keyed(home: Home, use: Use, value: bytes) -> bytes:
    """HMAC-SHA-256 of a value under the key for one use. Raises CorruptHome."""
    return hmac.digest(subkey(home, use), value, "sha256")
