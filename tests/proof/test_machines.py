"""The walk by API finds what an API must not do: each guard of it, shown by breaking what it guards."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest

from takuso.barrier.gate import Sight
from takuso.barrier.signin import Proof
from takuso.doors.web import problems
from takuso.doors.web.office import COOKIE
from takuso.doors.web.settings import configured
from takuso.proof.canary import World
from takuso.proof.desk import Desk, Seen, Site, site
from takuso.proof.judge import Wrong
from takuso.proof.machines import ask_by_machine, cells, machine_faults
from takuso.proof.people import BY_CODE
from takuso.proof.program import Program
from takuso.proof.walk import kinds_of
from takuso.store.home import Home

configured()
PERSON = "proof-clerk"
KINDS = {kind: code for kind, code in kinds_of().items() if kind in ("own", "foreign", "absent")}


@pytest.fixture(scope="module")
def office_site(home: Home, server: str, program: Program) -> Iterator[Site]:
    """One office on a twin: asking changes nothing in it."""
    with site(home, server, program, World()) as made:
        yield made


def _asked(site: Site) -> list[Seen]:
    return list(ask_by_machine(Desk(site, BY_CODE[PERSON]), KINDS))


def _found(site: Site) -> list[Wrong]:
    return list(machine_faults(_asked(site), site))


def test_every_address_is_asked_and_nothing_is_found(office_site: Site) -> None:
    seen = _asked(office_site)
    assert list(machine_faults(seen, office_site)) == []
    reached = {(one.person, one.kind, one.step.where) for one in seen if one.answer.status != 401}
    wanted = set(cells(office_site, [BY_CODE[PERSON]], KINDS))
    assert wanted <= reached
    assert {one.answer.status for one in seen} >= {200, 401, 404}
    assert list(ask_by_machine(Desk(office_site, BY_CODE["proof-contact"]), KINDS)) == []


def _telling(sight: Sight) -> bytes:
    return problems.document(
        404, "not-found", "x", f"{len(sight.receipt)}{sight.at.microsecond}", receipt=sight.receipt
    )


def _by_cookie(self: Any, request: HttpRequest) -> Proof | None:
    return Proof.from_cookie(request.COOKIES.get(COOKIE))


@pytest.mark.parametrize(
    ("place", "other", "said"),
    [
        ("takuso.doors.api.customers.neutral", _telling, "ないものと違う答え"),
        ("takuso.doors.api.reception.neutral", _telling, "ないものと違う答え"),
        ("takuso.doors.api.tokens.Bearer.__call__", _by_cookie, "クッキーだけで状態"),
        ("takuso.proof.machines.expects", lambda *_: True, "見せてよいものに状態 404"),
        ("takuso.proof.machines.shows", lambda *_: False, "見えないものに状態 200"),
    ],
)
def test_what_is_broken_is_named(
    office_site: Site, monkeypatch: pytest.MonkeyPatch, place: str, other: Callable[..., Any], said: str
) -> None:
    monkeypatch.setattr(place, other)
    assert any(said in what for _, what in _found(office_site))
