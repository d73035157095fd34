"""A screen copied by an author who forgot everything: it shows nothing, and the build is red for that reason."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import clear_url_caches, path

from takuso.doors.web.screens import PAGES
from takuso.doors.web.settings import configured
from takuso.main import program as whole_program
from takuso.proof.canary import World
from takuso.proof.desk import Desk, Site, Step, site
from takuso.proof.doors import door_faults
from takuso.proof.imports import import_faults
from takuso.proof.judge import leaks, shown
from takuso.proof.people import BY_CODE
from takuso.proof.scan import Scanner
from takuso.proof.walk import kinds_of, screens_of
from takuso.store.home import Home

CARELESS = '''
def copied(request, code):
    """お客さま情報Ⅱ, without sign-in, ticket, purpose, classes, outcome and headers."""
    pools = office(request).gate._pools
    body = ""
    for login in ("reader_network", "reader_retailer"):
        with pools.pool(login).connection() as connection:
            for query in PAGES["CI20"].queries:
                rows = connection.execute(query.sql, {"points": list(range(5000)), "today": "2026-01-01"}).fetchall()
                body += "".join(map(str, rows))
    return HttpResponse(f"<p>CI20 {body}</p>")
'''


@pytest.fixture
def careless(home: Home, server: str) -> Iterator[Site]:
    """An office with the copied screen mounted at an address of its own."""
    configured()
    from takuso.doors.api import urls
    from takuso.doors.web.office import office

    names = {
        "__name__": "careless",
        "office": office,
        "PAGES": PAGES,
        "HttpResponse": HttpResponse,
        "HttpRequest": HttpRequest,
    }
    exec(CARELESS, names)  # noqa: S102
    urls.urlpatterns.append(path("screens/copied/<str:code>", names["copied"]))
    clear_url_caches()
    try:
        with site(home, server, whole_program(), World()) as made:
            yield made
    finally:
        urls.urlpatterns.pop()
        clear_url_caches()


def test_it_shows_nothing_to_anybody(careless: Site) -> None:
    for person in ("proof-clerk", "proof-contact", None):
        desk = Desk(careless, BY_CODE[person] if person else None)
        for kind, code in kinds_of().items():
            seen = desk.take(Step(where="copied", method="GET", address=f"/screens/copied/{code}"), kind)
            assert seen.answer.status == 200
            assert b"<p>CI20 </p>" in seen.answer.body
            assert shown(seen, Scanner(careless.canaries.marks)) == set()
            assert list(leaks(seen, set(), careless.canaries, screens_of(careless))) == []


def test_the_build_is_red_because_nobody_declared_it(careless: Site) -> None:
    assert door_faults(careless.program) == [("address /screens/copied/<str:code>", "登録簿にない出入口です")]


def test_the_build_is_red_because_it_reaches_past_the_gate(careless: Site, tmp_path: Path) -> None:
    file = tmp_path / "doors" / "web" / "copied.py"
    file.parent.mkdir(parents=True)
    file.write_text(CARELESS, encoding="utf-8")
    found = import_faults(replace(careless.program, root=tmp_path))
    assert [what for _, what in found] == ["ほかの部品の内側（office(request).gate._pools）に手を入れています"]
