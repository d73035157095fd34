"""パスキー (WebAuthn): a second factor that a device keeps, beside the password.

The question is sealed like a way to the provider: nothing is kept for whoever only opens the page, and it counts once.
The process checks the signature; the database checks password and counter, and decides.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.cose import COSEAlgorithmIdentifier

from takuso.barrier.credentials.accounts import Accounts, NotConfirmed, SignInRefused
from takuso.barrier.credentials.keys import keyed
from takuso.barrier.credentials.rounds import LASTS, seal, unseal
from takuso.barrier.signin import Proof, SignIns
from takuso.store.home import Home

ALGORITHMS: Final = (COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256)
_LONGEST: Final = 16 * 1024
_SHORTEST, _LONGEST_ID = 16, 1023
Answer = TypeVar("Answer")


class PasskeyRefused(Exception):
    """The device's answer does not count, or is not to a question of this page."""

    def __init__(self) -> None:
        super().__init__(
            "パスキーを登録できませんでした。もう一度はじめから試してください。同じ端末を二度、または6個以上は登録できません。"
        )


class LastSecondFactor(Exception):
    """Without it the person could not sign in any more."""

    def __init__(self) -> None:
        super().__init__("最後の1つは削除できません。先に認証アプリか、ほかのパスキーを登録してください。")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passkey is for: host name, and origin as a browser says it."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One of a person's own. `credential`: base64url, so that a device is not asked twice."""

    id: int
    since: datetime
    used: datetime | None
    credential: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """What a device signs: `token` comes back with the answer, `challenge` is its SHA-256."""

    token: str

    @property
    def challenge(self) -> bytes:
        """32 bytes."""
        return hashlib.sha256(self.token.encode()).digest()


class Passkeys:
    """Passkeys of people, and signing in with password and passkey."""

    def __init__(self, signins: SignIns) -> None:
        self._signins = signins
        self._accounts = Accounts(signins)

    @property
    def _home(self) -> Home:
        return self._signins.pools.home

    def question(self, proof: Proof | None) -> Question:
        """A fresh one, for ten minutes: for the sign-in that adds a passkey, or for whoever signs in."""
        session = proof.digest.hex() if proof else ""
        value = {"session": session, "expires": int(time.time()) + LASTS, "number": secrets.token_hex(16)}
        return Question(seal(self._home, "passkey", value))

    def handle(self, person: str) -> bytes:
        """How devices know a person: 32 bytes that say nothing."""
        return keyed(self._home, "handle", person.encode())

    def own(self, proof: Proof) -> tuple[Passkey, ...]:
        """The person's passkeys. Raises SignInNeeded."""
        rows: list[dict[str, Any]] = self._signins.call("SELECT wall.passkeys(%b)", [proof.secret])
        return tuple(
            Passkey(
                id=row["id"],
                since=datetime.fromisoformat(row["since"]),
                used=datetime.fromisoformat(row["used"]) if row["used"] else None,
                credential=bytes.fromhex(row["credential"]),
            )
            for row in rows
        )

    def add(
        self, proof: Proof, password: str, token: str, answer: str, place: Place, *, terminal: str | None
    ) -> tuple[str, ...]:
        """Add a device's key; returns recovery codes if these are the first. Raises PasskeyRefused, NotConfirmed,
        SignInNeeded."""
        confirmation = self._accounts.confirmation(proof, password)
        expires = self._expires(token, proof)
        if expires is None:
            raise PasskeyRefused
        found = _checked(
            lambda given: verify_registration_response(
                credential=given,
                expected_challenge=Question(token).challenge,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                require_user_verification=True,
                supported_pub_key_algs=list(ALGORITHMS),
            ),
            answer,
        )
        if found is None or not _SHORTEST <= len(found.credential_id) <= _LONGEST_ID:
            raise PasskeyRefused
        codes, hashes = self._accounts.recovery(proof)
        said = self._signins.call(
            "SELECT wall.add_passkey(%b, %b, %b, %s::timestamptz, %b, %b, %s::bigint, %s::bytea[], %s::text)",
            [proof.secret, confirmation, token.encode(), expires, found.credential_id, found.credential_public_key,
             found.sign_count, hashes, terminal],
        )  # fmt: skip
        if said == "not-confirmed":
            raise NotConfirmed
        if said == "refused":
            raise PasskeyRefused
        return codes if said == "added-codes" else ()

    def remove(self, proof: Proof, password: str, number: int, *, terminal: str | None) -> bool:
        """Remove one of one's own; the other sign-ins end. False if there is no such one. Raises NotConfirmed,
        LastSecondFactor, SignInNeeded."""
        said = self._signins.call(
            "SELECT wall.remove_passkey(%b, %b, %s::bigint, %s::text)",
            [proof.secret, self._accounts.confirmation(proof, password), number, terminal],
        )
        if said == "not-confirmed":
            raise NotConfirmed
        if said == "last":
            raise LastSecondFactor
        return bool(said == "removed")

    def sign_in(
        self, person: str, password: str, token: str, answer: str, place: Place, *, terminal: str | None
    ) -> Proof:
        """Password and passkey in one. The same work is done for whoever is not there. Raises SignInRefused."""
        derived = self._accounts.derived(person, password)
        expires = self._expires(token, None)
        credential = _credential(answer)
        count = self._counted(person, credential, token, answer, place) if expires else None
        proof = Proof.new()
        done = self._signins.call(
            "SELECT wall.sign_in_by_passkey(%s::text, %b, %b, %b, %s::bigint, %b, %s::timestamptz, %b, %s::text)",
            [person, keyed(self._home, "claimed", person.encode("utf-8", "replace")), derived,
             None if count is None else credential, count, token.encode("utf-8", "replace"),
             expires or datetime.fromtimestamp(0, UTC), proof.digest, terminal],
        )  # fmt: skip
        if not done:
            raise SignInRefused
        return proof

    def _counted(self, person: str, credential: bytes, token: str, answer: str, place: Place) -> int | None:
        """The device's counter under a right signature; None for a wrong one, and for a device of nobody."""
        key = self._signins.call("SELECT wall.passkey_material(%s::text, %b)", [person, credential])
        if key is None:
            return None
        found = _checked(
            lambda given: verify_authentication_response(
                credential=given,
                expected_challenge=Question(token).challenge,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                credential_public_key=bytes(key),
                # The database compares: two at once must not both find the former one.
                credential_current_sign_count=0,
                require_user_verification=True,
            ),
            answer,
        )
        return found.new_sign_count if found else None

    def _expires(self, token: str, proof: Proof | None) -> datetime | None:
        """Until when the question counts; None if it is not one of ours for this sign-in."""
        asked = unseal(self._home, "passkey", token)
        if asked is None or asked["session"] != (proof.digest.hex() if proof else ""):
            return None
        return datetime.fromtimestamp(asked["expires"], UTC)


def _checked(check: Callable[[str], Answer], answer: str) -> Answer | None:
    """What the library makes of a device's answer; None for whatever it does not take."""
    if len(answer) > _LONGEST:
        return None
    try:
        return check(answer)
    except Exception:  # noqa: BLE001 - CBOR, ASN.1 and JSON of a stranger: each of its decoders has errors of its own
        return None


def _credential(answer: str) -> bytes:
    """The identifier that an answer names; empty if it names none."""
    try:
        given = json.loads(answer[:_LONGEST])
        return base64url_to_bytes(given["rawId"])[:_LONGEST_ID]
    except (ValueError, KeyError, TypeError, RecursionError, UnicodeError):
        return b""
