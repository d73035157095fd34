"""The console blocks of the tutorials that are marked `run` end as the page says, in their order, on a small demo."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Takuso, takuso  # noqa: F401 - a fixture
from tests.docs.markdown import DOCS, ROOT, Block, blocks, name, read, shell_lines
from tests.ready import READY

TUTORIALS = [page for page in sorted((DOCS / "tutorial").glob("*.md")) if "```sh run" in read(page)]
_CODE = re.compile(r"# .*終了コード ([0-9])")
_CUSTOMER = "お客さまコード"


def _lines(page: Path) -> Iterator[tuple[str, int]]:
    """The lines to run, with the exit code that each is to end with."""
    for block in blocks(read(page)):
        if block.info == "sh run":
            for line in shell_lines(_fenced(block)):
                code = _CODE.search(line)
                yield line, int(code[1]) if code else 0


def _fenced(block: Block) -> str:
    return f"```sh\n{block.text}\n```\n"


@pytest.mark.parametrize("page", TUTORIALS, ids=name)
def test_the_tutorial_runs(page: Path, takuso: Takuso, tmp_path: Path) -> None:  # noqa: F811
    foreign = takuso.customers("foreign", "aoi-clerk")[0]["customer_code"]
    (tmp_path / "surveys").symlink_to(ROOT / "surveys")
    for line, code in _lines(page):
        words = shlex.split(line.replace(_CUSTOMER, foreign), comments=True)
        assert words[0] == ".venv/bin/takuso"
        done = READY.run(words[1:], takuso.env, timeout=300, cwd=tmp_path)
        assert done.returncode == code, f"{line}\n{done.stdout}{done.stderr}"


def test_there_are_lines_to_run() -> None:
    assert {page.name for page in TUTORIALS} == {"operator.md", "compliance.md"}
    assert all(list(_lines(page)) for page in TUTORIALS)
