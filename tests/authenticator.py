"""A device that keeps a passkey: what it answers to the page's questions, right or wrong in one thing."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def text(value: bytes) -> str:
    """base64url."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Device:
    """One passkey. `host` and `origin` are what the browser says; `flags` what the device has done."""

    host: str = "localhost"
    origin: str = "http://localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def _data(self, more: bytes = b"", flags: int = 0) -> bytes:
        self.count += 1
        head = hashlib.sha256(self.host.encode()).digest() + bytes([self.flags | flags])
        return head + self.count.to_bytes(4, "big") + more

    def _client(self, kind: str, token: str) -> bytes:
        challenge = text(hashlib.sha256(token.encode()).digest())
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, **response: bytes) -> str:
        name = text(self.credential)
        told = {key: text(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {},
                           "response": told})  # fmt: skip

    def creates(self, token: str) -> str:
        """The answer that registers it."""
        numbers = self.key.public_key().public_numbers()
        cose: dict[int, Any] = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        data = self._data(attested, ATTESTED)
        return self._answer(
            clientDataJSON=self._client("webauthn.create", token),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def shows(self, token: str, kind: str = "webauthn.get") -> str:
        """The answer that signs in."""
        client, data = self._client(kind, token), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)
