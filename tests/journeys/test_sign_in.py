"""Enrolling and signing in with a real browser: by keyboard, accessible, without sideways scrolling."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from takuso.barrier.signin import SignIns
from takuso.store.home import Home
from tests.signing import PASSWORD, code_at, newcomer

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def _faults(page: Page) -> list[Any]:
    """What axe finds, and whether the page is wider than the window."""
    found = Axe().run(page, options={"runOnly": STANDARD}).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*((v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found), *(["wide"] if wide > 0 else [])]


def test_from_a_link_to_the_next_sign_in(sit: Sit, signins: SignIns, home: Home) -> None:
    name = newcomer(home)
    page = sit(None)
    page.goto(f"/login/once/{signins.issue_link(name)}")
    page.get_by_role("button", name="サインインする").click()
    page.goto("/account")
    assert _faults(page) == []
    page.get_by_role("link", name="設定・変更する").click()
    assert _faults(page) == []
    page.keyboard.press("F10")
    field = page.locator("#password-new")
    field.focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    show = page.get_by_role("button", name="新しいパスワードを表示", exact=True)
    expect(show).to_be_focused()
    page.keyboard.press("Space")
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    page.fill("#password-again", "ちがうことば")
    page.get_by_role("button", name="パスワードを設定する").click()
    expect(page.locator("#problems")).to_be_focused()
    assert _faults(page) == []
    page.fill("#password-new", PASSWORD)
    page.fill("#password-again", PASSWORD)
    page.get_by_role("button", name="パスワードを設定する").click()
    expect(page.get_by_role("status")).to_contain_text("パスワードを設定しました。")
    page.get_by_role("button", name="登録を始める").click()
    assert _faults(page) == []
    secret = page.locator("dd.number").inner_text()
    page.fill("#totp-code", code_at(secret))
    page.keyboard.press("F10")
    expect(page.locator("ul.persons code")).to_have_count(10)
    assert _faults(page) == []
    page.get_by_role("button", name="サインアウト").click()
    page.goto("/login")
    assert _faults(page) == []
    page.get_by_label("利用者コード").fill(name)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("textbox", name="認証コード").fill(code_at(secret, 1))
    page.keyboard.press("F10")
    expect(page.get_by_role("heading", level=1)).to_contain_text("メニュー")
    page.goto("/account/credentials")
    assert _faults(page) == []
    page.set_viewport_size({"width": 320, "height": 256})
    for path in ("/login", "/account/credentials"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
