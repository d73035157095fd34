"""A standing survey over many weeks made on the spot: its extracts, its answer, and how both grow.

    python -m tests.bench.standing SOURCE WEEKS

The weeks are one generated week with its days moved on, its records given to other persons and other points: each
week has the same shape and other figures. Every measurement is of a process of its own.
"""

import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import yaml

from takuso.survey.archive.building import archive
from takuso.survey.archive.fresh import answer_from_form
from takuso.survey.figures import Figures
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from takuso.survey.standing.answering import answer_from_extracts
from takuso.survey.standing.building import stand
from takuso.survey.standing.sampling import check_samples
from tests.bench.survey import SURVEY, Row, cpu, peak_mb

ROUNDS: Final = 3
_DAYS: Final = 7
WHOLE: Final = 350
"""Weeks of the whole period, six years and eight months."""
_MOVED: Final = """
COPY (
    SELECT
        "at" + to_days({days}) AS "at",
        u.other AS user_id,
        'W{week}-' || session_id AS session_id,
        screen, came_from,
        coalesce(c.other, l.customer) AS customer,
        action, terminal
    FROM read_parquet('{files}', hive_partitioning = false) AS l
    JOIN users AS u USING (user_id)
    LEFT JOIN points AS c USING (customer)
    ORDER BY "at"
) TO '{into}' (FORMAT parquet, COMPRESSION zstd)
"""


