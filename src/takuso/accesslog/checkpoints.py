"""Signed states of the log's tree: their layout, the key of the home, and the last one kept outside the database."""

import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from takuso.accesslog import verify_log
from takuso.store.home import CorruptHome, Home, write_private

SECRET: Final = "log_key"  # noqa: S105 - a name
"""Its name among the secrets of the home: 32 bytes, hexadecimal."""


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
        "控え（バックアップ）から戻してください。作り直すと、証拠がつながりません。",
    )


def _key(home: Home) -> Ed25519PrivateKey:
    if not home.has_secret(SECRET):
        raise _lost(home)
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(home.secret(SECRET)))
    except ValueError:
        raise CorruptHome(
            f"{home.secrets / SECRET} が署名の鍵ではありません。",
            "控えから戻してください。作り直すと、証拠がつながりません。",
        ) from None


def public_key(home: Home) -> bytes:
    """32 bytes. Raises CorruptHome."""
    return _key(home).public_key().public_bytes_raw()


def sign(home: Home, text: str) -> bytes:
    """64 bytes. Raises CorruptHome."""
    return _key(home).sign(text.encode())


def checkpoint(
    home: Home, *, size: int, root: bytes, at: str, rules: str, catalogue: str, previous: str | None
) -> Signed:
    """Sign a state of the tree; `at` in UTC with microseconds, `previous` the body of the checkpoint before."""
    chained = verify_log.NOTHING if previous is None else verify_log.body_hash(previous)
    body = (
        f"takuso log checkpoint 1\nkey: {public_key(home).hex()}\nsize: {size}\nroot: {root.hex()}\ntime: {at}\n"
        f"rules: {rules}\ncatalogue: {catalogue}\nprevious: {chained}\n"
    )
    return Signed(body=body, signature=sign(home, body))


def keep(home: Home, signed: Signed) -> None:
    """Keep the last checkpoint in the home, where a restored database cannot take it back."""
    if home.checkpoint is not None:
        write_private(home.checkpoint, json.dumps(signed.document()) + "\n")


def kept(home: Home) -> Signed | None:
    """The last checkpoint this home knows. Raises CorruptHome for a file that is none or that its key did not sign."""
    file = home.checkpoint
    if file is None or not file.exists():
        return None
    try:
        one = verify_log.checkpoint(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        one = None
    # Signatures of this kind are always the same: to sign again is to verify.
    if one is None or sign(home, one.body) != one.signature:
        raise CorruptHome(
            f"{file} が、このホームの鍵で署名した控えではありません。",
            "だれが書き換えたかを調べ、控えから戻してください。",
        )
    return Signed(body=one.body, signature=one.signature)
