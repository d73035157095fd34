"""The legacy week as a source: what the contract of a survey source says of it, and what it refuses."""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from takuso.demo.companies import BY_CODE
from takuso.demo.legacy import AlreadyThere, TruthInside, write_week
from takuso.demo.legacy_numbers import PointNumbers, session_codes, session_strings
from takuso.demo.legacy_script import TooSmall
from takuso.demo.legacy_week import NotAShare, Week
from takuso.demo.numbering import supply_point
from takuso.kernel.numbers import CustomerCode, SupplyPointNumber

WEEK = Week(rows=30_000, points=6_000, seed=11)
AT = pa.timestamp("us", tz="UTC")


def silent(*_: object) -> None:
    """No progress shown."""


def digest(folder: Path) -> dict[str, str]:
    """Hash by path."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small week."""
    made = tmp_path_factory.mktemp("legacy") / "week"
    return write_week(WEEK, made, made.with_suffix(".json"), silent).out


def query(folder: Path, sql: str) -> list[Any]:
    """SQL over the source; LOG, PEOPLE and SUPPLY stand for its files."""
    for name, files in (("LOG", "log/*/*.parquet"), ("PEOPLE", "people.parquet"), ("SUPPLY", "supply.parquet")):
        sql = sql.replace(name, f"read_parquet('{folder / files}', hive_partitioning = {name == 'LOG'})")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def test_the_folder_is_as_the_contract_says(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    assert {name: meta[name] for name in ("network", "affiliate", "timezone")} == {
        "network": "aoi-nw",
        "affiliate": "aoi",
        "timezone": "Asia/Tokyo",
    }
    assert {
        "KF10": "口振異動通知",
        "CI20": "お客さま情報Ⅱ",
        "CI10": "お客さま情報Ⅰ",
        "MN00": "メニュー",
    }.items() <= meta["screens"].items()
    assert len(meta["screens"]) >= 16
    assert {path.name for path in folder.iterdir()} == {"meta.json", "log", "people.parquet", "supply.parquet"}
    assert [path.name for path in sorted((folder / "log").iterdir())] == [f"day=2022-12-{n:02d}" for n in range(5, 14)]
    assert all(len(list(day.glob("*.parquet"))) >= 2 for day in (folder / "log").iterdir())


def test_columns_have_the_types_of_the_contract(folder: Path) -> None:
    text = pa.string()
    names = ("user_id", "session_id", "screen", "came_from", "customer", "action", "terminal")
    for file in folder.glob("log/*/*.parquet"):
        assert pq.read_schema(file).equals(pa.schema([("at", AT), *((name, text) for name in names)]))
        assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"
    assert pq.read_schema(folder / "people.parquet").equals(
        pa.schema(
            [
                *((name, text) for name in ("user_id", "person_id", "org", "contractor_of")),
                ("from", pa.date32()),
                ("to", pa.date32()),
            ]
        )
    )
    assert pq.read_schema(folder / "supply.parquet").equals(
        pa.schema(
            [
                ("customer", text),
                ("retailer", text),
                ("from", pa.date32()),
                ("to", pa.date32()),
                ("known_from", AT),
                ("known_to", AT),
            ]
        )
    )


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("LOG", ("at", "user_id", "session_id", "screen", "customer", "action", "terminal")),
        ("PEOPLE", ("user_id", "person_id", "org", "from")),
        ("SUPPLY", ("customer", "retailer", "from", "known_from")),
    ],
)
def test_nothing_is_null_that_may_not_be(folder: Path, name: str, columns: tuple[str, ...]) -> None:
    nulls = " + ".join(f'count(*) FILTER ("{column}" IS NULL)' for column in columns)
    assert query(folder, f"SELECT {nulls} FROM {name}") == [(0,)]


def test_records_lie_in_the_folder_of_their_day(folder: Path) -> None:
    wrong = """SELECT count(*) FROM LOG WHERE CAST("at" + INTERVAL 9 HOUR AS DATE) <> day"""
    assert query(folder, wrong) == [(0,)]
    within = """SELECT count(*) FROM LOG WHERE day >= DATE '2022-12-06' AND day < DATE '2022-12-13'"""
    assert query(folder, within) == [(WEEK.rows,)]
    edges = query(folder, "SELECT count(*) FROM LOG WHERE day IN (DATE '2022-12-05', DATE '2022-12-13')")[0][0]
    assert 0 < edges < WEEK.rows // 50


def test_records_are_out_of_order_and_some_repeat(folder: Path) -> None:
    for file in folder.glob("log/day=2022-12-0[6-9]/*.parquet"):
        at = np.array(pq.read_table(file, partitioning=None)["at"].cast(pa.int64()))
        assert np.count_nonzero(np.diff(at) < 0) > len(at) // 3
    assert query(folder, "SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT * FROM LOG)) FROM LOG")[0][0] > 20


