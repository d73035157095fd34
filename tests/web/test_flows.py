"""Signing in and out, stating a purpose, the line that opens screens, the demo's doors, health."""

import io
import json
import re
from collections.abc import Callable
from contextlib import closing, nullcontext
from typing import Any
from urllib.parse import quote

import pytest

from takuso.barrier.signin import SignIns
from takuso.doors.web.office import COOKIE, Office
from takuso.doors.web.purpose import goal
from takuso.doors.web.settings import configure
from takuso.doors.web.wsgi import application, make_office
from takuso.store.home import Home
from tests.area import Customer
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
GUARDED = [
    "/screens/MN00",
    "/screens/KF10?customer=00000000000000",
    "/screens/KF10",
    "/screens/KS10",
    "/purpose",
    "/go?screen=MN00",
]


@pytest.mark.parametrize("path", GUARDED)
def test_without_a_sign_in_the_login_comes_first(at_desk: Sit, path: str) -> None:
    for desk in (at_desk(None), at_desk(None)):
        answer = desk.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        desk.browser.cookies[COOKIE] = "A" * 43


def test_the_root_leads_to_the_menu(at_desk: Sit) -> None:
    assert at_desk(None).get("/").headers["Location"] == "/screens/MN00"


def test_a_one_time_link_signs_in_once(at_desk: Sit, signins: SignIns) -> None:
    token = signins.issue_link("aoi-clerk")
    desk = at_desk(None)
    assert "ボタンを押すと" in desk.text(f"/login/once/{token}")
    answer = desk.form(f"/login/once/{token}", page=f"/login/once/{token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/screens/MN00")
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert "aoi-clerk さん" in desk.text("/screens/MN00")
    again = at_desk(None).form(f"/login/once/{token}", page="/login")
    assert again.status_code == 400
    assert "このコードは使えません" in again.content.decode()


def test_a_typed_code_signs_in(at_desk: Sit, signins: SignIns) -> None:
    desk = at_desk(None)
    assert desk.form("/login", code="").status_code == 400
    assert desk.form("/login", code=f" {signins.issue_link('td-billing')} ").status_code == 303
    assert "料金・請求" in desk.text("/screens/MN00")


def test_signing_out_ends_the_sign_in_in_the_database(at_desk: Sit) -> None:
    desk = at_desk("aoi-clerk")
    kept = desk.browser.cookies[COOKIE].value
    assert desk.form("/logout", page="/screens/MN00").headers["Location"] == "/login"
    thief = at_desk(None)
    thief.browser.cookies[COOKIE] = kept
    assert thief.get("/screens/MN00").status_code == 303


def test_a_post_without_the_token_is_refused(at_desk: Sit) -> None:
    for path in ("/logout", "/login", "/demo/switch", "/purpose", "/screens/KS10", "/go"):
        answer = at_desk("aoi-clerk").browser.post(path, {})
        assert answer.status_code == 403
        assert "この操作は受け付けられません" in answer.content.decode()


