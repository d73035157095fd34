"""Asking the company's identity provider: one question, one answer, within a time and a size.

No redirects are followed, no proxy of the environment is used, certificates are always checked, and nothing of an
answer ever stands in a message or a log.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_CHUNK: Final = 16 * 1024


class Unreachable(Exception):
    """The provider gave no answer, a late one, a huge one, or none that can be understood."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a whole answer may take, how many bytes it may have, and for how long nothing is asked after a failure
    (both in seconds)."""

    seconds: float = 5.0
    size: int = 256 * 1024
    silence: float = 10.0


def is_safe(address: str) -> bool:
    """True for https without user, password and fragment; http counts on this machine alone."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \"'<>\\`")
    known = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return plain and known and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment


def fetch(
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of the answer: a GET, or a POST of the form. Raises Unreachable."""
    if not is_safe(address):
        raise Unreachable
    within = limits or Limits()
    ends = time.monotonic() + within.seconds
    connection = _connection(address, within.seconds)
    # A socket's timeout is for each piece: whoever sends a byte a second would hold this thread for hours.
    watch = threading.Timer(within.seconds, _hang_up, [connection])
    watch.daemon = True
    watch.start()
    try:
        status, body = _exchange(connection, address, form, dict(headers or {}), within, ends)
    except (OSError, HTTPException, ValueError):
        raise Unreachable from None
    finally:
        watch.cancel()
        connection.close()
    return status, _object(body)


def _connection(address: str, seconds: float) -> HTTPConnection:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())
    return HTTPConnection(host, parts.port, timeout=seconds)


def _hang_up(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _exchange(
    connection: HTTPConnection,
    address: str,
    form: Mapping[str, str] | None,
    headers: dict[str, str],
    within: Limits,
    ends: float,
) -> tuple[int, bytes]:
    parts = urlsplit(address)
    place = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers |= {"Accept": "application/json", "Connection": "close"}
    if form is None:
        connection.request("GET", place, headers=headers)
    else:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST", place, body=urlencode(form).encode(), headers=headers)
    answer = connection.getresponse()
    body = b""
    while piece := answer.read1(_CHUNK):
        body += piece
        if len(body) > within.size or time.monotonic() > ends:
            raise Unreachable
    # Hung up by the watch, an answer without a length would look whole.
    if time.monotonic() > ends:
        raise Unreachable
    return answer.status, body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreachable from None
    if not isinstance(found, dict):
        raise Unreachable
    return found