def test_one_id_has_one_person_on_every_day_of_the_log(folder: Path) -> None:
    held = query(
        folder,
        """SELECT min(n), max(n) FROM (
             SELECT l.user_id, l.day, count(p.person_id) AS n
             FROM (SELECT DISTINCT user_id, day FROM LOG) l
             LEFT JOIN PEOPLE p ON p.user_id = l.user_id AND p."from" <= l.day AND (p."to" IS NULL OR l.day < p."to")
             GROUP BY ALL)""",
    )
    assert held == [(1, 1)]
    double = """SELECT count(*) FROM PEOPLE a JOIN PEOPLE b ON a.user_id = b.user_id AND a."from" < b."from"
                WHERE a."to" IS NULL OR a."to" > b."from" """
    assert query(folder, double) == [(0,)]
    assert {row[0] for row in query(folder, "SELECT DISTINCT org FROM PEOPLE")} == set(BY_CODE)
    assert {row[0] for row in query(folder, "SELECT DISTINCT contractor_of FROM PEOPLE")} == {None, "aoi", "aoi-nw"}


def test_spells_of_a_point_never_overlap_at_the_same_known_time(folder: Path) -> None:
    overlapping = """
      WITH s AS (SELECT row_number() OVER () AS n, customer, "from" AS f, coalesce("to", DATE '9999-01-01') AS t,
        known_from AS kf, coalesce(known_to, TIMESTAMPTZ '9999-01-01') AS kt FROM SUPPLY)
      SELECT count(*) FROM s a JOIN s b ON a.customer = b.customer AND a.n < b.n
      WHERE a.f < b.t AND b.f < a.t AND a.kf < b.kt AND b.kf < a.kt"""
    assert query(folder, overlapping) == [(0,)]
    turned = """SELECT count(*) FROM SUPPLY WHERE "to" <= "from" OR known_to <= known_from"""
    assert query(folder, turned) == [(0,)]
    late = "SELECT count(*) FROM SUPPLY WHERE greatest(known_from, coalesce(known_to, known_from)) >= '2022-12-22'"
    assert query(folder, late) == [(0,)]


def test_supply_periods_that_have_ended_stand_first(folder: Path) -> None:
    ends = pq.read_table(folder / "supply.parquet", columns=["to"])["to"].to_pylist()
    known = [end for end in ends if end is not None]
    assert 0 < len(known) < len(ends)
    assert ends == sorted(known) + [None] * (len(ends) - len(known))


def test_customers_are_nobodys(folder: Path) -> None:
    numbers = [row[0] for row in query(folder, "SELECT DISTINCT customer FROM SUPPLY")]
    assert len(numbers) > 0.95 * WEEK.points
    for text in numbers[:500]:
        number = SupplyPointNumber.parse(text)
        code = CustomerCode.parse(text[3:17])
        assert number.area.code == "06"
        assert 1 <= int(code.text[:2]) <= 18
        assert 901 <= int(code.text[2:5]) <= 906
        assert text == supply_point(code.text, high=False, power=text[17] == "2", contracts=int(text[18]))


def test_no_two_points_or_sessions_have_one_number() -> None:
    numbers = PointNumbers(3)
    assert len(set(numbers.strings(np.arange(200_000)).to_pylist())) == 200_000
    assert numbers.text(4) == numbers.strings(np.array([4]))[0].as_py()
    codes = session_codes(19_332, np.arange(50_000))
    texts = session_strings(codes).to_pylist()
    assert len(set(texts)) == 50_000
    assert {text[:7] for text in texts} == {"S221206"}
    assert {len(text) for text in texts} == {14}


def test_the_share_of_missing_predecessors_is_the_one_asked_for(tmp_path: Path) -> None:
    for missing in (0.0, 0.5, 1.0):
        out = write_week(
            replace(WEEK, missing=missing), tmp_path / f"{missing}", tmp_path / f"{missing}.json", silent
        ).out
        share = query(out, "SELECT avg((came_from IS NULL)::INT) FROM LOG")[0][0]
        # First records of sessions have no predecessor either.
        assert missing <= share + 0.02 <= missing + 0.1


def test_the_same_week_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    cores, threads = pa.cpu_count(), pa.io_thread_count()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        again = write_week(WEEK, tmp_path / "again", tmp_path / "again.json", silent)
    finally:
        pa.set_cpu_count(cores)
        pa.set_io_thread_count(threads)
    assert digest(again.out) == digest(folder)
    assert again.truth.read_bytes() == folder.with_suffix(".json").read_bytes()
    other = write_week(replace(WEEK, seed=12), tmp_path / "other", tmp_path / "other.json", silent)
    assert all(digest(other.out)[name] != hash_ for name, hash_ in digest(folder).items() if name != "meta.json")


