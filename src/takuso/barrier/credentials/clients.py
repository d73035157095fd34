"""API の資格情報: a retailer's system signs in as one person, by a secret that only it has, for an hour at a time.

What it gets is a token, not the proof of the sign-in: the proof is derived from it with the key of this home, so that a
token opens nothing as a cookie, and a cookie nothing as a token.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from takuso.barrier.credentials.keys import keyed
from takuso.barrier.signin import Proof, SignIns

LIFETIME: Final = 3600
"""Seconds that a token is good for, as wall.sign_in_by_client has them."""
_BYTES: Final = 32
_LONGEST: Final = 200


class ClientRefused(Exception):
    """Unknown, ended or wrong, or its person has no appointment with a retailer now; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("この資格情報では認証できません。client_id と client_secret、利用者の発令を確かめてください。")


class NotOfRetailer(Exception):
    """The person works for no retailer now."""

    def __init__(self) -> None:
        super().__init__("API の資格情報は、小売電気事業者の利用者にだけ発行します。所属の発令を確かめてください。")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiClient:
    """A credential as it was issued; the secret is known at this moment only."""

    code: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveClient:
    """A credential that has not ended: its name, the code of its retailer, and when it was issued."""

    code: str
    company: str
    issued: datetime


class ApiClients:
    """Issue and end credentials, and sign in with one."""

    def __init__(self, signins: SignIns) -> None:
        self._signins = signins

    def issue(self, person: str) -> ApiClient:
        """A new credential for this person, beside those there are. Raises UnknownPerson, NotOfRetailer."""
        made = ApiClient(code=f"api-{secrets.token_hex(8)}", secret=secrets.token_urlsafe(_BYTES))
        if not self._signins.call(
            "SELECT wall.issue_client(%s::text, %s::text, %b)", [person, made.code, self._hash(made.secret)]
        ):
            raise NotOfRetailer
        return made

    def live(self, person: str) -> tuple[LiveClient, ...]:
        """Those of this person that have not ended, the newest first."""
        found = self._signins.call("SELECT wall.clients(%s::text)", [person])
        return tuple(
            LiveClient(code=one["code"], company=one["company"], issued=datetime.fromisoformat(one["issued"]))
            for one in found
        )

    def end(self, person: str, code: str | None = None) -> int:
        """End one credential of this person, or all, with every sign-in by it; how many. Raises UnknownPerson."""
        return int(self._signins.call("SELECT wall.end_clients(%s::text, %s::text)", [person, code]))

    def sign_in(self, code: str, secret: str, *, terminal: str | None) -> str:
        """A token of 43 base64url characters, good for LIFETIME seconds. Raises ClientRefused, LogUnavailable."""
        token = secrets.token_bytes(_BYTES)
        claimed = keyed(self._signins.pools.home, "claimed", code.encode("utf-8", "replace"))
        signed_in = self._signins.call(
            "SELECT wall.sign_in_by_client(%s::text, %b, %b, %b, %s::text)",
            [code[:_LONGEST], self._hash(secret[:_LONGEST]), claimed, self._proof(token).digest, terminal],
        )
        if not signed_in:
            raise ClientRefused
        return base64.urlsafe_b64encode(token).decode().rstrip("=")

    def proof(self, token: str) -> Proof | None:
        """The sign-in that a token claims; None for what no token looks like."""
        try:
            given = base64.b64decode(token.encode("ascii") + b"=", altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        return self._proof(given) if len(given) == _BYTES else None

    def _proof(self, token: bytes) -> Proof:
        return Proof(keyed(self._signins.pools.home, "token", token))

    def _hash(self, secret: str) -> bytes:
        return keyed(self._signins.pools.home, "client", secret.encode("utf-8", "replace"))
