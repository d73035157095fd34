"""A retailer applies by keyboard and sees what became of it; every page of the way is readable by everyone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.area import Area
from tests.journeys.conftest import SCREENSHOTS, SIZES
from tests.journeys.test_office import STANDARD

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]


def _readable(page: Page, name: str, size: str) -> None:
    found = Axe().run(page, options={"runOnly": STANDARD}).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off at the side"
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{size}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
def test_a_move_out_is_filed_and_seen(sit: Sit, area: Area, size: str) -> None:
    own = area.add("own")
    page = sit("aoi-clerk", size)
    page.goto("/screens/RT40")
    _readable(page, "reception-choice", size)
    page.get_by_role("link", name="廃止（退去）").focus()
    page.keyboard.press("Enter")
    page.locator("#field-supply_point").focus()
    page.keyboard.type(own.numbers[0])
    page.keyboard.press("Tab")
    page.keyboard.type("2月30日")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("F10")
    expect(page.locator("#problems")).to_be_focused()
    _readable(page, "reception-form", size)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#field-desired_on")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type((area.today + timedelta(days=20)).isoformat())
    page.keyboard.press("F10")
    expect(page.locator("#confirm-title")).to_contain_text("廃止（退去）")
    _readable(page, "reception-confirmation", size)
    page.keyboard.press("F10")
    expect(page).to_have_url(re.compile(r"/screens/RT20\?number="))
    expect(page.get_by_text("判断を待っています。")).to_be_visible()
    _readable(page, "reception-one", size)
    page.keyboard.press("F4")
    expect(page.get_by_role("heading", level=1)).to_contain_text("申込一覧")
    expect(page.locator("tbody tr").first).to_contain_text(own.numbers[0])
    _readable(page, "reception-own", size)
