"""A small OpenID provider on this machine: its own keys, real requests, and every way to be wrong."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from takuso.barrier.credentials.provider import ProviderSettings

CLIENT, SECRET = "takuso", "ひみつ: secret/+&"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    """Its public half as a JWK."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **more}


def signed(claims: dict[str, Any], key: Any = RSA_KEY, algorithm: str = "RS256", kid: str | None = "one") -> str:
    """An ID token."""
    return jwt.encode(claims, key, algorithm, headers={"kid": kid} if kid else {})


def unprotected(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@dataclass
class Idp:
    """The provider. What it does can be changed between requests; `asked` are the paths that were asked for."""

    issuer: str
    subject: str = "subject-1"
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public(RSA_KEY, "one"), public(EC_KEY, "two")])
    claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    sign: Callable[[dict[str, Any]], str] = signed
    document: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    names_itself: bool = True

    @property
    def settings(self) -> ProviderSettings:
        """What an office is told of it."""
        return ProviderSettings(issuer=self.issuer, client=CLIENT, secret=SECRET, name="葵のアカウントで入る")

    def discovery(self) -> dict[str, Any]:
        """Its document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": True,
            **self.document,
        }

    def grant(self, address: str) -> dict[str, str]:
        """A person who signs in there: what the browser brings back."""
        wish = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = wish
        return {"code": code, "state": wish["state"]} | ({"iss": self.issuer} if self.names_itself else {})

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint, as strict as RFC 6749 and RFC 7636."""
        wish = self.codes.pop(form.get("code", ""), None)
        named = (
            authorization
            == "Basic "
            + base64.b64encode(f"{CLIENT}:{urlencode({'': SECRET})[1:].replace('+', '%20')}".encode()).decode()
        )
        if not named and form.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if wish is None or wish["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        if wish["code_challenge"] != challenge.decode().rstrip("=") or wish["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300,
                  "nonce": wish["nonce"]}  # fmt: skip
        return 200, {"id_token": self.sign(self.claims(claims)), "access_token": "x", "token_type": "Bearer"}


def _handler(idp: list[Idp]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._serve({name: values[0] for name, values in parse_qs(body).items()})

        def _serve(self, form: dict[str, str]) -> None:
            one, path = idp[0], urlsplit(self.path).path
            one.asked.append(path)
            one.headers.append(self.headers.get("Authorization", ""))
            if path in one.instead:
                one.instead[path](self)
            elif path == "/authorize":
                wish = parse_qs(urlsplit(self.path).query)
                self.send_response(302)
                self.send_header("Location", f"{wish['redirect_uri'][0]}?{urlencode(one.grant(self.path))}")
                self.end_headers()
            elif path == "/token":
                answer(self, *one.token(form, self.headers.get("Authorization", "")))
            elif path == "/jwks":
                answer(self, 200, {"keys": one.keys})
            else:
                answer(self, 200, one.discovery())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


def answer(handler: BaseHTTPRequestHandler, status: int, value: Any) -> None:
    """An answer in JSON."""
    body = json.dumps(value).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for longer than anybody waits."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)


def floods(handler: BaseHTTPRequestHandler) -> None:
    """More than anybody reads."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        for _ in range(200):
            handler.wfile.write(b"[" * 65536)


@contextmanager
def running(host: str = "127.0.0.1") -> Iterator[Idp]:
    """A provider that listens; `host` is the name it goes by."""
    made: list[Idp] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    server.daemon_threads = True
    made.append(Idp(issuer=f"http://{host}:{server.server_address[1]}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
