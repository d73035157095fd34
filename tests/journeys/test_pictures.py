"""The pictures of the pages: their walks still lead to what they are to show (see tools/pictures.py)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tools.pictures import PICTURES, Picture, Scene

from takuso.main import program
from takuso.proof.book import document, write
from takuso.proof.report import Checked, Coverage, Report
from tests.area import Area

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(area: Area, tmp_path: Path) -> Scene:
    """Two customers, and the book of a proof of one check."""
    check = Checked(name="doors", title="出入口の登録簿", findings=(), cells=1, seconds=0.1)
    covered = Coverage(doors=1, transitions=0, persons=0, kinds=0, cells=1, reached=1)
    facts = {"program": "0", "commit": "c" * 40, "rules": "r" * 64, "catalogue": "k" * 64, "postgresql": 18}
    report = Report(
        checks=(check,),
        coverage=covered,
        seconds=0.1,
        facts=facts | {"home": "demo", "at": "2026-11-26T09:00:00+09:00"},
    )
    write(document(report, program()), tmp_path)
    return Scene(own=area.add("own").code, foreign=area.add("foreign").code, book=tmp_path / "book.html")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_walk_shows_it(sit: Callable[..., Page], scene: Scene, picture: Picture) -> None:
    picture.walk(sit(picture.person), scene)
