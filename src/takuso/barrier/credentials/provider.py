"""会社の ID 基盤: the company's OpenID provider, asked by the authorization code flow with PKCE.

OpenID Connect Core 1.0 §3.1, OpenID Connect Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (`iss` of the answer).
"""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from takuso.barrier.credentials.fetching import Limits, Unreachable, fetch, is_safe
from takuso.store import settings
from takuso.store.errors import StoreError
from takuso.store.home import Home

SECRET: Final = "oidc_client"  # noqa: S105 - a name
"""Name of the client's secret among the secrets of the home."""
LEEWAY: Final = 30
"""Seconds that the provider's clock may be off."""
_KEEP: Final = 3600.0
_AGAIN: Final = 60.0
"""Seconds: how long document and keys are kept, and how often an unknown key makes them be fetched before that."""
_SHORTEST_RSA: Final = 2048
_LONGEST_SUBJECT: Final = 255
_LONGEST_NAME: Final = 40
_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat"]


class TokenRefused(Exception):
    """The provider's answer does not sign anybody in here; why is not said."""


class WrongProvider(StoreError):
    """The settings of the provider are not whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """`issuer` as the provider names itself; `acr`: one of them must be; `amr`: all of them must be."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    name: str = ""
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one way to the provider was begun with; `began` in seconds since 1970."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect: str
    began: int


@dataclass(frozen=True, slots=True)
class _Document:
    authorization: str
    token: str
    keys: str
    by_post: bool
    names_itself: bool


def provider_settings(home: Home, environment: Mapping[str, str]) -> ProviderSettings | None:
    """From the environment and the home's secrets; None if none is set. Raises WrongProvider, CorruptHome."""
    given = {one.name: one.read(environment) for one in settings.OIDC}
    issuer, client = given[settings.OIDC_ISSUER.name], given[settings.OIDC_CLIENT.name]
    if issuer is None:
        left = [name for name, value in given.items() if value]
        if left:
            raise _wrong(f"{settings.OIDC_ISSUER.name} がないのに {left[0]} があります", "両方を書くか、両方を除いて")
        return None
    if not is_safe(issuer) or urlsplit(issuer).query:
        raise _wrong(f"{settings.OIDC_ISSUER.name} が https のアドレスではありません", "基盤が名乗るとおりに書いて")
    if client is None:
        raise _wrong(f"{settings.OIDC_CLIENT.name} がありません", "基盤に登録したクライアントの ID を書いて")
    name = given[settings.OIDC_NAME.name] or ""
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise _wrong(f"{settings.OIDC_NAME.name} が長すぎるか、改行を含みます", f"{_LONGEST_NAME} 文字までにして")
    if not home.has_secret(SECRET):
        raise _wrong(f"クライアントの秘密（{home.secrets / SECRET}）がありません", "権限 0600 のファイルに置いて")
    return ProviderSettings(
        issuer=issuer,
        client=client,
        secret=home.secret(SECRET),
        name=name,
        acr=tuple((given[settings.OIDC_ACR.name] or "").split()),
        amr=tuple((given[settings.OIDC_AMR.name] or "").split()),
    )


def _wrong(what: str, cure: str) -> WrongProvider:
    return WrongProvider(f"会社の ID 基盤の設定が足りません: {what}。\n対処: {cure}、起動し直してください。")


