"""Around every request: the host, what the gate said no to, security headers, and one line in the service log."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from django.core.exceptions import DisallowedHost, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError

from takuso.barrier.gate import (
    ActionRefused,
    EnrolmentNeeded,
    GateClosed,
    LogUnavailable,
    PurposeNeeded,
    RequestConflict,
    SignInNeeded,
    UnknownScreen,
    WrongDoor,
)
from takuso.doors.web import failures, problems
from takuso.doors.web.counters import OTHER
from takuso.doors.web.frame import Answer
from takuso.doors.web.language import COOKIE as LANGUAGE
from takuso.doors.web.language import language_named, speaking
from takuso.doors.web.office import office
from takuso.doors.web.redirects import post_again, see_other
from takuso.doors.web.soundness import sound, sound_form

log: Final = structlog.get_logger("takuso.doors.web")

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Not no-referrer: with that, browsers send "Origin: null" with forms and every CSRF check would fail.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

REFUSALS: Final[Mapping[type[Exception], tuple[int, failures.Failure | None]]] = MappingProxyType(
    {
        UnknownScreen: (404, None),
        WrongDoor: (403, failures.WRONG_DOOR),
        GateClosed: (503, None),
        LogUnavailable: (503, None),
        RequestConflict: (503, failures.AGAIN),
    }
)
"""What the gate says no with: the status, and the page if it is not the one of that status."""

Handler = Callable[[HttpRequest], HttpResponse]


class Surroundings:
    """The outermost layer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve in the reader's language, then headers, count, log."""
        with speaking(language_named(request.COOKIES.get(LANGUAGE, ""))):
            return self._serve(request)

    def _serve(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        try:
            request.get_host()
        except DisallowedHost:
            response = failures.page(request, 400)
        else:
            response = self.get_response(request)
        if response.status_code == 405:
            response = _with_allow(failures.page(request, 405), response.get("Allow", ""))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        screen, outcome = _said(response)
        office(request).counters.add(screen, outcome)
        _log(request, response, outcome=outcome, seconds=time.monotonic() - began)
        return response

    def process_view(
        self,
        request: HttpRequest,
        _view: Callable[..., HttpResponse],
        _arguments: Sequence[Any],
        _named: Mapping[str, Any],
    ) -> HttpResponse | None:
        """Before anything reads them: address and form, refused as a whole for one value no database can hold."""
        if not sound(request.path):
            raise Http404
        try:
            good = sound_form(request)
        except UnreadablePostError:
            return failures.page(request, 408)
        return None if good else failures.page(request, 400, failures.UNSOUND)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to what a view raised; None leaves Django's own (404, refused) to its handlers."""
        match error:
            case SignInNeeded() if problems.for_machine(request):
                return problems.sign_in_needed()
            case EnrolmentNeeded() | PurposeNeeded() if problems.for_machine(request):
                return failures.page(request, 403)
            case SignInNeeded():
                return _outcome(see_other("/login"), "sign-in-needed")
            case EnrolmentNeeded():
                return _outcome(see_other("/account/credentials"), "enrolment-needed")
            case PurposeNeeded():
                # A form is handed on as one: what was searched for keeps out of addresses, and is not lost.
                get = request.method == "GET"
                to = f"/purpose?{urlencode({'next': request.get_full_path() if get else request.path})}"
                return _outcome(see_other(to) if get else post_again(to), "purpose-needed")
            case ActionRefused():
                return failures.not_of_duty(request, error.receipt)
            case UnreadablePostError():
                return failures.page(request, 408)
            case Http404() | PermissionDenied() | SuspiciousOperation():
                return None
        if type(error) in REFUSALS:
            status, failure = REFUSALS[type(error)]
            return failures.page(request, status, failure)
        _log_failure(request, error)
        return failures.page(request, 500)


def _outcome(response: HttpResponse, outcome: str) -> HttpResponse:
    response.takuso_outcome = outcome  # type: ignore[attr-defined]
    return response


def _said(response: HttpResponse) -> tuple[str, str]:
    if isinstance(response, Answer):
        return response.screen or OTHER, response.outcome
    if response.status_code in (303, 307):
        return OTHER, getattr(response, "takuso_outcome", "redirect")
    return OTHER, "error" if response.status_code >= 500 else "form"


def _log(request: HttpRequest, response: HttpResponse, *, outcome: str, seconds: float) -> None:
    # The route and not the path: a path may hold a one-time token, a query a customer's number.
    match = request.resolver_match
    log.info(
        "request",
        method=request.method,
        route=match.route if match else "",
        screen=_said(response)[0],
        status=response.status_code,
        outcome=outcome,
        milliseconds=round(seconds * 1000, 1),
    )


def _log_failure(request: HttpRequest, error: Exception) -> None:
    # The message of an unforeseen error may hold a customer's values: only its type and place are kept.
    frames = traceback.extract_tb(error.__traceback__)
    log.error(
        "unforeseen error",
        error=type(error).__name__,
        route=request.resolver_match.route if request.resolver_match else "",
        at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    )


def _with_allow(response: HttpResponse, allow: str) -> HttpResponse:
    response.headers["Allow"] = allow
    return response
