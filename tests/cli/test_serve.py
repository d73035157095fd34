"""The server from its first to its last moment: ready, unready, doors, one at a time, gone without a trace."""

import dataclasses
import http.client
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from takuso.store import embedded
from tests.cli.conftest import Takuso
from tests.idp import CLIENT, SECRET, running

READY_SECONDS = 60.0


@contextmanager
def serving(takuso: Takuso, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A ready server; killed at the end if the test has not ended it."""
    process = takuso.start("serve", *options, PORT=str(port))
    try:
        _until_ready(process, port)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def _until_ready(process: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        try:
            if ask(port, "GET", "/readyz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not become ready")


class Answer:
    """Status, headers and body of one answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode()


def ask(port: int, method: str, path: str, *, body: Any = None, cookie: str = "") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Cookie": cookie} if cookie else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def sign_in(port: int, person: str) -> str:
    answer = ask(port, "POST", "/demo/login", body={"person": person})
    assert answer.status == 204, answer.body
    return str(answer.headers["Set-Cookie"]).split(";")[0]


def test_a_customer_is_shown_and_recorded(takuso: Takuso, free_port: int) -> None:
    customer = takuso.customers("own", "aoi-clerk", 2)[1]
    with serving(takuso, free_port):
        page = ask(
            free_port,
            "GET",
            f"/screens/CI10?customer={customer['customer_code']}",
            cookie=sign_in(free_port, "aoi-clerk"),
        )
        assert page.status == 200
        assert customer["name"] in page.body
        told = takuso("log", "show", "--customer", customer["customer_code"], "--json").document["records"]
    assert (told[0]["person"], told[0]["screen"], told[0]["rendered"]) == ("aoi-clerk", "CI10", True)


def test_a_wall_broken_meanwhile_makes_it_unready(
    takuso: Takuso, superuser: psycopg.Connection[Any], free_port: int
) -> None:
    # Each process keeps its own answer for two seconds: with one, the test sees one answer.
    with serving(takuso, free_port, "--workers", "1"):
        superuser.execute("ALTER TABLE points.party NO FORCE ROW LEVEL SECURITY")
        try:
            _await(free_port, 503)
            assert "points.party" in ask(free_port, "GET", "/readyz").body
        finally:
            superuser.execute("ALTER TABLE points.party FORCE ROW LEVEL SECURITY")
        _await(free_port, 200)


def _await(port: int, status: int) -> None:
    end = time.monotonic() + 20
    while ask(port, "GET", "/readyz").status != status:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_the_door_of_the_retailers_holds_no_network_login(takuso: Takuso, free_port: int) -> None:
    with serving(takuso, free_port, "--doors", "retailer", "--workers", "1"):
        assert ask(free_port, "GET", "/screens/MN00", cookie=sign_in(free_port, "asahi-clerk")).status == 200
        assert ask(free_port, "GET", "/screens/MN00", cookie=sign_in(free_port, "td-intake")).status == 403


def test_the_companys_provider_is_told_by_the_environment(takuso: Takuso, free_port: int) -> None:
    with running() as idp:
        half = takuso("serve", PORT=str(free_port), TAKUSO_OIDC_ISSUER=idp.issuer)
        assert (half.code, "TAKUSO_OIDC_CLIENT" in half.err) == (3, True)
        whole = {"TAKUSO_OIDC_ISSUER": idp.issuer, "TAKUSO_OIDC_CLIENT": CLIENT}
        told = dataclasses.replace(takuso, env=takuso.env | whole)
        without = told("serve", PORT=str(free_port))
        assert (without.code, "secrets/oidc_client" in without.err) == (3, True)
        takuso.home.write_secret("oidc_client", SECRET)
        try:
            with serving(told, free_port, "--workers", "1"):
                assert "会社のアカウントでサインイン" in ask(free_port, "GET", "/login").body
                assert ask(free_port, "GET", "/login/company/callback").status == 400
        finally:
            (takuso.home.secrets / "oidc_client").unlink()
        assert idp.asked == [], "nobody is asked before somebody wants to sign in"


def test_one_server_a_home(takuso: Takuso, free_port: int, another_port: int) -> None:
    with serving(takuso, free_port, "--workers", "1"):
        second = takuso("serve", PORT=str(another_port))
        assert second.code == 3
        assert "別のサーバー" in second.err
        assert takuso("demo", "--rebuild").code == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_takes_everything_with_it(takuso: Takuso, free_port: int, number: signal.Signals) -> None:
    """Links are printed, jobs run, and the database that nobody asked to stay stops with the server."""
    assert takuso("store", "stop").code == 0
    try:
        with serving(takuso, free_port, "--workers", "1") as process:
            assert embedded.status(takuso.home).running
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        assert out.count("/login/once/") == 12
        assert f"http://127.0.0.1:{free_port}/" in out
        assert not embedded.status(takuso.home).running
    finally:
        assert takuso("store", "start").code == 0


def test_the_database_stays_when_told_to(takuso: Takuso, free_port: int) -> None:
    with serving(takuso, free_port, "--workers", "1"):
        pass
    assert embedded.status(takuso.home).running
