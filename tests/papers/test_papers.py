"""Papers: numbers that follow from content, a font for every letter, cells that are never formulas, the same bytes."""

import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from takuso.papers import fonts, sheets
from takuso.papers.fonts import FAMILY, NoFont, japanese_font, printable
from takuso.papers.numbers import document_number
from takuso.papers.pages import pdf
from takuso.papers.sheets import MOST_LETTERS, workbook
from takuso.papers.tables import Column, Kind, Paper, Picture, Table

COLUMNS = [
    Column(heading="名前"),
    Column(heading="数", kind=Kind.NUMBER),
    Column(heading="日", kind=Kind.DAY),
    Column(heading="時刻", kind=Kind.INSTANT),
    Column(heading="判定", kind=Kind.FLAG),
]
AT = datetime(2022, 12, 6, 15, 30, 5, tzinfo=UTC)
ROW = ("髙橋", 1234567, date(2022, 12, 6), AT, True)
HOSTILE = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "%0", "|x"]


def paper(*rows: tuple[object, ...], annex: bool = False) -> Paper:
    """A paper of one table."""
    table = Table(title="一覧の表", short="一覧", columns=COLUMNS, rows=rows, note="注")  # type: ignore[arg-type]
    return Paper(
        number="LS-0000-1111-2222", title="題", lead=["頭"], parts=[] if annex else [table],
        annex=[table] if annex else [], annex_note="別紙がある。" if annex else "",
    )  # fmt: skip


def cells(content: bytes, sheet: str = "一覧") -> list[list[openpyxl.cell.Cell]]:
    """The cells below the headings."""
    return [list(row) for row in openpyxl.load_workbook(BytesIO(content))[sheet].iter_rows(min_row=5)]


def test_numbers_are_numbers_and_days_are_days_in_both_calendars() -> None:
    book = openpyxl.load_workbook(BytesIO(workbook(paper(ROW))))
    assert [cell.value for cell in book["一覧"][4]] == [
        "名前", "数", "日（西暦）", "日（和暦）", "時刻（西暦）", "時刻（和暦）", "判定",
    ]  # fmt: skip
    name, number, day, era, at, era_at, flag = book["一覧"][5]
    assert (name.value, number.value, number.data_type, flag.value) == ("髙橋", 1234567, "n", "はい")
    assert (day.value, day.is_date, day.number_format) == (datetime(2022, 12, 6), True, "yyyy-mm-dd")  # noqa: DTZ001
    # 15:30 UTC is the next day in Japan.
    assert (at.value, at.is_date) == (datetime(2022, 12, 7, 0, 30, 5), True)  # noqa: DTZ001
    assert (era.value, era_at.value) == ("令和4年12月6日", "令和4年12月7日")
    for sheet in book:
        assert "LS-0000-1111-2222" in sheet.oddHeader.left.text
        assert "LS-0000-1111-2222" in str(sheet["A2"].value)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str) -> None:
    content = workbook(paper((text, 1, None, None, False)))
    cell = cells(content)[0][0]
    assert cell.data_type in ("s", "inlineStr")
    assert cell.value == text
    assert cell.quotePrefix
    with zipfile.ZipFile(BytesIO(content)) as parts:
        sheets_text = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets" in name)
    assert "<f>" not in sheets_text
    assert "<hyperlink" not in sheets_text


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20))
def test_any_text_comes_back(text: str) -> None:
    assert (cells(workbook(paper((text, 1, None, None, False))))[0][0].value or "") == text


def test_a_text_longer_than_a_cell_says_how_much_is_missing() -> None:
    value = cells(workbook(paper(("長" * (MOST_LETTERS + 7), 1, None, None, False))))[0][0].value
    assert str(value).endswith("…（このあと 7 文字）")


def test_more_rows_than_a_sheet_holds_go_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    content = workbook(paper(*[(f"n{number}", number, None, None, False) for number in range(5)]))
    assert openpyxl.load_workbook(BytesIO(content)).sheetnames == ["表紙", "一覧", "一覧 2", "一覧 3"]
    assert cells(content, "一覧 3")[0][0].value == "n4"


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert workbook(paper(ROW)) == workbook(paper(ROW))
    assert pdf(paper(ROW)) == pdf(paper(ROW))
    made = openpyxl.load_workbook(BytesIO(workbook(paper(ROW)))).properties
    assert (made.created, made.modified) == (sheets.MADE, sheets.MADE)