def test_network_staff_state_a_purpose_first(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("td-billing")
    there = f"/screens/KF10?customer={own.code}"
    answer = desk.get(there)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/purpose?next={quote(there, safe='')}"
    form = desk.text(answer.headers["Location"])
    assert own.code in form
    assert "料金・請求の処理" in form
    assert "異動申込の処理" not in form
    stated = desk.form("/purpose", code="RYO", reference="RYO-1", next=there)
    assert (stated.status_code, stated.headers["Location"]) == (303, there)
    assert desk.get(there).status_code == 200
    other = at_desk("td-billing")
    assert other.get(there).status_code == 303, "the purpose is this sign-in's alone"


@pytest.mark.parametrize("person", ["td-intake", "aoi-clerk"])
def test_the_menu_needs_no_purpose(at_desk: Sit, person: str) -> None:
    assert at_desk(person).get("/screens/MN00").status_code == 200


def test_lists_need_a_purpose_of_their_own(at_desk: Sit) -> None:
    desk = at_desk("td-billing")
    assert desk.get("/screens/KF00").headers["Location"] == "/purpose?next=%2Fscreens%2FKF00"
    assert desk.form("/purpose", code="TOI", reference="TOI-1", next="/screens/KF00").status_code == 303
    assert desk.get("/screens/KF00").status_code == 200
    asked = desk.form("/screens/KS10", page="/screens/KS10", how="kana", term="シル")
    assert asked.status_code == 200


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"code": "", "reference": "TOI-1"}, "利用目的: 選ばれていません"),
        ({"code": "TOI", "reference": " "}, "根拠の番号:"),
        ({"code": "TOI", "reference": "x" * 65}, "根拠の番号:"),
        ({"code": "IDO", "reference": "A-1"}, "利用目的: この目的は職務に含まれてい"),
        ({"code": "TOI", "reference": "a\u0007b"}, "番号の形が正しくありません"),
    ],
)
def test_a_statement_that_is_not_taken_says_why(at_desk: Sit, own: Customer, values: dict[str, str], text: str) -> None:
    desk = at_desk("td-billing")
    answer = desk.form("/purpose", **values, next=f"/screens/CI10?customer={own.code}")
    assert answer.status_code == 400
    assert text in answer.content.decode()
    assert desk.get(f"/screens/CI10?customer={own.code}").status_code == 303


def test_a_list_needs_the_number_of_an_open_case(at_desk: Sit, own: Customer) -> None:
    """An invented number is noted for one customer, and opens no list."""
    desk = at_desk("td-billing")
    assert desk.form("/purpose", code="TOI", reference="X-1", next="/screens/KF00").status_code == 400
    answer = desk.form("/purpose", code="TOI", reference="X-1", next="/screens/KS10")
    body = answer.content.decode()
    assert answer.status_code == 400
    assert '<a href="#purpose-reference">根拠の番号: 一覧と検索には、' in body
    assert 'value="X-1"' in body
    assert desk.get("/screens/KF00").status_code == 303
    desk.state(own.code, reference="X-1")
    assert desk.get("/screens/KF00").status_code == 303


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "//evil.example/screens/CI10?customer=00000000000000",
        "https://evil.example/screens/CI10?customer=00000000000000",
        "/screens/CI10",
        "/screens/CI10?customer=1",
        "/screens/MN00",
        "/screens/ZZ99?customer=00000000000000",
        "/login",
        "/screens/../login?customer=00000000000000",
        "http://[",
    ],
)
def test_the_goal_of_a_statement_is_a_screen_of_this_office(at_desk: Sit, bad: str) -> None:
    assert goal(bad) is None
    answer = at_desk("td-billing").form("/purpose", code="TOI", reference="TOI-1", next=bad)
    assert answer.status_code == 400


def test_the_goal_keeps_where_one_came_from() -> None:
    receipt = "A" * 32
    found = goal(f"/screens/CI20?customer=00000000000001&from={receipt}&x=1")
    assert found
    assert found.url == f"/screens/CI20?customer=00000000000001&from={receipt}"
    assert found.scope == "00000000000001"


@pytest.mark.parametrize(
    ("screen", "customer", "to"),
    [
        ("ＫＦ１０", "１２－３４５６－７８９０－１２３４", "/screens/KF10?customer=12345678901234"),
        (" ci20 ", "12 3456 7890 1234", "/screens/CI20?customer=12345678901234"),
        ("KF10", "", "/screens/KF10"),
        ("", "", "/screens/MN00"),
        ("KS10", "", "/screens/KS10"),
    ],
)
def test_any_width_opens_a_screen(at_desk: Sit, screen: str, customer: str, to: str) -> None:
    answer = at_desk("aoi-clerk").browser.get("/go", {"screen": screen, "customer": customer})
    assert (answer.status_code, answer.headers["Location"]) == (303, to)


