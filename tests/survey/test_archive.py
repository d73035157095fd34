"""Random small sources: the fast form, the plain files and the oracle give the same answer, also as a source grows."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from takuso.survey.archive.building import archive
from takuso.survey.archive.fresh import answer_from_form
from takuso.survey.duck import answer
from takuso.survey.figures import Figures
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from tests.survey import oracle
from tests.survey.lay import (
    DAY,
    LOG_SCHEMA,
    PEOPLE_SCHEMA,
    SUPPLY_SCHEMA,
    Place,
    Post,
    Record,
    Supply,
    ask,
    jst,
    point,
    write,
)
from tests.survey.test_oracle import END, FIRST, KNOWN, PLACES, STEPS, posts, supplies

SEED = Record(jst(DAY, 9), "nobody", "s9", "MN00", None, "")
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def quiet(_: str) -> None:
    """Nobody listens."""


def equal(source: Path, steps: Sequence[dict[str, Any]]) -> Figures:
    """The answer of both ways, after they have been compared in everything but the time."""
    survey = read_survey(ask(source.parent / "s.yaml", steps))
    fast, _ = answer_from_form(survey, open_source(source), quiet)
    plain = answer(survey, open_source(source), quiet)
    assert replace(fast, seconds=0.0) == replace(plain, seconds=0.0)
    return fast


def agrees(place: Place, source: Path, surveys: Sequence[Sequence[dict[str, Any]]]) -> None:
    """Both ways and the oracle, for each survey."""
    for steps in surveys:
        got, expected = equal(source, steps), oracle.survey(place, steps, FIRST, END)
        assert [(s.rows_in, s.rows_out, s.count.viewers, s.count.contracts) for s in got.steps] == expected.steps
        assert (got.then.viewers, got.then.contracts) == expected.then
        assert (got.now.viewers, got.now.contracts) == expected.now
        assert {
            (f.viewer, f.contract): (f.first_at, f.last_at, f.views, f.path, f.verdict_then, f.verdict_now)
            for f in got.findings
        } == expected.findings


def whole(place: Place) -> Place:
    """A place in which every organisation of a survey is known."""
    return place.but(records=[*place.records, SEED], people=[*place.people, *KNOWN])


@SLOW
@given(PLACES, st.lists(STEPS, min_size=1, max_size=3))
def test_the_form_agrees_with_the_plain_files_and_the_oracle(place: Place, surveys: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = whole(place).write(Path(folder) / "source")
        archive(source, quiet)
        agrees(whole(place), source, surveys)


@settings(SLOW, max_examples=8)
@given(PLACES, posts(), supplies(), st.integers(-1, 2), st.lists(STEPS, min_size=1, max_size=2))
def test_a_form_that_is_mended_is_as_one_made_at_once(
    place: Place, people: list[Post], supply: list[Supply], cut: int, surveys: list[Any]
) -> None:
    """Days come later, in any order, and people and supply are corrected."""
    after = whole(place.but(people=people, supply=supply))
    with tempfile.TemporaryDirectory() as folder:
        source = whole(place).write(Path(folder) / "source")
        aside = Path(folder) / "aside"
        aside.mkdir()
        late = [day for day in sorted((source / "log").iterdir()) if day.name[4:] >= str(DAY + timedelta(days=cut))]
        for day in late:
            shutil.move(day, aside)
        archive(source, quiet)
        for day in reversed(late):
            shutil.move(aside / day.name, source / "log")
            archive(source, quiet)
        write(source / "people.parquet", after.people, PEOPLE_SCHEMA)
        archive(source, quiet)
        write(source / "supply.parquet", after.supply, SUPPLY_SCHEMA)
        archive(source, quiet)
        agrees(after, source, surveys)


def test_row_groups_are_cut_and_left_out_without_losing_a_record(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("takuso.survey.archive.days.GROUP", 3)
    monkeypatch.setattr("takuso.survey.archive.days.SMALLEST", 2)
    records = [
        Record(jst(DAY, 9) + timedelta(seconds=n), f"u{n % 3}", f"s{n % 7}", screen, None, point(n % 2))
        for n in range(120)
        for screen in (["MN00", "KF10", "CI20", "CI10"][n * 5 % 4],)
    ]
    people = [Post("u0", "p0", "AOI"), Post("u1", "p1", "TD"), Post("u2", "p2", "SERVICE", "AOI")]
    place = Place(records, [*people, *KNOWN], [Supply(point(0), "ASAHI", DAY - timedelta(days=3))])
    source = place.write(tmp_path / "source")
    archive(source, quiet)
    surveys: list[list[dict[str, Any]]] = [
        [{"kind": "screens", "screens": ["KF10", "CI20"]}, {"kind": "annotate", "except": ["KF10"]}],
        [{"kind": "viewer_affiliation", "organisation": "affiliate", "contractors": True}],
        [{"kind": "exclude", "except": ["CI10"]}, {"kind": "include", "screens": ["KF10"]}],
    ]
    agrees(place, source, surveys)


def test_days_without_a_record_have_a_form_too(tmp_path: Path) -> None:
    """As a closed day of the own log whose only view was taken back."""
    record = Record(jst(DAY, 9), "u0", "s", "CI20", "KF10", point(0))
    place = Place([record], KNOWN, [Supply(point(0), "ASAHI", DAY - timedelta(days=3))])
    source = place.write(tmp_path / "source")
    (file,) = (source / "log").glob("*/*.parquet")
    write(file, [], LOG_SCHEMA)
    archive(source, quiet)
    survey = read_survey(ask(tmp_path / "survey.yaml", [{"kind": "screens", "screens": ["CI20"]}]))
    figures, _ = answer_from_form(survey, open_source(source), quiet)
    assert [(step.rows_in, step.rows_out) for step in figures.steps] == [(0, 0)]
    assert figures.findings == []
