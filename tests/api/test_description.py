"""The description, and the surroundings of every address: problem documents, headers, nothing without a token."""

import json
from collections.abc import Callable

import pytest

from takuso.doors.web.middleware import HEADERS
from takuso.doors.web.reception.offered import FILED
from takuso.flow.reception.forms import FORMS
from takuso.flow.reception.procedures import CATALOGUE
from tests.api.conftest import Machine, document, problem

Make = Callable[[str | None], Machine]
DESCRIPTION = "/api/openapi.json"


def test_it_names_every_procedure_in_japanese_with_its_fields(machine: Make) -> None:
    found = document(machine(None).get(DESCRIPTION))
    assert found["openapi"].startswith("3.1")
    for procedure in FILED:
        operation = found["paths"][f"/api/v1/applications/{procedure.value}"]["post"]
        assert CATALOGUE[procedure].name in operation["summary"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert list(schema["properties"]) == [field.name for field in FORMS[procedure].fields]
        assert [one["title"] for one in schema["properties"].values()] == [f.label for f in FORMS[procedure].fields]


def test_every_operation_but_the_token_needs_one_and_says_so(machine: Make) -> None:
    outside = machine(None)
    for path, operations in document(outside.get(DESCRIPTION))["paths"].items():
        for method, operation in operations.items():
            if path == "/api/v1/token":
                continue
            assert operation["security"], path
            address = path.replace("{number}", "000000-0000000000").replace("{customer}", "1" * 14)
            problem(outside.send(method.upper(), address), 401)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api/v2/applications", 404),
        ("GET", "/api/v1/applications/", 404),
        ("GET", "/api/v1/applications/switch-start", 405),
        ("DELETE", "/api/v1/applications", 405),
        ("POST", "/api/openapi.json", 403),
    ],
)
def test_no_such_address(machine: Make, method: str, path: str, status: int) -> None:
    answer = machine("aoi-clerk").send(method, path)
    assert answer.status_code == status
    if path != "/api":
        problem(answer, status)
        json.loads(answer.content)


def test_headers_are_those_of_the_office(machine: Make) -> None:
    answer = machine("aoi-clerk").get("/api/v1/applications")
    assert all(answer.headers[name] == value for name, value in HEADERS.items())
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
