"""Every row of the matrix, and every policy, changed one at a time: no change survives."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from takuso.barrier.matrix import RULES, Relation, Rule, Verdict
from takuso.proof.mutants import mutants
from takuso.proof.program import Program
from takuso.proof.rule import row_faults, rule_faults
from takuso.store.home import Home


def test_the_matrix_is_total_and_lawful() -> None:
    found, asked = rule_faults()
    assert found == []
    assert asked == 4_224


@pytest.mark.parametrize("number", range(len(RULES)))
def test_a_row_dropped_or_inverted_is_not_the_table_that_was_approved(number: int) -> None:
    row = RULES[number]
    other = Verdict.DENY if row.verdict is Verdict.SHOW else Verdict.SHOW
    for rules in (
        [*RULES[:number], *RULES[number + 1 :]],
        [*RULES[:number], replace(row, verdict=other), *RULES[number + 1 :]],
    ):
        assert list(row_faults(tuple(rules)))


def _unlawful() -> Iterator[Rule]:
    """Rows that open something to a retailer, each red for its own sake, were the table approved with it or not."""
    own = next(rule for rule in RULES if rule.relation is Relation.OWN)
    for relation in (Relation.FOREIGN, Relation.VACANT, Relation.PAST):
        yield replace(own, relation=relation)
    yield replace(own, duty=next(r.duty for r in RULES if r.duty.is_network))
    yield replace(own, article="")


@pytest.mark.parametrize("row", list(_unlawful()), ids=lambda row: row.key)
def test_an_unlawful_row_is_named(row: Rule) -> None:
    found, _ = rule_faults((*RULES, replace(row, since=date(2020, 4, 1))))
    assert len([what for _, what in found if "承認した表" not in what]) >= 1


def test_no_change_of_a_rule_row_or_a_policy_survives(home: Home, server: str, program: Program) -> None:
    rules, policies = mutants(home, server, program)
    assert rules.survivors == ()
    assert policies.survivors == ()
    assert rules.made == 2 * len(RULES) - sum(rule.verdict is Verdict.DENY for rule in RULES)
    assert policies.made > 60


def test_a_change_that_nobody_minds_is_a_survivor(
    home: Home, server: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("takuso.proof.mutants.catalogue_faults", lambda *_: ([], 0))
    monkeypatch.setattr("takuso.proof.mutants.agreement_faults", lambda *_, **__: ([], 0))
    rules, policies = mutants(home, server, program)
    assert len(rules.survivors) == rules.made
    assert len(policies.survivors) == policies.made
