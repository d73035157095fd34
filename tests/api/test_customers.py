"""Customers by a retailer's system: its own as its screens show them, everybody else's as if they were not there."""

from collections.abc import Callable
from itertools import chain

import pytest

from takuso.barrier.matrix import Duty
from takuso.doors.api.customers import VIEWS
from takuso.doors.web.definitions import SCREENS
from tests.api.conftest import Machine, document, problem, without_receipt
from tests.area import Customer

Make = Callable[[str | None], Machine]
NOBODY = "99999999999999"


@pytest.mark.parametrize("view", list(VIEWS))
def test_own_and_hidden(machine: Make, own: Customer, foreign: Customer, view: str) -> None:
    system = machine("aoi-clerk")
    hidden = system.get(f"/api/v1/customers/{foreign.code}/{view}")
    problem(hidden, 404)
    absent = system.get(f"/api/v1/customers/{NOBODY}/{view}")
    assert without_receipt(hidden) == without_receipt(absent)
    body = hidden.content.decode()
    assert not any(mark in body for mark in chain.from_iterable(foreign.markers.values()))
    if view != "past":
        found = system.ok(f"/api/v1/customers/{own.code}/{view}")
        assert found["customer"] == own.code
        shown = [part for point in found["points"] for part in point["parts"] if part["rows"]]
        assert shown
        assert not {"point", "application"} & {key for part in shown for row in part["rows"] for key in row}


def test_what_a_screen_withholds_is_withheld(machine: Make, own: Customer) -> None:
    parts = {
        part["id"]: part
        for view in VIEWS
        if (answer := machine("aoi-clerk").get(f"/api/v1/customers/{own.code}/{view}")).status_code == 200
        for point in document(answer)["points"]
        for part in point["parts"]
    }
    assert any(part["rows"] for part in parts.values())
    assert all(not part["rows"] for part in parts.values() if part["withheld"])


def test_the_lists_and_the_search(machine: Make, own: Customer, foreign: Customer) -> None:
    system = machine("aoi-clerk")
    by_number = system.post("/api/v1/search", {"how": "number", "term": own.numbers[0]})
    assert own.code in by_number.content.decode()
    others = system.post("/api/v1/search", {"how": "number", "term": foreign.numbers[0]})
    none = system.post("/api/v1/search", {"how": "number", "term": "06" + "9" * 20})
    assert others.status_code == none.status_code == 200
    assert without_receipt(others) == without_receipt(none)
    assert document(others)["found"] == []
    assert foreign.code not in str(system.ok("/api/v1/notices"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "search"),
        ({"how": "pole", "term": "x"}, "search"),
        ({"how": "kana", "term": ""}, "search"),
        ({"how": "kana", "term": 3}, "search"),
        ({"how": "number", "term": "12"}, "search"),
        ({"how": "kana", "term": "アオ", "x": ""}, "search"),
        ({"how": "kana", "term": "アオ", "after": "here"}, "after"),
        ({"how": "kana", "term": "アオ", "after": "A" * 32}, "after"),
        ([], "body"),
    ],
)
def test_bad_searches(machine: Make, body: object, code: str) -> None:
    answer = machine("aoi-clerk").post("/api/v1/search", body)
    assert problem(answer, answer.status_code)["code"] == code
    assert answer.status_code in (400, 422)


def test_a_number_that_is_none(machine: Make) -> None:
    assert problem(machine("aoi-clerk").get("/api/v1/customers/12/contract"), 400)["code"] == "customer"


def test_the_api_does_what_the_screens_of_retailers_do() -> None:
    from takuso.doors.api.urls import api

    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    covered = {one["x-screen"] for path in paths.values() for one in path.values() if "x-screen" in one}
    retail = [duty for duty in Duty if not duty.is_network]
    screens = {screen.code for screen in SCREENS if any(screen.opens_for(duty) for duty in retail)}
    # The menu, a person's settings and the tour are of a browser.
    assert screens - {"MN00", "MY10", "TR10"} == covered


def test_a_form_where_json_is_wanted(machine: Make) -> None:
    system = machine("aoi-clerk")
    answer = system.form("/api/v1/search", {"how": "kana"}, HTTP_AUTHORIZATION=f"Bearer {system.token}")
    assert problem(answer, 400)["code"] == "body"
