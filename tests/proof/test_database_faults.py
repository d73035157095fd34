"""Every fault of the database is really there when it is planted, makes the server unready, and leaves no trace."""

from collections.abc import Callable

import psycopg
import pytest

from takuso.barrier.standing import Standing, stamp_findings
from takuso.proof.faults import changes, contents, database
from takuso.proof.faults.drill import Drill
from takuso.proof.faults.fault import DatabaseFault
from takuso.store import embedded
from takuso.store.pools import Pools
from tests.cli.conftest import Takuso
from tests.proof.conftest import Db
from tests.proof.dump import dump

FAULTS: tuple[DatabaseFault, ...] = (*database.FAULTS, *contents.FAULTS)


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
    superuser: Db,
    admin_url: str,
    redeploy: Callable[[], None],
    clean: dict[str, list[str]],
    fault: DatabaseFault,
) -> None:
    home = takuso.home
    drill.plant(home, fault.name, admin_url)
    assert drill.planted(home) == fault.name
    assert _apart(clean, dump(superuser)), "nothing was changed"
    assert list(standing.faults()), "the server would be ready"
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
