"""The company's provider: what it may say, and each thing it may not; every guard of a token by itself."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.idp import (
    CLIENT,
    EC_KEY,
    OTHER_KEY,
    RSA_KEY,
    SECRET,
    Idp,
    answer,
    drips,
    floods,
    public,
    running,
    signed,
    unprotected,
)

from takuso.barrier.credentials import provider as real
from takuso.barrier.credentials.fetching import Limits, Unreachable, fetch, is_safe
from takuso.barrier.credentials.provider import Asked, Provider, TokenRefused, WrongProvider, provider_settings
from takuso.barrier.credentials.rounds import Round
from takuso.store.home import Home

Claims = dict[str, Any]
LIMITS = Limits(seconds=0.6, size=64 * 1024, silence=0.0)
BACK = "http://127.0.0.1:8000/login/company/callback"
SMALL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - it must not count
P384_KEY = ec.generate_private_key(ec.SECP384R1())


@pytest.fixture
def idp() -> Iterator[Idp]:
    with running() as made:
        yield made


def asked() -> Asked:
    return Round.new(BACK, session="", links=False).asked


def comes_back(idp: Idp, provider: Any) -> str:
    """There and back."""
    mine = asked()
    return str(provider.subject(idp.grant(provider.address(mine))["code"], mine))


def test_there_and_back(idp: Idp) -> None:
    assert comes_back(idp, Provider(idp.settings, limits=LIMITS)) == "subject-1"
    idp.sign = lambda claims: signed(claims, EC_KEY, "ES256", "two")
    assert comes_back(idp, Provider(idp.settings, limits=LIMITS)) == "subject-1"


def test_the_address_has_all_that_is_asked(idp: Idp) -> None:
    mine, provider = asked(), Provider(idp.settings, limits=LIMITS)
    address = provider.address(mine)
    assert address.startswith(f"{idp.issuer}/authorize?")
    for part in ("response_type=code", "scope=openid", "code_challenge_method=S256", f"state={mine.state}"):
        assert part in address
    assert mine.verifier not in address
    assert SECRET not in address


def test_the_secret_goes_by_form_where_the_provider_wants_it(idp: Idp) -> None:
    idp.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert comes_back(idp, Provider(idp.settings, limits=LIMITS)) == "subject-1"
    assert set(idp.headers) == {""}


def _by_public_key(claims: Claims) -> str:
    """HS256 with the public key as its secret."""
    pem = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = unprotected({"alg": "HS256", "kid": "one"}, claims)[:-1]
    signature = hmac.digest(pem, text.encode(), hashlib.sha256)
    return unprotected({"alg": "HS256", "kid": "one"}, claims, signature)


# What is wrong with the token, and which guard is cut out of the module to let it through. None: no single cut of ours
# does, since the library refuses it as well.
CLAIMS: dict[str, tuple[Callable[[Claims], Claims], tuple[str, str]]] = {
    "of another issuer": (
        lambda c: c | {"iss": "https://evil.example"}, ("issuer=self.settings.issuer,", "")),
    "for another client": (
        lambda c: c | {"aud": "other"}, ('claims["aud"] in (self.settings.client, [self.settings.client])', "True")),
    "for another client too": (
        lambda c: c | {"aud": [CLIENT, "other"]}, ("return alone and", "return")),
    "issued to another client": (
        lambda c: c | {"azp": "other"},
        ('claims.get("azp", self.settings.client) == self.settings.client', "True")),
    "expired": (
        lambda c: c | {"exp": int(time.time()) - 31}, ("leeway=LEEWAY", "leeway=1000")),
    "of the future": (
        lambda c: c | {"iat": int(time.time()) + 90}, ("leeway=LEEWAY", "leeway=1000")),
    "from before it was asked for": (
        lambda c: c | {"iat": int(time.time()) - 120}, ("issued >= asked.began - LEEWAY", "True")),
    "with another nonce": (
        lambda c: c | {"nonce": "x" * 43}, ("return fits and", "return")),
    "without a nonce": (
        lambda c: {k: v for k, v in c.items() if k != "nonce"}, ("return fits and", "return")),
    "without an end": (
        lambda c: {k: v for k, v in c.items() if k != "exp"}, ('"exp", ', "")),
    "without a beginning": (
        lambda c: {k: v for k, v in c.items() if k != "iat"},
        ('_REQUIRED: Final = ["iss", "sub", "aud", "exp", "iat"]', "_REQUIRED: Final = []")),
    "about nobody": (
        lambda c: c | {"sub": ""}, ("0 < len(found)", "0 <= len(found)")),
    "about somebody with a long name": (
        lambda c: c | {"sub": "x" * 256}, ("<= _LONGEST_SUBJECT", "<= 1000")),
    "about a line break": (
        lambda c: c | {"sub": "a\nb"}, (" or not found.isprintable()", "")),
    "not as strong as asked": (
        lambda c: c | {"acr": "password"}, ("if self.settings.acr and", "if False and")),
    "without the second factor asked for": (
        lambda c: c | {"acr": "mfa", "amr": ["pwd"]}, ("return not self.settings.amr or", "return True or")),
}  # fmt: skip
_ALGORITHM = 'key if one.get("alg", _algorithm(key)) == _algorithm(key) else None'
SIGNATURES: dict[str, tuple[Callable[[Claims], str], tuple[str, str] | None]] = {
    "signed by nobody": (lambda c: unprotected({"alg": "none", "kid": "one"}, c), None),
    "signed by the public key": (_by_public_key, None),
    "signed by another key of the same name": (
        lambda c: signed(c, OTHER_KEY), ('"require": _REQUIRED', '"require": [], "verify_signature": False')),
    "signed by an unknown key": (lambda c: signed(c, OTHER_KEY, kid="three"), None),
    "signed by no named key": (lambda c: signed(c, kid=None), None),
    "signed by a way that is not asked for": (
        lambda c: signed(c, algorithm="RS512"), ('_algorithm(key) or ""', '"RS512"')),
    "signed by a key that enciphers": (
        lambda c: signed(c, OTHER_KEY, kid="enc"), (' or one.get("use", "sig") != "sig"', "")),
    "signed by a key for another way": (lambda c: signed(c, OTHER_KEY, kid="ps"), (_ALGORITHM, "key")),
    "signed by a short key": (
        lambda c: signed(c, SMALL_KEY, kid="small"), ("_SHORTEST_RSA: Final = 2048", "_SHORTEST_RSA: Final = 1024")),
    "signed by another curve": (
        lambda c: signed(c, P384_KEY, "ES384", "p384"),
        ('return "ES256" if key.key.curve.name == "secp256r1" else None', 'return "ES384"')),
    "no token at all": (lambda _: "x.y.z", None),
    "a token of one part": (lambda _: "あ", None),
}  # fmt: skip


def weakened(cut: tuple[str, str]) -> ModuleType:
    """The module without that guard."""
    text = Path(real.__file__).read_text(encoding="utf-8")
    assert text.count(cut[0]) == 1, f"no such guard any more, or more than one: {cut[0]}"
    made = ModuleType("weakened")
    exec(compile(text.replace(*cut), "weakened", "exec"), made.__dict__)  # noqa: S102 - our own text
    return made


def _strong(idp: Idp, made: ModuleType) -> Any:
    given = made.ProviderSettings(
        issuer=idp.issuer, client=CLIENT, secret=SECRET, acr=("mfa", "phr"), amr=("mfa", "hwk")
    )
    return made.Provider(given, limits=LIMITS)


def _honest(claims: Claims) -> Claims:
    return claims | {"acr": "mfa", "amr": ["mfa", "hwk", "pwd"]}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("what", CLAIMS)
def test_a_token_with_wrong_claims(idp: Idp, what: str) -> None:
    change, cut = CLAIMS[what]
    idp.claims = _honest
    assert comes_back(idp, _strong(idp, real)) == "subject-1"
    idp.claims = lambda claims: change(_honest(claims))
    with pytest.raises(TokenRefused):
        comes_back(idp, _strong(idp, real))
    try:
        comes_back(idp, _strong(idp, weakened(cut)))
    except (KeyError, TypeError):
        pass  # it got past the guard, to where nothing is caught
    except Exception as error:  # noqa: BLE001 - the weakened module's own TokenRefused is another class
        pytest.fail(f"another guard stops it as well: {type(error).__name__}")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("what", SIGNATURES)
def test_a_token_that_is_badly_signed(idp: Idp, what: str) -> None:
    sign, cut = SIGNATURES[what]
    idp.keys += [
        public(OTHER_KEY, "enc", use="enc"), public(OTHER_KEY, "ps", alg="PS256"), public(SMALL_KEY, "small"),
        public(P384_KEY, "p384"),
        {"kty": "oct", "kid": "three", "k": "AAAA"}, {"kty": "RSA", "kid": "bad", "n": 1}, "nonsense",  # type: ignore[list-item]
    ]  # fmt: skip
    assert comes_back(idp, Provider(idp.settings, limits=LIMITS)) == "subject-1"
    idp.sign = sign
    with pytest.raises(TokenRefused):
        comes_back(idp, Provider(idp.settings, limits=LIMITS))
    if cut is not None:
        assert comes_back(idp, weakened(cut).Provider(idp.settings, limits=LIMITS)) == "subject-1"


def test_a_new_key_is_fetched_but_not_at_every_call(idp: Idp, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider(idp.settings, limits=LIMITS)
    comes_back(idp, provider)
    comes_back(idp, provider)
    assert idp.asked.count("/jwks") == 1, "keys are kept"
    idp.keys = [public(OTHER_KEY, "three")]
    idp.sign = lambda claims: signed(claims, OTHER_KEY, kid="three")
    with pytest.raises(TokenRefused):
        comes_back(idp, provider)
    assert idp.asked.count("/jwks") == 1, "not twice in a minute"
    began = time.monotonic()
    monkeypatch.setattr(real.time, "monotonic", lambda: began + 61)
    assert comes_back(idp, provider) == "subject-1"
    idp.sign = signed
    with pytest.raises(TokenRefused):
        comes_back(idp, provider)
    assert idp.asked.count("/jwks") == 2
    monkeypatch.setattr(real.time, "monotonic", lambda: began + 7200)
    idp.keys = []
    idp.sign = lambda claims: signed(claims, OTHER_KEY, kid="three")
    with pytest.raises(TokenRefused):
        comes_back(idp, provider)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize(
    "does",
    [
        drips,
        floods,
        lambda h: answer(h, 500, {}),
        lambda h: answer(h, 200, []),
        lambda h: h.wfile.write(b"nonsense\r\n\r\n"),
        lambda h: h.connection.close(),
    ],
    ids=["drips", "floods", "500", "no object", "no http", "hangs up"],
)
def test_a_provider_in_trouble(idp: Idp, path: str, does: Callable[[Any], None]) -> None:
    idp.instead = {path: does}
    began = time.monotonic()
    with pytest.raises(Unreachable):
        comes_back(idp, Provider(idp.settings, limits=LIMITS))
    assert time.monotonic() - began < 3


def test_nobody_waits_twice(idp: Idp) -> None:
    idp.instead = {"/.well-known/openid-configuration": lambda h: answer(h, 200, [])}
    provider = Provider(idp.settings, limits=Limits(seconds=0.6, silence=60))
    for _ in range(3):
        with pytest.raises(Unreachable):
            provider.address(asked())
    assert len(idp.asked) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://a.example/'\"><x>"},
    ],
)
def test_a_document_that_leads_elsewhere(idp: Idp, document: dict[str, Any]) -> None:
    idp.document = document
    with pytest.raises(Unreachable):
        Provider(idp.settings, limits=LIMITS).address(asked())


def test_a_redirect_is_not_followed(idp: Idp) -> None:
    def elsewhere(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"{idp.issuer}/token")
        handler.end_headers()

    idp.instead = {"/there": elsewhere}
    with pytest.raises(Unreachable):
        fetch(f"{idp.issuer}/there", limits=LIMITS)
    assert idp.asked == ["/there"]


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example.co.jp/realms/x", True),
        ("http://127.0.0.1:8080/", True),
        ("http://id.example.co.jp/", False),
        ("https://user@id.example/", False),
        ("https://id.example/#x", False),
        ("https:///x", False),
        ("https://id.example:x/", False),
        ("https://id.example/a b", False),
        ("ftp://id.example/", False),
        ("", False),
    ],
)
def test_which_addresses_are_asked(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.declare("demo")
    made.write_secret("oidc_client", "s3cret\n")
    return made


FULL = {"TAKUSO_OIDC_ISSUER": "https://id.example/x", "TAKUSO_OIDC_CLIENT": "takuso", "TAKUSO_OIDC_ACR": "a b"}


def test_the_settings(home: Home) -> None:
    found = provider_settings(home, FULL)
    assert found is not None
    assert (found.issuer, found.client, found.secret, found.acr, found.amr) == (
        "https://id.example/x", "takuso", "s3cret", ("a", "b"), ())  # fmt: skip
    assert "s3cret" not in repr(found)
    assert provider_settings(home, {}) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"TAKUSO_OIDC_ISSUER": ""}, "TAKUSO_OIDC_ISSUER"),
        ({"TAKUSO_OIDC_ISSUER": "http://id.example"}, "TAKUSO_OIDC_ISSUER"),
        ({"TAKUSO_OIDC_ISSUER": "https://id.example/?x"}, "TAKUSO_OIDC_ISSUER"),
        ({"TAKUSO_OIDC_CLIENT": ""}, "TAKUSO_OIDC_CLIENT"),
        ({"TAKUSO_OIDC_NAME": "あ" * 41}, "TAKUSO_OIDC_NAME"),
    ],
)
def test_half_set_settings_are_named(home: Home, change: dict[str, str], named: str) -> None:
    with pytest.raises(WrongProvider, match=named):
        provider_settings(home, FULL | change)


def test_a_missing_secret_is_named(home: Home) -> None:
    (home.secrets / "oidc_client").unlink()
    with pytest.raises(WrongProvider, match="oidc_client"):
        provider_settings(home, FULL)


def test_what_stands_nowhere(idp: Idp) -> None:
    mine = asked()
    assert mine.verifier not in repr(mine)
    assert mine.nonce not in repr(mine)
    assert SECRET not in repr(idp.settings)
    assert json.dumps(idp.discovery())
