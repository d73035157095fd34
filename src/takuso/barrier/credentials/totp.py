"""認証アプリ (RFC 6238) and 回復コード: the second factor beside a password."""

import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from takuso.barrier.credentials.keys import keyed, subkey
from takuso.barrier.credentials.passwords import normal
from takuso.store.home import Home

DIGITS: Final = 6
PERIOD: Final = 30
RECOVERY_CODES: Final = 10
_DRIFT: Final = (-1, 0, 1)
"""Steps of the clock that a telephone may be off."""
_NONCE: Final = 12
_ISSUER: Final = "託送"
# Without letters that look alike on paper.
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUPS, _IN_GROUP = 4, 4


class Unreadable(Exception):
    """A sealed secret was not made with this home's key, or not for this person."""


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """What the authenticator app and the server share: base32 text of 160 bits. Never printed."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> "TotpSecret":
        """A fresh one."""
        return cls(pyotp.random_base32())

    @classmethod
    def unseal(cls, home: Home, person: str, sealed: bytes) -> "TotpSecret":
        """From what `seal` made. Raises Unreadable."""
        cipher = AESGCM(subkey(home, "totp"))
        try:
            return cls(cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], person.encode()).decode())
        except (InvalidTag, ValueError):
            raise Unreadable from None

    def seal(self, home: Home, person: str) -> bytes:
        """AES-256-GCM under a key outside the database, bound to the person's code."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(subkey(home, "totp")).encrypt(nonce, self.text.encode(), person.encode())

    def step_of(self, code: str, at: float | None = None) -> int | None:
        """The step of the clock that this code belongs to, near `at` (seconds since 1970; now); None if it is none."""
        now = int((time.time() if at is None else at) // PERIOD)
        generator = pyotp.TOTP(self.text, digits=DIGITS, interval=PERIOD)
        given = code.encode("utf-8", "replace")
        fits = [
            step
            for step in (now + d for d in _DRIFT)
            if hmac.compare_digest(generator.generate_otp(step).encode(), given)
        ]
        return fits[0] if fits else None

    @property
    def grouped(self) -> str:
        """In groups of four, for typing."""
        return " ".join(self.text[n : n + 4] for n in range(0, len(self.text), 4))

    def qr(self, person: str) -> str:
        """The address an app reads, as an SVG picture without size: the page decides."""
        uri = pyotp.TOTP(self.text, digits=DIGITS, interval=PERIOD).provisioning_uri(name=person, issuer_name=_ISSUER)
        return segno.make(uri, error="m").svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr")


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 79 random bits each, in groups of four."""
    return tuple(
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_IN_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    )


def recovery_hash(home: Home, person: str, code: str) -> bytes:
    """What the database has of a recovery code, however it was typed."""
    return keyed(home, "recovery", f"{person}:{typed(code)}".encode("utf-8", "replace"))


def typed(code: str) -> str:
    """A code as typed, without spaces and hyphens, in capitals."""
    return "".join(c for c in normal(code).upper() if c.isalnum())
