"""Every fault of the database is really there when it is planted, makes the server unready, and leaves no trace."""

from collections.abc import Callable

import psycopg
import pytest
from django.conf import settings

from takuso.barrier.standing import Standing, stamp_findings
from takuso.main import program as whole_program
from takuso.proof.faults import changes, contents, database, second_person
from takuso.proof.faults.drill import Drill
from takuso.proof.faults.fault import DatabaseFault
from takuso.proof.verify import Verifier
from takuso.store import embedded
from takuso.store.pools import Pools
from tests.cli.conftest import Takuso
from tests.drill.conftest import Db
from tests.drill.dump import dump

FAULTS: tuple[DatabaseFault, ...] = (*database.FAULTS, *second_person.FAULTS, *contents.FAULTS)

_ANY = "SELECT count(*) > 0 FROM "
# What the fault opens, asked by whom, without any ticket: refused or nothing before, true while it is planted.
OPENS = {
    "ticket-policy-open": ("reader_network", f"{_ANY} points.contact_note"),
    "extra-policy": ("reader_network", "SELECT count(point) > 0 FROM points.bank_mandate"),
    "row-security-not-forced": ("owner", f"{_ANY} points.supply"),
    "row-security-off": ("reader_retailer", "SELECT count(name) > 0 FROM points.party"),
    "view-of-customers": ("reader_retailer", "SELECT count(name) > 0 FROM points.customer"),
    "view-beside-the-wall": ("web", "SELECT count(name) > 0 FROM web.recent_customer"),
    "materialized-usage": ("reader_retailer", f"{_ANY} points.usage_total"),
    "function-of-names": ("reader_retailer", "SELECT count(*) > 0 FROM points.names_like('')"),
    "table-without-class": ("reader_network", "SELECT count(memo) > 0 FROM points.customer_memo"),
    "log-partition-open": (
        "surveyor",
        "SELECT NOT relrowsecurity AND has_table_privilege(oid, 'SELECT') FROM pg_class WHERE relname = '{chosen}'",
    ),
    "stamp-readable": ("reader_retailer", "SELECT count(holder_id) = 0 FROM points.place"),
    "reader-writes": ("reader_network", "SELECT has_table_privilege('points.contact_note', 'TRUNCATE')"),
    "search-keys-readable": ("reader_retailer", f"{_ANY} search.entry"),
    "reader-bypasses-row-security": ("reader_retailer", "SELECT count(name) > 0 FROM points.party"),
    "reader-becomes-owner": ("reader_network", "SELECT pg_has_role('effector', 'MEMBER')"),
    "log-erasable": ("opener", "SELECT has_table_privilege('log.ticket', 'DELETE')"),
    "register-lies": ("reader_retailer", "SELECT count(holder_id) = 0 FROM points.party"),
    "stale-stamp": ("batch", "SELECT sum(differing) > 5 FROM points.stamp_differences()"),
}


def _open(superuser: Db, fault: DatabaseFault) -> bool:
    """Whether the way that the fault opens is open."""
    login, question = OPENS[fault.name]
    row = superuser.execute(fault.choose.encode()).fetchone() if fault.choose else None
    question = question.replace("{chosen}", str(row[0]) if row else "")
    try:
        superuser.execute(f"SET SESSION AUTHORIZATION {login}".encode())
        answer = superuser.execute(question.encode()).fetchone()
    except psycopg.errors.Error:
        return False
    finally:
        superuser.execute("RESET SESSION AUTHORIZATION")
    return bool(answer and answer[0])


@pytest.fixture
def verifier(redeploy: Callable[[], None]) -> Verifier:
    """The proof of the program as it is installed. Django takes a deployment's settings only before an office's."""
    if not settings.configured:
        redeploy()
    return Verifier(whole_program())


@pytest.fixture(scope="module")
def clean(takuso: Takuso) -> dict[str, list[str]]:
    """The database before the first fault."""
    with psycopg.connect(embedded.start(takuso.home).admin_url, dbname="takuso", autocommit=True) as connection:
        return dump(connection)


def _apart(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, set[str]]:
    return {name: set(before[name]) ^ set(after[name]) for name in before if before[name] != after[name]}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_planted_noticed_healed(
    takuso: Takuso,
    drill: Drill,
    standing: Standing,
    verifier: Verifier,
    superuser: Db,
    admin_url: str,
    redeploy: Callable[[], None],
    clean: dict[str, list[str]],
    fault: DatabaseFault,
) -> None:
    home = takuso.home
    assert fault.name not in OPENS or not _open(superuser, fault)
    drill.plant(home, fault.name, admin_url)
    assert fault.name not in OPENS or _open(superuser, fault)
    assert drill.planted(home) == fault.name
    assert _apart(clean, dump(superuser)), "nothing was changed"
    assert list(standing.faults()), "the server would be ready"
    for check in (fault.caught_by, *fault.also):
        report = verifier.verify(home, admin_url, only=[check], brief=True, fail_fast=True)
        assert not report.ok, f"{check} did not catch it"
    assert drill.heal(home, admin_url, redeploy) == fault.name
    assert drill.planted(home) is None
    assert _apart(clean, dump(superuser)) == {}
    assert [finding.what for finding in standing.findings() if finding.state == "bad"] == []
    with Pools(home, ["batch"]) as pools, pools.pool("batch").connection() as connection:
        assert stamp_findings(connection).state == "ok"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_undoing_what_is_not_there(
    takuso: Takuso, superuser: Db, admin_url: str, clean: dict[str, list[str]], fault: DatabaseFault
) -> None:
    """A drill that died before its transaction committed is healed like any other."""
    row = superuser.execute(fault.choose.encode()).fetchone() if fault.choose else None
    changes.undo(takuso.home, admin_url, fault, str(row[0]) if row else None)
    assert _apart(clean, dump(superuser)) == {}
