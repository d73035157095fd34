"""docs/reference is what the program says today."""

from pathlib import Path

import psycopg
import pytest
from tools.pages import PAGES, commands, purposes, tables

from takuso.doors.cli.program import names
from takuso.doors.register import COMMANDS

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
AGAIN = "次を実行してコミットする: make docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_not_stale(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), AGAIN


@pytest.fixture(scope="module")
def columns(admin: str) -> list[tables.Column]:
    """Columns of the deployed home."""
    with psycopg.connect(admin) as connection:
        return tables.columns(connection)


def test_the_page_of_tables_is_not_stale(columns: list[tables.Column]) -> None:
    assert (FOLDER / "tables.md").read_text(encoding="utf-8") == tables.page(columns), AGAIN


def test_every_table_says_what_it_is(columns: list[tables.Column]) -> None:
    silent = sorted({f"{one.schema}.{one.table}" for one in columns if not one.about_table})
    assert silent == [], "COMMENT ON TABLE を src/takuso/barrier/comments.sql に書く"


def test_every_column_says_what_it_is(columns: list[tables.Column]) -> None:
    silent = [
        f"{one.schema}.{one.table}.{one.column}" for one in columns if not one.about and one.column not in tables.USUAL
    ]
    assert silent == [], "COMMENT ON COLUMN を src/takuso/barrier/comments.sql に書く"


def test_every_command_has_its_section_and_an_example() -> None:
    shown = {name for name, _ in commands.tree()}
    assert shown == set(names()) == {door.name for door in COMMANDS} == set(commands.EXAMPLES)


def test_every_kind_of_case_and_every_action_has_its_words() -> None:
    text = purposes.page()
    assert set(purposes.ACTIONS) == set(purposes.DEEDS)
    assert {kind for one in purposes.PURPOSES for kind in one.case_kinds} == set(purposes.KINDS)
    assert all(words in text for words in (*purposes.DEEDS.values(), *purposes.KINDS.values()))
