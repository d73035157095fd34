"""A plan goes into a home in an order that the database accepts."""

import pytest

from takuso.demo import build as building
from takuso.demo.build import build
from takuso.demo.plan import GENERAL_TABLES, Plan
from tests.demo.area import SEED, TODAY, Collector, silent


@pytest.fixture
def chunked(monkeypatch: pytest.MonkeyPatch) -> tuple[Collector, list[tuple[str, int, int]], int]:
    monkeypatch.setattr(building, "CHUNK", 60)
    loader, told = Collector(), []
    plan = Plan(points=200, seed=SEED, today=TODAY)
    loaded = build(loader, plan, lambda stage, done, total: told.append((stage, done, total)))
    return loader, told, loaded


def test_chunks_hold_the_rows_of_the_whole_plan(chunked: tuple[Collector, list[object], int]) -> None:
    loader, _, loaded = chunked
    whole = Collector()
    build(whole, Plan(points=200, seed=SEED, today=TODAY), silent)
    assert loader.rows == whole.rows
    assert loaded == sum(len(rows) for rows in loader.rows.values())


def test_a_point_stands_before_its_facts_and_is_stamped_after(chunked: tuple[Collector, list[object], int]) -> None:
    loader, _, _ = chunked
    calls = loader.calls
    assert calls[: len(GENERAL_TABLES) + 1] == [*GENERAL_TABLES, "wall.cases"]
    chunks = " ".join(calls[len(GENERAL_TABLES) + 1 :]).split(" restamp")
    assert len(chunks) > 3
    assert chunks[-1] == ""
    for chunk in chunks[:-1]:
        tables = chunk.split()
        assert tables.index("wall.point") < min(n for n, table in enumerate(tables) if table.startswith("points."))
    assert sorted(loader.stamped) == list(range(1, 201))


def test_progress_ends_when_all_points_are_in(chunked: tuple[Collector, list[tuple[str, int, int]], int]) -> None:
    _, told, _ = chunked
    done = [one for stage, one, _ in told if stage == "供給地点"]
    assert done == sorted(set(done))
    assert told[-1] == ("供給地点", 200, 200)
