"""A home with a signing key, and a log on paper."""

from datetime import timedelta
from pathlib import Path

import pytest

from takuso.accesslog.checkpoints import ensure_key
from takuso.store.home import Home
from tests.accesslog.paper import DAY, Paper, net


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("signer") / "home")
    ensure_key(home)
    return home


def twelve(home: Home) -> Paper:
    """Twelve records, four checkpoints (3, 4, 9, 12), two days."""
    paper = Paper(home)
    told = [net("takuso.ticket.1", f"r{n}", None, "田中") for n in range(12)]
    paper.grow(*told[:3])
    paper.grow(told[3])
    paper.grow(*told[4:9], day=DAY + timedelta(days=1))
    paper.grow(*told[9:], day=DAY + timedelta(days=1))
    return paper


@pytest.fixture
def paper(signer: Home) -> Paper:
    return twelve(signer)


@pytest.fixture
def bundle(paper: Paper, tmp_path: Path) -> Path:
    return paper.bundle(tmp_path / "bundle")
