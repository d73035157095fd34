"""Spark gives the figures, findings, evidence and refusals of DuckDB: random small sources, every step, faults."""

import stat
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from takuso.doors.cli.program import run as command
from takuso.main import house
from takuso.survey.checks import UnknownOrganisation
from takuso.survey.definition import Survey
from takuso.survey.duck import EngineFailed, NoRecords, answer
from takuso.survey.figures import Figures
from takuso.survey.reading import read_survey
from takuso.survey.restating import evidence as evidence_module
from takuso.survey.restating.evidence import evidence
from takuso.survey.source import SourceFault, open_source
from takuso.survey.spark.cluster import WrongCluster, cluster
from takuso.survey.spark.engine import Spark
from takuso.survey.spark.views import spelled
from tests.survey import oracle
from tests.survey.lay import AOI, ASAHI, DAY, HIKARI, NOTICE, Place, Post, Record, Supply, ask, jst, point
from tests.survey.sparks import HOME, NEEDS_JAVA, here, quiet, same, started
from tests.survey.test_bad_sources import FAULTS, GOOD, LOG, PEOPLE, SUPPLY
from tests.survey.test_oracle import END, FIRST, KNOWN, PLACES, STEPS
from tests.survey.test_result import PLACE

NOWHERE = cluster("local", None, None, "/nowhere")
"""A place to compute that cannot be started."""
NEIGHBOURS = (Post("u1", "p9", AOI, None, None, DAY), Post("u1", "p1", AOI, None, DAY))
SEED = Record(jst(DAY, 9), "nobody", "s9", "MN00", None, "")
# The notice's own order is asked of the cluster.
ORDERS: dict[str, list[dict[str, Any]]] = {
    "predecessors first": [
        {"kind": "reached_from", "from": ["KF10", "CI20"]},
        {"kind": "customer_held_by_other", "organisation": "network"},
        {"kind": "viewer_affiliation", "organisation": "affiliate", "contractors": True},
    ],
    "taken in after holders": [
        {"kind": "customer_held_by_other", "organisation": "affiliate"},
        {"kind": "screens", "screens": ["KF10"]},
        {"kind": "include", "except": ["KF10"]},
        {"kind": "reached_from", "from": ["CI20", "KF10"], "screens": ["CI10", "CI20"]},
        {"kind": "exclude", "screens": ["CI10"]},
    ],
    "taken in again": [
        {"kind": "exclude", "except": ["CI20", "KF10"]},
        {"kind": "screens", "screens": ["KF10"]},
        {"kind": "include", "screens": ["CI20", "CI10"]},
        {"kind": "annotate", "screens": ["CI10"]},
        {"kind": "include", "except": ["CI20"]},
        {"kind": "viewer_affiliation", "organisation": "affiliate"},
    ],
    "nothing left": [{"kind": "screens", "screens": ["XX99"]}, {"kind": "reached_from", "from": ["KF10"]}],
}


WORKED_FOR = PLACE.but(people=[*PLACE.people, *KNOWN])
"""Every organisation is known."""


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    with started(here()) as made:
        yield made


@NEEDS_JAVA
@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(place=PLACES, steps=STEPS)
def test_random_sources_give_what_duckdb_and_the_oracle_give(
    spark: Spark, place: Place, steps: list[dict[str, Any]]
) -> None:
    whole = place.but(records=[*place.records, SEED], people=[*place.people, *KNOWN])
    with tempfile.TemporaryDirectory() as folder:
        got = same(spark, whole.write(Path(folder) / "source"), steps)
    expected = oracle.survey(whole, steps, FIRST, END)
    assert [(s.rows_in, s.rows_out, s.count.viewers, s.count.contracts) for s in got.steps] == expected.steps
    assert (got.now.viewers, got.now.contracts) == expected.now


@NEEDS_JAVA
@pytest.mark.parametrize("order", ORDERS)
def test_every_step_in_several_orders(order: str, spark: Spark, tmp_path: Path) -> None:
    source = WORKED_FOR.write(tmp_path / "source")
    got = same(spark, source, ORDERS[order])
    assert (got.findings == []) == (order == "nothing left")


@NEEDS_JAVA
def test_too_many_records_in_question_leave_the_found_ones(
    spark: Spark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_module, "MOST", 5)
    source = open_source(PLACE.write(tmp_path / "source"))
    survey = read_survey(ask(tmp_path / "survey.yaml", ORDERS["taken in after holders"]))
    mine, theirs = spark.evidence(survey, source), evidence(survey, source)
    assert (mine.whole, theirs.whole) == (False, False)
    assert mine.table.num_rows > 0
    assert mine.table.equals(theirs.table)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [("'a'", "'a'"), ("'it''s' AND ''", r"'it\'s' AND ''"), (r"'a\' || ''''", r"'a\\' || '\''")],
)
def test_texts_are_spelled_as_spark_reads_them(text: str, spelling: str) -> None:
    assert spelled(text) == spelling


