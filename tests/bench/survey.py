"""The notice's survey over a week: the product's engine beside the same question written straight.

    python -m tests.bench.survey SOURCE

The straight queries give final figures as known then, nothing else: no figures of steps, no second verdict, no
checks. Those named "recorded" look at recorded predecessors only, so they miss what the log has not recorded. The one
named "sessions" looks at the record before in the session, also on earlier days: it gives the survey's own figures.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from takuso.survey.duck import answer
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source

SURVEY: Final = Path(__file__).parents[2] / "surveys" / "notice-2022-12.yaml"
ROUNDS: Final = 3
Row = tuple[str, str, str, dict[str, Any]]

_SESSIONS: Final = "lag(screen) OVER (PARTITION BY session_id ORDER BY moment, screen, customer, action, terminal)"
STRAIGHT: Final = """
WITH log AS (
    SELECT "at" AS moment, user_id, session_id, screen, came_from, customer, action, terminal,
        CAST("at" + INTERVAL 9 HOUR AS DATE) AS day
    FROM read_parquet($log, hive_partitioning = false)
), reached AS (
    SELECT * FROM (SELECT *, {came_from} AS origin FROM log)
    WHERE screen = 'CI20' AND origin = 'KF10' AND day >= $first
), staff AS (
    SELECT r.*, p.person_id
    FROM reached AS r
    JOIN read_parquet($people) AS p
        ON r.user_id = p.user_id AND p.org = $org AND p.contractor_of IS NULL
        AND (p."from" IS NULL OR r.day >= p."from") AND (p."to" IS NULL OR r.day < p."to")
), others AS (
    SELECT DISTINCT f.person_id, f.customer, s.retailer, s."from"
    FROM staff AS f
    JOIN read_parquet($supply) AS s
        ON f.customer = s.customer
        AND f.day >= s."from" AND (s."to" IS NULL OR f.day < s."to")
        AND f.moment >= s.known_from AND (s.known_to IS NULL OR f.moment < s.known_to)
    WHERE s.retailer <> $org
)
SELECT count(DISTINCT person_id), count(DISTINCT (customer, retailer, "from")) FROM others
"""


def measure(source: Path) -> list[Row]:
    """(what, value, target, data) of each way; each round in a process of its own, the ways taken in turn."""
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in _WAYS}
    for _ in range(ROUNDS):
        for way in _WAYS:
            arguments = [sys.executable, "-m", "tests.bench.survey", str(source), way]
            taken[way].append(json.loads(subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout))
    return [_row(way, rounds) for way, rounds in taken.items()]


def _row(way: str, rounds: list[dict[str, Any]]) -> Row:
    best = min(rounds, key=lambda one: float(one["seconds"]))
    cost = f"{best['seconds']:.2f} s, CPU {best['cpu']:.2f} s, {best['peak_mb']:,} MB"
    what, _, target = _WAYS[way]
    return what, f"{cost} → {best['viewers']:,} / {best['contracts']:,}", target, {"rounds": rounds}


def _engine(source: Path) -> dict[str, Any]:
    marks: list[float] = []
    began = time.perf_counter()
    figures = answer(read_survey(SURVEY), open_source(source), lambda _: marks.append(cpu()))
    return {
        "seconds": figures.seconds,
        "cpu": marks[1] - marks[0],
        "with_list_and_checks": time.perf_counter() - began,
        "viewers": figures.then.viewers,
        "contracts": figures.then.contracts,
        "steps": [step.rows_out for step in figures.steps],
    }


def _duckdb(came_from: str, *, earlier: bool) -> Callable[[Path], dict[str, Any]]:
    def run(source: Path) -> dict[str, Any]:
        log, affiliate = _log(source, earlier=earlier)
        engine = duckdb.connect()
        engine.execute("SET TimeZone = 'UTC'")
        given = {"people": f"{source}/people.parquet", "supply": f"{source}/supply.parquet"}
        query, first = STRAIGHT.format(came_from=came_from), read_survey(SURVEY).period.start
        began, used = time.perf_counter(), cpu()
        ((viewers, contracts),) = engine.execute(
            query, {**given, "log": log, "org": affiliate, "first": first}
        ).fetchall()
        return _taken(began, used, viewers, contracts)

    return run


def _polars(source: Path) -> dict[str, Any]:
    log, affiliate = _log(source)
    began, used = time.perf_counter(), cpu()
    at, day = pl.col("at"), pl.col("day")
    reached = (
        pl.scan_parquet(log, hive_partitioning=False)
        .filter((pl.col("screen") == "CI20") & (pl.col("came_from") == "KF10"))
        .select("at", "user_id", "customer", (at + timedelta(hours=9)).dt.date().alias("day"))
    )
    people = pl.scan_parquet(source / "people.parquet")
    people = people.filter((pl.col("org") == affiliate) & pl.col("contractor_of").is_null())
    employed = (pl.col("from").is_null() | (day >= pl.col("from"))) & (pl.col("to").is_null() | (day < pl.col("to")))
    staff = reached.join(people, on="user_id").filter(employed).select("at", "day", "customer", "person_id")
    held = (day >= pl.col("from")) & (pl.col("to").is_null() | (day < pl.col("to")))
    known = (at >= pl.col("known_from")) & (pl.col("known_to").is_null() | (at < pl.col("known_to")))
    others = (
        pl.scan_parquet(source / "supply.parquet")
        .filter(pl.col("retailer") != affiliate)
        .join(staff, on="customer")
        .filter(held & known)
        .select(
            pl.col("person_id").n_unique().alias("viewers"),
            pl.struct("customer", "retailer", "from").n_unique().alias("contracts"),
        )
        .collect(engine="streaming")
    )
    return _taken(began, used, *others.row(0))


def _log(source: Path, *, earlier: bool = False) -> tuple[list[str], str]:
    survey = read_survey(SURVEY)
    opened = open_source(source)
    before = opened.log_before(survey.period) if earlier else ()
    return [str(file) for file in (*before, *opened.log(survey.period))], opened.meta.affiliate


def _taken(began: float, used: float, viewers: int, contracts: int) -> dict[str, Any]:
    return {
        "seconds": time.perf_counter() - began,
        "cpu": cpu() - used,
        "viewers": viewers,
        "contracts": contracts,
    }


def peak_mb() -> int:
    """The most memory that this process has had, in MB; what its parent had before it does not count."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def cpu() -> float:
    """Seconds of CPU of this process so far, with its children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime


_WAYS: Final[dict[str, tuple[str, Callable[[Path], dict[str, Any]], str]]] = {
    "engine": ("survey of the week, plain folder, engine", _engine, "≤ 1.3 s"),
    "duckdb": ("the same, straight DuckDB SQL, recorded", _duckdb("came_from", earlier=False), ""),
    "sessions": (
        "the same, straight DuckDB SQL, sessions",
        _duckdb(f"coalesce(came_from, {_SESSIONS})", earlier=True),
        "",
    ),
    "polars": ("the same, straight Polars, recorded", _polars, ""),
}


def main() -> None:
    """With a way: run it and print its figures. Without: all of them, as lines."""
    if len(sys.argv) > 2:
        found = _WAYS[sys.argv[2]][1](Path(sys.argv[1]))
        print(json.dumps({**found, "peak_mb": peak_mb()}))
        return
    for what, value, target, _ in measure(Path(sys.argv[1])):
        print(f"{what:48} {value:56} {target}")


if __name__ == "__main__":
    main()