def widened(week: Path, into: Path, weeks: int) -> Path:
    """A source of so many weeks, from one of a week; days of the week's edges are left out.

    Users and points are exchanged among themselves, each week in another way, so that organisations and histories are
    those of others.
    """
    into.mkdir()
    for name in ("meta.json", "people.parquet", "supply.parquet"):
        (into / name).symlink_to((week / name).absolute())
    days = sorted((week / "log").iterdir())[1 : 1 + _DAYS]
    with duckdb.connect() as engine:
        engine.execute("SET memory_limit = '3GB'; SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        _ordered(engine, week, days)
        for number in range(weeks):
            _exchange(engine, number)
            for folder in days:
                day = date.fromisoformat(folder.name.removeprefix("day=")) + timedelta(days=_DAYS * number)
                target = into / "log" / f"day={day}"
                target.mkdir(parents=True)
                place = target / "part-0.parquet"
                engine.execute(_MOVED.format(days=_DAYS * number, week=number, files=folder / "*.parquet", into=place))
    return into


def _ordered(engine: duckdb.DuckDBPyConnection, week: Path, days: Sequence[Path]) -> None:
    """Users and points of the week, numbered, each in its own kind: nobody becomes a user of another organisation."""
    files = [str(file) for folder in days for file in folder.glob("*.parquet")]
    people, supply = (str(week / f"{name}.parquet") for name in ("people", "supply"))
    engine.execute(
        "CREATE TABLE ranked AS SELECT user_id, kind, row_number() OVER (PARTITION BY kind ORDER BY hash(user_id)) - 1"
        " AS place, count(*) OVER (PARTITION BY kind) AS number FROM ("
        " SELECT l.user_id, coalesce(any_value(p.org), '') AS kind FROM"
        " (SELECT DISTINCT user_id FROM read_parquet($log, hive_partitioning = false)) AS l"
        " LEFT JOIN read_parquet($people) AS p USING (user_id) GROUP BY l.user_id)",
        {"log": files, "people": people},
    )
    engine.execute(
        "CREATE TABLE sites AS SELECT customer, row_number() OVER (ORDER BY hash(customer)) - 1 AS place,"
        " count(*) OVER () AS number FROM (SELECT DISTINCT customer FROM read_parquet($supply))",
        {"supply": supply},
    )
    engine.execute(
        "CREATE TABLE seen AS SELECT s.customer, s.place, s.number FROM sites AS s SEMI JOIN"
        " (SELECT DISTINCT customer FROM read_parquet($log, hive_partitioning = false)) USING (customer)",
        {"log": files},
    )


def _exchange(engine: duckdb.DuckDBPyConnection, week: int) -> None:
    """Whom each record of a week is given to."""
    engine.execute(
        "CREATE OR REPLACE TABLE users AS SELECT r.user_id, o.user_id AS other FROM ranked AS r JOIN ranked AS o"
        f" ON o.kind = r.kind AND o.place = (r.place + {week * 37}) % r.number"
    )
    engine.execute(
        "CREATE OR REPLACE TABLE points AS SELECT s.customer, o.customer AS other FROM seen AS s JOIN sites AS o"
        f" ON o.place = (s.place + {week * 104_729}) % s.number"
    )


def measure(week: Path, weeks: int, room: Path) -> list[Row]:
    """(what, value, target, data): making the extracts, and the survey over 1 … `weeks` weeks."""
    source = widened(week, room / "weeks", weeks)
    form = _process("archive", source, weeks)
    made = _process("stand", source, weeks)
    rows: list[Row] = [
        (f"fast form of {weeks} weeks, which extracts are made from", _cost(form), "", form),
        (f"extracts of {weeks} weeks", f"{_cost(made)}, {made['seconds'] / weeks:.2f} s a week", "", made),
    ]
    grown = [_asked(source, number) for number in _growth(weeks)]
    for number, found in zip(_growth(weeks), grown, strict=True):
        value = (
            f"figures {found['seconds']:.2f} s, answer {found['whole']:.2f} s, samples {found['samples']:.1f} s,"
            f" {found['answer_mb']:,} MB, with samples {found['peak_mb']:,} MB → {found['contracts']:,}"
        )
        target = "≤ 2 s at 35 weeks, ≤ 2 GB" if number == weeks else ""
        rows.append((f"standing survey, {number} weeks, {found['records']:,} records", value, target, found))
    rows.append(_extrapolated(weeks, grown[0], grown[-1]))
    rows.append(_equal(source, min(weeks, 2)))
    return rows


def _growth(weeks: int) -> list[int]:
    return sorted({1, *(number for number in (5, 10, 20) if number < weeks), weeks})


def _asked(source: Path, weeks: int) -> dict[str, Any]:
    rounds = [_process("ask", source, weeks) for _ in range(ROUNDS)]
    middle = {name: statistics.median(one[name] for one in rounds) for name in ("seconds", "whole", "samples")}
    peaks = {name: max(one[name] for one in rounds) for name in ("answer_mb", "peak_mb")}
    return {**rounds[0], **middle, **peaks, "rounds": rounds}


def _extrapolated(weeks: int, one: dict[str, Any], all_: dict[str, Any]) -> Row:
    """What would be at the whole period if it grows as it grew: a straight line through the ends."""
    slope = (all_["seconds"] - one["seconds"]) / max(weeks - 1, 1)
    found = all_["seconds"] + slope * (WHOLE - weeks)
    value = f"EXTRAPOLATED, not measured: {found:.1f} s"
    return f"standing survey, {WHOLE} weeks, from {weeks}", value, "≤ 20 s", {"seconds": found, "measured_weeks": weeks}


def _equal(source: Path, weeks: int) -> Row:
    """The same figures and findings from the form, over the first weeks."""
    one, other = (_process(way, source, weeks) for way in ("ask", "form"))
    same = one["figures"] == other["figures"]
    if not same:
        raise RuntimeError("the standing survey and the fast form do not give the same figures")
    value = f"equal; form {other['seconds']:.2f} s, standing {one['seconds']:.2f} s"
    return f"the same as the fast form over {weeks} weeks", value, "equal", {"form": other, "standing": one}


def _cost(made: dict[str, Any]) -> str:
    size = f"{made['bytes'] / 1e6:,.1f} MB" if "bytes" in made else ""
    return f"{made['seconds']:.1f} s, CPU {made['cpu']:.1f} s, {made['peak_mb']:,} MB memory, {size} on the disk"


def _process(way: str, source: Path, weeks: int) -> dict[str, Any]:
    arguments = [sys.executable, "-m", "tests.bench.standing", way, str(source), str(weeks)]
    found: dict[str, Any] = json.loads(subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout)
    return found


def _told(figures: Figures) -> str:
    """Every figure and every finding but for time and engine."""
    steps = [(step.rows_in, step.rows_out, step.count.viewers, step.count.contracts) for step in figures.steps]
    return repr((steps, figures.then, figures.now, figures.unknown, [repr(one) for one in figures.findings]))


def _survey(folder: Path, weeks: int) -> Path:
    """The notice's survey over so many weeks."""
    document = yaml.safe_load(SURVEY.read_text(encoding="utf-8"))
    start = document["period"]["from"]
    document |= {"name": "weeks", "period": {"from": start, "to": start + timedelta(days=_DAYS * weeks)}}
    file = folder / "weeks.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def _run(way: str, source: Path, file: Path) -> Iterator[tuple[str, Any]]:
    began = time.perf_counter()
    if way == "archive":
        yield "bytes", archive(source, lambda _: None).document(source)["bytes"]
    elif way == "stand":
        yield "bytes", stand(file, source, lambda _: None).document()["bytes"]
    else:
        survey, opened = read_survey(file), open_source(source)
        answered = None
        if way == "ask":
            answered = answer_from_extracts(survey, opened, lambda _: None)
        figures = answered.figures if answered else answer_from_form(survey, opened, lambda _: None)[0]
        yield "answer_mb", peak_mb()
        yield "whole", time.perf_counter() - began
        yield "seconds", figures.seconds
        yield "records", figures.steps[0].rows_in
        yield "contracts", figures.then.contracts
        yield "figures", hash_of(_told(figures))
        if answered:
            began = time.perf_counter()
            check_samples(answered, opened, 1, lambda _: None)
            yield "samples", time.perf_counter() - began
        return
    yield "seconds", time.perf_counter() - began


def hash_of(text: str) -> str:
    """A short name of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main() -> None:
    """One way of one process, as JSON."""
    way, source, weeks = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    used = cpu()
    with tempfile.TemporaryDirectory(prefix="takuso-weeks-") as folder:
        found = dict(_run(way, source, _survey(Path(folder), weeks)))
    print(json.dumps({**found, "cpu": cpu() - used, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
