"""The office as a WSGI application."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, cast

from django.core.handlers.wsgi import WSGIHandler
from whitenoise import WhiteNoise

from takuso.barrier.credentials.accounts import Accounts
from takuso.barrier.credentials.clients import ApiClients
from takuso.barrier.credentials.external import ExternalSignIn
from takuso.barrier.credentials.passkeys import Passkeys
from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.doors.web.counters import Counters
from takuso.doors.web.office import Office
from takuso.doors.web.screens import PAGES
from takuso.doors.web.settings import configure

STATIC: Final = Path(__file__).parent / "static"
IDLE_SECONDS: Final = 10
"""How long the office waits for the next piece of a request's body before it answers 408."""
_A_YEAR: Final = 365 * 24 * 3600
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Installation(Protocol):
    """The home, of which the office asks its kind, and where surveys and their sources lie."""

    @property
    def kind(self) -> str:
        """demo, sandbox or production."""

    @property
    def path(self) -> Path:
        """The folder."""


def application(
    gate: Gate,
    signins: SignIns,
    home: Installation,
    *,
    ready: Callable[[], Sequence[str]] = lambda: (),
    enforced: Callable[[], Mapping[str, str]] = dict,
    hosts: Sequence[str] = (),
    https: bool = False,
    company: ExternalSignIn | None = None,
) -> Wsgi:
    """The office of this home; make it before the workers are forked, so that they count together.

    `ready` names what keeps the office from serving (empty = ready), `enforced` the hashes of the wall it began with.
    `hosts` are names beside 127.0.0.1 and
    localhost. `https`: a proxy in front speaks it and sets X-Forwarded-Proto; cookies are then marked secure.
    `company`: sign-in by the company's own provider, if there is one.
    """
    configure(hosts=hosts, https=https)
    serving = make_office(gate, signins, home, ready=ready, enforced=enforced, https=https, company=company)
    handler = WSGIHandler()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        serving.attach(environ)
        connection = environ.get("gunicorn.socket")
        if connection is not None:
            # Else whoever announces a body and never sends it holds a thread for good.
            connection.settimeout(IDLE_SECONDS)
        try:
            return handler(environ, start_response)
        except LookupError:
            # Django cannot even make a request of a Content-Type whose charset is a codec but none of text (base64);
            # what a view raises never comes here. Without a type the body is no form, and CSRF refuses it.
            environ["CONTENT_TYPE"] = ""
            return handler(environ, start_response)

    # Static addresses carry the hash of all static files, so a browser may keep them.
    return cast("Wsgi", WhiteNoise(serve, root=STATIC, prefix="static/", max_age=_A_YEAR))


def make_office(
    gate: Gate,
    signins: SignIns,
    home: Installation,
    *,
    ready: Callable[[], Sequence[str]],
    enforced: Callable[[], Mapping[str, str]] = dict,
    https: bool = False,
    company: ExternalSignIn | None = None,
) -> Office:
    """What every request of this office is served with."""
    return Office(
        gate=gate,
        signins=signins,
        accounts=Accounts(signins),
        passkeys=Passkeys(signins),
        clients=ApiClients(signins),
        demo=home.kind == "demo",
        folder=home.path,
        https=https,
        ready=ready,
        enforced=enforced,
        counters=Counters(PAGES),
        stamp=_stamp(),
        company=company,
    )


def _stamp() -> str:
    digest = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
