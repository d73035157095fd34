"""Every row of the matrix, and every policy, changed one at a time: no change survives."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from takuso.barrier.matrix import RULES, Relation, Rule, Verdict
from takuso.proof.agreement import agreement_faults
from takuso.proof.desk import Site
from takuso.proof.lints import catalogue_faults
from takuso.proof.people import WALKERS
from takuso.proof.program import Program
from takuso.proof.rule import row_faults, rule_faults


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


def test_every_rule_row_changed_in_the_database_alone_is_found(twin_site: Site) -> None:
    """The rule as loaded, row by row: dropped, and inverted. decide() does not know of it and disagrees."""
    survivors = []
    with psycopg.connect(twin_site.twin.admin_url, autocommit=True) as behind:
        for rule in RULES:
            walkers = [walker for walker in WALKERS if walker.duty is rule.duty][:1]
            for change in (
                "valid = '[1900-01-01,1900-01-02)'",
                "verdict = CASE verdict WHEN 'show' THEN 'deny' ELSE 'show' END",
            ):
                former = behind.execute(
                    "SELECT valid::text, verdict FROM wall.rule WHERE key = %s", [rule.key]
                ).fetchone()
                behind.execute(f"UPDATE wall.rule SET {change} WHERE key = %s".encode(), [rule.key])
                # A denying row that is dropped changes nothing: without a row nothing is shown either.
                silent = rule.verdict is Verdict.DENY and change.startswith("valid")
                if not silent and not agreement_faults(twin_site, walkers)[0]:
                    survivors.append((rule.key, change))
                behind.execute(
                    "UPDATE wall.rule SET valid = %s, verdict = %s WHERE key = %s", [*(former or ()), rule.key]
                )
    assert survivors == []


def test_every_policy_dropped_or_opened_is_found(twin_site: Site, program: Program) -> None:
    survivors = []
    with psycopg.connect(twin_site.twin.admin_url, autocommit=True) as behind:
        policies = behind.execute(_POLICIES).fetchall()
        for table, policy, made in policies:
            changes = [f'DROP POLICY "{policy}" ON {table}', f'ALTER POLICY "{policy}" ON {table} USING (true)']
            # The policies of the roles behind the functions are open by design.
            for change in changes[:1] if "USING (true)" in made else changes:
                behind.execute(change.encode())
                if not catalogue_faults(twin_site.twin.home, program)[0]:
                    survivors.append(change)
                behind.execute(f'DROP POLICY IF EXISTS "{policy}" ON {table}'.encode())
                behind.execute(made.encode())
        assert catalogue_faults(twin_site.twin.home, program)[0] == []
    assert len(policies) > 30
    assert survivors == []


_POLICIES = """
SELECT schemaname || '.' || tablename, policyname,
       format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s USING (%s)%s', policyname, schemaname, tablename,
              permissive, cmd, array_to_string(roles, ', '), qual,
              CASE WHEN with_check IS NOT NULL THEN format(' WITH CHECK (%s)', with_check) ELSE '' END)
  FROM pg_policies
 WHERE roles && '{reader_network,reader_retailer,surveyor}'::name[]
    OR (roles && '{effector}'::name[] AND schemaname = 'points')
 ORDER BY 1, 2"""
