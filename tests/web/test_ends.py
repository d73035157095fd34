"""What ends while somebody works: the sign-in, the appointment, the day."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from takuso.accesslog.tickets import RequestId
from takuso.barrier.deployment import Loader
from takuso.barrier.signin import SignIns
from takuso.doors.web import customer as customer_view
from takuso.doors.web.office import COOKIE, visit
from takuso.store.home import Home
from tests.area import AOI, Customer
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
ENDED = "サインインが終了しました"


@pytest.fixture
def newcomer(home: Home, admin: str) -> Iterator[str]:
    """A clerk of 葵電力 who is in this test alone; the appointment is ended by `_end`."""
    with psycopg.connect(admin) as connection:
        row = connection.execute(
            "SELECT max(id) + 1 FROM (SELECT id FROM wall.person UNION ALL SELECT id FROM wall.appointment) taken"
        ).fetchone()
    assert row
    number = row[0]
    code = f"newcomer-{number}"
    with Loader(home) as loader:
        loader.load("wall.person", [{"id": number, "code": code, "name": f"{code} さん"}])
        loader.load(
            "wall.appointment",
            [{"id": number, "person": number, "employer": AOI, "principal": None, "duty": "retail.clerk"}
             | {"valid": "[2016-04-01 00:00+09,)"}],
        )  # fmt: skip
    yield code
    _end(admin, code)


def _end(admin: str, code: str) -> None:
    """The appointment ended a second ago."""
    with psycopg.connect(admin) as connection:
        connection.execute(
            "UPDATE wall.appointment a SET valid = tstzrange(lower(a.valid), clock_timestamp() - interval '1 second')"
            " FROM wall.person p WHERE p.id = a.person AND p.code = %s AND upper_inf(a.valid)",
            [code],
        )


def test_an_appointment_that_ended_a_second_ago(at_desk: Sit, newcomer: str, admin: str, own: Customer) -> None:
    desk = at_desk(newcomer)
    path = f"/screens/CI20?customer={own.code}"
    assert f"計印{own.points[0]}" in desk.text(path)
    _end(admin, newcomer)
    for asked in (path, "/screens/MN00", "/screens/KS10", "/purpose"):
        answer = desk.get(asked)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        assert answer.content == b""
    login = desk.text("/login")
    assert ENDED in login
    assert newcomer not in login, "who it was is not said any more"


def test_a_sign_in_that_ended_says_so_and_none_says_nothing(at_desk: Sit, signins: SignIns) -> None:
    desk = at_desk("aoi-clerk")
    assert ENDED not in desk.text("/login")
    kept = desk.browser.cookies[COOKIE].value
    desk.form("/logout", page="/screens/MN00")
    assert ENDED not in desk.text("/login"), "whoever signed out knows"
    desk.browser.cookies[COOKIE] = kept
    assert ENDED in desk.text("/login")
    assert ENDED not in at_desk(None).text("/login")


@pytest.mark.parametrize("kind", ["replayed", "other arguments", "of another day"])
def test_a_request_that_cannot_be_taken_again(
    at_desk: Sit, own: Customer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The gate refuses it; the page says to do it again and shows nothing of the customer or of the program."""
    request = RequestId.new()
    if kind == "of another day":
        request = replace(request, day=request.day - timedelta(days=2))
    monkeypatch.setattr(customer_view, "visit", lambda *given: replace(visit(*given), request=request))
    desk = at_desk("aoi-clerk")
    if kind != "of another day":
        assert desk.get(f"/screens/CI10?customer={own.code}").status_code == 200
    screen = "CI20" if kind == "other arguments" else "CI10"
    answer = desk.get(f"/screens/{screen}?customer={own.code}")
    body = answer.content.decode()
    assert answer.status_code == 503
    assert "もう一度操作してください" in body
    assert [text for text in ("Traceback", "TK4", "RequestConflict") if text in body] == []
    assert f"印{own.points[0]}" not in body
    assert own.code not in body
