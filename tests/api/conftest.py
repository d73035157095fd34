"""Retailers' systems: each with the credential of one person, over the office of the web tests."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponseBase

from takuso.barrier.credentials.clients import ApiClients
from takuso.barrier.signin import SignIns
from takuso.doors.web.office import Office
from tests.area import Area, Customer
from tests.web.conftest import at_desk, office, own, turn

__all__ = ["at_desk", "office", "own", "turn"]


class Machine:
    """A system that speaks HTTP: no cookies, a token in the header."""

    def __init__(self, office: Office, token: str | None) -> None:
        from django.test import Client

        self.token = token
        self._client = Client(
            enforce_csrf_checks=True,
            raise_request_exception=False,
            SERVER_NAME="127.0.0.1",
            REMOTE_ADDR="127.0.0.1",
            **{"takuso.office": office},
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"HTTP_AUTHORIZATION": f"Bearer {self.token}"}

    def get(self, path: str, **more: str) -> HttpResponseBase:
        return self._client.get(path, **{**self._headers, **more})

    def send(self, method: str, path: str) -> HttpResponseBase:
        return self._client.generic(method, path, **self._headers)

    def post(self, path: str, body: object, key: str | None = None, **more: str) -> HttpResponseBase:
        """JSON, or bytes as they are; `key` is the 冪等キー."""
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = {**self._headers, **more} | ({} if key is None else {"HTTP_IDEMPOTENCY_KEY": key})
        return self._client.post(path, data, content_type="application/json", **headers)

    def form(self, path: str, fields: dict[str, str], **more: str) -> HttpResponseBase:
        return self._client.post(path, fields, **more)

    def ok(self, path: str) -> dict[str, Any]:
        """The document of a GET that succeeds."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.content.decode()
        return document(answer)


def document(answer: HttpResponseBase) -> dict[str, Any]:
    """The JSON of an answer."""
    found: dict[str, Any] = json.loads(answer.content)
    return found


def problem(answer: HttpResponseBase, status: int) -> dict[str, Any]:
    """The problem document of an answer of this status."""
    assert answer.status_code == status, answer.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = document(answer)
    assert found["status"] == status
    assert found["type"] == f"urn:takuso:problem:{found['code']}"
    assert found["title"]
    assert found["detail"]
    return found


def without_receipt(answer: HttpResponseBase) -> str:
    """What may differ between two neutral answers, taken out."""
    return re.sub(r"[A-Za-z0-9_-]{32}", "RECEIPT", answer.content.decode())


@pytest.fixture
def clients(signins: SignIns) -> ApiClients:
    return ApiClients(signins)


@pytest.fixture
def machine(office: Office, clients: ApiClients) -> Iterator[Callable[[str | None], Machine]]:
    """A system with a token for this person, or without any; its credential is ended afterwards."""
    persons: set[str] = set()

    def make(person: str | None) -> Machine:
        if person is None:
            return Machine(office, None)
        persons.add(person)
        made = clients.issue(person)
        return Machine(office, clients.sign_in(made.code, made.secret, terminal="192.0.2.1"))

    yield make
    for person in persons:
        clients.end(person)


@pytest.fixture
def foreign(area: Area) -> Customer:
    """A customer of another retailer than 葵電力."""
    return area.add("foreign")
