"""Nobody is sent to a page, a heading or a file that is not there."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.markdown import DOCS, INDEX, PAGES, READMES, ROOT, anchors, inline, links, name, read

_ELSEWHERE = ("http://", "https://", "mailto:")
# Names in `…` that look like files of the repository begin like this.
_FOLDERS = ("src/", "docs/", "tests/", "tools/", "assets/")


def _problems(page: Path) -> list[str]:
    found = []
    for link in links(read(page)):
        if link.startswith(_ELSEWHERE):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        if not target.exists():
            found.append(f"{link}: ない")
        elif fragment and unquote(fragment) not in anchors(read(target)):
            found.append(f"{link}: その見出しがない")
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    assert _problems(page) == []


def test_a_wrong_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# 頭\n[a](#頭) [b](#足) [c](gone.md) [d](page.md#頭) ![e](gone.png)\n", encoding="utf-8")
    assert [problem.split(":")[0] for problem in _problems(page)] == ["#足", "gone.md", "gone.png"]


def _reached(start: Path) -> set[Path]:
    seen, todo = set(), [start]
    while todo:
        page = todo.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        todo += [(page.parent / unquote(link.partition("#")[0])).resolve() for link in links(read(page))]
    return seen


def test_every_page_is_reached_from_the_index() -> None:
    assert set(DOCS.rglob("*.md")) - _reached(INDEX) == set()


def test_the_index_names_every_page_itself() -> None:
    named = {(INDEX.parent / link.partition("#")[0]).resolve() for link in links(read(INDEX))}
    pages = {page for page in DOCS.rglob("*.md") if page != INDEX and page.parent != DOCS / "adr"}
    assert pages - named == set(), "docs/README.md に書く"


@pytest.mark.parametrize("page", READMES, ids=name)
def test_readmes_lead_to_the_index(page: Path) -> None:
    assert "docs/README.md" in links(read(page))


def test_every_decision_is_in_the_list() -> None:
    listed = {link for link in links(read(DOCS / "adr" / "README.md")) if link.endswith(".md")}
    there = {page.name for page in (DOCS / "adr").glob("[0-9]*.md")}
    assert listed == there, "docs/adr/README.md に書く"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_named_in_the_text_are_there(page: Path) -> None:
    named = [text for text in inline(read(page)) if text.startswith(_FOLDERS) and not set(text) & set("*<>… {")]
    assert [text for text in named if not (ROOT / text.split(":")[0]).exists()] == []
