"""The compliance desk and the administration in a real browser: accessible, whole at both sizes, by keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.area import Area
from tests.journeys.conftest import SCREENSHOTS, SIZES
from tests.journeys.test_office import STANDARD

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]
SCREENS = {
    "td-compliance": ("AL10", "AL10?by=person", "AL10?by=customer", "AL12", "AL20", "AL40", "AL50", "AD30"),
    "td-admin": ("AD10", "AD20", "AD30", "AD40"),
}
CASES = [(person, screen) for person, screens in SCREENS.items() for screen in screens]


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize(("person", "screen"), CASES)
def test_a_desk_is_accessible_and_whole(sit: Sit, area: Area, person: str, screen: str, size: str) -> None:
    own = area.add("own")
    clerk = sit("aoi-clerk")
    clerk.goto(f"/screens/CI20?customer={own.code}")
    SCREENSHOTS.mkdir(exist_ok=True)
    found: dict[str, Any] = {}
    for language in ("ja", "en"):
        page = sit(person, size, language=language)
        page.goto(f"/screens/{screen}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, language
        name = f"{screen.replace('?by=', '-by-')}-{size}{'' if language == 'ja' else '-en'}"
        page.screenshot(path=SCREENSHOTS / f"{name}.png")
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": SIZES[size][0], "height": max(768, height)})
        for violation in Axe().run(page, options={"runOnly": STANDARD}).response["violations"]:
            found[f"{language} {violation['id']}"] = [node["html"][:160] for node in violation["nodes"]]
    assert found == {}


def test_from_the_menu_to_one_record_by_keyboard(sit: Sit, area: Area) -> None:
    own = area.add("own")
    clerk = sit("aoi-clerk")
    clerk.goto(f"/screens/CI20?customer={own.code}")
    page = sit("td-compliance")
    page.goto("/screens/MN00")
    page.keyboard.press("Control+K")
    page.keyboard.type("えつらんきろく")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("閲覧記録")
    row = page.locator("tr", has_text=own.code).first
    row.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title("閲覧記録 1 件 AL11 | 託送")
    expect(page.locator("main")).to_contain_text("aoi-clerk")
    found = Axe().run(page, options={"runOnly": STANDARD}).response["violations"]
    assert [one["id"] for one in found] == []
    page.screenshot(path=SCREENSHOTS / "AL11-1366x768.png", full_page=True)