def test_a_pdf_has_text_number_and_both_calendars_on_its_pages() -> None:
    reader = PdfReader(BytesIO(pdf(paper(*[ROW] * 90))))
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert text.count("文書番号 LS-0000-1111-2222") == 2
        assert f"{number} / {len(reader.pages)}" in text
        assert "1,234,567" in text
    first = reader.pages[0].extract_text().replace("\n", "")
    assert "髙橋" in first
    assert "令和4年12月6日(2022-12-06)" in first.replace(" ", "")
    assert "令和4年12月7日(2022-12-07)00:30:05" in first.replace(" ", "")
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    embedded = {font for page in reader.pages for font in _fonts(page)}
    assert embedded
    assert all("+NotoSansCJKjp-Regular" in name for name in embedded)


def _fonts(page: object) -> list[str]:
    return [str(font["/BaseFont"]) for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]


def test_markup_in_data_is_text() -> None:
    text = PdfReader(BytesIO(pdf(paper(("#strong[x] $1$ *b* @c <d>", 1, None, None, False))))).pages[0].extract_text()
    assert "#strong[x] $1$ *b* @c <d>" in text


def test_a_long_name_without_a_break_stays_in_its_column_and_can_be_copied() -> None:
    name = "viewer.of.a.department.with.a.name-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    columns = [Column(heading="名前"), Column(heading="時刻", kind=Kind.INSTANT), Column(heading="契約")]
    table = Table(title="表", short="表", columns=columns, rows=[(name, AT, "0600990598670713611990|ASAHI|2020-01-01")])
    pages = PdfReader(BytesIO(pdf(Paper(number="LS-0", title="題", lead=[], parts=[table])))).pages
    text = pages[0].extract_text()
    assert name not in text, "it goes on in the next line"
    assert name in text.replace("\n", "")
    assert "\u200b" not in text


def test_letters_that_the_font_lacks_are_told_by_their_code() -> None:
    assert printable("髙𠮷ｱ①") == "髙𠮷ｱ①"
    assert printable("x\U000f0000y") == "x[U+F0000]y"
    assert "[U+E000]" in PdfReader(BytesIO(pdf(paper(("\ue000", 1, None, None, False))))).pages[0].extract_text()


def test_without_the_font_there_is_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package")
    with pytest.raises(NoFont, match="対処: make run"):
        pdf(paper(ROW))


def test_a_picture_stands_in_the_pdf_with_its_words() -> None:
    svg = '<svg viewBox="0 0 100 20"><text x="1" y="12" font-family="Noto Sans CJK JP">図の中の字</text></svg>'
    made = Paper(
        number="N", title="題", lead=[], parts=[Picture(title="図", svg=svg, words="図のことば", caption="説明")]
    )
    page = PdfReader(BytesIO(pdf(made))).pages[0]
    assert "図の中の字" in page.extract_text()
    assert "説明" in page.extract_text()


def test_a_picture_taller_than_a_page_is_made_smaller() -> None:
    rows = "".join(
        f'<text x="1" y="{20 * row}" font-size="9" font-family="{FAMILY}">行{row}。</text>' for row in range(1, 21)
    )
    svg = f'<svg viewBox="0 0 100 410">{rows}</svg>'
    made = Paper(
        number="N",
        title="題",
        lead=["頭"],
        parts=[Picture(title="図の題", svg=svg, words="図のことば", caption="説明")],
    )
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf(made))).pages]
    assert len(pages) <= 2
    (whole,) = [text for text in pages if "行1。" in text]
    assert "行20。" in whole
    assert "図の題" in whole
    assert "説明" in whole
    assert all(len(text.replace("文書番号 N", "").strip()) > 10 for text in pages)


def test_an_annex_is_named_in_the_pdf_and_stands_in_the_workbook() -> None:
    assert "別紙がある。" in PdfReader(BytesIO(pdf(paper(ROW, annex=True)))).pages[0].extract_text()
    assert cells(workbook(paper(ROW, annex=True)))[0][0].value == "髙橋"


def test_a_day_before_the_eras_or_before_excel_is_text() -> None:
    row = cells(workbook(paper(("x", 1, date(1800, 1, 1), datetime(1868, 1, 1, tzinfo=UTC), False))))[0]
    assert [row[place].value for place in (2, 3)] == ["1800-01-01", ""]


@given(st.lists(st.text(max_size=5), min_size=1, max_size=3), st.lists(st.text(max_size=5), min_size=1, max_size=3))
def test_a_number_follows_from_its_parts(one: list[str], other: list[str]) -> None:
    number = document_number("LS", *one)
    assert number == document_number("LS", *one)
    assert (number == document_number("LS", *other)) == (one == other)
    assert len(number) == 17


def test_the_font_is_a_file_of_a_package() -> None:
    assert Path(japanese_font()).parent.name == fonts.PACKAGE