def test_progress_reaches_each_total(tmp_path: Path) -> None:
    told: dict[str, tuple[int, int]] = {}

    def show(stage: str, done: int, total: int) -> None:
        assert told.get(stage, (0, total))[0] <= done <= total
        told[stage] = (done, total)

    write_week(WEEK, tmp_path / "week", tmp_path / "truth.json", show)
    assert all(done == total for done, total in told.values())
    assert told["アクセスログ"] == (WEEK.rows, WEEK.rows)
    assert told["供給の履歴"] == (WEEK.points, WEEK.points)


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "week").mkdir()
    with pytest.raises(AlreadyThere, match="week"):
        write_week(WEEK, tmp_path / "week", tmp_path / "truth.json", silent)
    (tmp_path / "truth.json").write_text("mine")
    with pytest.raises(AlreadyThere, match=r"truth\.json"):
        write_week(WEEK, tmp_path / "other", tmp_path / "truth.json", silent)
    assert (tmp_path / "truth.json").read_text() == "mine"
    assert not (tmp_path / "other").exists()


def test_the_truth_stays_outside(tmp_path: Path) -> None:
    with pytest.raises(TruthInside):
        write_week(WEEK, tmp_path / "week", tmp_path / "week" / "truth.json", silent)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("week", [Week(rows=20, points=6_000), Week(rows=30_000, points=10)])
def test_too_small_a_week_names_the_size_that_does(tmp_path: Path, week: Week) -> None:
    with pytest.raises(TooSmall) as refused:
        write_week(week, tmp_path / "week", tmp_path / "truth.json", silent)
    assert list(tmp_path.iterdir()) == []
    option, least = str(refused.value).split("対処: ")[1].split(" を ")
    size = int(least.split(" ")[0].replace(",", ""))
    enough = replace(week, rows=size) if option == "--rows" else replace(week, points=size)
    assert write_week(enough, tmp_path / "week", tmp_path / "truth.json", silent).rows == enough.rows


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(NotAShare):
        Week(missing=share)


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    def fail(stage: str, done: int, total: int) -> None:
        if stage == "アクセスログ" and done:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        write_week(WEEK, tmp_path / "week", tmp_path / "truth.json", fail)
    assert list(tmp_path.iterdir()) == []


SMALL = ("--rows", "5000", "--points", "2000", "--seed", "4")


def run(*arguments: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """`takuso demo log`, with at most `limit` bytes in a file."""

    def bound() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-m", "takuso.main", "demo", "log", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=bound,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "week"
    done = run(*SMALL, "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    told = json.loads(done.stdout)
    assert told.pop("seconds") > 0
    truth = f"{out}.truth.json"
    figures = {"rows": 5000, "points": 2000, "days": 7, "viewers": 1, "contracts": 1}
    assert told == {**figures, "out": str(out), "truth": truth}
    assert json.loads(Path(truth).read_text())["period"] == [str(date(2022, 12, 6)), str(date(2022, 12, 13))]
    stages = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert stages == ["担当者", "供給の履歴", "アクセスログ"]


def test_two_runs_of_the_command_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run(*SMALL, "--out", str(tmp_path / name)).returncode == 0
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    assert (tmp_path / "one.truth.json").read_bytes() == (tmp_path / "two.truth.json").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--rows", "0"), 2, "--rows"),
        (("--rows", "many"), 2, "--rows"),
        (("--rows", "30"), 2, "--rows を"),
        (("--points", "9"), 2, "--points を"),
        (("--seed", "-1"), 2, "--seed"),
        (("--missing-predecessors", "1.5"), 2, "--missing-predecessors"),
        (("--missing-predecessors", "nan"), 2, "--missing-predecessors"),
        (("--truth", "week/truth.json"), 2, "--truth"),
        (("--points", "100000000", "--rows", "900000000000"), 3, "空きが足りません"),
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    given = [str(tmp_path / word) if word.startswith("week") else word for word in arguments]
    done = run(*SMALL, "--out", str(tmp_path / "week"), *given)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "対処: " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_refused(tmp_path: Path) -> None:
    done = run(*SMALL, "--out", str(tmp_path))
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr


def test_a_disk_that_takes_no_more_is_named_and_left_clean(tmp_path: Path) -> None:
    done = run(*SMALL, "--out", str(tmp_path / "week"), limit=20_000)
    assert done.returncode == 3, done.stderr
    assert "書けませんでした" in done.stderr
    assert "対処: " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_leaves_no_folder_under_the_name(tmp_path: Path) -> None:
    out = tmp_path / "week"
    words = [sys.executable, "-m", "takuso.main", "demo", "log", "--points", "3000000", "--out", str(out)]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        for _ in range(600):
            if list(tmp_path.glob(".week.*/supply.parquet")):
                break
            time.sleep(0.05)
        else:
            pytest.fail("nothing was begun")
        os.kill(process.pid, signal.SIGKILL)
    assert not out.exists()
    assert not out.with_name("week.truth.json").exists()
