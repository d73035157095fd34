"""What is planted in the legacy week is what plain SQL finds in it, and what a careless survey would not find."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from takuso.demo.legacy import rehearse, write_week
from takuso.demo.legacy_kinds import KINDS, MISSES
from takuso.demo.legacy_leak import slots
from takuso.demo.legacy_numbers import PointNumbers, person_id
from takuso.demo.legacy_truth import contract_key
from takuso.demo.legacy_week import FULL_CONTRACTS, FULL_ROWS, FULL_VIEWERS, Week

HUNDREDTH = Week(rows=96_609, points=30_000, seed=6, missing=0.1)
# 1:100 has room for 13 contracts; these two variants come after them.
LATE = {"corrected_to_vacant", "other_customer_before"}

VIEWS = """
WITH seen AS (
  SELECT l.*, coalesce(came_from, lag(screen) OVER (
    PARTITION BY session_id ORDER BY "at", screen, customer, "action", terminal)) AS before
  FROM log l),
asked AS (
  SELECT s.*, CAST("at" + INTERVAL 9 HOUR AS DATE) AS jst FROM seen s
  WHERE screen = 'CI20' AND before = 'KF10'
    AND "at" >= TIMESTAMP '2022-12-05 15:00:00' AND "at" < TIMESTAMP '2022-12-12 15:00:00')
SELECT p.person_id AS viewer, a.customer, a."at", a.user_id,
  concat_ws('|', h.customer, h.retailer, h."from") AS contract
