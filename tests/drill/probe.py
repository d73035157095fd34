"""Asks the office of the package that is imported first the same questions, and prints what it answered as JSON.

Run as a process of its own: the packages to compare have the same name.
"""

import io
import json
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any


def answers(own: str, foreign: str) -> dict[str, Any]:
    """`own`: a customer of 葵電力; `foreign`: one of another retailer, opened lawfully by the network first."""
    from django.test import Client

    from takuso.barrier.gate import Gate
    from takuso.barrier.signin import SignIns
    from takuso.doors.web.office import COOKIE
    from takuso.doors.web.settings import configure
    from takuso.doors.web.wsgi import make_office
    from takuso.store.home import Home
    from takuso.store.pools import Pools

    configure()
    home = Home.from_environment(os.environ)
    logins = ("web", "authn", "ticketer", "writer", "reader_network", "reader_retailer")
    with Pools(home, logins) as pools:
        signins = SignIns(pools)
        office = make_office(Gate(pools), signins, home, ready=lambda: ())

        def desk(person: str | None, address: str = "127.0.0.1") -> Client:
            made = Client(
                enforce_csrf_checks=True,
                raise_request_exception=False,
                SERVER_NAME="127.0.0.1",
                REMOTE_ADDR=address,
                **{"takuso.office": office},
            )
            if person is not None:
                made.cookies[COOKIE] = signins.by_demo(person).cookie
            return made

        return {**_pages(desk, own, foreign), **_doors(desk, own, foreign)}


def _pages(desk: Any, own: str, foreign: str) -> dict[str, Any]:
    network, clerk = desk("td-contact"), desk("aoi-clerk")
    told: dict[str, Any] = {}
    needed = network.get(f"/screens/CI20?customer={foreign}")
    told["without-purpose"] = (needed.status_code, needed.headers.get("Location", "").partition("?")[0])
    _state(network, foreign)
    lawful = network.get(f"/screens/CI20?customer={foreign}")
    network.get(f"/screens/CI10?customer={foreign}")
    told["lawful"] = lawful.status_code
    notice = clerk.get(f"/screens/KF10?customer={own}").content.decode()
    receipt = re.search(r"from=([A-Za-z0-9_-]{32})", notice)
    assert receipt
    through = clerk.get(f"/screens/CI20?customer={foreign}&from={receipt[1]}")
    told["notice-transition"] = (through.status_code, "該当するお客さまはない" in through.content.decode())
    shown = clerk.get(f"/screens/CI10?customer={own}")
    told["own"] = (shown.status_code, shown.headers["Cache-Control"], "ETag" in shown.headers)
    told["own-error"] = "電話番号の形" in shown.content.decode()
    told["menu"] = re.sub(r"[A-Za-z0-9_-]{32}|\d\d:\d\d:\d\d", "", clerk.get("/screens/MN00").content.decode())
    _form(clerk, "/screens/KS10", how="kana", term="ア")
    form = desk("asahi-clerk").get("/screens/KS10").content.decode()
    told["suggested"] = form.count("<option value=") - desk("asahi-clerk").get("/purpose").content.decode().count(
        "<option value="
    )
    return told


def _doors(desk: Any, own: str, foreign: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    clerk = desk("aoi-clerk")
    told["print"] = clerk.get(f"/print/CI10?customer={own}").status_code
    body = json.dumps({"person": "aoi-clerk"})
    far = desk(None, "192.0.2.7").post("/demo/login", body, content_type="application/json")
    told["demo-from-afar"] = far.status_code
    proxied = desk(None).post(
        "/demo/login", body, content_type="application/json", headers={"X-Forwarded-For": "192.0.2.7"}
    )
    told["demo-through-proxy"] = proxied.status_code
    near = desk(None).post("/demo/login", body, content_type="application/json")
    told["cookie"] = re.sub(r"=[^;]+;", "=…;", near.cookies.output(header=""), count=1)
    to = f"/screens/CI10?customer={foreign}"
    told["purpose-without-token"] = (
        desk("td-contact").post("/purpose", {"code": "TOI", "reference": "X", "next": to}).status_code
    )
    first = clerk.get(f"/screens/CI10?customer={own}").content.decode()
    receipt = re.search(r"from=([A-Za-z0-9_-]{32})", first)
    assert receipt or "システムの内部" in first
    if receipt:
        back = clerk.get(
            f"/screens/CI20?customer={own}", headers={"Referer": f"http://127.0.0.1/screens/KF10?from={receipt[1]}"}
        )
        told["referer"] = "<dt>" in back.content.decode()
        told["came"] = _last_came_from(receipt[1])
    return told


def _last_came_from(receipt: str) -> bool:
    """Whether the log has a ticket that came from this receipt."""
    import psycopg

    with psycopg.connect(os.environ["PROBE_ADMIN"]) as connection:
        row = connection.execute("SELECT count(*) FROM log.ticket WHERE came_from = %s", [receipt]).fetchone()
    return bool(row and row[0])


def _state(browser: Any, code: str) -> None:
    answer = _form(browser, "/purpose", code="TOI", reference="X-1", next=f"/screens/CI20?customer={code}")
    assert answer.status_code == 303, answer.content.decode()


def _form(browser: Any, path: str, **values: str) -> Any:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/login").content.decode())
    assert token
    return browser.post(path, {**values, "csrfmiddlewaretoken": token[1]})


def main() -> None:
    """Answers, log lines, the doctor's words."""
    from takuso.doors.cli.answers import service_log

    log = io.StringIO()
    with redirect_stderr(log):
        service_log()
        told = answers(sys.argv[1], sys.argv[2])
    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    told["log-fields"] = sorted({name for line in lines for name in line})
    told["log-addresses"] = any("customer=" in str(line.get("route")) for line in lines)
    told["outcomes"] = _outcomes()
    told["doctor"] = _doctor()
    print(json.dumps(told, ensure_ascii=False))


def _doctor() -> bool:
    from takuso.doors.cli.program import run
    from takuso.main import house

    with redirect_stdout(io.StringIO()) as said:
        run(house(), ["doctor", "--json"])
    return any(finding["name"] == "sample" for finding in json.loads(said.getvalue())["findings"])


def _outcomes() -> list[Any]:
    """Of the last tickets for customers: how many have an outcome, name rows, and carry a digest of their own."""
    import psycopg

    with psycopg.connect(os.environ["PROBE_ADMIN"]) as connection:
        rows = connection.execute(
            "SELECT o.receipt IS NOT NULL, coalesce(o.rows, 0) > 0,"
            " coalesce(o.digest = sha256(convert_to(t.receipt, 'UTF8')), false)"
            " FROM log.ticket t LEFT JOIN log.outcome o USING (day, receipt)"
            " WHERE t.screen = 'CI20' AND t.decision = 'shown' ORDER BY t.at DESC LIMIT 1"
        ).fetchall()
    return [list(row) for row in rows]


if __name__ == "__main__":
    main()
