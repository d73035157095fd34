"""A clerk's ten commonest tasks, by the very keys that docs/reference/ten-tasks.md prints."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.area import Area

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "ten-tasks.md"


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the table."""

    number: str
    screen: str
    keys: tuple[str, ...]
    arrives: str


def _tasks() -> list[Task]:
    found = []
    for line in DOCUMENT.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0].isdigit():
            found.append(Task(cells[0], cells[2], tuple(re.findall(r"`([^`]+)`", cells[3])), cells[4]))
    return found


def test_there_are_ten() -> None:
    assert [task.number for task in _tasks()] == [str(n) for n in range(1, 11)]


@pytest.mark.parametrize("task", _tasks(), ids=lambda task: task.number)
def test_a_task_is_done_by_keyboard_alone(sit: Sit, area: Area, task: Task) -> None:
    own = area.add("own-past")
    if task.number == "8":
        for _ in range(51):
            area.add("own")
    page = sit("aoi-clerk")
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    at = f"/screens/{task.screen}"
    page.goto(f"{at}?customer={own.code}" if task.screen.startswith("CI") else at)
    typed = {"お客さまコード": own.code, "供給地点特定番号": own.numbers[0], "カナ氏名": "シルシ"}
    printed = 0
    for key in task.keys:
        if key == "F8":
            printed = 1
        _press(page, key, typed)
        if key == "F8":
            assert page.evaluate("window.printed") == printed
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^{task.arrives}( [A-Z]{{2}}\d\d)?$"))


def _press(page: Page, key: str, typed: dict[str, str]) -> None:
    name = re.fullmatch(r"\{(.+)\}", key)
    special = {"Ctrl+K": "Control+K", "Esc": "Escape"}.get(key, key)
    if name:
        page.keyboard.type(typed[name[1]])
    elif re.fullmatch(r"Control\+K|Escape|Enter|Tab|F\d+", special):
        leads = special in ("Enter", "Escape") or re.fullmatch(r"F(?!8)\d+", special)
        if leads:
            with page.expect_navigation(wait_until="load"):
                page.keyboard.press(special)
        else:
            page.keyboard.press(special)
    else:
        page.keyboard.type(key)
