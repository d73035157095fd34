"""The survey's screens, the tour and the split view in a real browser: readable by everyone, nothing cut off."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from takuso.store.home import Home
from tests.area import Area
from tests.journeys.conftest import SCREENSHOTS, SIZES
from tests.journeys.test_office import SMALL, STANDARD
from tests.survey.lay import AOI, Supply
from tests.web.test_surveys import WEEK

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]


def _sound(page: Page, name: str, size: str) -> None:
    """No finding of axe, no sideways scroll, no small target."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{size}.png", full_page=True)
    found = Axe().run(page, options={"runOnly": STANDARD}).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == [], name
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    assert page.evaluate(SMALL) == [], name


@pytest.mark.parametrize("size", list(SIZES))
def test_a_survey_by_keyboard_from_start_to_result(sit: Sit, home: Home, size: str) -> None:
    folder = home.path / "sources" / "week"
    if not folder.exists():
        WEEK.write(folder)
    page = sit("td-compliance", size)
    page.goto("/screens/AL20")
    _sound(page, "AL20", size)
    page.locator("#survey-file").focus()
    page.keyboard.type("notice-2022-12:")
    page.locator("#survey-source").focus()
    page.keyboard.type("sources/week")
    page.keyboard.press("F10")
    # The page renews itself until the run is done.
    expect(page.get_by_role("heading", name="当たった閲覧")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("閲覧者 1 人、お客さま 60 契約")).to_be_visible()
    _sound(page, "AL20-result", size)
    page.get_by_role("link", name="次の頁").click()
    expect(page.get_by_text("2 頁のうち 2 頁")).to_be_visible()


@pytest.mark.parametrize("size", list(SIZES))
def test_the_difference_of_two_runs(sit: Sit, home: Home, size: str) -> None:
    corrected = [Supply(one.customer, AOI, one.since) for one in WEEK.supply]
    page = sit("td-compliance", size)
    for name, place in ((f"first-{size}", WEEK), (f"second-{size}", WEEK.but(supply=corrected))):
        place.write(home.path / "sources" / name)
        page.goto("/screens/AL20")
        page.locator("#survey-file").select_option("notice-2022-12")
        page.locator("#survey-source").select_option(f"placed:{name}")
        page.keyboard.press("F10")
        expect(page.get_by_role("heading", name="当たった閲覧")).to_be_visible(timeout=120_000)
    page.get_by_role("link", name="との違い").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("調査の結果の違い")
    expect(page.get_by_role("cell", name="供給期間が訂正された").first).to_be_visible()
    _sound(page, "AL20-difference", size)
    page.get_by_role("link", name="次の頁").click()
    expect(page.get_by_text("2 頁のうち 2 頁")).to_be_visible()


@pytest.mark.parametrize("size", list(SIZES))
def test_the_tour_and_the_split_view(sit: Sit, area: Area, size: str) -> None:
    own = area.add("own")
    page = sit("aoi-clerk", size)
    page.goto("/screens/TR10")
    _sound(page, "TR10", size)
    page.goto(f"/demo/split?customer={own.code}&screen=CI20&a=aoi-clerk&b=asahi-clerk")
    _sound(page, "split", size)
    page.goto("/screens/TR10")
    page.get_by_role("button", name="情報管理・監査の担当になる").first.click()
    expect(page.get_by_role("link", name="葵電力の担当の記録を確かめる")).to_be_visible()
    page.get_by_role("link", name="葵電力の担当の記録を確かめる").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("閲覧記録")