@pytest.mark.parametrize(
    ("screen", "customer", "text"),
    [
        ("ZZ99", "12345678901234", "この画面はありません"),
        ("CI10", "1234", "入力は4桁でした"),
        ("CI10", "", "入力がありません"),
        ("CI10", "<b>x", "数字でない文字"),
    ],
)
def test_a_slip_keeps_what_was_typed_and_says_what_to_do(at_desk: Sit, screen: str, customer: str, text: str) -> None:
    answer = at_desk("aoi-clerk").browser.get("/go", {"screen": screen, "customer": customer})
    body = answer.content.decode()
    assert answer.status_code == 400
    assert text in body
    assert "<title>エラー1件" in body
    assert f'value="{customer}"' in body or 'value="&lt;b&gt;x"' in body


def test_a_malformed_code_in_the_address_is_400(at_desk: Sit) -> None:
    answer = at_desk("aoi-clerk").get("/screens/CI10?customer=12")
    assert answer.status_code == 400
    assert 'href="#entry-customer"' in answer.content.decode()


def _demo(desk: Desk, body: Any = None, **extra: str) -> Any:
    sent = body if isinstance(body, str) else json.dumps(body or {"person": "aoi-clerk"})
    return desk.browser.post("/demo/login", sent, content_type=extra.pop("content_type", "application/json"), **extra)


def test_the_demo_login_gives_a_cookie(at_desk: Sit) -> None:
    desk = at_desk(None)
    answer = _demo(desk)
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(answer.cookies[COOKIE].value) == 43
    assert desk.get("/screens/MN00").status_code == 200


