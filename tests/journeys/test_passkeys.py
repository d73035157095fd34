"""パスキー with a real browser and its virtual device: registering, signing in, calling it off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from takuso.barrier.credentials.accounts import Accounts
from takuso.barrier.signin import SignIns
from takuso.doors.web.office import COOKIE
from takuso.store.home import Home
from tests.journeys.test_sign_in import _faults
from tests.signing import PASSWORD, enrol, newcomer

pytestmark = pytest.mark.browser
Sit = Callable[..., Page]
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def _device(page: Page) -> tuple[CDPSession, str]:
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    return chrome, chrome.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def test_registering_and_signing_in(sit: Sit, address: str, signins: SignIns, home: Home) -> None:
    who, page = enrol(Accounts(signins), signins, newcomer(home)), sit(None)
    named = address.replace("127.0.0.1", "localhost")
    chrome, device = _device(page)
    page.goto(f"{named}/login")
    page.context.add_cookies(
        [{"name": COOKIE, "value": signins.by_demo(who.code).cookie, "url": named, "httpOnly": True,
          "sameSite": "Strict"}]
    )  # fmt: skip
    page.goto(f"{named}/account")
    page.get_by_role("link", name="パスキー").click()
    assert _faults(page) == []
    page.get_by_label("いまのパスワード", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("パスキーを登録しました。")
    assert _faults(page) == []
    assert len(chrome.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

    page.locator("#passkey-old").fill(PASSWORD)
    page.get_by_role("button", name="この端末のパスキーを登録する").click()
    expect(page.locator("#passkey-add-failed")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{named}/login")
    assert _faults(page) == []
    page.get_by_label("利用者コード").fill(who.code)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    chrome.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="認証コードの代わりにパスキーを使う").click()
    expect(page.locator("#login-passkey-failed")).to_be_visible()
    assert _faults(page) == []
    chrome.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="認証コードの代わりにパスキーを使う").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("メニュー")
    page.goto(f"{named}/account/passkeys")
    page.get_by_role("radio").check()
    page.locator("#remove-old").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("パスキーを削除しました。")
    assert _faults(page) == []


def test_without_a_name_or_a_device_nothing_is_offered(sit: Sit, address: str) -> None:
    page = sit(None)
    page.goto("/login")
    expect(page.get_by_role("button", name="認証コードの代わりにパスキーを使う")).to_have_count(0)
    plain = sit(None, javascript=False)
    plain.goto(f"{address.replace('127.0.0.1', 'localhost')}/login")
    expect(plain.locator("#login-passkey")).to_be_hidden()
    expect(plain.locator("#login-passkey-failed")).to_be_hidden()
