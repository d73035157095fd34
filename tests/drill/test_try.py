"""`takuso drill try --whole`: three of the faults, others every time, against the proof as a whole.

Each fault of the program against its own check: test_try_leaks, test_try_promises. Faults of the database:
test_database_faults, where each is planted anyway.
"""

import random

import pytest

from takuso.proof.faults.drill import FAULTS
from tests.cli.conftest import Takuso

# Other faults every time, and the names say which.
ANY_THREE = random.sample([fault.name for fault in FAULTS], 3)


@pytest.mark.parametrize("turn", range(3))
def test_three_of_them_are_caught_by_the_proof_as_a_whole(takuso: Takuso, turn: int) -> None:
    ended = takuso("drill", "try", "--whole", "--json", ANY_THREE[turn])
    assert ended.code == 0, f"{ANY_THREE[turn]}: {ended.out}{ended.err}"
    assert [tried["caught"] for tried in ended.document["tried"]] == [True]


def test_no_such_fault(takuso: Takuso) -> None:
    ended = takuso("drill", "try", "nothing")
    assert ended.code == 2
    assert "takuso drill list" in ended.err
