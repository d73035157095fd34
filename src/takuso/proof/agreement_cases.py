"""Part of check `agreement`: who is shown which application, asked of the rule and of the database.

A screen of applications exists in the twin alone. Every person opens every canary application by its number; what
the database named in the ticket must be what the rule says, and a number of others is named no more than one that
does not exist.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg

from takuso.barrier.gate import ActionRefused, Cases, Gate, Visit
from takuso.barrier.matrix import ACTIONS
from takuso.barrier.signin import Proof
from takuso.proof.applications import ABSENT, Application, plant_applications, shows
from takuso.proof.desk import Site
from takuso.proof.judge import Wrong
from takuso.proof.people import REFERENCES, Walker

SCREEN: Final = "ZZ92"
_ACTIONS: Final = ["reception.answer", "reception.apply", "reception.read"]
_NAMED: Final = "SELECT count(*) FROM log.subject WHERE receipt = %s AND granted = '{G}'"


def plant_cases(behind: psycopg.Connection[Any], site: Site) -> tuple[Application, ...]:
    """The screen and the applications; for the first time on this twin, or as they are."""
    behind.execute(
        "INSERT INTO wall.screen (code, version, name, view, kind, classes, actions)"
        " VALUES (%s, 1, %s, 'current', 'cases', '{G}', %s) ON CONFLICT DO NOTHING",
        [SCREEN, "検証", _ACTIONS],
    )
    behind.execute("DELETE FROM reception.copy")
    behind.execute("DELETE FROM reception.application")
    return plant_applications(behind, site.canaries)


def case_faults(
    site: Site, behind: psycopg.Connection[Any], gate: Gate, proofs: Sequence[tuple[Walker, Proof]]
) -> tuple[list[Wrong], int]:
    """(where, what) of every application that rule and database judge differently, and how many were asked."""
    planted = plant_cases(behind, site)
    wrong: list[Wrong] = []
    for walker, proof in proofs:
        if any(walker.duty in ACTIONS[action] for action in _ACTIONS):
            wrong += _of_walker(site, behind, gate, walker, proof, planted)
    return wrong, len(proofs) * (len(planted) + 1)


def _of_walker(
    site: Site,
    behind: psycopg.Connection[Any],
    gate: Gate,
    walker: Walker,
    proof: Proof,
    planted: Sequence[Application],
) -> Iterator[Wrong]:
    if walker.purpose is not None:
        for scope in ("*", *sorted({site.canaries.customers[one.kind].code for one in planted})):
            visit = Visit(proof=proof, screen=SCREEN)
            gate.state_purpose(visit, code=walker.purpose, reference=REFERENCES[walker.purpose], scope=scope)
    for number, wanted in [*((one.number, shows(walker, one, site.canaries)) for one in planted), (ABSENT, False)]:
        where = f"{walker.code} × 申込 {number}"
        try:
            visit = Visit(proof=proof, screen=SCREEN)
            seen = gate.cases(visit, which=Cases(number=number), queries=(), render=lambda _: b"")
        except ActionRefused:
            yield where, "申込の画面を開けません"
            continue
        (named,) = behind.execute(_NAMED, [seen.receipt]).fetchone() or (0,)
        if bool(named) != wanted or seen.shown != wanted:
            yield where, f"規則は{'見せる' if wanted else '見せない'}、データベースはその逆です"