class Provider:
    """The provider of these settings. Its document and its keys are kept for an hour, by each process."""

    def __init__(self, given: ProviderSettings, *, limits: Limits | None = None) -> None:
        self.settings = given
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._document: tuple[float, _Document] | None = None
        self._keys: tuple[float, dict[str, jwt.PyJWK]] | None = None
        self._silent_until = 0.0

    def address(self, asked: Asked) -> str:
        """Where the browser goes to. Raises Unreachable."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).decode().rstrip("=")
        wish = {
            "response_type": "code",
            "client_id": self.settings.client,
            "redirect_uri": asked.redirect,
            "scope": "openid",
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if self.settings.acr:
            wish["acr_values"] = " ".join(self.settings.acr)
        place = self._found().authorization
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(wish, quote_via=quote)}"

    def answers_for(self, issuer: str | None) -> bool:
        """Whether an answer that names this issuer, or none, is this provider's (RFC 9207). Raises Unreachable."""
        if issuer is None:
            return not self._found().names_itself
        return issuer == self.settings.issuer

    def subject(self, code: str, asked: Asked) -> str:
        """The account that the code was given for. Raises TokenRefused, Unreachable."""
        document = self._found()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.redirect,
            "code_verifier": asked.verifier,
        }
        headers = {}
        if document.by_post:
            form |= {"client_id": self.settings.client, "client_secret": self.settings.secret}
        else:
            pair = f"{quote(self.settings.client, safe='')}:{quote(self.settings.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        status, answer = self._ask(document.token, form=form, headers=headers)
        if status >= 500:
            raise Unreachable
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise TokenRefused
        return self._verified(token, asked)

    def _verified(self, token: str, asked: Asked) -> str:
        """The subject of an ID token that all of §3.1.3.7 holds for. Raises TokenRefused, Unreachable."""
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key=key.key,
                # Of the key and not of the token: else a public key would count as the secret of HS256.
                algorithms=[_algorithm(key) or ""],
                issuer=self.settings.issuer,
                leeway=LEEWAY,
                # Whom it is for, _for_us says: the library would take a token that is for others as well.
                options={"require": _REQUIRED, "verify_aud": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise TokenRefused from None
        if not (self._for_us(claims) and _answers(claims, asked) and self._strong(claims)):
            raise TokenRefused
        return _subject(claims)

    def _for_us(self, claims: Mapping[str, Any]) -> bool:
        """Nobody else is named: neither beside this client, nor as the one that it was issued to."""
        alone = claims["aud"] in (self.settings.client, [self.settings.client])
        return alone and claims.get("azp", self.settings.client) == self.settings.client

    def _strong(self, claims: Mapping[str, Any]) -> bool:
        """As strong a sign-in as the settings ask for."""
        acr, amr = claims.get("acr"), claims.get("amr", [])
        if self.settings.acr and acr not in self.settings.acr:
            return False
        return not self.settings.amr or (isinstance(amr, list) and all(one in amr for one in self.settings.amr))

    def _ask(
        self, place: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One question; after one without an answer none is asked for a while, so that no thread waits in vain."""
        if time.monotonic() < self._silent_until:
            raise Unreachable
        try:
            return fetch(place, form=form, headers=headers, limits=self._limits)
        except Unreachable:
            self._silent_until = time.monotonic() + self._limits.silence
            raise

    def _found(self) -> _Document:
        with self._lock:
            if self._document is None or time.monotonic() > self._document[0] + _KEEP:
                self._document = (time.monotonic(), self._discovered())
            return self._document[1]

    def _discovered(self) -> _Document:
        place = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        status, told = self._ask(place)
        if status != 200 or told.get("issuer") != self.settings.issuer:
            raise Unreachable
        methods = told.get("token_endpoint_auth_methods_supported")
        return _Document(
            authorization=_place(told, "authorization_endpoint"),
            token=_place(told, "token_endpoint"),
            keys=_place(told, "jwks_uri"),
            by_post=isinstance(methods, list) and "client_secret_basic" not in methods,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        )

    def _key(self, name: object) -> jwt.PyJWK:
        """The key of that name; an unknown one makes the keys be fetched again, but not at every call."""
        if not isinstance(name, str):
            raise TokenRefused
        place = self._found().keys
        with self._lock:
            at, keys = self._keys or (-_KEEP, {})
            age = time.monotonic() - at
            if self._keys is None or age > _KEEP or (name not in keys and age > _AGAIN):
                keys = self._fetched(place)
                self._keys = (time.monotonic(), keys)
        if name not in keys:
            raise TokenRefused
        return keys[name]

    def _fetched(self, place: str) -> dict[str, jwt.PyJWK]:
        status, told = self._ask(place)
        listed = told.get("keys")
        if status != 200 or not isinstance(listed, list):
            raise Unreachable
        return {name: key for name, key in map(_read, listed) if key is not None}


def _place(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not is_safe(found):
        raise Unreachable
    return found


def _read(one: object) -> tuple[str, jwt.PyJWK | None]:
    """A key that may sign, with its name; what is for something else, or weak, does not count."""
    if not isinstance(one, dict) or not isinstance(one.get("kid"), str) or one.get("use", "sig") != "sig":
        return "", None
    if one.get("kty") not in ("RSA", "EC"):
        return "", None
    try:
        key = jwt.PyJWK({name: value for name, value in one.items() if name != "alg"})
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return "", None
    return one["kid"], key if one.get("alg", _algorithm(key)) == _algorithm(key) else None


def _algorithm(key: jwt.PyJWK) -> str | None:
    """The one way this key signs; None for a key that does not count."""
    if isinstance(key.key, RSAPublicKey):
        return "RS256" if key.key.key_size >= _SHORTEST_RSA else None
    if isinstance(key.key, EllipticCurvePublicKey):
        return "ES256" if key.key.curve.name == "secp256r1" else None
    return None


def _answers(claims: Mapping[str, Any], asked: Asked) -> bool:
    """Made for this way to the provider, and after it was begun."""
    nonce, issued = claims.get("nonce"), claims["iat"]
    fits = isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), asked.nonce.encode())
    return fits and isinstance(issued, int | float) and issued >= asked.began - LEEWAY


def _subject(claims: Mapping[str, Any]) -> str:
    found = claims["sub"]
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_SUBJECT or not found.isprintable():
        raise TokenRefused
    return found
