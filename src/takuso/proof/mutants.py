"""Mutants: every row of the rules and every policy changed one at a time, in a twin; a change that nobody notices
has survived.

A rule row is taken out of force and turned round in the database alone, and the check `agreement` is asked; a policy is
dropped and opened, and the check `catalogue` is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from takuso.barrier.matrix import Rule, Verdict
from takuso.kernel.periods import DatePeriod
from takuso.proof.agreement import agreement_faults
from takuso.proof.canary import World
from takuso.proof.desk import Site, site
from takuso.proof.lints import catalogue_faults
from takuso.proof.people import WALKERS
from takuso.proof.program import Program
from takuso.store.home import Home

Db = psycopg.Connection[Any]
_DROPPED: Final = "UPDATE wall.rule SET valid = '[1900-01-01,1900-01-02)' WHERE key = %s"
_TURNED: Final = "UPDATE wall.rule SET verdict = CASE verdict WHEN 'show' THEN 'deny' ELSE 'show' END WHERE key = %s"
_POLICIES: Final = """
SELECT schemaname, tablename, policyname,
       format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s USING (%s)%s', policyname, schemaname, tablename,
              permissive, cmd, array_to_string(roles, ', '), qual,
              CASE WHEN with_check IS NOT NULL THEN format(' WITH CHECK (%s)', with_check) ELSE '' END),
       qual = 'true'
  FROM pg_policies
 WHERE roles && '{reader_network,reader_retailer,surveyor}'::name[]
    OR (roles && '{effector}'::name[] AND schemaname IN ('points', 'reception'))
 ORDER BY 1, 2, 3"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutants:
    """How many changes of one kind were made, and which of them nothing noticed."""

    kind: str
    made: int
    survivors: tuple[str, ...]


def mutants(home: Home, admin_url: str, program: Program) -> tuple[Mutants, ...]:
    """Make them all, on a twin of the home's database. Raises what desk.site raises."""
    with (
        site(home, admin_url, program, World()) as made,
        psycopg.connect(made.twin.admin_url, autocommit=True) as behind,
    ):
        return (_counted("rules", _rules(made, behind)), _counted("policies", _policies(made, behind, program)))


def _counted(kind: str, tried: Iterator[tuple[str, bool]]) -> Mutants:
    found = list(tried)
    return Mutants(kind=kind, made=len(found), survivors=tuple(what for what, caught in found if not caught))


def _rules(place: Site, behind: Db) -> Iterator[tuple[str, bool]]:
    today = place.canaries.today
    for rule in (r for r in place.canaries.rules if DatePeriod(start=r.since, end=r.until).contains(today)):
        # A row that denies and is dropped changes nothing: without a row nothing is shown either.
        if rule.verdict is Verdict.SHOW:
            yield f"{rule.key} dropped", _noticed(place, behind, rule, _DROPPED)
        yield f"{rule.key} turned", _noticed(place, behind, rule, _TURNED)


def _noticed(place: Site, behind: Db, rule: Rule, change: str) -> bool:
    former = behind.execute("SELECT valid::text, verdict FROM wall.rule WHERE key = %s", [rule.key]).fetchone()
    walkers = [walker for walker in WALKERS if walker.duty is rule.duty][:1]
    behind.execute(change.encode(), [rule.key])
    try:
        return bool(agreement_faults(place, walkers, stop=True)[0])
    finally:
        restore = "UPDATE wall.rule SET valid = %s::daterange, verdict = %s WHERE key = %s"
        behind.execute(restore, [*(former or ()), rule.key])


def _policies(place: Site, behind: Db, program: Program) -> Iterator[tuple[str, bool]]:
    # The twin has the rows that were approved and none of the approvals: what is wrong before is no notice.
    before = {*catalogue_faults(place.twin.home, program)[0]}
    for schema, table, name, made, is_open in behind.execute(_POLICIES).fetchall():
        on = sql.SQL("POLICY {} ON {}").format(sql.Identifier(name), sql.Identifier(schema, table))
        changes = {"dropped": sql.SQL("DROP {}").format(on)}
        # The policies of the roles behind the functions are open by design.
        if not is_open:
            changes["opened"] = sql.SQL("ALTER {} USING (true)").format(on)
        for word, change in changes.items():
            behind.execute(change)
            caught = bool({*catalogue_faults(place.twin.home, program)[0]} - before)
            behind.execute(
                sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(name), sql.Identifier(schema, table))
            )
            behind.execute(made.encode())
            yield f"{schema}.{table} {name} {word}", caught
