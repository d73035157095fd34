"""A retailer applies by keyboard, the intake enters what came on paper; every page is readable by everyone."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import SignIns
from takuso.flow.reception import operations
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


def _stated(page: Page, code: str, reference: str) -> None:
    """The purpose that is asked for, stated by keyboard."""
    expect(page).to_have_url(re.compile("/purpose"))
    page.locator("select[name=code]").select_option(code)
    page.locator("input[name=reference]").fill(reference)
    page.locator("input[name=reference]").press("Enter")
    expect(page).to_have_url(re.compile("/screens/"))


@pytest.mark.parametrize("size", SIZES)
def test_the_intake_enters_what_came_on_paper(sit: Sit, area: Area, size: str, signins: SignIns, gate: Gate) -> None:
    own = area.add("own")
    page = sit("td-intake", size, language="en" if size == "1920x1080" else "ja")
    page.goto("/screens/UK10")
    _stated(page, "TOI", "TOI-1")
    _readable(page, "intake-list", size)
    page.locator("a[href^='/screens/UK30']").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/screens/UK30"))
    _readable(page, "intake-choice", size)
    page.locator("a[href*='procedure=move-out']").focus()
    page.keyboard.press("Enter")
    page.locator("#field-sender").fill("?")
    page.locator("#field-supply_point").fill(own.numbers[0])
    page.locator("#field-desired_on").fill((area.today + timedelta(days=20)).isoformat())
    page.locator("#field-disconnection").select_option(index=1)
    page.keyboard.press("F10")
    expect(page.locator("#problems")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#field-sender")).to_be_focused()
    _readable(page, "intake-form", size)
    page.keyboard.press("Control+A")
    page.keyboard.type("aoi")
    page.keyboard.press("F10")
    expect(page.locator("#confirm-title")).to_be_focused()
    _readable(page, "intake-confirmation", size)
    page.keyboard.press("F10")
    expect(page).to_have_url(re.compile("/purpose"))
    number = _number(page)
    _stated(page, "IDO", number)
    order = {"action": operations.HANDLE, "number": number, "event": "work-done", "reason": None}
    gate.administer(
        Visit(proof=signins.by_demo("td-intake"), screen="UK20"),
        action=operations.HANDLE,
        asked=(number,),
        statement=operations.INSTRUCT,
        parameters=order,
    )
    page.reload()
    expect(page.locator("#undone-title")).to_be_visible()
    _readable(page, "intake-case", size)


def _number(page: Page) -> str:
    """The 受付番号 that the address of the purpose names."""
    found = re.search(r"[0-9]{6}-[0-9A-Z]{10}", unquote(page.url))
    assert found, page.url
    return found[0]
