"""サインイン: the secret of a sign-in lives in the browser's cookie; the database has its hash and its appointment.

`authn` alone writes the hash. Nobody can be signed in from a setting, a request field or a database row.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg

from takuso.accesslog.tickets import LogUnavailable, SignInNeeded
from takuso.barrier.matrix import DataClass, Duty
from takuso.barrier.viewer import Viewer
from takuso.store.pools import Pools, StoreUnavailable

LOGIN: Final = "authn"
_LENGTH: Final = 32


class LinkRefused(Exception):
    """The one-time code is unknown, used or expired; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("このコードは使えません。管理者に新しいワンタイムリンクの発行を頼んでください。")


class UnknownPerson(Exception):
    """No such person with exactly one appointment now, or not a demo home."""

    def __init__(self) -> None:
        super().__init__("この利用者ではサインインできません。所属の発令を確かめてください。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """個人設定: `language` ja or en, `enter` submit or next, `density` (height of rows) close, middle or wide."""

    language: str = "ja"
    enter: str = "submit"
    density: str = "close"


class Proof:
    """The secret of one sign-in: 32 random bytes. Never printed, never stored by the server."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _LENGTH:
            raise ValueError("a proof has 32 bytes")
        self._secret = secret

    @classmethod
    def new(cls) -> "Proof":
        """A fresh one."""
        return cls(secrets.token_bytes(_LENGTH))

    @classmethod
    def from_cookie(cls, text: str | None) -> "Proof | None":
        """From the cookie's 43 base64url characters; None for anything else."""
        try:
            secret = base64.b64decode((text or "").encode("ascii") + b"=", altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        return cls(secret) if len(secret) == _LENGTH else None

    @property
    def cookie(self) -> str:
        """43 base64url characters."""
        return base64.urlsafe_b64encode(self._secret).decode().rstrip("=")

    @property
    def secret(self) -> bytes:
        """The bytes: for the gate and for `authn` only."""
        return self._secret

    @property
    def digest(self) -> bytes:
        """Its SHA-256: what the database has of it."""
        return _digest(self._secret)

    def __repr__(self) -> str:
        return "Proof(…)"


class SignIns:
    """Begin and end sign-ins."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    @property
    def pools(self) -> Pools:
        """The connections they are made with."""
        return self._pools

    def by_link(self, token: str, *, terminal: str | None = None, command: bool = False) -> Proof:
        """Use a one-time code once. `command`: for a command's own short sign-in. Raises LinkRefused."""
        proof = Proof.new()
        given = token.strip().encode("utf-8", "replace")
        means = "command" if command else "one-time-link"
        statement: LiteralString = "SELECT wall.sign_in_by_link(%b, %b, %s::text, %s::text)"
        if not self.call(statement, [given, proof.digest, terminal, means]):
            raise LinkRefused
        return proof

    def by_demo(self, person: str, *, terminal: str | None = None) -> Proof:
        """Sign in as a demo person; the database refuses it in any other kind of home. Raises UnknownPerson."""
        proof = Proof.new()
        self.call("SELECT wall.sign_in_demo(%s::text, %b, %s::text)", [person, proof.digest, terminal])
        return proof

    def issue_link(self, person: str, *, hours: int = 24) -> str:
        """A one-time code for a person, good for this many hours (at most 72). Raises UnknownPerson."""
        token = secrets.token_urlsafe(24)
        self.call("SELECT wall.issue_link(%s::text, %b, %s::int)", [person, _digest(token.encode()), hours])
        return token

    def reset(self, person: str, *, hours: int = 24) -> str:
        """A one-time code for a new beginning: nothing the person signed in with counts any more, and every sign-in of
        the person ends now. Raises UnknownPerson."""
        token = secrets.token_urlsafe(24)
        self.call("SELECT wall.reset_link(%s::text, %b, %s::int)", [person, _digest(token.encode()), hours])
        return token

    def beginning(self) -> tuple[str, tuple[str, ...]]:
        """`empty` while nobody is here; `waiting` and the administrators' codes while nobody has enrolled a way to sign
        in; else `settled`."""
        answer = self.call("SELECT wall.beginning()", [])
        return str(answer["state"]), tuple(answer["persons"])

    def watched(self) -> bool:
        """Whether somebody may read the log now, and approve what needs two persons."""
        return bool(self.call("SELECT wall.beginning()", [])["watched"])

    def end(self, proof: Proof) -> None:
        """Sign out."""
        self.call("SELECT wall.sign_out(%b)", [proof.secret])

    def who(self, proof: Proof) -> Viewer | None:
        """The person behind a valid sign-in, for headings; None without one."""
        answer = self.call("SELECT wall.who(%b)", [proof.secret])
        return Viewer.from_answer(answer) if answer else None

    def seen(self, duty: Duty) -> frozenset[DataClass]:
        """Classes that the duty sees of today's customers, by the rules in force."""
        return frozenset(map(DataClass, self.call("SELECT wall.seen(%s::text)", [duty.value])))

    def preference(self, proof: Proof) -> Preference | None:
        """The settings that the person of a valid sign-in keeps; None if there are none."""
        kept = self.call("SELECT wall.preference(%b)", [proof.secret])
        return Preference(language=kept[0], enter=kept[1], density=kept[2]) if kept else None

    def keep_preference(self, proof: Proof, wished: Preference) -> bool:
        """Keep the settings of the person of this sign-in; False without a valid one."""
        parameters: list[object] = [proof.secret, wished.language, wished.enter, wished.density]
        return bool(self.call("SELECT wall.keep_preference(%b, %s::text, %s::text, %s::text)", parameters))

    def call(self, statement: LiteralString, parameters: list[object]) -> Any:
        """The answer of one of the wall's functions, as `authn`. Raises UnknownPerson, SignInNeeded, LogUnavailable."""
        with _translated(), self._pools.pool(LOGIN).connection() as connection:
            row = connection.execute(statement, parameters).fetchone()
            return row[0] if row else None


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as error:
        raise LogUnavailable(str(error)) from None
    except psycopg.Error as error:
        if error.sqlstate == "TK404":
            raise UnknownPerson from None
        if error.sqlstate == "TK401":
            raise SignInNeeded from None
        raise LogUnavailable(f"SQLSTATE {error.sqlstate}") from None
