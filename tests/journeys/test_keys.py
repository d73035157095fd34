"""Commands, Enter, rows and heads in a real browser."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.area import Area
from tests.journeys.test_office import STANDARD

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]
ROWS = """() => {
  const table = document.querySelector('.list table');
  scrollTo(0, scrollY + table.tHead.getBoundingClientRect().top);
  const top = table.tHead.rows[0].cells[0].getBoundingClientRect().bottom;
  const foot = document.querySelector('.keybar').getBoundingClientRect().top;
  return [...table.tBodies[0].rows].map(row => row.getBoundingClientRect())
    .filter(row => row.top >= top - 1 && row.bottom <= foot + 1).length;
}"""


def _option(page: Page) -> str:
    """The chosen line of the palette."""
    return page.evaluate(
        "document.getElementById(document.getElementById('palette-box').getAttribute('aria-activedescendant'))"
        "?.innerText.replace(/\\s+/g, ' ').trim() ?? ''"
    )


def test_the_palette_finds_by_japanese_kana_and_romaji_and_gives_the_focus_back(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("aoi-clerk")
    page.goto(f"/screens/CI10?customer={own.code}")
    page.locator("#entry-screen").focus()
    page.keyboard.press("Control+K")
    box = page.locator("#palette-box")
    expect(box).to_be_focused()
    expected = {
        "メニュー": "メニュー MN00",
        "menyuu": "メニュー MN00",
        "menyu-": "メニュー MN00",
        "オキャクサマケン": "お客さま検索 KS10 F2",
        "okyakusama kensaku": "お客さま検索 KS10 F2",
        "ci20": "お客さま情報Ⅱ CI20 F9",
        "jouhou2": "お客さま情報Ⅱ CI20 F9",
        "insatu": "印刷 F8",
        "english": "English",
        own.code: "この番号で開く",
        own.numbers[0]: "この番号で開く",
    }
    found = {}
    for typed in expected:
        box.fill(typed)
        found[typed] = _option(page)
    assert found == expected
    box.fill("ぬぬぬ")
    expect(page.get_by_text("該当するコマンドはありません。")).to_be_visible()
    result = Axe().run(page, options={"runOnly": STANDARD})
    assert [violation["id"] for violation in result.response["violations"]] == []
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#entry-screen")).to_be_focused()
    assert page.url.endswith(f"/screens/CI10?customer={own.code}")


def test_the_palette_opens_a_screen_for_this_customer_and_says_where_from(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("aoi-clerk")
    page.goto(f"/screens/CI10?customer={own.code}")
    page.keyboard.press("Control+K")
    page.keyboard.type("kakokeiyaku")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert f"/screens/PC10?customer={own.code}&from=" in page.url
    page.goto("/screens/MN00")
    page.keyboard.press("Control+K")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert _option(page) != ""
    page.locator("#palette-box").fill("ci10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅰ")
    expect(page.locator(".problems")).to_have_count(0)


def test_enter_moves_on_only_where_it_was_chosen(sit: Sit, area: Area) -> None:
    own = area.add("own")
    to = f"/purpose?next=%2Fscreens%2FCI10%3Fcustomer%3D{own.code}"
    page = sit("td-contact", enter="next")
    page.goto(to)
    expect(page.locator("#purpose-code")).to_be_focused()
    assert "enter-hint" in (page.locator("#purpose-code").get_attribute("aria-describedby") or "")
    expect(page.locator("#enter-hint")).to_contain_text("Shift+Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#purpose-reference")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#purpose-code")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("TOI-1")
    composing = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true})"
    assert page.evaluate(f"document.activeElement.dispatchEvent({composing})") is True
    expect(page.locator("#purpose-reference")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="申告して開く")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅰ")
    usual = sit("td-contact")
    usual.goto(to)
    usual.keyboard.press("ArrowDown")
    usual.keyboard.press("Tab")
    usual.keyboard.type("TOI-1")
    usual.keyboard.press("Enter")
    expect(usual.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅰ")


def test_settings_are_chosen_by_keyboard(sit: Sit, area: Area) -> None:
    page = sit("asahi-clerk")
    page.goto("/screens/MY10")
    page.get_by_role("radio", name="English").focus()
    page.keyboard.press("Space")
    page.keyboard.press("F10")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Personal settings")
    expect(page.get_by_role("status").first).to_have_text("The settings are saved.")
    page.keyboard.press("Control+K")
    page.keyboard.type("nihongo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("個人設定")


@pytest.mark.parametrize("path", ["KS10", "KF00"])
def test_forty_rows_stand_on_a_page_of_1080(sit: Sit, area: Area, path: str) -> None:
    for _ in range(52):
        area.add("own")
    found = {}
    for density in ("close", "middle", "wide"):
        page = sit("aoi-clerk", "1920x1080", density=density)
        page.goto(f"/screens/{path}")
        if path == "KS10":
            page.keyboard.type("シルシ")
            page.keyboard.press("F10")
            expect(page.locator("#found-title")).to_be_focused()
        assert page.locator(".list tbody tr").count() == 50
        found[density] = page.evaluate(ROWS)
    assert found["close"] >= 40
    assert found["close"] > found["middle"] > found["wide"]
