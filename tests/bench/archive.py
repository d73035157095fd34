"""The fast form of a week: how long it takes to make, and the survey from it beside the same question asked straight.

    python -m tests.bench.archive SOURCE

Every figure is of a process of its own; the ways are taken in turn and the least of each counts, so their ratios are
of one run. The plain DuckDB SQL to compare with is the one over sessions, for it alone gives the survey's figures; that
over recorded predecessors finds less, and stands beside it for what it costs.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from takuso.survey.archive.building import archive
from takuso.survey.archive.fresh import answer_from_form
from takuso.survey.definition import CustomerHeldByOther, ReachedFrom, Survey, ViewerAffiliation
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from tests.bench.survey import SURVEY, Row, cpu, peak_mb

ROUNDS: Final = 5
_ASKED: Final = {
    ("archive", "form"): ("survey of the week from the form", "≤ 0.2 s"),
    ("archive", "any"): ("no screens chosen, all steps, from the form", "≤ 3 s"),
    ("survey", "engine"): ("the same survey, plain files, engine", ""),
    ("survey", "sessions"): ("the same, straight DuckDB SQL, sessions", "≥ 8 × the form"),
    ("survey", "duckdb"): ("the same, straight DuckDB SQL, recorded only", ""),
    ("survey", "polars"): ("the same, straight Polars, recorded only", ""),
}


def measure(source: Path) -> list[Row]:
    """(what, value, target, data): making the form, growing it by a week, and each way of asking.

    The forms are made beside the source, in folders that link to its files.
    """
    with tempfile.TemporaryDirectory(prefix="takuso-form-", dir=source.parent) as folder:
        days = sorted((source / "log").iterdir())
        whole, grown = _linked(source, Path(folder) / "whole"), _linked(source, Path(folder) / "grown")
        _add(whole, days)
        made = _process("archive", "build", whole)
        _add(grown, days[:1])
        _process("archive", "build", grown)
        _add(grown, days[1:])
        added = _process("archive", "build", grown)
        return [
            _cost("form of a week and its history, from nothing", "", made),
            _cost("a week added to a form", "≤ 30 s", added),
            *_asking(whole),
        ]


def _linked(source: Path, folder: Path) -> Path:
    """A source with the same people and supply, and no day yet."""
    (folder / "log").mkdir(parents=True)
    for name in ("meta.json", "people.parquet", "supply.parquet"):
        (folder / name).symlink_to(source.absolute() / name)
    return folder


def _add(folder: Path, days: Sequence[Path]) -> None:
    for day in days:
        (folder / "log" / day.name).symlink_to(day.absolute())


def _cost(what: str, target: str, made: dict[str, Any]) -> Row:
    value = f"{made['seconds']:.1f} s, CPU {made['cpu']:.1f} s, {made['peak_mb']:,} MB, {made['bytes'] / 1e6:,.0f} MB"
    return what, f"{value} on the disk", target, made


def _asking(source: Path) -> list[Row]:
    taken: dict[tuple[str, str], list[dict[str, Any]]] = {way: [] for way in _ASKED}
    for _ in range(ROUNDS):
        for way in _ASKED:
            taken[way].append(_process(*way, source))
    best = {way: min(rounds, key=lambda one: float(one["seconds"])) for way, rounds in taken.items()}
    form, rows = best["archive", "form"], list[Row]()
    for way, rounds in taken.items():
        what, target = _ASKED[way]
        one, peak = best[way], max(one["peak_mb"] for one in rounds)
        times = f"{one['seconds'] / form['seconds']:.1f} × the form, by CPU {one['cpu'] / form['cpu']:.1f} ×"
        value = f"{one['seconds']:.3f} s, CPU {one['cpu']:.2f} s, {peak:,} MB, {times} → {one['contracts']:,}"
        rows.append((what, value, target, {"rounds": rounds}))
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    rows.append(("load of the machine at the end", load, "", {"load": os.getloadavg()}))
    return rows


def _process(module: str, way: str, source: Path) -> dict[str, Any]:
    arguments = [sys.executable, "-m", f"tests.bench.{module}", str(source), way]
    found: dict[str, Any] = json.loads(subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout)
    return found


def _build(source: Path) -> dict[str, Any]:
    began, used = time.perf_counter(), cpu()
    built = archive(source, lambda _: None).document(source)
    return {"seconds": time.perf_counter() - began, "cpu": cpu() - used, "bytes": built["bytes"]}


def _ask(survey: Survey, source: Path) -> dict[str, Any]:
    marks: list[float] = []
    figures, _ = answer_from_form(survey, open_source(source), lambda _: marks.append(cpu()))
    # Said before the checks of the form, before the records are counted, at each step, before the list.
    return {
        "seconds": figures.seconds,
        "cpu": marks[-1] - marks[1],
        "viewers": figures.then.viewers,
        "contracts": figures.then.contracts,
        "steps": [step.rows_out for step in figures.steps],
    }


def _any(survey: Survey) -> Survey:
    """The notice's steps without those that choose screens, the widest first."""
    steps = [step for step in survey.steps if isinstance(step, CustomerHeldByOther | ViewerAffiliation)]
    reached = [replace(step, screens=()) for step in survey.steps if isinstance(step, ReachedFrom)]
    return replace(survey, steps=(*sorted(steps, key=lambda step: step.kind), *reached))


def main() -> None:
    """With a way: run it and print its figures. Without: all of them, as lines."""
    source = Path(sys.argv[1])
    if len(sys.argv) > 2:
        survey = read_survey(SURVEY)
        asked = _any(survey) if sys.argv[2] == "any" else survey
        found = _build(source) if sys.argv[2] == "build" else _ask(asked, source)
        print(json.dumps({**found, "peak_mb": peak_mb()}))
        return
    for what, value, target, _ in measure(source):
        print(f"{what:48} {value:56} {target}")


if __name__ == "__main__":
    main()