FROM asked a
JOIN people p ON p.user_id = a.user_id AND p."from" <= a.jst AND (p."to" IS NULL OR a.jst < p."to")
JOIN supply h ON h.customer = a.customer AND h."from" <= a.jst AND (h."to" IS NULL OR a.jst < h."to")
WHERE p.org = 'aoi' AND h.retailer <> 'aoi' AND {known}
"""
THEN = """h.known_from <= a."at" AND (h.known_to IS NULL OR a."at" < h.known_to)"""
NOW = "h.known_to IS NULL"


def tables(source: Path) -> duckdb.DuckDBPyConnection:
    """The source as tables, times without a zone."""
    found = duckdb.connect()
    found.execute("SET TimeZone = 'UTC'")
    found.execute(f"""CREATE TABLE log AS SELECT "at"::TIMESTAMP AS "at", * EXCLUDE ("at", day)
        FROM read_parquet('{source}/log/*/*.parquet', hive_partitioning = true)""")
    found.execute(f"CREATE TABLE people AS FROM '{source}/people.parquet'")
    found.execute(f"""CREATE TABLE supply AS SELECT customer, retailer, "from", "to",
        known_from::TIMESTAMP AS known_from, known_to::TIMESTAMP AS known_to FROM '{source}/supply.parquet'""")
    return found


def figures(source: duckdb.DuckDBPyConnection, known: str, query: str = VIEWS) -> tuple[int, int]:
    """Viewers and contracts."""
    row = source.execute(f"SELECT count(DISTINCT viewer), count(DISTINCT contract) FROM ({query.format(known=known)})")
    found: tuple[int, int] = row.fetchall()[0]
    return found


def written(week: Week, folder: Path) -> tuple[Path, dict[str, Any]]:
    """A week on the disk, and its truth."""
    done = write_week(week, folder, folder.with_name(f"{folder.name}.truth.json"), lambda *_: None)
    return done.out, json.loads(done.truth.read_text())


@pytest.fixture(scope="module")
def hundredth(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """1:100."""
    return written(HUNDREDTH, tmp_path_factory.mktemp("legacy") / "week")


@pytest.fixture(scope="module")
def source(hundredth: tuple[Path, dict[str, Any]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """1:100 as tables."""
    with tables(hundredth[0]) as found:
        yield found


def test_the_full_size_is_the_notices() -> None:
    week = Week()
    assert (week.rows, week.viewers, week.contracts) == (9_660_899, 329, 1_327)
    assert (FULL_ROWS, FULL_VIEWERS, FULL_CONTRACTS) == (9_660_899, 329, 1_327)


@pytest.mark.parametrize(("rows", "viewers", "contracts"), [(96_609, 3, 13), (966_090, 33, 133), (1_000, 1, 1)])
def test_smaller_weeks_have_a_proportional_leak(rows: int, viewers: int, contracts: int) -> None:
    week = Week(rows=rows)
    assert (week.viewers, week.contracts) == (viewers, contracts)


@pytest.mark.parametrize("contracts", [1, 2, 11, 12, 13, 14, 15, 40, 1_327])
def test_slots_hold_exactly_the_contracts(contracts: int) -> None:
    kinds = list(slots(contracts))
    assert len(kinds) + kinds.count("two_contracts") == contracts


def test_the_rehearsed_truth_of_the_full_week_is_the_notices() -> None:
    script = rehearse(Week())
    found = [case for case in script.cases if case.then is not None]
    assert len({case.access.person for case in found}) == 329
    assert len({(case.then.point, case.then.retailer, case.then.since) for case in found if case.then}) == 1_327
    assert {kind for case in script.cases for kind in case.kinds} == set(KINDS)


@pytest.mark.parametrize("name", sorted(set(KINDS) - LATE))
def test_every_kind_stands_in_a_hundredth(hundredth: tuple[Path, dict[str, Any]], name: str) -> None:
    kind = hundredth[1]["kinds"][name]
    assert kind["views"] >= 1
    assert kind["examples"]
    assert (kind["found_then"] > 0) == (kind["then"] == "in")
    if name not in {"corrected_to_own", "duplicate", "several_ids", "transferred_as_affiliate", "handed_over_id"}:
        assert (kind["found_now"] > 0) == (kind["now"] == "in")


def test_plain_sql_finds_each_planted_view_as_it_was_meant(source: duckdb.DuckDBPyConnection) -> None:
    script, numbers = rehearse(HUNDREDTH), PointNumbers(HUNDREDTH.seed)
    for known, moment in ((THEN, "then"), (NOW, "now")):
        found = source.execute(VIEWS.format(known=known)).fetchall()
        seen = {(viewer, customer, at, contract) for viewer, customer, at, _, contract in found}
        meant = set()
        for case in script.cases:
            spell = case.then if moment == "then" else case.now
            if spell:
                at = np.datetime64(case.at, "us").item()
                person = person_id(case.access.person)
                meant.add((person, numbers.text(case.point), at, contract_key(numbers, spell)))
        assert seen == meant


def test_the_truth_tells_the_sets(source: duckdb.DuckDBPyConnection, hundredth: tuple[Path, dict[str, Any]]) -> None:
    for known, told in ((THEN, hundredth[1]["then"]), (NOW, hundredth[1]["now"])):
        rows = source.execute(VIEWS.format(known=known)).fetchall()
        assert sorted({row[0] for row in rows}) == told["viewer_ids"]
        assert sorted({row[4] for row in rows}) == told["contract_keys"]
        assert (told["viewers"], told["contracts"]) == (len(told["viewer_ids"]), len(told["contract_keys"]))
    assert hundredth[1]["then"]["viewers"] != hundredth[1]["now"]["viewers"]
    assert hundredth[1]["then"]["contracts"] != hundredth[1]["now"]["contracts"]


def test_contractors_would_add_what_the_truth_says(
    source: duckdb.DuckDBPyConnection, hundredth: tuple[Path, dict[str, Any]]
) -> None:
    told = hundredth[1]["with_contractors"]
    query = VIEWS.replace("p.org = 'aoi'", "(p.org = 'aoi' OR p.contractor_of = 'aoi')")
    assert figures(source, THEN, query) == (told["viewers"], told["contracts"])
    assert told["viewers"] > hundredth[1]["then"]["viewers"]


@pytest.mark.parametrize("missing", [0.0, 1 / 3, 1.0])
@pytest.mark.parametrize(
    ("rows", "points", "seed"), [(186, 1_000, 1), (5_000, 2_000, 2), (20_000, 4_000, 3), (150_000, 9_000, 4)]
)
def test_the_planted_figures_are_found(tmp_path: Path, rows: int, points: int, seed: int, missing: float) -> None:
    week = Week(rows=rows, points=points, seed=seed, missing=missing)
    folder, truth = written(week, tmp_path / "week")
    source = tables(folder)
    assert figures(source, THEN) == (week.viewers, week.contracts)
    assert figures(source, NOW) == (truth["now"]["viewers"], truth["now"]["contracts"])
    assert source.execute(
        """SELECT count(*) FROM log WHERE "at" >= TIMESTAMP '2022-12-05 15:00:00'
           AND "at" < TIMESTAMP '2022-12-12 15:00:00'"""
    ).fetchall() == [(rows,)]
    views = {name: kind["views"] for name, kind in truth["kinds"].items()}
    assert all(views[kind.name] for kind in MISSES), views


def test_predecessors_left_out_by_hand_change_nothing(hundredth: tuple[Path, dict[str, Any]]) -> None:
    source, truth = tables(hundredth[0]), hundredth[1]
    source.execute("UPDATE log SET came_from = NULL")
    assert figures(source, THEN) == (truth["then"]["viewers"], truth["then"]["contracts"])
    assert figures(source, NOW) == (truth["now"]["viewers"], truth["now"]["contracts"])


def test_no_order_and_no_split_of_files_matters(hundredth: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, truth = hundredth
    for name in ("people.parquet", "supply.parquet"):
        table = pq.read_table(folder / name)
        pq.write_table(table.take(np.arange(len(table))[::-1]), tmp_path / name)
    for day in sorted((folder / "log").iterdir()):
        table = pa.concat_tables([pq.read_table(file, partitioning=None) for file in sorted(day.iterdir())])
        table = table.sort_by([("customer", "descending"), ("at", "descending")])
        (tmp_path / "log" / day.name).mkdir(parents=True)
        for number in range(3):
            rows = np.arange(number, len(table), 3)
            pq.write_table(table.take(rows), tmp_path / "log" / day.name / f"{number}.parquet")
    source = tables(tmp_path)
    assert figures(source, THEN) == (truth["then"]["viewers"], truth["then"]["contracts"])
    assert figures(source, NOW) == (truth["now"]["viewers"], truth["now"]["contracts"])


CARELESS = {
    "any predecessor": ("AND before = 'KF10'", ""),
    "predecessor by user": ("PARTITION BY session_id", "PARTITION BY user_id"),
    "predecessor by terminal": ("PARTITION BY session_id", "PARTITION BY terminal"),
    "predecessor only if recorded": ("coalesce(came_from, lag(screen)", "coalesce(came_from, lag(NULL::VARCHAR)"),
    "predecessor within the day": (
        "PARTITION BY session_id",
        'PARTITION BY session_id, CAST("at" + INTERVAL 9 HOUR AS DATE)',
    ),
    "every screen": ("screen = 'CI20' AND", ""),
    "days of UTC": ('CAST("at" + INTERVAL 9 HOUR AS DATE)', 'CAST("at" AS DATE)'),
    "the day after counts": ("2022-12-12 15:00:00", "2022-12-13 15:00:00"),
    "the day before counts": ("2022-12-05 15:00:00", "2022-12-04 15:00:00"),
    "the last moment of the period left out": ("2022-12-12 15:00:00", "2022-12-12 14:00:00"),
    "IDs for persons": ("p.person_id AS viewer", "a.user_id AS viewer"),
    "customers for contracts": (
        "concat_ws('|', h.customer, h.retailer, h.\"from\") AS contract",
        "h.customer AS contract",
    ),
    "whoever was ever employed": ("""p."from" <= a.jst AND (p."to" IS NULL OR a.jst < p."to")""", "true"),
    "employed now": ("""p."from" <= a.jst AND (p."to" IS NULL OR a.jst < p."to")""", 'p."to" IS NULL'),
    "everybody's staff": ("p.org = 'aoi' AND", ""),
    "own customers too": ("AND h.retailer <> 'aoi'", ""),
    "switch counts from the next day": ("""h."from" <= a.jst""", """h."from" < a.jst"""),
    "switch day counts for the old": ("""a.jst < h."to")""", """a.jst <= h."to")"""),
    "ever supplied by another": (
        """h."from" <= a.jst AND (h."to" IS NULL OR a.jst < h."to")""",
        """true""",
    ),
    "supplied by another today": (
        """h."from" <= a.jst AND (h."to" IS NULL OR a.jst < h."to")""",
        """h."from" <= DATE '2022-12-22' AND (h."to" IS NULL OR h."to" > DATE '2022-12-22')""",
    ),
    "whatever was ever known": ("AND {known}", ""),
    "known until and at": ("{known}", """h.known_from <= a."at" AND (h.known_to IS NULL OR a."at" <= h.known_to)"""),
    "as known now": ("{known}", NOW),
}


@pytest.mark.parametrize("mistake", CARELESS)
def test_a_careless_survey_gets_other_figures(
    source: duckdb.DuckDBPyConnection, hundredth: tuple[Path, dict[str, Any]], mistake: str
) -> None:
    right, wrong = CARELESS[mistake]
    assert right in VIEWS
    told = hundredth[1]["then"]
    assert figures(source, THEN, VIEWS.replace(right, wrong)) != (told["viewers"], told["contracts"])


def test_unlinked_seeds_give_unlike_weeks() -> None:
    one, other = (rehearse(replace(HUNDREDTH, seed=seed)) for seed in (1, 2))
    assert set(one.taken) != set(other.taken)
    assert one.records != other.records