@pytest.mark.parametrize(
    ("body", "extra", "status"),
    [
        ({"person": "nobody"}, {}, 404),
        ({"who": "aoi-clerk"}, {}, 400),
        ("[", {}, 400),
        ("[" * 4000, {}, 400),
        ('{"person": "\\ud800"}', {}, 400),
        ('{"person": "aoi-clerk\\u0000"}', {}, 400),
        ("[]", {}, 400),
        (None, {"content_type": "text/plain"}, 415),
        (None, {"HTTP_ORIGIN": "http://evil.example"}, 403),
        (None, {"HTTP_ORIGIN": "null"}, 403),
        (None, {"HTTP_ORIGIN": "http://127.0.0.1"}, 204),
        (None, {"REMOTE_ADDR": "192.0.2.1"}, 404),
        (None, {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 404),
    ],
)
def test_the_demo_login_is_narrow(at_desk: Sit, body: Any, extra: dict[str, str], status: int) -> None:
    assert _demo(at_desk(None), body, **extra).status_code == status


@pytest.mark.parametrize(
    ("extra", "status"),
    [({}, 303), ({"REMOTE_ADDR": "192.0.2.1"}, 404), ({"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 404)],
)
def test_the_switcher_is_for_this_machine_alone(at_desk: Sit, extra: dict[str, str], status: int) -> None:
    desk = at_desk("aoi-clerk")
    before = desk.browser.cookies[COOKIE].value
    answer = desk.form("/demo/switch", page="/screens/MN00", more=extra, person="td-intake")
    assert answer.status_code == status
    assert (desk.browser.cookies[COOKIE].value == before) == (status == 404)


def test_outside_a_demo_home_the_demo_has_no_doors(office: Office, signins: SignIns) -> None:
    class Production:
        kind = "production"
        path = office.folder

    closed = make_office(office.gate, signins, Production(), ready=lambda: ())
    desk = Desk(closed)
    assert _demo(desk).status_code == 404
    assert "デモ" not in desk.text("/login")
    assert desk.form("/demo/switch", person="aoi-clerk").status_code == 404


def test_switching_persons_ends_the_former_sign_in(at_desk: Sit) -> None:
    desk = at_desk("aoi-clerk")
    kept = desk.browser.cookies[COOKIE].value
    assert desk.form("/demo/switch", page="/screens/MN00", person="td-intake").status_code == 303
    assert "異動受付" in desk.text("/screens/MN00")
    thief = at_desk(None)
    thief.browser.cookies[COOKIE] = kept
    assert thief.get("/screens/MN00").status_code == 303


def test_every_answer_carries_the_headers(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    for path in (f"/screens/CI10?customer={own.code}", "/login", "/nowhere", "/livez", "/", "/demo/login"):
        headers = desk.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert not {"ETag", "Last-Modified", "Accept-Ranges", "Content-Encoding"} & set(headers)


def test_no_inline_script_or_style(at_desk: Sit, own: Customer) -> None:
    body = at_desk("aoi-clerk").text(f"/screens/CI20?customer={own.code}")
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", body)


def test_ranges_and_conditions_change_nothing(at_desk: Sit, own: Customer) -> None:
    answer = at_desk("aoi-clerk").get(
        f"/screens/CI10?customer={own.code}",
        HTTP_RANGE="bytes=0-10",
        HTTP_IF_NONE_MATCH="*",
        HTTP_IF_MODIFIED_SINCE="Sun, 22 Nov 2026 00:00:00 GMT",
        HTTP_ACCEPT_ENCODING="gzip",
    )
    assert answer.status_code == 200
    assert len(answer.content) > 1000


def test_an_unknown_host_is_refused(at_desk: Sit) -> None:
    answer = at_desk("aoi-clerk").get("/screens/MN00", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert "aoi-clerk" not in answer.content.decode(), "nobody is named before the host is known"


def test_health(at_desk: Sit, office: Office, signins: SignIns, home: Home) -> None:
    desk = at_desk(None)
    assert desk.get("/livez").status_code == 200
    assert desk.get("/readyz").json() == {"ready": True, "faults": [], "enforced": {}}
    ill = Desk(make_office(office.gate, signins, home, ready=lambda: ["閲覧記録に書けません"]))
    assert ill.get("/readyz").status_code == 503
    assert ill.get("/readyz").json()["faults"] == ["閲覧記録に書けません"]
    assert "faults" not in ill.get("/readyz", REMOTE_ADDR="192.0.2.1").json()


def test_metrics_count_and_name_nobody(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    desk.get(f"/screens/CI10?customer={own.code}")
    desk.get("/screens/CI10?customer=99999999999999")
    text = desk.text("/metrics")
    assert re.search(r'takuso_requests_total\{screen="CI10",outcome="shown"\} [1-9]', text)
    assert re.search(r'takuso_requests_total\{screen="CI10",outcome="neutral"\} [1-9]', text)
    assert own.code not in text
    assert desk.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404


def test_a_closed_gate_is_503_and_a_fault_is_500_without_a_trace(
    office: Office, signins: SignIns, home: Home, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    from takuso.barrier.gate import GateClosed

    class Broken:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def look(self, *_: object, **__: object) -> None:
            raise self.error

    for error, status in ((GateClosed("no log"), 503), (RuntimeError("名義ヤマダ"), 500)):
        desk = Desk(make_office(Broken(error), signins, home, ready=lambda: ()))  # type: ignore[arg-type]
        desk.browser.cookies[COOKIE] = signins.by_demo("aoi-clerk").cookie
        answer = desk.get("/screens/CI10?customer=00000000000000")
        assert answer.status_code == status
        written = answer.content.decode() + caplog.text + "".join(capsys.readouterr())
        assert "Traceback" not in written
        assert "ヤマダ" not in written


def test_the_application_serves_pages_and_static_files(office: Office, signins: SignIns, home: Home) -> None:
    serve = application(office.gate, signins, home, hosts=["takuso.example"])
    seen: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        seen.update(status=status, headers=dict(headers))

    def get(path: str, host: str = "takuso.example") -> bytes:
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": host, "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": "http", "REMOTE_ADDR": "127.0.0.1",
        }  # fmt: skip
        answer = serve(environ, start)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            return b"".join(answer)

    try:
        assert "サインイン".encode() in get("/login")
        assert seen["status"].startswith("200")
        assert b"data-key" in get("/static/keys.js")
        assert "text/javascript" in seen["headers"]["Content-Type"]
        get("/static/../settings.py")
        assert seen["status"].startswith("404")
    finally:
        configure()
