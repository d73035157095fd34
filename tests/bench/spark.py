"""The notice's survey of a week on Spark beside DuckDB, both from the plain folder: how each grows.

    python -m tests.bench.spark SOURCE

Each figure is of a process of its own, the ways taken in turn; of Spark the first answer of a process and the least
of two more, and what it takes to start.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from takuso.survey.duck import answer
from takuso.survey.figures import Figures
from takuso.survey.reading import read_survey
from takuso.survey.source import Source, open_source
from takuso.survey.spark.cluster import cluster
from takuso.survey.spark.engine import Spark
from tests.bench.survey import SURVEY, Row, peak_mb
from tests.standalone import standalone

ROUNDS: Final = 2
SHARES: Final = (0.01, 0.1, 1.0)
"""Of the records and points of a week."""
MEMORY: Final = "3g"
_WAYS: Final = {
    "duckdb": "survey of {rows:,} records, DuckDB",
    "local": "the same, Spark, one process of two cores",
    "standalone": "the same, Spark, a master and two workers of a core on this machine",
}


def measure(source: Path, rows: int) -> list[Row]:
    """(what, value, target, data) of each way."""
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in _WAYS}
    for _ in range(ROUNDS):
        for way in _WAYS:
            arguments = [sys.executable, "-m", "tests.bench.spark", str(source), way]
            taken[way].append(json.loads(subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout))
    return [(_WAYS[way].format(rows=rows), _words(rounds), "", {"rounds": rounds}) for way, rounds in taken.items()]


def _words(rounds: list[dict[str, Any]]) -> str:
    least = {name: min(float(one[name]) for one in rounds) for name in ("start", "first", "again")}
    one = rounds[0]
    return (
        f"first {least['first']:.2f} s, again {least['again']:.2f} s, start {least['start']:.1f} s,"
        f" {one['peak_mb']:,} MB → {one['then']} then, {one['now']} now"
    )


def _duckdb(source: Source) -> dict[str, Any]:
    answers = [answer(read_survey(SURVEY), source, lambda _: None) for _ in range(3)]
    return {"start": 0.0, "peak_mb": peak_mb(), **_told(answers)}


def _spark(source: Source, master: str | None) -> dict[str, Any]:
    with closing(Spark(cluster(master, None, MEMORY, os.environ.get("JAVA_HOME")))) as spark:
        began = time.perf_counter()
        spark.session(lambda _: None)
        start = time.perf_counter() - began
        answers = [spark.answer(read_survey(SURVEY), source, lambda _: None) for _ in range(3)]
    # Java is a child of this process; workers are not and are not counted.
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {"start": start, "peak_mb": peak_mb() + children, **_told(answers)}


def _told(answers: list[Figures]) -> dict[str, Any]:
    one = answers[0]
    return {
        "first": one.seconds,
        "again": min(more.seconds for more in answers[1:]),
        "then": f"{one.then.viewers:,} / {one.then.contracts:,}",
        "now": f"{one.now.viewers:,} / {one.now.contracts:,}",
    }


def main() -> None:
    """With a way: run it and print its figures. Without: all of them, as lines."""
    source = open_source(Path(sys.argv[1]))
    way = sys.argv[2] if len(sys.argv) > 2 else ""
    if way == "duckdb":
        print(json.dumps(_duckdb(source)))
    elif way == "local":
        print(json.dumps(_spark(source, "local[2]")))
    elif way == "standalone":
        with tempfile.TemporaryDirectory(prefix="takuso-cluster-") as folder, standalone(Path(folder), 2, MEMORY) as on:
            print(json.dumps(_spark(source, on.master)))
    else:
        for what, value, *_ in measure(source.folder, 0):
            print(f"{what:64} {value}")


if __name__ == "__main__":
    main()