@NEEDS_JAVA
def test_texts_names_and_types_are_taken_as_they_are(spark: Spark, tmp_path: Path) -> None:
    """Nothing in a screen, an organisation or the name of a folder is a sign of SQL, of Spark or of a path."""
    odd = "it's \\n ${env:PATH} :x `y` %"
    screens = ["KF10", odd]
    place = Place(
        [
            Record(jst(DAY - timedelta(days=2), 9), "u1", "s", "KF10", None, point(1)),
            Record(jst(DAY, 9), "u1", "s", odd, None, point(1)),
            Record(jst(DAY, 9, micro=1), "u1", "s", "CI20", odd, point(1)),
            Record(jst(DAY, 10), "利用者", "s2", odd, "KF10", point(2)),
        ],
        [Post("u1", "人", odd), Post("利用者", "p'2", odd, None, date(1200, 1, 1)), Post("x", "x", AOI)],
        [
            Supply(point(1), "a\\b", date(1, 1, 1)),
            Supply(point(2), ASAHI, date(1500, 2, 28), date(9999, 12, 31)),
            Supply(point(3), HIKARI, date(2020, 1, 1)),
        ],
    )
    source = place.write(tmp_path / "記録 [1] {a,b} %20 ?*" / "source")
    table = pq.read_table(source / "supply.parquet")
    # Nanoseconds, one of them between two microseconds, and a column of nothing but nulls.
    moment = int(jst(DAY, 9).timestamp()) * 10**9 + 1
    table = table.set_column(4, "known_from", pa.array([moment, None, moment], pa.timestamp("ns", tz="UTC")))
    pq.write_table(table.set_column(5, "known_to", pa.nulls(3)), source / "supply.parquet")
    got = same(
        spark,
        source,
        [
            {"kind": "viewer_affiliation", "organisation": odd},
            {"kind": "reached_from", "from": screens},
            {"kind": "customer_held_by_other", "organisation": "affiliate"},
            {"kind": "annotate", "except": ["KF10"]},
        ],
    )
    # At the first moment of the log the point's holder was not known yet.
    assert {finding.contract.split("|")[1] for finding in got.findings if finding.contract} == {"a\\b", ASAHI}
    assert got.steps[-1].rows_out == 2


@NEEDS_JAVA
def test_the_types_that_the_contract_allows_are_read(spark: Spark, tmp_path: Path) -> None:
    """In one of two files of a day, so that they differ."""
    source = GOOD.but(split=[0, 1]).write(tmp_path / "source")
    file = source / f"log/day={DAY}/part-1.parquet"
    table = pq.read_table(file)
    table = table.set_column(0, "at", table["at"].cast(pa.timestamp("us")))
    table = table.set_column(1, "user_id", table["user_id"].cast(pa.large_string()))
    table = table.set_column(3, "screen", table["screen"].dictionary_encode())
    pq.write_table(table.set_column(4, "came_from", pa.nulls(1)), file)
    (file.parent / "_SUCCESS").touch()
    assert same(spark, source, NOTICE).then.contracts == 1


@NEEDS_JAVA
def test_rows_that_the_contract_allows_are_read(spark: Spark, tmp_path: Path) -> None:
    """The same rows twice, an empty period, neighbouring periods, an organisation nobody has heard of."""
    source = GOOD.but(
        people=[PEOPLE[1], PEOPLE[1], *(post for post in NEIGHBOURS), Post("u7", "p7", "UNHEARD-OF")],
        supply=[*SUPPLY, SUPPLY[0], Supply(point(1), HIKARI, DAY, DAY)],
    ).write(tmp_path / "source")
    assert same(spark, source, NOTICE).then.contracts == 1


@pytest.mark.parametrize("fault", [name for name in FAULTS if not name.startswith(("no ", "meta", "garbled log"))])
def test_a_fault_is_told_as_duckdb_tells_it_and_before_spark_starts(fault: str, tmp_path: Path) -> None:
    source = GOOD.write(tmp_path / "source")
    FAULTS[fault][0](source)
    survey = read_survey(ask(tmp_path / "survey.yaml", NOTICE))
    assert told(answer, survey, source) == told(Spark(NOWHERE).answer, survey, source)


@NEEDS_JAVA
def test_pages_that_cannot_be_read_are_named(spark: Spark, tmp_path: Path) -> None:
    source = GOOD.write(tmp_path / "source")
    FAULTS["garbled log"][0](source)
    survey = read_survey(ask(tmp_path / "survey.yaml", NOTICE))
    assert told(answer, survey, source) == told(spark.answer, survey, source)


def told(engine: Callable[..., Figures], survey: Survey, source: Path) -> str:
    """What an engine says of a faulty source."""
    with pytest.raises(SourceFault) as raised:
        engine(survey, open_source(source), quiet)
    return str(raised.value)


