"""`takuso drill try`: each fault of the program against the smallest check that must catch it, three in the whole.

Faults of the database are tried in test_database_faults, where each is planted anyway.
"""

import random

import pytest

from takuso.proof.faults.drill import FAULTS
from tests.cli.conftest import Takuso

CODE = [fault.name for fault in FAULTS if fault.kind == "code"]
# Other faults every time, and the names say which.
ANY_THREE = random.sample([fault.name for fault in FAULTS], 3)


@pytest.mark.parametrize("name", CODE)
def test_the_smallest_check_catches_it(takuso: Takuso, name: str) -> None:
    ended = takuso("drill", "try", name, "--json")
    assert ended.code == 0, ended.out + ended.err
    (tried,) = ended.document["tried"]
    assert tried["caught"] is True
    assert all(finding.startswith(f"[{tried['caught_by']}]") for finding in tried["findings"])
    assert ended.document["survivors"] == []


@pytest.mark.parametrize("turn", range(3))
def test_three_of_them_are_caught_by_the_proof_as_a_whole(takuso: Takuso, turn: int) -> None:
    ended = takuso("drill", "try", "--whole", "--json", ANY_THREE[turn])
    assert ended.code == 0, f"{ANY_THREE[turn]}: {ended.out}{ended.err}"
    assert [tried["caught"] for tried in ended.document["tried"]] == [True]


def test_no_such_fault(takuso: Takuso) -> None:
    ended = takuso("drill", "try", "nothing")
    assert ended.code == 2
    assert "takuso drill list" in ended.err
