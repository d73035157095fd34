"""People at work: by keyboard alone, readable by everyone, nothing covered, nothing cut off."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.area import Area, Customer
from tests.journeys.conftest import SCREENSHOTS, SIZES

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COVERED = """() => {
  const it = document.activeElement, bar = document.querySelector('.keybar');
  if (!it || it === document.body || !bar || bar.contains(it)) return null;
  const a = it.getBoundingClientRect(), b = bar.getBoundingClientRect();
  const apart = e => !e.contains(it) && !it.contains(e), sticks = e => getComputedStyle(e).position === 'sticky';
  const heads = [...document.querySelectorAll('thead th')].filter(e => sticks(e) && !it.contains(e));
  const over = heads.map(e => e.getBoundingClientRect()).filter(h => a.top < h.bottom - 1 && a.bottom > h.top + 1);
  const crosses = h => a.top < h.bottom - 1 && a.bottom > h.top + 1 && a.left < h.right - 1 && a.right > h.left + 1;
  const firsts = [...document.querySelectorAll('tbody th')].filter(apart);
  const beside = firsts.map(e => e.getBoundingClientRect()).filter(crosses);
  const seen = a.top >= 0 && a.top < innerHeight && a.bottom <= b.top + 1 && !over.length && !beside.length;
  return seen ? null : it.outerHTML.slice(0, 120);
}"""
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select')]
  .filter(e => e.offsetParent !== null && !e.closest('.skip') && !e.matches('.skip'))
  .map(e => [e.getBoundingClientRect(), e.outerHTML.slice(0, 100), e])
  .filter(([r, , e]) => (r.height < 24 || r.width < 24) && !e.closest('li, p'))
  .map(([r, html]) => `${r.width}x${r.height} ${html}`)"""


