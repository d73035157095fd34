"""Jobs that can be cut off at any point, and that outlive a dead database."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.doors.jobs import LOGINS, heartbeat
from takuso.doors.jobs.work import JOBS, Done, Job, _run, once, work
from takuso.flow.points.operations import take_due_effects
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.cli.conftest import Takuso

Superuser = psycopg.Connection[Any]


@pytest.fixture
def pools(takuso: Takuso) -> Iterator[Pools]:
    """The logins of the jobs."""
    with Pools(takuso.home, LOGINS) as made:
        yield made


@pytest.fixture
def due(superuser: Superuser) -> list[int]:
    """Five points whose stamps are out of date: nobody's today, though history says otherwise."""
    rows = superuser.execute(
        "UPDATE wall.point SET due_on = wall.today(), holder_id = NULL, held_from = NULL, held_to = NULL"
        " WHERE id IN (SELECT id FROM wall.point WHERE holder_id IS NOT NULL ORDER BY id LIMIT 5) RETURNING id"
    ).fetchall()
    return sorted(row[0] for row in rows)


def _wrong(pools: Pools) -> int:
    with pools.pool("batch").connection() as connection:
        row = connection.execute("SELECT sum(differing) FROM points.stamp_differences()").fetchone()
    return int(row[0]) if row else 0


def test_effects_can_be_cut_off_and_taken_up(pools: Pools, due: list[int]) -> None:
    with pools.pool("batch").connection() as connection:
        cut_off = take_due_effects(connection, most=100)
        first = [next(cut_off), next(cut_off)]
        cut_off.close()
    assert _wrong(pools) == 3
    with pools.pool("batch").connection() as connection:
        rest = list(take_due_effects(connection, most=100))
        assert sorted(first + rest) == due
        assert list(take_due_effects(connection, most=100)) == []
    assert _wrong(pools) == 0


def test_one_bad_point_does_not_keep_the_others(pools: Pools, due: list[int], superuser: Superuser) -> None:
    superuser.execute(
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'TK999'; END $$"
    )
    superuser.execute("GRANT EXECUTE ON FUNCTION public.refuse() TO PUBLIC")
    superuser.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON wall.point FOR EACH ROW WHEN (old.id = "
        + str(due[2])
        + ") EXECUTE FUNCTION public.refuse()"
    )
    try:
        done = {entry.job: entry for entry in once(pools)}["points.take_effect"]
        assert done == Done(job="points.take_effect", changed=0, error="SQLSTATE TK999")
        assert _wrong(pools) == 1
    finally:
        superuser.execute("DROP TRIGGER refuse ON wall.point")
        superuser.execute("DROP FUNCTION public.refuse()")
    assert {entry.job: entry.changed for entry in once(pools)}["points.take_effect"] == 1
    assert _wrong(pools) == 0


def test_expired_tickets_are_swept(pools: Pools, superuser: Superuser) -> None:
    superuser.execute(
        "INSERT INTO wall.live_ticket (receipt, day, xid, proof_hash, login, viewer_org, opened, expires, kind)"
        " VALUES ('long-ago', '2020-01-01', '1', 'x', 'reader_retailer', 1, '2020-01-01', '2020-01-01', 'look')"
    )
    assert {entry.job: entry.changed for entry in once(pools)}["tickets.sweep"] == 1
    assert superuser.execute("SELECT 1 FROM wall.live_ticket WHERE receipt = 'long-ago'").fetchone() is None


def test_a_dead_database_is_an_answer(takuso: Takuso, tmp_path: Path, free_port: int) -> None:
    shutil.copytree(takuso.folder / "secrets", tmp_path / "secrets")
    home = Home(tmp_path, database_url=f"postgresql://127.0.0.1:{free_port}/takuso")
    with Pools(home, LOGINS) as pools:
        ended = _run(pools, "tickets.sweep", JOBS["tickets.sweep"])
    assert ended.error == "database unavailable"


def test_rounds_end_with_the_parent(takuso: Takuso) -> None:
    stop = threading.Event()
    work(takuso.home, stop, parent=os.getppid() + 1)
    assert stop.is_set()
    assert heartbeat(takuso.home).exists()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("bad address")])
def test_a_full_disk_or_a_bad_setting_ends_one_job_only(pools: Pools, error: Exception) -> None:
    def fails(*_: object) -> int:
        raise error

    assert _run(pools, "log.sequence", Job(login="sequencer", run=fails)) == Done(
        job="log.sequence", changed=0, error=type(error).__name__
    )
