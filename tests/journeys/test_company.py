"""会社の ID 基盤で入る with a real browser, the provider on another site: SameSite is what the browser makes of it."""

import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from playwright.sync_api import Browser, Page, expect

from takuso.barrier.credentials.accounts import Accounts
from takuso.barrier.credentials.external import ExternalSignIn
from takuso.barrier.credentials.provider import Provider
from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.doors.web.company import ROUND
from takuso.doors.web.office import COOKIE
from takuso.doors.web.wsgi import application
from takuso.store.home import Home
from tests.idp import Idp, answer, running
from tests.journeys.conftest import _Quiet, _Server
from tests.journeys.test_sign_in import _faults
from tests.signing import PASSWORD, enrol, newcomer
from tests.unit.test_provider import LIMITS

pytestmark = pytest.mark.browser


@pytest.fixture
def idp() -> Iterator[Idp]:
    # Another name of this machine: for the browser another site than 127.0.0.1.
    with running("localhost") as made:
        yield made


@pytest.fixture
def page(browser: Browser, gate: Gate, signins: SignIns, home: Home, idp: Idp) -> Iterator[Page]:
    """A browser before an office with a provider."""
    company = ExternalSignIn(signins, Provider(idp.settings, limits=LIMITS))
    serve: Any = application(gate, signins, home, company=company)
    with make_server("127.0.0.1", 0, serve, server_class=_Server, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{server.server_port}", viewport={"width": 1366, "height": 768}, locale="ja-JP"
        )
        yield context.new_page()
        context.close()
        server.shutdown()
        thread.join()


def _cookies(page: Page) -> dict[str, Any]:
    return {one["name"]: one for one in page.context.cookies()}


def _signed_in(page: Page, signins: SignIns, who: str) -> None:
    page.goto("/login")
    value = signins.by_demo(who).cookie
    page.context.add_cookies(
        [{"name": COOKIE, "value": value, "url": page.url, "httpOnly": True, "sameSite": "Strict"}]
    )


def test_adding_an_account_and_coming_in_by_it(page: Page, signins: SignIns, home: Home) -> None:
    who = enrol(Accounts(signins), signins, newcomer(home))
    _signed_in(page, signins, who.code)
    page.goto("/account")
    assert _faults(page) == []
    page.get_by_role("link", name="会社の ID 基盤のアカウント").click()
    assert _faults(page) == []
    page.keyboard.press("F10")
    expect(page.get_by_role("heading", name="このアカウントを追加しますか")).to_be_visible()
    expect(page.locator("dd .code").last).to_have_text("subject-1")
    assert _faults(page) == []
    page.get_by_label("いまのパスワード", exact=True).fill("ちがうことば")
    page.keyboard.press("F10")
    expect(page.locator("#problems")).to_be_focused()
    assert _faults(page) == []
    page.get_by_label("いまのパスワード", exact=True).fill(PASSWORD)
    page.keyboard.press("F10")
    expect(page.get_by_role("status")).to_contain_text("追加しました")
    assert _faults(page) == []

    page.context.clear_cookies()
    page.goto("/login")
    assert _faults(page) == []
    page.get_by_role("button", name="葵のアカウントで入る").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("メニュー")
    assert "/screens/MN00" in page.url
    kept = _cookies(page)
    assert kept[COOKIE]["sameSite"] == "Strict"
    assert ROUND not in kept, "the way is over"
    page.goto("/account")
    expect(page.get_by_text("会社の ID 基盤", exact=True)).to_be_visible()


def test_back_without_an_account_and_with_a_provider_that_is_down(page: Page, idp: Idp) -> None:
    page.goto("/login")
    page.get_by_role("button", name="葵のアカウントで入る").click()
    expect(page.locator("#problems")).to_contain_text("会社の ID 基盤ではサインインできませんでした。")
    assert _faults(page) == []
    page.locator("#problems a").click()
    expect(page.locator("#login-company")).to_be_focused()
    idp.instead = {"/token": lambda handler: answer(handler, 503, {})}
    page.keyboard.press("Enter")
    expect(page.locator("#problems")).to_contain_text("会社の ID 基盤につながりません。")
    assert _faults(page) == []
