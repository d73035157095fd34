"""docs/reference/barrier.md is what the program says today, and what it names exists."""

import re
from pathlib import Path

import pytest

from takuso.proof.page import page
from takuso.proof.program import Program
from takuso.proof.verify import CHECKS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "barrier.md"
NAMED = sorted(set(re.findall(r"`((?:tests|barrier|flow|doors|proof)/[a-z_/]+(?:\.[a-z]+)?)", PAGE.read_text("utf-8"))))


def test_the_page_is_not_stale(program: Program) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(program), "次を実行してコミットする: make docs"


@pytest.mark.parametrize("name", NAMED)
def test_what_it_names_exists(name: str) -> None:
    assert (ROOT / name).exists() or (ROOT / "src" / "takuso" / name).exists()


def test_every_check_has_its_line() -> None:
    text = PAGE.read_text(encoding="utf-8")
    how = (ROOT / "docs" / "how-to" / "prove-the-wall.md").read_text(encoding="utf-8")
    for check in CHECKS:
        assert f"| `{check}` |" in how
        assert f"`{check}`" in text
    assert "{{" not in text
