"""トークン: client credentials (RFC 6749 section 4.4), from HTTP Basic or from the form, never from the address."""

import base64
import binascii
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from takuso.barrier.credentials.clients import LIFETIME, ClientRefused
from takuso.barrier.signin import Proof
from takuso.doors.api.answers import encoded, shown
from takuso.doors.web.frame import Answer
from takuso.doors.web.office import office, terminal


class Bearer(HttpBearer):
    """Authorization: Bearer. The token is that of POST /api/v1/token; cookies count for nothing here."""

    def authenticate(self, request: HttpRequest, token: str) -> Proof | None:
        """The sign-in that it claims; only the database knows whether it holds."""
        return office(request).clients.proof(token)


def token(request: HttpRequest) -> Answer:
    """`grant_type=client_credentials`; answers and errors of RFC 6749 section 5."""
    if request.GET:
        return _refused(400, "invalid_request", "資格情報をアドレスに書かないでください。")
    if request.POST.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type", "grant_type は client_credentials です。")
    given = _basic(request) or (request.POST.get("client_id", ""), request.POST.get("client_secret", ""))
    try:
        made = office(request).clients.sign_in(*given, terminal=terminal(request))
    except ClientRefused as error:
        return _refused(401, "invalid_client", str(error))
    body = {"access_token": made, "token_type": "Bearer", "expires_in": LIFETIME}
    return shown(encoded(body), outcome="form")


def _basic(request: HttpRequest) -> tuple[str, str] | None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return (name, secret) if "\x00" not in name + secret else ("", "")


def _refused(status: int, error: str, description: str) -> Answer:
    body: dict[str, Any] = {"error": error, "error_description": description}
    answer = shown(encoded(body), status=status, outcome="refused")
    if status == 401:
        answer["WWW-Authenticate"] = "Basic"
    return answer
