"""A browser without a screen: requests straight into the WSGI application, every byte of the answer kept."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlencode, urlsplit

from takuso.proof.program import Wsgi

_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
HERE: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: status, headers as sent, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8", "replace")

    @property
    def all_bytes(self) -> bytes:
        """Headers and body, as they are scanned; a cookie is the browser's own secret and no fact."""
        lines = [f"{key}: {value}" for key, value in self.headers if key.lower() != "set-cookie"]
        return "\n".join(lines).encode("utf-8", "replace") + b"\n\n" + self.body


@dataclass(slots=True)
class Browser:
    """One browser with its cookies. `token` is the CSRF token of the last page that carried one."""

    office: Wsgi
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, address: str) -> Answer:
        """GET."""
        return self.send("GET", address)

    def post(self, address: str, fields: Mapping[str, str], more: Mapping[str, str] | None = None) -> Answer:
        """POST a form, with the CSRF token of the last page."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token}).encode()
        return self.send("POST", address, body, "application/x-www-form-urlencoded", more)

    def send(
        self, method: str, address: str, body: bytes = b"", kind: str = "", more: Mapping[str, str] | None = None
    ) -> Answer:
        """Any request; `more` goes into the environ (HTTP_… headers). Redirects are not followed."""
        answer = _call(self.office, _environ(method, address, body, kind, self.cookies, more or {}))
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self._keep(value)
        if found := _TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def _keep(self, header: str) -> None:
        for name, morsel in SimpleCookie(header).items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def _environ(
    method: str, address: str, body: bytes, kind: str, cookies: Mapping[str, str], more: Mapping[str, str]
) -> dict[str, Any]:
    parts = urlsplit(address)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _path(parts.path),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": HERE,
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": f"{HERE}:8000",
        "REMOTE_ADDR": HERE,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if kind:
        environ["CONTENT_TYPE"] = kind
    if cookies:
        environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return environ | dict(more)


def _path(path: str) -> str:
    """As a server hands it over: bytes, percent undone, one character a byte (PEP 3333)."""
    return unquote_to_bytes(path).decode("latin-1")


def _call(office: Wsgi, environ: dict[str, Any]) -> Answer:
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        said.append((status, headers))

    chunks = office(environ, start)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = said[-1]
    return Answer(status=int(status.split()[0]), headers=tuple(headers), body=body)
