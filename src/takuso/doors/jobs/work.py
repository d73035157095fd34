"""One round of the jobs, and rounds without end."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import psycopg
import structlog

from takuso.accesslog import erasures
from takuso.accesslog.sequencer import ForeignCheckpoint, LeavesLoose, LogSetBack, sequence
from takuso.accesslog.timestamps import NoTimestamp, stamp_due
from takuso.barrier.fingerprint import catalogue_hash
from takuso.barrier.standing import extend_log, sweep, tally
from takuso.doors.jobs import EVERY, LOGINS, heartbeat
from takuso.flow.points.operations import take_due_effects
from takuso.flow.reception.turns import take_turns
from takuso.store.home import CorruptHome, Home
from takuso.store.pools import Pools, StoreUnavailable

_DAYS_AHEAD: Final = 40
_TURN: Final = "reception.turn"
_AT_A_TIME: Final = 1_000
log: Final = structlog.get_logger("takuso.doors.jobs")

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job, its login, and what it does: returns how many rows, tables or points it changed."""

    login: str
    run: Callable[[Connection, Home], int]


def _effects(connection: Connection, _: Home) -> int:
    return sum(1 for _ in take_due_effects(connection, most=_AT_A_TIME))


def _turns(connection: Connection, _: Home) -> int:
    return sum(take_turns(connection, most=_AT_A_TIME))


def _sequence(connection: Connection, home: Home) -> int:
    erasures.keep(connection, home)
    return sequence(connection, home, catalogue_hash(connection))


JOBS: Final[Mapping[str, Job]] = MappingProxyType(
    {
        "tickets.sweep": Job(login="ticketer", run=lambda connection, _: sweep(connection)),
        "log.extend": Job(login="sequencer", run=lambda connection, _: extend_log(connection, _DAYS_AHEAD)),
        "log.sequence": Job(login="sequencer", run=_sequence),
        _TURN: Job(login="reception", run=_turns),
        "points.take_effect": Job(login="batch", run=_effects),
        "log.tally": Job(login="sequencer", run=lambda connection, _: tally(connection)),
        # Waits for somebody else's clock: last.
        "log.timestamp": Job(login="sequencer", run=stamp_due),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a job ended: what it changed, or why it could not (an error's name or SQLSTATE, never its text)."""

    job: str
    changed: int
    error: str | None = None


def once(pools: Pools) -> list[Done]:
    """Every job once, in order; a job that fails does not keep the next one."""
    return [_run(pools, name, job) for name, job in JOBS.items()]


def one(pools: Pools, name: str) -> Done:
    """One job, by its name."""
    return _run(pools, name, JOBS[name])


def _run(pools: Pools, name: str, job: Job) -> Done:
    try:
        with pools.pool(job.login).connection() as connection:
            changed = job.run(connection, pools.home)
    except StoreUnavailable:
        return _failed(name, "database unavailable")
    except (LogSetBack, LeavesLoose, ForeignCheckpoint, NoTimestamp, CorruptHome) as error:
        return _failed(name, type(error).__name__)
    except psycopg.Error as error:
        return _failed(name, f"SQLSTATE {error.sqlstate}")
    except (OSError, ValueError) as error:
        # A full disk, or a setting that cannot be used: the next job and the next round go on.
        return _failed(name, type(error).__name__)
    if changed:
        log.info("job done", job=name, changed=changed)
    return Done(job=name, changed=changed)


def _failed(name: str, why: str) -> Done:
    log.warning("job failed", job=name, error=why)
    return Done(job=name, changed=0, error=why)


def work(home: Home, stop: threading.Event, *, parent: int | None) -> None:
    """Rounds every 15 seconds until `stop` is set or the process `parent` is no longer ours."""
    log.info("jobs started", every_seconds=EVERY)
    with Pools(home, LOGINS, dict.fromkeys(LOGINS, 1)) as pools:
        while not stop.is_set():
            once(pools)
            with suppress(OSError):
                # A full disk: doctor says that the jobs are late.
                heartbeat(home).touch(mode=0o600)
            _pause(stop, parent, pools)
    log.info("jobs stopped")


def _pause(stop: threading.Event, parent: int | None, pools: Pools) -> None:
    """Between the rounds the reception goes on: whoever files is waiting for what becomes of it.

    After a failure it waits for the next round, as every job does.
    """
    end, goes = time.monotonic() + EVERY, True
    while not stop.wait(0.5) and time.monotonic() < end:
        goes = goes and one(pools, _TURN).error is None
        if parent is not None and os.getppid() != parent:
            stop.set()
