"""The forms of the report beside HTML, by the names of their files."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from takuso.papers.fonts import japanese_font
from takuso.papers.pages import pdf
from takuso.papers.sheets import workbook
from takuso.papers.tables import Paper
from takuso.survey.figures import PAPER, SHEETS

PDF: Final = "pdf"
XLSX: Final = "xlsx"
EVERY_PAPER: Final = frozenset({PDF, XLSX})
_FORMS: Final[Mapping[str, tuple[str, Callable[[Paper], bytes]]]] = {PDF: (PAPER, pdf), XLSX: (SHEETS, workbook)}


def check_papers(papers: Collection[str]) -> None:
    """Raise NoFont if a paper cannot be drawn here; asked before the work."""
    if PDF in papers:
        japanese_font()


def drawn(papers: Collection[str], paper: Paper) -> dict[str, bytes]:
    """The bytes of each form that is wanted, by file name. Raises NoFont, PaperFailed, OSError."""
    return {name: draw(paper) for form, (name, draw) in _FORMS.items() if form in papers}
