"""Signing in by password, enrolling, and one's own account, over HTTP."""

import re
from collections.abc import Callable

import psycopg
import pytest

from takuso.barrier.signin import SignIns
from takuso.doors.web.office import COOKIE, Office
from takuso.store.home import Home
from tests.signing import OTHER, PASSWORD, Enrolled, code_at, enrol, newcomer
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]


@pytest.fixture
def person(office: Office, signins: SignIns, home: Home) -> Enrolled:
    return enrol(office.accounts, signins, newcomer(home))


@pytest.fixture
def new_desk(at_desk: Sit, signins: SignIns, home: Home) -> tuple[Desk, str]:
    """A browser that has just come by a one-time link, and whose it is."""
    name, desk = newcomer(home), at_desk(None)
    token = signins.issue_link(name)
    assert desk.form(f"/login/once/{token}").status_code == 303
    return desk, name


def _sign_in(desk: Desk, person: str, password: str, second: str, address: str = "127.0.0.1") -> tuple[int, str]:
    answer = desk.form("/login", more={"REMOTE_ADDR": address}, person=person, password=password, second=second)
    return answer.status_code, answer.content.decode()


def test_signing_in_by_password(at_desk: Sit, person: Enrolled) -> None:
    desk = at_desk(None)
    answer = desk.form("/login", person=f" {person.code} ", password=PASSWORD, second=person.second())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/screens/MN00")
    assert answer.cookies[COOKIE]["httponly"]
    assert answer.cookies[COOKIE]["samesite"] == "Strict"
    assert "料金・請求" in desk.text("/screens/MN00")


def test_the_fields_say_what_they_are(at_desk: Sit) -> None:
    page = at_desk(None).text("/login")
    for attributes in (
        'name="person" value="" size="24" maxlength="64" inputmode="text" autocomplete="username"',
        'autocomplete="current-password"',
        'name="second" value="" size="24" maxlength="32" inputmode="text" autocomplete="one-time-code"',
    ):
        assert attributes in page
    assert "onpaste" not in page


def test_unknown_wrong_and_paused_are_answered_alike(at_desk: Sit, person: Enrolled, home: Home) -> None:
    def said(who: str, password: str, second: str) -> tuple[int, str]:
        status, body = _sign_in(at_desk(None), who, password, second, "192.0.2.10")
        body = re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "CSRF", body)
        return status, body.replace(who, "WHO")

    wrong = said(person.code, OTHER, person.second())
    assert wrong[0] == 400
    assert "サインインできません" in wrong[1]
    answers = {
        "no such person": said("no-such-person", PASSWORD, "123456"),
        "wrong code": said(person.code, PASSWORD, "000000"),
        "nothing enrolled": said(newcomer(home), PASSWORD, "123456"),
    }
    for _ in range(4):
        said(person.code, OTHER, "000000")
    answers["paused"] = said(person.code, PASSWORD, person.second())
    assert {why: answer == wrong for why, answer in answers.items()} == dict.fromkeys(answers, True)


@pytest.mark.parametrize("missing", ["person", "password", "second"])
def test_what_is_missing_is_named(at_desk: Sit, missing: str) -> None:
    given = {"person": "td-billing", "password": PASSWORD, "second": "123456"} | {missing: " "}
    answer = at_desk(None).form("/login", **given)
    assert answer.status_code == 400
    body = answer.content.decode()
    assert f'href="#login-{missing}"' in body
    assert body.count('aria-invalid="true"') == 1
    assert PASSWORD not in body


