"""Filing, answering and reading by a retailer's system: the same as on the screens."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from takuso.flow.reception.refusals.texts import DECLINES
from tests.api.conftest import Machine, document, problem, without_receipt
from tests.area import Customer
from tests.web.conftest import Desk
from tests.web.test_reception_retail import _move_out, _relay

Make = Callable[[str | None], Machine]
APPLICATIONS = "/api/v1/applications"


def _file(system: Machine, procedure: str, typed: dict[str, str], key: str) -> str:
    answer = system.post(f"{APPLICATIONS}/{procedure}", typed, key)
    assert answer.status_code == 201, answer.content.decode()
    found = document(answer)
    assert answer.headers["Location"] == found["href"] == f"{APPLICATIONS}/{found['number']}"
    number: str = found["number"]
    return number


def test_an_application_is_filed_read_and_judged(
    machine: Make, at_desk: Callable[[str | None], Desk], own: Customer, today: date, turn: Callable[[], int]
) -> None:
    system, day = machine("aoi-clerk"), today + timedelta(days=20)
    number = _file(system, "move-out", _move_out(own, day), f"k-{own.code}")
    found = system.ok(f"{APPLICATIONS}/{number}")["application"]
    assert found["number"] == number
    assert (found["state"], found["state_name"], found["procedure_name"]) == ("received", "受付", "廃止（退去）")
    assert found["content"]["point"] == found["supply_point"] == own.numbers[0]
    assert turn() > 0
    assert system.ok(f"{APPLICATIONS}/{number}")["application"]["state_name"] == "効力日待ち"
    listed = system.ok(APPLICATIONS)["applications"]
    assert number in [one["number"] for one in listed]
    assert number in at_desk("aoi-clerk").text(f"/screens/RT20?number={number}"), "the screens have it too"


def test_the_same_key_files_once(machine: Make, own: Customer, today: date) -> None:
    system, typed = machine("aoi-clerk"), _move_out(own, today + timedelta(days=30))
    number = _file(system, "move-out", typed, f"once-{own.code}")
    assert _file(system, "move-out", typed, f"once-{own.code}") == number
    other = typed | {"desired_on": (today + timedelta(days=31)).isoformat()}
    assert problem(system.post(f"{APPLICATIONS}/move-out", other, f"once-{own.code}"), 422)["code"] == "key-used"
    for key in (None, "", "with space", "x" * 256):
        found = problem(system.post(f"{APPLICATIONS}/move-out", typed, key), 400)
        assert found["code"] in ("idempotency-key", "parameter")


def test_a_relay_is_answered_and_nobody_else_finds_it(
    machine: Make, own: Customer, today: date, turn: Callable[[], int]
) -> None:
    asahi, aoi, hikari = machine("asahi-clerk"), machine("aoi-manager"), machine("hikari-clerk")
    number = _file(asahi, "termination-relay", _relay(own, today + timedelta(days=25)), f"relay-{own.code}")
    assert turn() > 0
    waiting = {one["number"]: one for one in aoi.ok("/api/v1/relays")["applications"]}
    assert waiting[number]["role"] == "holder"
    assert "asahi" not in str(waiting[number])
    nobody = hikari.get(f"{APPLICATIONS}/000000-0000000000")
    hidden = hikari.get(f"{APPLICATIONS}/{number}")
    problem(hidden, 404)
    assert without_receipt(hidden) == without_receipt(nobody)
    assert number not in str(hikari.ok(APPLICATIONS)) + str(hikari.ok("/api/v1/relays"))
    refused = hikari.post(f"/api/v1/relays/{number}/answer", {"answer": "agree"})
    absent = hikari.post("/api/v1/relays/000000-0000000000/answer", {"answer": "agree"})
    problem(refused, absent.status_code)
    assert without_receipt(refused).replace(number, "") == without_receipt(absent).replace("000000-0000000000", "")
    answer = aoi.post(f"/api/v1/relays/{number}/answer", {"answer": "agree"})
    assert answer.status_code == 202, answer.content.decode()
    assert problem(aoi.post(f"/api/v1/relays/{number}/answer", {"answer": "agree"}), 409)["code"] == "waiting"
    assert turn() > 0
    assert asahi.ok(f"{APPLICATIONS}/{number}")["application"]["state"] == "agreed"


def test_a_relay_is_declined_with_a_reason(machine: Make, own: Customer, today: date, turn: Callable[[], int]) -> None:
    asahi, aoi = machine("asahi-clerk"), machine("aoi-manager")
    day = today + timedelta(days=26)
    number = _file(asahi, "termination-relay", _relay(own, day), f"decline-{own.code}")
    turn()
    place = f"/api/v1/relays/{number}/answer"
    for body in (
        {"answer": "decline"},
        {"answer": "decline", "reason": "X99"},
        {"answer": "perhaps"},
        {"answer": "agree", "x": 1},
    ):
        problem(aoi.post(place, body), 422)
    code = sorted(DECLINES)[0].value
    answer = aoi.post(place, {"answer": "decline", "reason": code, "day": day.isoformat()})
    assert answer.status_code == 202, answer.content.decode()
    turn()
    found = asahi.ok(f"{APPLICATIONS}/{number}")["application"]
    assert found["state"] == "declined"
    assert found["refusals"][0]["code"] == code
    assert found["refusals"][0]["rule"]


def test_a_duty_that_answers_no_relays(machine: Make) -> None:
    found = problem(machine("contractor-clerk").get("/api/v1/relays"), 403)
    assert (found["code"], len(found["receipt"])) == ("not-of-duty", 32)


@pytest.mark.parametrize(
    ("body", "status", "codes"),
    [
        (b"", 400, []),
        (b"[]", 400, []),
        (b'{"supply_point": "1", "supply_point": "2"}', 400, []),
        (b'{"supply_point": "\\ud800"}', 400, []),
        (b'{"supply_point": "\\u0000"}', 400, []),
        (b'{"supply_point": NaN}', 400, []),
        (b"\xff\xfe", 400, []),
        (b"[" * 60_000, 400, []),
        ({}, 422, ["F01", "F01"]),
        ({"supply_point": 1, "desired_on": True}, 422, ["F13", "F13"]),
        ({"supply_point": "12", "desired_on": "令和8年13月1日"}, 422, ["F05", "F06"]),
        ({"supply_point": "06" + "0" * 20, "desired_on": "2026-12-01", "more": "x"}, 422, ["F02"]),
    ],
)
def test_bad_bodies(machine: Make, body: Any, status: int, codes: list[str]) -> None:
    answer = machine("aoi-clerk").post(f"{APPLICATIONS}/move-out", body, "bad")
    found = problem(answer, status)
    assert [one["code"] for one in found.get("errors", [])][: len(codes)] == codes
    assert all(one["rule"] and one["cure"] for one in found.get("errors", []))


def test_a_body_larger_than_any_application(machine: Make) -> None:
    problem(machine("aoi-clerk").post(f"{APPLICATIONS}/move-out", b'{"x":"' + b"y" * 70_000 + b'"}', "big"), 400)


def test_what_is_recorded_is_the_screen_and_the_way_in(machine: Make, own: Customer, today: date, admin: str) -> None:
    system = machine("aoi-clerk")
    number = _file(system, "move-out", _move_out(own, today + timedelta(days=40)), f"log-{own.code}")
    receipt = system.ok(f"{APPLICATIONS}/{number}")["receipt"]
    with psycopg.connect(admin) as behind:
        found = behind.execute(
            "SELECT t.screen, s.means FROM log.ticket t JOIN wall.session s ON s.id = t.session WHERE t.receipt = %s",
            [receipt],
        ).fetchone()
        via = behind.execute("SELECT via FROM reception.application WHERE number = %s", [number]).fetchone()
    assert found is not None
    assert (found[0], found[1][:4]) == ("RT20", "api-"), "the log's sign-in names the credential"
    assert via == ("api",)
