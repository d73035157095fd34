"""Everything the description allows, and much that it does not, sent by schemathesis for two companies.

The answers are as described, and no value of the other company ever comes back.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import chain
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.doors.web.wsgi import Wsgi, application
from takuso.store.home import Home
from tests.api.conftest import Machine
from tests.api.test_reception import _file
from tests.area import Customer
from tests.web.test_reception_retail import _move_out

Make = Callable[[str | None], Machine]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def served(gate: Gate, signins: SignIns, home: Home) -> Wsgi:
    """The office as a server has it."""
    return application(gate, signins, home)


@pytest.fixture
def companies(machine: Make, own: Customer, foreign: Customer, today: date) -> list[tuple[Machine, Customer, str]]:
    """Two systems, each with a customer and an application of its own."""
    found = []
    for person, customer in (("aoi-clerk", own), ("asahi-clerk", foreign)):
        system = machine(person)
        number = _file(system, "move-out", _move_out(customer, today + timedelta(days=60)), f"schema-{customer.code}")
        found.append((system, customer, number))
    return found


def _send(served: Wsgi, system: Machine, *, others: dict[str, str], secrets: list[str], mode: GenerationMode) -> int:
    """Every operation for this system, with random values and with the other company's; how many were sent."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", served)
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        names = {one.name for one in operation.path_parameters}
        fixed = [None] + [{name: others[name]} for name in names if mode is GenerationMode.POSITIVE]
        for parameters in fixed:

            @QUICK
            @given(case=operation.as_strategy(generation_mode=mode, path_parameters=parameters))
            def go(case: Any) -> None:
                nonlocal sent
                answer = case.call(headers={**(case.headers or {}), "Authorization": f"Bearer {system.token}"})
                case.validate_response(answer, checks=CHECKS)
                text = answer.text
                told = str(case.as_transport_kwargs())
                assert not [secret for secret in secrets if secret in text and secret not in told]
                sent += 1

            go()
    return sent


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_two_companies_and_no_value_of_the_other(
    served: Wsgi, companies: list[tuple[Machine, Customer, str]], mode: GenerationMode
) -> None:
    for (system, _, _), (_, other, number) in (companies, companies[::-1]):
        secrets = [other.code, *other.numbers, number, *chain.from_iterable(other.markers.values())]
        sent = _send(served, system, others={"customer": other.code, "number": number}, secrets=secrets, mode=mode)
        assert sent > 100
