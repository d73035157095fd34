"""docs/reference/settings.md: the list is what the program reads and what a home holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

import takuso
from takuso.store.settings import PARTS, VARIABLES

ROOT = Path(takuso.__file__).parent
# Handed on to PostgreSQL's own programs and to Python, not settings of this program.
HANDED_ON = {"PYTHONPATH"}


def _read(tree: ast.Module) -> Iterator[str]:
    """Names that stand in os.environ[…], os.environ.get(…) or os.getenv(…)."""
    for node in ast.walk(tree):
        place = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield ast.unparse(node.slice).strip("'")
        if place in ("os.environ.get", "os.getenv", "environ.get", "env.get") and isinstance(node, ast.Call):
            yield ast.unparse(node.args[0]).strip("'")


def test_no_other_variable_is_read() -> None:
    listed = {one.name for one in VARIABLES} | HANDED_ON
    found = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in ROOT.rglob("*.py")
        if file.parent != ROOT / "doors" / "web"  # there `environ` is a request's
        for name in _read(ast.parse(file.read_text(encoding="utf-8")))
        if name not in listed
    }
    assert found == set(), "takuso/store/settings.py に書き、そこから読む"


def test_the_reader_of_variables_sees_them() -> None:
    text = "import os\nos.environ['A']\nos.environ.get('B')\nos.getenv('C')"
    assert set(_read(ast.parse(text))) == {"A", "B", "C"}


def test_an_empty_value_is_none() -> None:
    assert [one.read({one.name: ""}) for one in VARIABLES] == [None] * len(VARIABLES)
    assert [one.read({one.name: "x"}) for one in VARIABLES] == ["x"] * len(VARIABLES)


def test_names_are_unique() -> None:
    assert len({one.name for one in VARIABLES}) == len(VARIABLES)
    assert len({one.name for one in PARTS}) == len(PARTS)
