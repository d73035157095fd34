"""Who gets in: credentials of retailers' persons alone, a token that is no cookie, a cookie that is no token."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from takuso.barrier.credentials.clients import ApiClients, ClientRefused, NotOfRetailer
from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.doors.web.office import COOKIE
from tests.api.conftest import Machine, document, problem

Make = Callable[[str | None], Machine]
TOKEN, LIST = "/api/v1/token", "/api/v1/applications"
GRANT = {"grant_type": "client_credentials"}


def _basic(code: str, secret: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{code}:{secret}".encode()).decode()}


def test_a_token_for_basic_or_form_and_what_it_opens(machine: Make, clients: ApiClients) -> None:
    made = clients.issue("asahi-clerk")
    outside = machine(None)
    for more, fields in (
        (_basic(made.code, made.secret), GRANT),
        ({}, {**GRANT, "client_id": made.code, "client_secret": made.secret}),
    ):
        answer = outside.form(TOKEN, fields, **more)
        assert answer.status_code == 200, answer.content.decode()
        found = document(answer)
        assert (found["token_type"], found["expires_in"]) == ("Bearer", 3600)
        assert outside.get(LIST, HTTP_AUTHORIZATION=f"Bearer {found['access_token']}").status_code == 200
        assert made.secret not in answer.content.decode()
    clients.end("asahi-clerk")


@pytest.mark.parametrize(
    ("fields", "more", "status", "error"),
    [
        ({}, {}, 400, "unsupported_grant_type"),
        ({"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        (GRANT, {}, 401, "invalid_client"),
        ({**GRANT, "client_id": "api-0000000000000000", "client_secret": "x"}, {}, 401, "invalid_client"),
        (GRANT, {"HTTP_AUTHORIZATION": "Basic !"}, 401, "invalid_client"),
        (GRANT, _basic("a\x00b", "c"), 401, "invalid_client"),
        (GRANT, {"QUERY_STRING": "client_secret=x"}, 400, "invalid_request"),
    ],
)
def test_no_token(machine: Make, fields: dict[str, str], more: dict[str, str], status: int, error: str) -> None:
    answer = machine(None).form(TOKEN, fields, **more)
    assert answer.status_code == status
    assert document(answer)["error"] == error
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_wrong_secret_is_refused_and_recorded(clients: ApiClients, admin: str) -> None:
    made = clients.issue("hikari-clerk")
    with pytest.raises(ClientRefused):
        clients.sign_in(made.code, made.secret[:-1], terminal="192.0.2.9")
    with psycopg.connect(admin) as behind:
        last = behind.execute(
            "SELECT s.means, s.result, p.code, s.terminal FROM log.sign_in s JOIN wall.person p ON p.id = s.person"
            " ORDER BY s.id DESC LIMIT 1"
        ).fetchone()
    assert last == (made.code, "refused", "hikari-clerk", "192.0.2.9")
    clients.end("hikari-clerk")


def test_ended_credentials_and_what_was_begun_with_them(machine: Make, clients: ApiClients) -> None:
    made = clients.issue("hikari-clerk")
    system = machine("hikari-clerk")
    assert system.get(LIST).status_code == 200
    assert clients.end("hikari-clerk") == 2
    assert clients.end("hikari-clerk") == 0
    problem(system.get(LIST), 401)
    with pytest.raises(ClientRefused):
        clients.sign_in(made.code, made.secret, terminal=None)


def test_a_new_beginning_ends_them_too(machine: Make, clients: ApiClients, signins: SignIns) -> None:
    made = clients.issue("hikari-clerk")
    system = machine("hikari-clerk")
    signins.reset("hikari-clerk")
    problem(system.get(LIST), 401)
    with pytest.raises(ClientRefused):
        clients.sign_in(made.code, made.secret, terminal=None)


def test_one_of_two_ends_alone(machine: Make, clients: ApiClients) -> None:
    kept, gone = clients.issue("hikari-clerk"), clients.issue("hikari-clerk")
    assert [one.code for one in clients.live("hikari-clerk")] == [gone.code, kept.code]
    assert {one.company for one in clients.live("hikari-clerk")} == {"hikari"}
    assert clients.end("hikari-clerk", gone.code) == 1
    assert clients.end("asahi-clerk", kept.code) == 0, "only that person's own"
    with pytest.raises(ClientRefused):
        clients.sign_in(gone.code, gone.secret, terminal=None)
    assert clients.sign_in(kept.code, kept.secret, terminal=None)
    clients.end("hikari-clerk")
    assert clients.live("hikari-clerk") == ()


def test_it_does_not_follow_its_person_to_another_retailer(clients: ApiClients, admin: str) -> None:
    made = clients.issue("hikari-clerk")
    with psycopg.connect(admin) as behind:
        behind.execute(
            "UPDATE wall.api_client SET org = (SELECT id FROM wall.org WHERE code = 'asahi') WHERE code = %s",
            [made.code],
        )
    with pytest.raises(ClientRefused):
        clients.sign_in(made.code, made.secret, terminal=None)
    clients.end("hikari-clerk")


def test_the_oldest_of_many_sign_ins_gives_way(machine: Make, clients: ApiClients) -> None:
    made = clients.issue("hikari-clerk")
    tokens = [clients.sign_in(made.code, made.secret, terminal=None) for _ in range(11)]
    answers = [machine(None).get(LIST, HTTP_AUTHORIZATION=f"Bearer {token}").status_code for token in tokens]
    assert answers == [401] + [200] * 10
    clients.end("hikari-clerk")


def test_whoever_ends_it_waits_for_a_sign_in_on_its_way(clients: ApiClients, admin: str, machine: Make) -> None:
    made = clients.issue("hikari-clerk")
    with psycopg.connect(admin) as behind, ThreadPoolExecutor(1) as pool:
        behind.execute("SELECT wall.sign_in_by_client(%s, %b, %b, %b, NULL)", [made.code, b"", b"", bytes(32)])
        ending = pool.submit(clients.end, "hikari-clerk")
        with pytest.raises(TimeoutError):
            ending.result(0.3)
        behind.rollback()
        assert ending.result(10) == 1


def test_a_terminal_that_guesses_is_paused(clients: ApiClients, admin: str) -> None:
    made, terminal = clients.issue("hikari-clerk"), "198.51.100.7"
    with psycopg.connect(admin) as behind:
        row = behind.execute("SELECT per_terminal FROM wall.sign_in_limit").fetchone()
    assert row
    for _ in range(row[0]):
        with pytest.raises(ClientRefused):
            clients.sign_in("api-0123456789abcdef", "guess", terminal=terminal)
    with pytest.raises(ClientRefused):
        clients.sign_in(made.code, made.secret, terminal=terminal)
    assert clients.sign_in(made.code, made.secret, terminal="198.51.100.8")
    with psycopg.connect(admin) as behind:
        results = behind.execute("SELECT DISTINCT result FROM log.sign_in WHERE terminal = %s", [terminal]).fetchall()
    assert {one for (one,) in results} == {"refused", "paused"}
    clients.end("hikari-clerk")


def test_only_for_persons_of_a_retailer(clients: ApiClients) -> None:
    for person in ("td-intake", "td-compliance", "td-admin"):
        with pytest.raises(NotOfRetailer):
            clients.issue(person)
    with pytest.raises(UnknownPerson):
        clients.issue("nobody-here")
    with pytest.raises(UnknownPerson):
        clients.end("nobody-here")


def test_a_token_is_no_cookie_and_a_cookie_no_token(machine: Make, signins: SignIns) -> None:
    system = machine("asahi-clerk")
    assert system.token
    answer = machine(None).get("/screens/RT10", HTTP_COOKIE=f"{COOKIE}={system.token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    cookie = signins.by_demo("asahi-clerk").cookie
    problem(machine(None).get(LIST, HTTP_AUTHORIZATION=f"Bearer {cookie}"), 401)
    found = problem(machine(None).get(LIST, HTTP_COOKIE=f"{COOKIE}={cookie}"), 401)
    assert found["code"] == "sign-in-needed"


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer x", "Bearer " + "A" * 43, "Basic eDp5", "Bearer ｱ", "bearer \t"]
)
def test_what_is_no_token(machine: Make, given: str) -> None:
    answer = machine(None).get(LIST, HTTP_AUTHORIZATION=given)
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
