"""Spark for tests: one process for many surveys, compared with DuckDB in everything but the time."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from takuso.survey.duck import answer
from takuso.survey.figures import Figures
from takuso.survey.reading import read_survey
from takuso.survey.restating.evidence import evidence
from takuso.survey.source import open_source
from takuso.survey.spark.cluster import Cluster, cluster, java
from takuso.survey.spark.engine import Spark
from tests.survey.lay import ask

HOME = os.environ.get("JAVA_HOME")
NEEDS_JAVA = pytest.mark.skipif(java(HOME) is None, reason="Java がない: apt-get install default-jre-headless")

INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def here(master: str = "local[2]", memory: str = "1g") -> Cluster:
    """Where the tests compute."""
    return cluster(master, None, memory, HOME)


@contextmanager
def started(where: Cluster) -> Iterator[Spark]:
    """An engine that is closed whatever happens.

    On this machine its plans are interpreted: compiling Java for each of some hundred small questions costs more than
    they do. On a cluster, and by the command, they are compiled as ever.
    """
    spark = Spark(where)
    try:
        with quick_java():
            session = spark.session(quiet)
        if where.local:
            for name, value in INTERPRETED.items():
                session.conf.set(name, value)
        yield spark
    finally:
        spark.close()


@contextmanager
def quick_java() -> Iterator[None]:
    """A Java started here compiles its code once and lightly: these questions are over before more would pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield


def quiet(_: str) -> None:
    """Nobody listens."""


def same(spark: Spark, source: Path, steps: Sequence[dict[str, Any]], **parts: Any) -> Figures:
    """The answer of both engines, after figures, findings and evidence have been compared."""
    survey, place = read_survey(ask(source.parent / "survey.yaml", steps, **parts)), open_source(source)
    plain, got = answer(survey, place, quiet), spark.answer(survey, place, quiet)
    assert got.engine == "spark"
    assert got.seconds > 0
    assert replace(got, engine="", version="", seconds=0.0) == replace(plain, engine="", version="", seconds=0.0)
    mine, theirs = spark.evidence(survey, place), evidence(survey, place)
    assert mine.whole == theirs.whole
    assert mine.table.equals(theirs.table), (mine.table.to_pylist(), theirs.table.to_pylist())
    return got
