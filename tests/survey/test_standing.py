"""Random small sources: a standing survey, the plain files and the oracle give the same answer, also when days, people
and supply are corrected, and each day derived again from its raw files is the extract."""

import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, assume, given, settings

from takuso.survey.archive.building import archive
from takuso.survey.archive.fresh import answer_from_form
from takuso.survey.duck import answer
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from takuso.survey.standing.answering import answer_from_extracts
from takuso.survey.standing.building import refresh, stand
from takuso.survey.standing.entries import NoStanding
from takuso.survey.standing.rederiving import check_day
from tests.survey import oracle
from tests.survey.lay import DAY, PEOPLE_SCHEMA, SUPPLY_SCHEMA, Place, Post, Record, Supply, ask, jst, point, write
from tests.survey.test_archive import quiet, whole
from tests.survey.test_oracle import END, FIRST, KNOWN, PLACES, STEPS, posts, supplies

Steps = Sequence[dict[str, Any]]
PURE = {"screens", "reached_from", "viewer_affiliation", "exclude"}
SLOW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def stands(steps: Steps) -> bool:
    """Whether a step that narrows the records comes before one that asks for holders or takes records in."""
    for step in steps:
        if step["kind"] in PURE:
            return True
        if step["kind"] in ("customer_held_by_other", "include"):
            return False
    return False


# A survey in the order of most: what looks at the record first.
NARROWED = STEPS.filter(stands)


def agrees(place: Place, source: Path, steps: Steps, period: tuple[date, date], derived: int | None = 0) -> None:
    """A standing survey, the form, the plain files and the oracle say the same; no sample differs."""
    first, end = period
    survey = read_survey(ask(source.parent / "s.yaml", steps, period={"from": first, "to": end}))
    opened = open_source(source)
    answered = answer_from_extracts(survey, opened, quiet)
    got = answered.figures
    plain = answer(survey, opened, quiet)
    fast, _ = answer_from_form(survey, opened, quiet)
    assert got.engine == "standing"
    if derived is not None:
        assert len(answered.derived) == derived
    for other in (plain, fast):
        assert replace(got, seconds=0.0, engine=other.engine, standing=None) == replace(other, seconds=0.0)
    expected = oracle.survey(place, steps, first, end)
    assert [(s.rows_in, s.rows_out, s.count.viewers, s.count.contracts) for s in got.steps] == expected.steps
    assert (got.now.viewers, got.now.contracts) == expected.now
    assert {
        (f.viewer, f.contract): (f.first_at, f.last_at, f.views, f.path, f.verdict_then, f.verdict_now)
        for f in got.findings
    } == expected.findings
    for day in answered.days:
        check_day(answered.view, answered.question, opened, day, answered.extract(day))


@SLOW
@given(PLACES, NARROWED, st.integers(0, 1), st.integers(1, 2))
def test_a_standing_survey_agrees_with_the_plain_files_and_the_oracle(
    place: Place, steps: list[Any], later: int, days: int
) -> None:
    """Over the whole period and over a part of it; the extracts are of more days than either."""
    place = whole(place)
    with tempfile.TemporaryDirectory() as folder:
        source = place.write(Path(folder) / "source")
        archive(source, quiet)
        stand(ask(Path(folder) / "s.yaml", steps), source, quiet)
        agrees(place, source, steps, (FIRST, END))
        first = DAY + timedelta(days=later - 1)
        narrow = (first, first + timedelta(days=days))
        assume(any(narrow[0] <= oracle._day(record) < narrow[1] for record in place.records))
        agrees(place, source, steps, narrow)


@settings(SLOW, max_examples=4)
@given(PLACES, posts(), supplies(), NARROWED)
def test_corrections_are_never_answered_from_old_extracts(
    place: Place, people: list[Post], supply: list[Supply], steps: list[Any]
) -> None:
    """Stale days are computed from the form until they are made again; then the extracts are right."""
    place = whole(place)
    corrected = place.but(people=[*people, *KNOWN])
    supplied = corrected.but(supply=supply)
    with tempfile.TemporaryDirectory() as folder:
        source = place.write(Path(folder) / "source")
        aside = Path(folder) / "aside"
        aside.mkdir()
        late = sorted((source / "log").iterdir())[-1]
        shutil.move(late, aside)
        archive(source, quiet)
        stand(ask(Path(folder) / "s.yaml", steps), source, quiet)
        shutil.move(aside / late.name, source / "log")
        mended(place, source, steps)
        write(source / "people.parquet", corrected.people, PEOPLE_SCHEMA)
        mended(corrected, source, steps)
        write(source / "supply.parquet", supplied.supply, SUPPLY_SCHEMA)
        mended(supplied, source, steps)


def mended(place: Place, source: Path, steps: Steps) -> None:
    """The source has changed: old extracts change no figure, and then there are new ones."""
    archive(source, quiet)
    with contextlib.suppress(NoStanding):
        agrees(place, source, steps, (FIRST, END), None)
    refresh(source, quiet)
    agrees(place, source, steps, (FIRST, END))


def test_many_runs_of_days_and_a_session_over_two_midnights(tmp_path: Path, monkeypatch: Any) -> None:
    """What is left goes through the steps a few records at a time; noted and taken in are found on the other days."""
    monkeypatch.setattr("takuso.survey.standing.answering.MOST", 2)
    days = [DAY + timedelta(days=n) for n in (-1, 0, 1)]
    records = [
        Record(jst(day, hour), f"u{hour % 2}", "s1" if hour < 12 else f"s{day}", screen, None, point(hour % 3))
        for day in days
        for hour, screen in enumerate(["KF10", "CI20", "CI10", "MN00", "CI20", "CI20"] * 3)
    ]
    place = Place(
        records,
        [Post("u0", "p0", "AOI"), Post("u1", "p1", "AOI"), *KNOWN],
        [Supply(point(n), "ASAHI", DAY - timedelta(days=400)) for n in range(3)],
    )
    source = place.write(tmp_path / "source")
    archive(source, quiet)
    surveys: list[Steps] = [
        [
            {"kind": "screens", "screens": ["KF10", "CI20"]},
            {"kind": "customer_held_by_other", "organisation": "affiliate"},
            {"kind": "reached_from", "from": ["KF10"]},
            {"kind": "include", "screens": ["CI10"]},
            {"kind": "annotate", "except": ["KF10"]},
        ],
        [
            {"kind": "viewer_affiliation", "organisation": "affiliate"},
            {"kind": "reached_from", "from": ["KF10"], "screens": ["CI20"]},
            {"kind": "annotate", "except": ["CI20"]},
        ],
    ]
    for steps in surveys:
        stand(ask(tmp_path / "s.yaml", steps), source, quiet)
        agrees(place, source, steps, (FIRST, END))
        agrees(place, source, steps, (DAY, DAY + timedelta(days=1)))
