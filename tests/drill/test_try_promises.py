"""`takuso drill try`: each fault that breaks a promise of the program, against the smallest check to catch it."""

import pytest

from takuso.proof.faults import code_promises
from tests.cli.conftest import Takuso
from tests.drill.test_try_leaks import caught


@pytest.mark.parametrize("name", [fault.name for fault in code_promises.FAULTS])
def test_the_smallest_check_catches_it(takuso: Takuso, name: str) -> None:
    caught(takuso, name)