def test_from_a_link_to_password_and_app(new_desk: tuple[Desk, str], at_desk: Sit) -> None:
    desk, name = new_desk
    page = "/account/credentials"
    assert "1. パスワードの設定" in desk.text(page)
    assert "いまのパスワード" not in desk.text(page)
    answer = desk.form("/account/password", page=page, new=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/credentials?done=password")
    assert "パスワードを設定しました。" in desk.text("/account/credentials?done=password")
    assert desk.form("/account/totp/begin", page=page).headers["Location"] == "/account/totp"
    body = desk.text("/account/totp")
    secret = re.search(r'<dd class="number">([A-Z2-7 ]{39})</dd>', body)
    assert secret
    assert "<svg" in body
    assert "style=" not in body
    wrong = desk.form("/account/totp", page="/account/totp", code="000000")
    assert wrong.status_code == 400
    assert 'href="#totp-code"' in wrong.content.decode()
    done = desk.form("/account/totp", page="/account/totp", code=code_at(secret[1]))
    codes = re.findall(r"<code>((?:[2-9A-Z]{4}-){3}[2-9A-Z]{4})</code>", done.content.decode())
    assert len(codes) == 10
    assert done.headers["Cache-Control"] == "no-store"
    assert desk.get("/account/totp").headers["Location"] == "/account/credentials", "the secret is not shown again"
    assert secret[1] not in desk.text(page)
    assert codes[0] not in desk.text("/account")
    assert _sign_in(at_desk(None), name, PASSWORD, code_at(secret[1], 1))[0] == 303


@pytest.mark.parametrize(
    ("new", "again", "field"),
    [
        ("", "", "password-new"),
        ("みじかい言葉", "みじかい言葉", "password-new"),
        ("password1234", "password1234", "password-new"),
        (PASSWORD, OTHER, "password-again"),
        ("あ" * 300, "あ" * 300, "password-new"),
    ],
)
def test_a_bad_password_is_refused_by_name(new_desk: tuple[Desk, str], new: str, again: str, field: str) -> None:
    desk, _ = new_desk
    answer = desk.form("/account/password", page="/account/credentials", new=new, again=again)
    assert answer.status_code == 400
    body = answer.content.decode()
    assert f'href="#{field}"' in body
    assert not new or new not in body
    assert "1. パスワードの設定" in body


def test_ones_own_code_is_no_password(new_desk: tuple[Desk, str]) -> None:
    desk, name = new_desk
    word = f"{name}-{name}"
    answer = desk.form("/account/password", page="/account/credentials", new=word, again=word)
    assert answer.status_code == 400
    assert "利用者コードや氏名から作ったもの" in answer.content.decode()


def test_changes_ask_for_the_present_password(at_desk: Sit, person: Enrolled) -> None:
    desk, page = at_desk(None), "/account/credentials"
    _sign_in(desk, person.code, PASSWORD, person.second())
    refused = {
        "/account/password": {"old": OTHER, "new": OTHER, "again": OTHER},
        "/account/totp/begin": {"old": OTHER},
        "/account/recovery-codes": {"old": OTHER},
    }
    for path, fields in refused.items():
        answer = desk.form(path, page=page, **fields)
        assert answer.status_code == 400, path
        assert "いまのパスワードを確かめてください" in answer.content.decode()
        assert OTHER not in answer.content.decode()
    fresh = desk.form("/account/recovery-codes", page=page, old=PASSWORD)
    assert len(re.findall(r"<code>[^<]{19}</code>", fresh.content.decode())) == 10
    assert desk.form("/account/password", page=page, old=PASSWORD, new=OTHER, again=OTHER).status_code == 303
    assert _sign_in(at_desk(None), person.code, OTHER, person.second(1))[0] == 303


def test_the_list_of_sign_ins(at_desk: Sit, person: Enrolled) -> None:
    desk, other = at_desk(None), at_desk(None)
    _sign_in(desk, person.code, PASSWORD, person.second(), "192.0.2.20")
    _sign_in(other, person.code, PASSWORD, person.second(1), "192.0.2.21")
    other.get("/screens/MN00")
    body = desk.text("/account")
    assert body.count("この画面</strong>") == 1
    assert "192.0.2.20" in body
    assert "192.0.2.21" in body
    number = re.search(r'name="session" value="(\d+)"', body)
    assert number
    assert desk.form("/account/sessions/end", page="/account", session=number[1]).headers["Location"].endswith("ended")
    assert other.get("/screens/MN00").headers["Location"] == "/login"
    assert desk.form("/account/sessions/end", page="/account", session=number[1]).headers["Location"].endswith("gone")
    for text in ("", "x", "-1", "９", "9" * 40):
        assert desk.form("/account/sessions/end", page="/account", session=text).headers["Location"].endswith("gone")
    third = at_desk(person.code)
    assert desk.form("/account/sessions/end-others", page="/account").status_code == 303
    assert third.get("/account").headers["Location"] == "/login"
    assert desk.get("/account").status_code == 200


def test_nobody_ends_another_persons_sign_in(at_desk: Sit, person: Enrolled, home: Home) -> None:
    mine, thief = at_desk(person.code), at_desk(newcomer(home))
    other = at_desk(person.code)
    number = re.search(r'name="session" value="(\d+)"', mine.text("/account"))
    assert number
    answer = thief.form("/account/sessions/end", page="/account", session=number[1])
    assert answer.headers["Location"].endswith("gone")
    assert other.get("/account").status_code == 200


@pytest.mark.parametrize("path", ["/account", "/account/credentials", "/account/totp"])
def test_without_a_sign_in_there_is_no_account(at_desk: Sit, path: str) -> None:
    desk = at_desk(None)
    assert desk.get(path).headers["Location"] == "/login"
    desk.browser.cookies[COOKIE] = "A" * 43
    assert desk.get(path).headers["Location"] == "/login"


@pytest.mark.parametrize(
    "path",
    [
        "/account/password",
        "/account/totp/begin",
        "/account/totp",
        "/account/recovery-codes",
        "/account/sessions/end",
        "/account/sessions/end-others",
    ],
)
def test_changes_need_token_and_sign_in(at_desk: Sit, path: str) -> None:
    assert at_desk("td-billing").browser.post(path, {"new": OTHER, "again": OTHER}).status_code == 403
    assert at_desk(None).form(path).headers["Location"] == "/login"


def test_in_production_the_enrolment_comes_first(
    new_desk: tuple[Desk, str], office: Office, signins: SignIns, admin: str
) -> None:
    desk, name = new_desk
    with psycopg.connect(admin, autocommit=True) as behind:
        behind.execute("UPDATE wall.home SET kind = 'production'")
        try:
            for path in ("/screens/MN00", "/screens/CI10?customer=00000000000000"):
                answer = desk.get(path)
                assert (answer.status_code, answer.headers["Location"]) == (303, "/account/credentials"), path
            assert "登録が終わるまで、ほかの画面は開きません" in desk.text("/account/credentials")
            enrol(office.accounts, signins, name)
            assert desk.get("/screens/MN00").status_code in (200, 303)
            assert desk.get("/screens/MN00").headers.get("Location") != "/account/credentials"
        finally:
            behind.execute("UPDATE wall.home SET kind = 'demo'")


def test_nothing_secret_is_logged(at_desk: Sit, person: Enrolled, capfd: pytest.CaptureFixture[str]) -> None:
    desk = at_desk(None)
    code = person.second()
    _sign_in(desk, person.code, OTHER, code)
    _sign_in(desk, person.code, PASSWORD, code)
    desk.text("/account")
    said = "".join(capfd.readouterr())
    for secret in (PASSWORD, OTHER, code, person.code, person.secret):
        assert secret not in said


@pytest.mark.parametrize(
    ("https", "forwarded", "written"),
    [(False, "203.0.113.9", "192.0.2.30"), (True, "6.6.6.6, 203.0.113.9", "203.0.113.9"), (True, "x", "192.0.2.30")],
)
def test_the_terminal_is_what_the_own_proxy_says(
    office: Office, person: Enrolled, https: bool, forwarded: str, written: str
) -> None:
    import dataclasses

    desk = Desk(dataclasses.replace(office, https=https))
    more = {"REMOTE_ADDR": "192.0.2.30", "HTTP_X_FORWARDED_FOR": forwarded}
    answer = desk.form("/login", more=more, person=person.code, password=PASSWORD, second=person.second())
    assert answer.status_code == 303
    desk.browser.cookies[COOKIE] = answer.cookies[COOKIE].value
    assert written in desk.text("/account")