def test_days_and_organisations_that_are_nowhere(tmp_path: Path) -> None:
    spark = Spark(NOWHERE)
    place = open_source(GOOD.write(tmp_path / "source"))
    nobody = [{"kind": "viewer_affiliation", "organisation": "AOE"}]
    with pytest.raises(UnknownOrganisation, match="AOE"):
        spark.answer(read_survey(ask(tmp_path / "a.yaml", nobody)), place, quiet)
    never = {"from": date(2021, 1, 1), "to": date(2021, 1, 2)}
    with pytest.raises(NoRecords):
        spark.answer(read_survey(ask(tmp_path / "b.yaml", NOTICE, period=never)), place, quiet)


@NEEDS_JAVA
def test_a_file_that_goes_meanwhile_is_a_fault_and_no_smaller_figure(spark: Spark, tmp_path: Path) -> None:
    source = GOOD.but(split=[0, 1]).write(tmp_path / "source")
    place, survey = open_source(source), read_survey(ask(tmp_path / "survey.yaml", NOTICE))

    def said(what: str) -> None:
        if what.startswith("段 1"):
            (source / f"log/day={DAY}/part-1.parquet").unlink(missing_ok=True)

    with pytest.raises((SourceFault, EngineFailed)):
        spark.answer(survey, place, said)


def run(arguments: list[str], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> int:
    """`takuso survey run --engine spark` in this environment."""
    for name in ("TAKUSO_SPARK_MASTER", "TAKUSO_SPARK_HOST", "TAKUSO_SPARK_MEMORY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return command(house(), ["survey", "run", *arguments, "--engine", "spark"])


WRONG: dict[str, tuple[dict[str, str], int, str]] = {
    "no master of ours": ({"TAKUSO_SPARK_MASTER": "yarn"}, 2, "TAKUSO_SPARK_MASTER"),
    "a port too high": ({"TAKUSO_SPARK_MASTER": "spark://127.0.0.1:70000"}, 2, "65535"),
    "a master elsewhere and no address": ({"TAKUSO_SPARK_MASTER": "spark://10.0.0.1:7077"}, 2, "TAKUSO_SPARK_HOST"),
    "memory without a unit": ({"TAKUSO_SPARK_MEMORY": "4096"}, 2, "TAKUSO_SPARK_MEMORY"),
    "a host that is none": ({"TAKUSO_SPARK_HOST": "a b"}, 2, "TAKUSO_SPARK_HOST"),
    "a master that does not answer": ({"TAKUSO_SPARK_MASTER": "spark://127.0.0.1:1"}, 3, "つながりません"),
    "no Java": ({"JAVA_HOME": "/nowhere"}, 3, "Java がありません"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_the_cluster_is_named(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment, code, words = WRONG[case]
    if code == 3 and "JAVA_HOME" not in environment:
        environment = {**environment, "JAVA_HOME": str(_java(tmp_path, "17.0.1"))}
    source, file = GOOD.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    out = tmp_path / "out"
    assert run([str(file), "--source", str(source), "--out", str(out)], environment, monkeypatch) == code
    heard = capsys.readouterr().err
    assert words in heard
    assert "対処: " in heard
    assert not out.exists()


def _java(folder: Path, version: str) -> Path:
    """A Java that says its version and nothing else."""
    file = folder / "jdk" / "bin" / "java"
    file.parent.mkdir(parents=True)
    file.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return folder / "jdk"


@pytest.mark.parametrize(
    ("version", "words"), [("11.0.2", "Java 11 は古すぎます"), ("1.8.0_292", "Java 1 は古すぎます")]
)
def test_an_old_java_is_named(
    version: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, file = GOOD.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    environment = {"JAVA_HOME": str(_java(tmp_path, version))}
    assert run([str(file), "--source", str(source)], environment, monkeypatch) == 3
    assert words in capsys.readouterr().err


def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    source, file = GOOD.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    assert run([str(file), "--source", str(source)], {}, monkeypatch) == 3
    assert "make spark" in capsys.readouterr().err


def test_faults_of_a_source_are_told_before_spark_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, file = GOOD.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    (source / LOG).write_bytes(b"")
    assert run([str(file), "--source", str(source)], {"JAVA_HOME": "/nowhere"}, monkeypatch) == 3
    assert LOG in capsys.readouterr().err
    assert run([str(file), "--source", str(tmp_path / "nowhere")], {"JAVA_HOME": "/nowhere"}, monkeypatch) == 2


@given(st.text(max_size=12))
def test_no_text_but_a_right_one_is_a_master(text: str) -> None:
    if text and not text.startswith(("local", "spark://")):
        with pytest.raises(WrongCluster):
            cluster(text, None, None, HOME)
