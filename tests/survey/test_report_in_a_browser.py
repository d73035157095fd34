"""The report in a real browser: no finding of axe, nothing wider than the window, nothing fetched."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Request

from takuso.survey.duck import answer
from takuso.survey.reading import read_survey
from takuso.survey.report import report
from takuso.survey.restating.evidence import evidence
from takuso.survey.result import Answer
from takuso.survey.source import open_source
from takuso.survey.transitions import ways
from tests.survey.lay import NOTICE, ask
from tests.survey.test_result import PLACE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report."""
    folder = tmp_path_factory.mktemp("report")
    survey, source = read_survey(ask(folder / "survey.yaml", NOTICE)), open_source(PLACE.write(folder / "source"))
    figures = answer(survey, source, lambda _: None)
    made = Answer(survey=survey, figures=figures, source_sha256="0" * 64, rejects=0)
    (folder / "report.html").write_text(
        report(made, source.meta, ways(evidence(survey, source).table, figures.findings)), encoding="utf-8"
    )
    return folder / "report.html"


@pytest.mark.parametrize("width", [1366, 1920])
def test_the_report_is_accessible_and_stands_alone(width: int, browser: Browser, page_file: Path) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("request", note)
    page.goto(page_file.as_uri())
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [page_file.as_uri()]
    page.close()
