"""Without the log nothing is shown: a day without a place in it, a log that cannot be written, a process that dies."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from takuso.accesslog.tickets import RequestId
from takuso.barrier.gate import Gate, GateClosed, Sight, Visit
from takuso.barrier.signin import Proof
from takuso.flow.points import queries
from takuso.store.home import Home
from tests.area import Customer
from tests.barrier.behind import Db, one, run


def _page(_: Sight) -> bytes:
    return b"page"


@contextmanager
def _done(eyes: Db, statement: str, undo: str) -> Iterator[None]:
    run(eyes, statement)
    try:
        yield
    finally:
        run(eyes, undo)


def _fails_closed(gate: Gate, proof: Proof, code: str) -> bool:
    """Whether nothing at all is rendered."""
    rendered: list[Sight] = []
    with pytest.raises(GateClosed):
        gate.look(Visit(proof=proof, screen="CI20"), asked=[code], queries=[queries.PLACE], render=rendered.append)  # type: ignore[arg-type]
    return not rendered


@pytest.mark.parametrize("table", ["ticket", "subject", "payload"])
def test_a_day_that_cannot_be_recorded_shows_nothing(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db, table: str
) -> None:
    day = RequestId.new().day
    part = f"log.{table}_{day:%Y%m%d}"
    bounds = f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
    with _done(
        eyes,
        f"ALTER TABLE log.{table} DETACH PARTITION {part}",
        f"ALTER TABLE log.{table} ATTACH PARTITION {part} {bounds}",
    ):
        for kind in ("own", "foreign"):
            assert _fails_closed(gate, aoi, customers[kind].code)
    assert gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=_page).shown


@pytest.mark.parametrize("table", ["log.ticket", "log.subject", "log.payload", "wall.live_ticket"])
def test_a_log_that_cannot_be_written_shows_nothing(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db, table: str
) -> None:
    with _done(eyes, f"REVOKE INSERT ON {table} FROM opener", f"GRANT INSERT ON {table} TO opener"):
        for kind in ("own", "foreign"):
            assert _fails_closed(gate, aoi, customers[kind].code)
        with pytest.raises(GateClosed):
            gate.search(Visit(proof=aoi, screen="KS10"), how="kana", term="シ", after=None, queries=[], render=_page)


def test_a_ticket_without_its_outcome_releases_no_byte(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], eyes: Db
) -> None:
    rendered = []

    def page(sight: Sight) -> bytes:
        rendered.append(sight.receipt)
        return b"page"

    revoked = _done(eyes, "REVOKE INSERT ON log.outcome FROM opener", "GRANT INSERT ON log.outcome TO opener")
    with revoked, pytest.raises(GateClosed):
        gate.look(Visit(proof=aoi, screen="CI20"), asked=[customers["own"].code], render=page)
    assert len(rendered) == 1
    assert run(eyes, "SELECT FROM log.outcome WHERE receipt = %s", rendered) == []


def test_a_log_that_does_not_answer_shows_nothing(
    gate: Gate, aoi: Proof, customers: dict[str, Customer], admin: str
) -> None:
    """Locked, as by a backup that went wrong: the wait is bounded, and then nothing is shown."""
    with psycopg.connect(admin) as behind:
        run(behind, "SELECT set_config('lock_timeout', '0', true)")
        run(behind, f"LOCK TABLE log.ticket_{RequestId.new().day:%Y%m%d} IN EXCLUSIVE MODE")
        assert _fails_closed(gate, aoi, customers["own"].code)


CRASH = """
import os, signal, sys
from pathlib import Path
from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import SignIns
from takuso.flow.points.queries import PLACE
from takuso.store.home import Home
from takuso.store.pools import Pools

path, url, code = sys.argv[1:]
home = Home(Path(path), database_url=url) if url else Home(Path(path))
pools = Pools(home, ("authn", "ticketer", "reader_retailer"))

def render(sight):
    sys.stdout.write(sight.receipt + " " + sight.rows(PLACE)[0].town)
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)

visit = Visit(proof=SignIns(pools).by_demo("aoi-clerk"), screen="CI20")
Gate(pools).look(visit, asked=[code], queries=[PLACE], render=render)
"""


def test_a_process_that_dies_with_the_rows_in_hand_leaves_its_ticket(
    home: Home, customers: dict[str, Customer], eyes: Db
) -> None:
    customer = customers["own"]
    url = "" if home.embedded else home.database_url
    died = subprocess.run(
        [sys.executable, "-c", CRASH, str(home.path), url, customer.code], capture_output=True, text=True, check=False
    )
    receipt, _, town = died.stdout.partition(" ")
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert town in customer.markers[customer.points[0]]
    decision = "SELECT decision FROM log.ticket WHERE receipt = %s"
    assert one(eyes, decision, [receipt]) == "shown"
    assert run(eyes, "SELECT point FROM log.subject WHERE receipt = %s", [receipt]) == [(customer.points[0],)]
    assert run(eyes, "SELECT FROM log.outcome WHERE receipt = %s", [receipt]) == []
