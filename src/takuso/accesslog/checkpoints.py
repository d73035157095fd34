"""Signed states of the log's tree: their layout, the key of the home, and the last one kept outside the database."""

import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from takuso.accesslog import verify_log
from takuso.store.home import CorruptHome, Home, write_private

SECRET: Final = "log_key"  # noqa: S105 - a name
"""Its name among the secrets of the home: 32 bytes, hexadecimal."""
NEXT: Final = "log_key_next"
"""The one that is to follow it, while a change is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint: what is signed, and the signature (64 bytes)."""

    body: str
    signature: bytes

    @property
    def size(self) -> int:
        """How many records it covers. Raises ValueError if it is no checkpoint."""
        return self.read().size

    def read(self) -> verify_log.Checkpoint:
        """Its parts. Raises ValueError."""
        found = verify_log.checkpoint(self.document())
        if found is None:
            raise ValueError("not a checkpoint")
        return found

    def document(self) -> dict[str, Any]:
        """As it is written down."""
        return {"type": "checkpoint", "body": self.body, "signature": self.signature.hex()}


def ensure_key(home: Home) -> None:
    """Make the signing key of a home that has none; deployment does this. Raises CorruptHome if it had one."""
    if not home.has_secret(SECRET):
        if home.checkpoint is not None and home.checkpoint.exists():
            raise _lost(home)
        home.write_secret(SECRET, Ed25519PrivateKey.generate().private_bytes_raw().hex())


def _lost(home: Home) -> CorruptHome:
    return CorruptHome(
        f"閲覧記録の控えに署名する鍵 {home.secrets / SECRET} がありません。",
        "控え（バックアップ）から戻してください。どこにもなければ、takuso log key change --lost で、"
        "失われたことを記録に残して替えます。",
    )


def _key(home: Home, name: str = SECRET) -> Ed25519PrivateKey:
    if not home.has_secret(name):
        raise _lost(home)
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(home.secret(name)))
    except ValueError:
        raise CorruptHome(
            f"{home.secrets / name} が署名の鍵ではありません。",
            "控えから戻してください。作り直すと、証拠がつながりません。",
        ) from None


def _of(home: Home, public: bytes | None) -> Ed25519PrivateKey:
    """The home's key, or the one that is to follow it if that is the one with this public key. Raises CorruptHome."""
    if public is not None and home.has_secret(NEXT):
        follows = _key(home, NEXT)
        if follows.public_key().public_bytes_raw() == public:
            return follows
    return _key(home)


def public_key(home: Home, wanted: bytes | None = None) -> bytes:
    """32 bytes: the home's, or that of the one that is to follow if it is the `wanted` one. Raises CorruptHome."""
    return _of(home, wanted).public_key().public_bytes_raw()


def sign(home: Home, text: str, public: bytes | None = None) -> bytes:
    """64 bytes, by the home's key (or by the one that is to follow, where `public` names it). Raises CorruptHome."""
    return _of(home, public).sign(text.encode())


def signed_here(home: Home, one: Signed) -> bool:
    """Whether a key of this home signed it: the present one or the one that is to follow. Raises CorruptHome."""
    # Signatures of this kind are always the same: to sign again is to verify.
    try:
        return sign(home, one.body, one.read().key) == one.signature
    except ValueError:
        return False


def follower(home: Home) -> bytes:
    """The public key of the one that is to follow, made if there is none. Raises CorruptHome."""
    if not home.has_secret(NEXT):
        home.write_secret(NEXT, Ed25519PrivateKey.generate().private_bytes_raw().hex())
    return _key(home, NEXT).public_key().public_bytes_raw()


def promote(home: Home, newest: Signed | None) -> bool:
    """Once the database's newest checkpoint is signed by the key that is to follow, that is the home's key.

    What a killed change left undone is done so; the former key is written over. Raises CorruptHome.
    """
    if newest is None or not home.has_secret(NEXT):
        return False
    public = _key(home, NEXT).public_key().public_bytes_raw()
    try:
        if newest.read().key != public or sign(home, newest.body, public) != newest.signature:
            return False
    except ValueError:
        return False
    keep(home, newest)
    home.write_secret(SECRET, home.secret(NEXT))
    (home.secrets / NEXT).unlink()
    return True


def checkpoint(
    home: Home,
    *,
    size: int,
    root: bytes,
    at: str,
    rules: str,
    catalogue: str,
    previous: str | None,
    public: bytes | None = None,
) -> Signed:
    """Sign a state of the tree; `at` in UTC with microseconds, `previous` the body of the checkpoint before.

    `public`: see `sign`. Raises CorruptHome.
    """
    chained = verify_log.NOTHING if previous is None else verify_log.body_hash(previous)
    key = public or public_key(home)
    body = (
        f"takuso log checkpoint 1\nkey: {key.hex()}\nsize: {size}\nroot: {root.hex()}\ntime: {at}\n"
        f"rules: {rules}\ncatalogue: {catalogue}\nprevious: {chained}\n"
    )
    return Signed(body=body, signature=sign(home, body, key))


def keep(home: Home, signed: Signed) -> None:
    """Keep the last checkpoint in the home, where a restored database cannot take it back."""
    if home.checkpoint is not None:
        write_private(home.checkpoint, json.dumps(signed.document()) + "\n")


def kept(home: Home) -> Signed | None:
    """The last checkpoint this home knows. Raises CorruptHome for a file that is none or that its key did not sign."""
    found = _read(home)
    if found is not None and not signed_here(home, found):
        raise _foreign(home)
    return found


def kept_without_key(home: Home) -> Signed | None:
    """The same where the key is lost: it must be signed by the key that it names. Raises CorruptHome."""
    found = _read(home)
    try:
        if found is not None:
            Ed25519PublicKey.from_public_bytes(found.read().key).verify(found.signature, found.body.encode())
    except (InvalidSignature, ValueError):
        raise _foreign(home) from None
    return found


def _read(home: Home) -> Signed | None:
    file = home.checkpoint
    if file is None or not file.exists():
        return None
    try:
        one = verify_log.checkpoint(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        one = None
    if one is None:
        raise _foreign(home)
    return Signed(body=one.body, signature=one.signature)


def _foreign(home: Home) -> CorruptHome:
    return CorruptHome(
        f"{home.checkpoint} が、このホームの鍵で署名した控えではありません。",
        "だれが書き換えたかを調べ、控えから戻してください。",
    )
