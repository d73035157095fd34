"""One area of 2,000 points for all tests here; nobody changes it."""

from pathlib import Path

import pytest

from takuso.demo.build import build
from takuso.demo.customers import AnswerBook
from takuso.demo.plan import Plan
from tests.demo.area import SEED, TODAY, Collector, silent


@pytest.fixture(scope="session")
def plan_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def invented(plan_home: Path) -> Collector:
    plan, loader = Plan(points=2_000, seed=SEED, today=TODAY), Collector()
    with AnswerBook(plan_home, plan) as answers:
        build(loader, plan, silent, answers)
    return loader
