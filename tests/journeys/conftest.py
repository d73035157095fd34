"""A running office and a real browser in front of it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.sync_api import Browser, Page

from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.doors.web.language import COOKIE as LANGUAGE
from takuso.doors.web.office import COOKIE
from takuso.doors.web.wsgi import application
from takuso.store.home import Home

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080)}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """The office logs by itself."""


@pytest.fixture(scope="session")
def address(gate: Gate, signins: SignIns, home: Home) -> Iterator[str]:
    """Where the office listens."""
    serve: Any = application(gate, signins, home)
    with make_server("127.0.0.1", 0, serve, server_class=_Server, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def sit(browser: Browser, address: str, signins: SignIns) -> Iterator[Callable[..., Page]]:
    """A page of a signed-in person (None: of nobody) at a screen size."""
    contexts = []

    def open_page(
        person: str | None, size: str = "1366x768", *, javascript: bool = True, language: str = "ja", **cookies: str
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            locale="ja-JP",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        if person is not None:
            cookie = signins.by_demo(person).cookie
            context.add_cookies(
                [{"name": COOKIE, "value": cookie, "url": address, "httpOnly": True, "sameSite": "Strict"}]
            )
        chosen = {LANGUAGE: language, **{f"takuso_{name}": value for name, value in cookies.items()}}
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in chosen.items()])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
