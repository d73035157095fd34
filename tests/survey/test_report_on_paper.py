"""The three forms of one report: the same number, the same figures, both calendars, the path as a picture."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from takuso.papers import fonts
from takuso.papers.fonts import NoFont
from takuso.survey.reading import read_survey
from takuso.survey.run import run
from tests.survey.lay import NOTICE, ask
from tests.survey.test_result import PLACE, content


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An answer with every form."""
    folder = tmp_path_factory.mktemp("paper")
    survey = read_survey(ask(folder / "survey.yaml", NOTICE, title="=題 & <b>"))
    run(survey, PLACE.write(folder / "source"), folder / "out", lambda _: None)
    return folder / "out"


def summary(out: Path) -> dict[str, Any]:
    """summary.json."""
    document: dict[str, Any] = json.loads((out / "summary.json").read_text())
    return document


def pdf_text(out: Path) -> str:
    """Text of every page."""
    return "\n".join(page.extract_text() for page in PdfReader(out / "report.pdf").pages)


def test_one_number_stands_on_every_page_of_every_form(out: Path) -> None:
    number = json.loads((out / "inputs.json").read_text())["document"]
    assert number.startswith("LS-")
    assert f"文書番号 <code>{number}</code>" in (out / "report.html").read_text()
    for page in PdfReader(out / "report.pdf").pages:
        assert page.extract_text().count(number) >= 2
    for sheet in openpyxl.load_workbook(out / "report.xlsx"):
        assert number in sheet.oddHeader.left.text
        assert number in sheet.oddFooter.left.text


def test_every_form_has_the_figures(out: Path) -> None:
    told, text, html = summary(out), pdf_text(out), (out / "report.html").read_text()
    for step in told["steps"]:
        for figure in ("rows_out", "viewers", "contracts"):
            assert f"{step[figure]:,}" in text
            assert f"{step[figure]:,}" in html
    book = openpyxl.load_workbook(out / "report.xlsx")
    rows = [[cell.value for cell in row] for row in book["抽出の段"].iter_rows(min_row=5, max_row=10)]
    assert [row[2:] for row in rows[1:]] == [
        [step["rows_out"], step["viewers"], step["contracts"]] for step in told["steps"]
    ]
    assert [[cell.value for cell in row][2:] for row in book["結果"].iter_rows(min_row=5, max_row=6)] == [
        [told["viewers"], told["now"]["viewers"]], [told["contracts"], told["now"]["contracts"]]
    ]  # fmt: skip
    found = [row for row in book["一覧"].iter_rows(min_row=5) if row[1].value]
    assert len({row[0].value for row in found if row[8].value == "はい"}) == told["viewers"]
    assert len({row[1].value for row in found if row[8].value == "はい"}) == told["contracts"]
    assert all(row[2].is_date and row[3].value.startswith("令和4年12月") for row in found)


def test_both_calendars_stand_in_the_lead(out: Path) -> None:
    lead = "令和4年12月6日(2022-12-06)（火）から 令和4年12月8日(2022-12-08)（木）までの 3 日間"
    for text in (pdf_text(out), (out / "report.html").read_text()):
        assert lead.replace(" ", "") in text.replace(" ", "").replace("\n", "")


def test_the_pictures_stand_in_html_and_pdf(out: Path) -> None:
    told, html, text = summary(out), (out / "report.html").read_text(), pdf_text(out)
    path = f"{told['steps'][-1]['rows_out']:,} 記録・{told['viewers']:,} 人・{told['contracts']:,} 契約"
    for form in (html, text):
        assert path in form
        assert "対数目盛" in form
        assert "ここから数えるものが変わる" in form
        assert "口振異動通知（KF10）" in form
    assert html.count("<svg ") == 2
    assert "=題 & <b>" in text
    assert "<b>" not in html


def test_papers_that_are_not_wanted_are_not_drawn(out: Path, tmp_path: Path) -> None:
    survey, source = read_survey(out.parent / "survey.yaml"), out.parent / "source"
    run(survey, source, tmp_path / "html", lambda _: None, papers=())
    names = {file.name for file in (tmp_path / "html").iterdir()}
    assert names == {file.name for file in out.iterdir()} - {"report.pdf", "report.xlsx"}
    assert content(tmp_path / "html") == content(out)
    # Fewer forms are no other answer, so that no version is kept.
    assert run(survey, source, tmp_path / "html", lambda _: None).kept is None


def test_reruns_give_the_same_papers(out: Path, tmp_path: Path) -> None:
    run(read_survey(out.parent / "survey.yaml"), out.parent / "source", tmp_path / "again", lambda _: None)
    for name in ("report.pdf", "report.xlsx", "inputs.json", "evidence.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_without_a_font_nothing_is_computed(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package")
    survey, told = read_survey(out.parent / "survey.yaml"), []
    with pytest.raises(NoFont):
        run(survey, out.parent / "source", tmp_path / "out", told.append)
    assert told == []
    run(survey, out.parent / "source", tmp_path / "out", told.append, papers=["xlsx"])
    assert openpyxl.load_workbook(BytesIO((tmp_path / "out" / "report.xlsx").read_bytes())).sheetnames[0] == "表紙"


def test_a_survey_that_finds_nothing_has_its_papers_too(out: Path, tmp_path: Path) -> None:
    file = ask(tmp_path / "none.yaml", [*NOTICE, {"kind": "exclude", "screens": ["CI20"]}])
    run(read_survey(file), out.parent / "source", tmp_path / "out", lambda _: None)
    assert "条件に当たる閲覧はなかった。" in pdf_text(tmp_path / "out")
    assert "条件に当たる閲覧はなかった。" in (tmp_path / "out" / "report.html").read_text()
