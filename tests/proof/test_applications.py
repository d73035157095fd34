"""Canary applications: the rule and the database agree on who sees which, and a hole in finding is seen."""

import psycopg
import pytest

from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.proof.agreement_cases import case_faults
from takuso.proof.applications import applications
from takuso.proof.desk import Site
from takuso.proof.people import RETAILERS, WALKERS


def test_every_copy_has_a_marker_of_its_own_and_a_holder_none_of_the_senders() -> None:
    planted = tuple(applications())
    markers = [copy.marker for one in planted for copy in one.copies]
    assert len(set(markers)) == len(markers)
    assert len({one.number for one in planted}) == len(planted) == len(RETAILERS) * (3 + len(RETAILERS) - 1)


# Each opens what one part of the finding or of the rule keeps shut.
HOLES = {
    "party": ("c.party = p_org AND (p_answers OR NOT c.confidential)));", "(p_answers OR NOT c.confidential)));"),
    "confidence": ("c.party = p_org AND (p_answers OR NOT c.confidential)));", "c.party = p_org));"),
}


@pytest.mark.parametrize("hole", ["", *HOLES])
def test_rule_and_database_agree_unless_the_finding_forgets(twin_site: Site, hole: str) -> None:
    gate, signins = Gate(twin_site.pools), SignIns(twin_site.pools)
    proofs = [(walker, signins.by_demo(walker.code)) for walker in WALKERS]
    with psycopg.connect(twin_site.twin.admin_url, autocommit=True) as behind:
        if hole:
            find = "reception.find(text,int,boolean,text,text,int)"
            (text,) = behind.execute("SELECT pg_get_functiondef(%s::regprocedure)", [find]).fetchone() or ("",)
            old, new = HOLES[hole]
            assert old in text
            behind.execute(text.replace(old, new).encode())
        wrong, asked = case_faults(twin_site, behind, gate, proofs)
    assert asked > 100
    assert bool(wrong) == bool(hole), wrong
