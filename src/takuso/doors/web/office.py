"""What the office is given by the program that starts it, and what each request brings along."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final, cast

from django.http import HttpRequest

from takuso.barrier.credentials.accounts import Accounts
from takuso.barrier.credentials.clients import ApiClients
from takuso.barrier.credentials.external import ExternalSignIn
from takuso.barrier.credentials.passkeys import Passkeys
from takuso.barrier.gate import Gate, SignInNeeded, Visit
from takuso.barrier.signin import Proof, SignIns
from takuso.barrier.viewer import Viewer
from takuso.doors.web.counters import Counters

COOKIE: Final = "takuso_session"
_OFFICE: Final = "takuso.office"
_RECEIPT: Final = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One running office. `ready` names what keeps it from serving, in words for the operator; empty = ready.

    `company` is the sign-in by the company's provider, None where none is set.
    `enforced`: hashes of the rules and of the catalogue that it began with. `folder` is the home's.
    """

    gate: Gate
    signins: SignIns
    accounts: Accounts
    passkeys: Passkeys
    clients: ApiClients
    demo: bool
    folder: Path
    https: bool
    ready: Callable[[], Sequence[str]]
    enforced: Callable[[], Mapping[str, str]]
    counters: Counters
    stamp: str
    company: ExternalSignIn | None = None

    def attach(self, environ: dict[str, object]) -> None:
        """Make this office the one that serves the request."""
        environ[_OFFICE] = self


def office(request: HttpRequest) -> Office:
    """The office that serves this request."""
    return cast("Office", request.META[_OFFICE])


def proof(request: HttpRequest) -> Proof | None:
    """The sign-in that the cookie claims; only the database knows whether it holds."""
    return Proof.from_cookie(request.COOKIES.get(COOKIE, ""))


def is_receipt(text: str) -> bool:
    """True if a page of this office may have had this 受付番号; only the database knows whether one did."""
    return _RECEIPT.fullmatch(text) is not None


def came_from(request: HttpRequest) -> str | None:
    """The receipt of the page this one was reached from, as the address or the form says; never the Referer."""
    given = request.POST.get("from") or request.GET.get("from") or ""
    return given if is_receipt(given) else None


def visit(request: HttpRequest, screen: str) -> Visit:
    """This request as the gate wants it; raises SignInNeeded without a cookie."""
    shown = signed_in(request)
    return Visit(proof=shown, screen=screen, came_from=came_from(request), terminal=terminal(request))


def terminal(request: HttpRequest) -> str | None:
    """The address a request comes from, for the records.

    Behind the proxy that speaks HTTPS it is the last one that this proxy names: anybody may have written the others.
    """
    other_end: str | None = request.META.get("REMOTE_ADDR")
    if not office(request).https:
        return other_end
    named = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(named))
    except ValueError:
        return other_end


def signed_in(request: HttpRequest) -> Proof:
    """The sign-in that the cookie claims; raises SignInNeeded without one."""
    shown = proof(request)
    if shown is None:
        raise SignInNeeded
    return shown


def viewer(request: HttpRequest) -> Viewer:
    """Who is signed in, for pages without customer data; raises SignInNeeded."""
    found = viewer_or_none(request)
    if found is None:
        raise SignInNeeded
    return found


def viewer_or_none(request: HttpRequest) -> Viewer | None:
    """Who is signed in, or None."""
    shown = proof(request)
    return None if shown is None else office(request).signins.who(shown)


def from_this_machine(request: HttpRequest) -> bool:
    """True if the other end is a loopback address and no proxy says that it speaks for someone else."""
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