def _type_code(page: Page, screen: str, code: str) -> None:
    """Skip link, switcher and sign-out stand before the entry; then screen code, customer code, Enter."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "entry-screen":
            break
    page.keyboard.press("Control+A")
    page.keyboard.type(screen)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_clerk_goes_from_the_menu_to_information_2_by_keyboard(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("aoi-clerk")
    page.goto("/screens/MN00")
    _type_code(page, "kf10", own.code)
    expect(page).to_have_title("口振異動通知 KF10 | 託送")
    page.keyboard.press("F9")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅱ")
    assert "from=" in page.url
    expect(page.get_by_role("img", name="月別使用量")).to_be_visible()
    page.keyboard.press("F7")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅰ")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅱ")
    page.keyboard.press("F2")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま検索")
    page.keyboard.press("F4")
    expect(page.get_by_role("heading", level=1)).to_contain_text("口振異動通知 一覧")


def test_network_staff_state_their_purpose_by_keyboard(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("td-billing")
    page.goto("/screens/MN00")
    _type_code(page, "KF10", own.code)
    expect(page.get_by_role("heading", level=1)).to_have_text("利用目的の申告")
    page.locator("#purpose-code").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("RYO-1")
    page.keyboard.press("F10")
    expect(page.get_by_role("heading", level=1)).to_contain_text("口振異動通知")
    page.keyboard.press("F9")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅱ")
    expect(page.get_by_text("(職務の対象外: 料金・請求)").first).to_be_visible()


def test_a_supply_point_number_is_searched_for_and_stands_in_no_address(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("aoi-clerk")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/screens/MN00")
    _type_code(page, "CI20", own.numbers[0])
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま検索")
    page.get_by_role("link", name=own.code).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("お客さま情報Ⅰ")
    assert page.url.endswith(f"/screens/CI10?customer={own.code}&from={page.url[-32:]}")
    assert [url for url in asked if own.numbers[0] in url] == []


def test_an_error_takes_the_focus_and_keeps_what_was_typed(sit: Sit) -> None:
    page = sit("aoi-clerk")
    page.goto("/screens/MN00")
    _type_code(page, "CI10", "12345")
    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#entry-customer")).to_have_value("12345")
    page.get_by_role("link", name="お客さまコード:").press("Enter")
    expect(page.locator("#entry-customer")).to_be_focused()


def test_everything_works_without_javascript(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("td-contact", javascript=False)
    page.goto("/screens/MN00")
    page.fill("#entry-screen", "CI10")
    page.fill("#entry-customer", own.code)
    page.get_by_role("button", name="開く").click()
    page.select_option("#purpose-code", "TOI")
    page.fill("#purpose-reference", "TOI-1")
    page.get_by_role("button", name="申告して開く").click()
    page.get_by_role("link", name="F9 情報Ⅱ").click()
    expect(page).to_have_title(re.compile("お客さま情報Ⅱ"))
    page.select_option("#demo-person", "aoi-clerk")
    page.get_by_role("button", name="切り替える").click()
    expect(page).to_have_title(re.compile("メニュー"))


def _pages(code: str) -> dict[str, str]:
    screens = {s: f"/screens/{s}?customer={code}" for s in ("KF10", "CI10", "CI20", "PC10")}
    return {
        "MN00": "/screens/MN00",
        "KF00": "/screens/KF00",
        "KS10": "/screens/KS10",
        "MY10": "/screens/MY10",
        "keys": "/help/keys",
        "commands": "/help/commands",
        **screens,
        "neutral": "/screens/CI10?customer=99999999999999",
        "ask": "/screens/CI10",
        "malformed": "/go?screen=CI10&customer=1",
        "purpose": f"/purpose?next=%2Fscreens%2FCI10%3Fcustomer%3D{code}",
        "login": "/login",
        "missing": "/screens/ZZ99",
    }


@pytest.mark.parametrize("person", ["aoi-clerk", "td-billing"])
def test_every_page_is_accessible(sit: Sit, area: Area, person: str) -> None:
    own = area.add("own-past")
    page = sit(person)
    if person == "td-billing":
        _state(page, own)
    found: dict[str, Any] = {}
    for name, path in _pages(own.code).items():
        page.goto(path)
        # The whole page at once: what lies under the key bar until one scrolls is not small.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": 1366, "height": max(768, height)})
        result = Axe().run(page, options={"runOnly": STANDARD})
        for violation in result.response["violations"]:
            where = [node["html"][:160] for node in violation["nodes"]]
            found[f"{name}: {violation['id']}"] = where
    assert found == {}


def _state(page: Page, customer: Customer) -> None:
    page.goto(f"/purpose?next=%2Fscreens%2FCI10%3Fcustomer%3D{customer.code}")
    page.select_option("#purpose-code", "TOI")
    page.fill("#purpose-reference", "TOI-1")
    page.get_by_role("button", name="申告して開く").click()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("size", list(SIZES))
def test_nothing_is_covered_cut_off_or_too_small(sit: Sit, area: Area, size: str, language: str) -> None:
    area.add("own")
    own = area.add("own-past")
    page = sit("aoi-clerk", size, language=language)
    SCREENSHOTS.mkdir(exist_ok=True)
    for name, path in _pages(own.code).items():
        page.goto(path)
        suffix = "" if language == "ja" else f"-{language}"
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}{suffix}.png")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (name, wide)
        assert page.evaluate(SMALL) == [], name
        _tab_through(page, name)


def _tab_through(page: Page, name: str) -> None:
    for _ in range(120):
        page.keyboard.press("Tab")
        assert page.evaluate(COVERED) is None, name
        if page.evaluate("!!document.activeElement.closest('.keybar') || document.activeElement === document.body"):
            return


def test_the_page_reflows_at_400_percent(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("aoi-clerk")
    page.set_viewport_size({"width": 320, "height": 256})
    for path in ("/screens/MN00", f"/screens/CI10?customer={own.code}", "/login"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_scripts_and_styles_obey_the_policy(sit: Sit, area: Area) -> None:
    own = area.add("own")
    page = sit("aoi-clerk")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"/screens/CI20?customer={own.code}")
    expect(page.get_by_role("button", name="F8 印刷")).to_be_enabled()
    assert said == []
