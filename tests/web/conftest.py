"""The office over the real gate, and browsers without a screen."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponseBase

from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.doors.web.office import COOKIE, Office
from takuso.doors.web.settings import configure
from takuso.doors.web.wsgi import make_office
from takuso.flow.reception.turns import take_turns
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.area import Area, Customer


class Desk:
    """A person's browser: cookies, CSRF checks on, addresses of this machine."""

    def __init__(self, office: Office) -> None:
        from django.test import Client

        self.browser = Client(
            enforce_csrf_checks=True,
            raise_request_exception=False,
            SERVER_NAME="127.0.0.1",
            REMOTE_ADDR="127.0.0.1",
            **{"takuso.office": office},
        )

    def get(self, path: str, **extra: str) -> HttpResponseBase:
        return self.browser.get(path, **extra)

    def form(
        self, path: str, page: str = "/login", more: dict[str, str] | None = None, **values: str
    ) -> HttpResponseBase:
        """Post a form with the CSRF token of a page that carries one; `more` goes into the environ."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.text(page))
        assert token
        return self.browser.post(path, {**values, "csrfmiddlewaretoken": token[1]}, **(more or {}))

    def text(self, path: str) -> str:
        return self.browser.get(path).content.decode()

    def state(self, code: str, screen: str = "CI10", purpose: str = "TOI", reference: str = "TOI-1") -> None:
        """State a purpose for a customer."""
        to = f"/screens/{screen}?customer={code}"
        answer = self.form("/purpose", code=purpose, reference=reference, next=to)
        assert answer.status_code == 303, answer.content.decode()


def fixed(body: str, typed: str) -> str:
    """A page without what may vary: what was typed, CSRF token, receipts, time."""
    body = body.replace(typed, "TYPED")
    body = re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "CSRF", body)
    body = re.sub(r"[A-Za-z0-9_-]{32}", "RECEIPT", body)
    return re.sub(r"\d{2}:\d{2}:\d{2}", "TIME", body)


@pytest.fixture(scope="session")
def office(gate: Gate, signins: SignIns, home: Home) -> Office:
    """The office of the tests' home; ready."""
    configure()
    return make_office(gate, signins, home, ready=lambda: ())


@pytest.fixture
def at_desk(office: Office, signins: SignIns) -> Callable[[str | None], Desk]:
    """A browser, signed in as a person or, for None, not at all."""

    def sit(person: str | None) -> Desk:
        desk = Desk(office)
        if person is not None:
            desk.browser.cookies[COOKIE] = signins.by_demo(person).cookie
        return desk

    return sit


@pytest.fixture
def own(area: Area) -> Customer:
    """A customer of 葵電力."""
    return area.add("own")


@pytest.fixture
def turn(pools: Pools) -> Iterator[Callable[[], int]]:
    """Everything that is due at the reception, done at once; nothing waits before and after."""

    def take() -> int:
        with pools.pool("reception").connection() as connection:
            return sum(take_turns(connection, most=1000))

    take()
    yield take
    take()
