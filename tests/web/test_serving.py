"""Where the server listens, and how long it waits for a request that does not come."""

import io
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.doors.cli.answers import Code, Refused
from takuso.doors.cli.places import must_be_sheltered
from takuso.doors.web.settings import configure
from takuso.doors.web.wsgi import IDLE_SECONDS, application
from takuso.store.home import Home

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_this_machine_needs_no_proxy(host: str) -> None:
    must_be_sheltered(host, https=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "office.example", "127.0.0.1.example", ""])  # noqa: S104
def test_others_come_through_a_proxy_alone(host: str) -> None:
    must_be_sheltered(host, https=True)
    with pytest.raises(Refused, match="--https を付けて") as refused:
        must_be_sheltered(host, https=False)
    assert refused.value.code == Code.WRONG_USE


def test_the_command_refuses_before_anything_is_touched(home: Home) -> None:
    command = [sys.executable, "-m", "takuso.main", "serve", "--host", "0.0.0.0"]  # noqa: S104
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "代理サーバーを前段に置き" in done.stderr


def _post(kind: str, **more: Any) -> dict[str, Any]:
    """A form sent to the login, as a server hands it on."""
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/login", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": "1000", "CONTENT_TYPE": kind, "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(b"code=1"),
    } | more  # fmt: skip


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a connection."""
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def test_an_idle_connection_is_given_a_limit(
    gate: Gate, signins: SignIns, home: Home, pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office reads from a real connection on which the announced body never arrives."""
    monkeypatch.setattr("takuso.doors.web.wsgi.IDLE_SECONDS", 0.05)
    assert 0 < IDLE_SECONDS <= 30
    serve = application(gate, signins, home)
    near, _far = pair
    seen: list[str] = []
    with near.makefile("rb") as body:
        environ = _post(FORM, **{"wsgi.input": body, "gunicorn.socket": near})
        try:
            page = b"".join(serve(environ, lambda status, *_: seen.append(status)))
        finally:
            configure()
    assert seen[0].startswith("408")
    assert "送信が途中で止まりました" in page.decode()


@pytest.mark.parametrize(("query", "status"), [("", "400"), ("x=1", "403")])
@pytest.mark.parametrize("charset", ["base64", "rot13", "zlib"])
def test_a_charset_that_is_none_of_text_is_refused(
    gate: Gate, signins: SignIns, home: Home, charset: str, query: str, status: str
) -> None:
    serve = application(gate, signins, home)
    seen: list[str] = []
    try:
        b"".join(serve(_post(f"{FORM}; charset={charset}", QUERY_STRING=query), lambda said, *_: seen.append(said)))
    finally:
        configure()
    assert [said[:3] for said in seen] == [status]
