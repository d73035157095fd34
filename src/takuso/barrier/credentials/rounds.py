"""往復: what the browser keeps while it is at the company's provider: sealed, of ten minutes, and for one use.

Sealed with AES-256-GCM under the home's key: a browser can neither read nor change it, and what was sealed for one use
opens for no other.
"""

import base64
import binascii
import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from takuso.barrier.credentials.keys import subkey
from takuso.barrier.credentials.provider import Asked
from takuso.store.home import Home

LASTS: Final = 600
"""Seconds from beginning to end."""
_NONCE: Final = 12
_LONGEST: Final = 3000
Stage = Literal["round", "found", "passkey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One way to the provider and back. `session`: hash of the sign-in it was begun under, in hexadecimal, or empty;
    `links`: it adds an account to that person instead of signing in."""

    asked: Asked
    session: str
    links: bool

    @classmethod
    def new(cls, redirect: str, *, session: str, links: bool) -> "Round":
        """A fresh one, from now."""
        asked = Asked(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            redirect=redirect,
            began=int(time.time()),
        )
        return cls(asked=asked, session=session, links=links)

    @property
    def expires(self) -> int:
        """Seconds since 1970."""
        return self.asked.began + LASTS

    def seal(self, home: Home) -> str:
        """The cookie's text."""
        return seal(home, "round", asdict(self.asked) | {"session": self.session, "links": self.links})

    @classmethod
    def unseal(cls, home: Home, text: str) -> "Round | None":
        """From the cookie; None for anything that this home did not seal as one."""
        found = unseal(home, "round", text)
        if found is None:
            return None
        session, links = found.pop("session"), found.pop("links")
        return cls(asked=Asked(**found), session=session, links=links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An account that a person has signed in to at the provider, before he or she says that it is to be added."""

    issuer: str
    subject: str = field(repr=False)
    session: str
    expires: int

    def seal(self, home: Home) -> str:
        """The cookie's text."""
        return seal(home, "found", asdict(self))

    @classmethod
    def unseal(cls, home: Home, text: str, *, session: str) -> "Found | None":
        """From the cookie of the same sign-in, in its time; None for anything else."""
        found = unseal(home, "found", text)
        if found is None:
            return None
        made = cls(**found)
        return made if made.session == session and time.time() < made.expires else None


def seal(home: Home, stage: Stage, value: dict[str, Any]) -> str:
    """Text that only this home opens, and for this use alone."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(subkey(home, "external")).encrypt(nonce, json.dumps(value).encode(), stage.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(home: Home, stage: Stage, text: str) -> dict[str, Any] | None:
    """What `seal` was given; None for anything else."""
    if len(text) > _LONGEST:
        return None
    try:
        sealed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        plain = AESGCM(subkey(home, "external")).decrypt(sealed[:_NONCE], sealed[_NONCE:], stage.encode())
    except (UnicodeEncodeError, binascii.Error, InvalidTag, ValueError):
        return None
    value: dict[str, Any] = json.loads(plain)
    return value
