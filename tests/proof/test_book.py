"""The proof book: what stands in it, that it can be read, and what two of them say about each other."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from takuso.proof.book import NotABook, compare, document, paper, read, write
from takuso.proof.facts import commit
from takuso.proof.program import Program
from takuso.proof.report import Checked, Coverage, Finding, Report

Book = dict[str, Any]
FACTS = {
    "program": "0.1.0",
    "commit": "c" * 40,
    "rules": "r" * 64,
    "catalogue": "k" * 64,
    "postgresql": 18,
    "home": "demo",
    "at": "2026-11-27T12:34:56+09:00",
}
HOLE = Finding(check="walk", where="proof-clerk × foreign × <CI20>", what="foreign の区分 C が見えました")
MUTANTS = [{"kind": "rules", "made": 190, "survivors": []}, {"kind": "policies", "made": 70, "survivors": ["x"]}]
TRIED = {"name": "late-midnight", "title": "日付の変わり目が遅れる", "kind": "database", "caught_by": "catalogue"}


@pytest.fixture
def book(program: Program) -> Book:
    """A book with one finding and one planted fault."""
    checks = (
        Checked(name="doors", title="出入口の登録簿", findings=(), cells=68, seconds=0.5),
        Checked(name="walk", title="全画面・全経路の歩行", findings=(HOLE,), cells=100, seconds=2.0),
    )
    covered = Coverage(doors=68, transitions=109, persons=12, kinds=15, cells=5196, reached=5196)
    report = Report(checks=checks, coverage=covered, seconds=2.5, facts=FACTS)
    return document(
        report, program, {"tried": [TRIED | {"caught": True, "seconds": 1.4, "findings": []}], "mutants": MUTANTS}
    )


def test_both_forms_say_the_same(book: Book, tmp_path: Path) -> None:
    write(book, tmp_path / "new" / "folder")
    assert read(tmp_path / "new" / "folder") == json.loads(json.dumps(book))
    page = (tmp_path / "new" / "folder" / "book.html").read_text(encoding="utf-8")
    assert "指摘 1 件" in page
    assert "proof-clerk × foreign × &lt;CI20&gt;" in page
    assert "5,196 / 5,196" in page
    assert FACTS["catalogue"] in page
    assert "late-midnight" in page
    assert "ポリシーを 1 つずつ、70 通りに変えた。見逃し 1（x）。" in page
    assert all(door["purpose"] in page for door in book["doors"])
    assert "<script" not in page
    assert "http" not in page.replace("https://", "http")


def test_without_a_drill_it_says_so(book: Book) -> None:
    assert "訓練の結果（<code>takuso drill try --json</code>）は付いていない" in paper({**book, "tried": []})


def test_no_book(tmp_path: Path) -> None:
    for text in ("", "[]", '{"form": 2}'):
        (tmp_path / "book.json").write_text(text, encoding="utf-8")
        with pytest.raises(NotABook, match="証明書ではありません"):
            read(tmp_path)
    with pytest.raises(NotABook):
        read(tmp_path / "nowhere.json")


def _set(*path: Any) -> Callable[[Book], None]:
    def change(book: Book) -> None:
        place: Any = book
        for step in path[:-2]:
            place = place[step]
        place[path[-2]] = path[-1]

    return change


CASES: dict[str, tuple[Callable[[Book], None], str]] = {
    "rules": (_set("facts", "rules", "s" * 64), f"規則の SHA-256: {'r' * 64} → {'s' * 64}"),
    "catalogue": (_set("facts", "catalogue", "x" * 64), f"カタログの SHA-256: {'k' * 64} → {'x' * 64}"),
    "a check turns red": (_set("checks", 0, "ok", False), "検査 doors: 良 → 要対処"),
    "a check is left out": (lambda book: book["checks"].pop(0), "検査 doors: なくなった"),
    "a door comes": (
        lambda book: book["doors"].append({"kind": "コマンド", "name": "export", "purpose": "出力"}),
        "出入口 コマンド export: 加わった（kind コマンド、name export、purpose 出力）",
    ),
    "a row of the matrix": (_set("matrix", 0, "show", "A"), "情報遮断の表"),
    "a fault survives": (_set("tried", 0, "caught", False), "訓練の欠陥 database late-midnight: 見つけた → 見逃した"),
    "coverage": (_set("coverage", "reached", 5000), "網羅 歩いたマス: 5,196 → 5,000"),
    "a finding is gone": (_set("findings", []), "指摘がなくなった: [walk] proof-clerk × foreign × <CI20>"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_difference_is_named(book: Book, name: str) -> None:
    other = copy.deepcopy(book)
    change, line = CASES[name]
    change(other)
    assert [said for said in compare(book, other) if line in said]
    assert len(compare(book, other)) == 1


def test_time_alone_is_no_difference(book: Book) -> None:
    other = copy.deepcopy(book)
    other["seconds"], other["facts"]["at"] = 99.9, "2027-01-01T00:00:00+09:00"
    other["checks"][0]["seconds"] = 7.7
    assert compare(book, other) == []


def test_a_catalogue_of_another_major_is_not_compared(book: Book) -> None:
    other = copy.deepcopy(book)
    other["facts"] |= {"postgresql": 17, "catalogue": "x" * 64}
    assert compare(book, other) == ["PostgreSQL の版: 18 → 17"]


def test_the_commit_is_read_from_git_s_own_files(tmp_path: Path) -> None:
    root, git = tmp_path / "src" / "takuso", tmp_path / ".git"
    assert commit(root) is None
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert commit(root) is None
    (git / "packed-refs").write_text(f"# pack-refs\n{'a' * 40} refs/heads/main\n")
    assert commit(root) == "a" * 40
    (git / "refs" / "heads" / "main").write_text("b" * 40 + "\n")
    assert commit(root) == "b" * 40
    (git / "HEAD").write_text("d" * 40 + "\n")
    assert commit(root) == "d" * 40


@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, 1920])
def test_in_a_browser(book: Book, browser: Browser, tmp_path: Path, width: int) -> None:
    write(book, tmp_path)
    page = browser.new_page(viewport={"width": width, "height": 1080})
    page.goto((tmp_path / "book.html").as_uri())
    assert page.title() == "情報遮断の証明書 2026-11-27T12:34:56+09:00"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.close()
