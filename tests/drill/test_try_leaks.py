"""`takuso drill try`: each fault by which a customer gets out, against the smallest check that must catch it."""

import pytest

from takuso.proof.faults import code_leaks
from tests.cli.conftest import Takuso


def caught(takuso: Takuso, name: str) -> None:
    """The fault's own check finds it, and no other check was needed."""
    ended = takuso("drill", "try", name, "--json")
    assert ended.code == 0, ended.out + ended.err
    (tried,) = ended.document["tried"]
    assert tried["caught"] is True
    assert all(finding.startswith(f"[{tried['caught_by']}]") for finding in tried["findings"])
    assert ended.document["survivors"] == []


@pytest.mark.parametrize("name", [fault.name for fault in code_leaks.FAULTS])
def test_the_smallest_check_catches_it(takuso: Takuso, name: str) -> None:
    caught(takuso, name)
