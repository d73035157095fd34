"""The whole proof over the program as it stands: nothing is found, and nothing was left out."""

from takuso.proof.program import Program
from takuso.proof.verify import CHECKS, Verifier
from takuso.store.home import Home


def test_the_program_is_proved_and_every_cell_was_reached(home: Home, server: str, program: Program) -> None:
    report = Verifier(program).verify(home, server)
    assert report.findings == ()
    assert [check.name for check in report.checks] == list(CHECKS)
    assert all(check.cells > 0 for check in report.checks)
    covered = report.coverage
    assert covered.reached == covered.cells > 5_000
    assert (covered.persons, covered.kinds) == (12, 15)
    assert covered.transitions > 100
    assert covered.doors == len(program.doors)


def test_a_brief_run_counts_what_it_walked_and_stops_at_the_first_finding(
    home: Home, server: str, program: Program
) -> None:
    said: list[str] = []
    report = Verifier(program).verify(
        home, server, only=["walk", "doors"], brief=True, fail_fast=True, said=said.append
    )
    assert report.ok
    assert [check.name for check in report.checks] == ["doors", "walk"]
    assert report.coverage.reached == report.coverage.cells > 0
    assert report.coverage.persons == 7
    assert len(said) == 2
