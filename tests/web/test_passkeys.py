"""パスキー, over HTTP with a device of the tests' own: what registers and signs in, and everything that does not."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from takuso.barrier.credentials import passkeys as module
from takuso.barrier.credentials import rounds
from takuso.barrier.signin import SignIns
from takuso.doors.web.office import COOKIE, Office
from takuso.doors.web.passkeys import PAGE
from takuso.store.home import Home
from tests.authenticator import PRESENT, VERIFIED, Device
from tests.signing import OTHER, PASSWORD, Enrolled, enrol, newcomer
from tests.web.conftest import Desk


def sit(office: Office, signins: SignIns, who: str | None = None) -> Desk:
    """A browser that says localhost: an address of numbers has no passkeys."""
    desk = Desk(office)
    desk.browser.defaults["HTTP_HOST"] = "localhost"
    if who is not None:
        desk.browser.cookies[COOKIE] = signins.by_demo(who).cookie
    return desk


def question(desk: Desk, path: str) -> str:
    found = re.search(r'name="question" value="([^"]+)"', desk.text(path))
    assert found
    return found[1]


def adds(desk: Desk, device: Device, old: str = PASSWORD, **more: str) -> Any:
    given = {"question": question(desk, PAGE), "old": old}
    given = given | {"passkey": device.creates(given["question"])} | more
    return desk.form(PAGE, page=PAGE, **given)


def comes(desk: Desk, who: str, device: Device, password: str = PASSWORD, **more: str) -> Any:
    given = {"question": question(desk, "/login"), "person": who, "password": password, "second": ""}
    given = given | {"passkey": device.shows(given["question"])} | more
    return desk.form("/login", **given)


@pytest.fixture
def person(office: Office, signins: SignIns, home: Home) -> Enrolled:
    return enrol(office.accounts, signins, newcomer(home))


@pytest.fixture
def device(office: Office, signins: SignIns, person: Enrolled) -> Device:
    """A device that the person has registered."""
    made = Device()
    assert adds(sit(office, signins, person.code), made).headers["Location"] == f"{PAGE}?done=added"
    return made


def test_password_and_passkey(office: Office, signins: SignIns, person: Enrolled, device: Device) -> None:
    desk = sit(office, signins)
    came = comes(desk, person.code, device)
    assert (came.status_code, came.headers["Location"]) == (303, "/screens/MN00")
    assert COOKIE in came.cookies
    assert "パスキーを登録しました。" in desk.text(f"{PAGE}?done=added")
    assert comes(sit(office, signins), person.code, device).status_code == 303, "again, with the next question"


def test_from_a_link_to_password_and_passkey(office: Office, signins: SignIns, home: Home, admin: str) -> None:
    who, device, desk = newcomer(home), Device(), sit(office, signins)
    desk.form(f"/login/once/{signins.issue_link(who)}")
    with psycopg.connect(admin, autocommit=True) as behind:
        behind.execute("UPDATE wall.home SET kind = 'production'")
        try:
            assert desk.form("/account/password", page="/account/credentials", new=PASSWORD, again=PASSWORD)
            assert desk.get("/screens/MN00").headers["Location"] == "/account/credentials"
            done = adds(desk, device, "")
            codes = re.findall(r"<code>((?:[2-9A-Z]{4}-){3}[2-9A-Z]{4})</code>", done.content.decode())
            assert len(codes) == 10
            assert desk.get("/screens/MN00").headers.get("Location") != "/account/credentials"
        finally:
            behind.execute("UPDATE wall.home SET kind = 'demo'")
    assert comes(sit(office, signins), who, device).status_code == 303
    by_code = sit(office, signins).form("/login", person=who, password=PASSWORD, second=codes[0])
    assert by_code.status_code == 303, "a recovery code is for whoever has lost the device"


Wrong = Callable[[Device], Device]
DEVICES: dict[str, Wrong] = {
    "of another site": lambda d: replace(d, origin="http://evil.example"),
    "for another host": lambda d: replace(d, host="evil.example"),
    "nobody confirmed": lambda d: replace(d, flags=PRESENT),
    "nobody there": lambda d: replace(d, flags=VERIFIED),
    "with another key": lambda d: replace(d, key=Device().key),
    "that is not registered": lambda _: Device(),
    "that has been copied": lambda d: replace(d, count=d.count - 1),
}


@pytest.mark.parametrize("what", DEVICES)
def test_a_device_that_signs_nobody_in(
    office: Office, signins: SignIns, person: Enrolled, device: Device, what: str
) -> None:
    comes(sit(office, signins), person.code, device)
    came = comes(sit(office, signins), person.code, DEVICES[what](device))
    assert came.status_code == 400
    assert "サインインできません。" in came.content.decode()
    assert COOKIE not in came.cookies


def test_without_asking_for_confirmation_presence_would_do(
    office: Office, signins: SignIns, person: Enrolled, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.verify_authentication_response
    monkeypatch.setattr(
        module,
        "verify_authentication_response",
        lambda **given: real(**(given | {"require_user_verification": False})),
    )
    assert comes(sit(office, signins), person.code, replace(device, flags=PRESENT)).status_code == 303


@pytest.mark.parametrize(
    "more",
    [
        {"password": OTHER},
        {"passkey": "{}"},
        {"passkey": "x"},
        {"passkey": "[" * 5000},
        {"passkey": '{"rawId": 1}'},
        {"question": ""},
        {"question": "A" * 200},
        {"person": "no-such-person"},
    ],
)
def test_what_does_not_fit_signs_nobody_in(
    office: Office, signins: SignIns, person: Enrolled, device: Device, more: dict[str, str]
) -> None:
    came = comes(sit(office, signins), person.code, device, **more)
    assert came.status_code == 400
    assert COOKIE not in came.cookies


def test_an_answer_counts_once(office: Office, signins: SignIns, person: Enrolled, device: Device) -> None:
    desk = sit(office, signins)
    asked = question(desk, "/login")
    given = {"question": asked, "person": person.code, "password": PASSWORD, "second": ""}
    assert desk.form("/login", **given, passkey=device.shows(asked)).status_code == 303
    assert sit(office, signins).form("/login", **given, passkey=device.shows(asked)).status_code == 400


def test_an_answer_is_in_time(
    office: Office, signins: SignIns, person: Enrolled, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, now = sit(office, signins), rounds.time.time()
    with monkeypatch.context() as patch:
        patch.setattr(module.time, "time", lambda: now - 601)
        asked = question(desk, "/login")
    given = {"question": asked, "person": person.code, "password": PASSWORD, "second": ""}
    assert desk.form("/login", **given, passkey=device.shows(asked)).status_code == 400


def test_a_question_of_an_account_signs_nobody_in(
    office: Office, signins: SignIns, person: Enrolled, device: Device
) -> None:
    asked = question(sit(office, signins, person.code), PAGE)
    given = {"question": asked, "person": person.code, "password": PASSWORD, "second": ""}
    assert sit(office, signins).form("/login", **given, passkey=device.shows(asked)).status_code == 400


def test_somebody_elses_device(office: Office, signins: SignIns, home: Home, person: Enrolled, device: Device) -> None:
    other = enrol(office.accounts, signins, newcomer(home))
    assert comes(sit(office, signins), other.code, device).status_code == 400


def test_a_pause_holds_here_too(office: Office, signins: SignIns, person: Enrolled, device: Device) -> None:
    for _ in range(5):
        comes(sit(office, signins), person.code, device, OTHER)
    assert comes(sit(office, signins), person.code, device).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        lambda d: replace(d, origin="http://evil.example"),
        lambda d: replace(d, host="evil.example"),
        lambda d: replace(d, flags=PRESENT),
        lambda d: replace(d, credential=b"short"),
    ],
)
def test_a_device_that_is_not_registered(office: Office, signins: SignIns, person: Enrolled, change: Wrong) -> None:
    refused = adds(sit(office, signins, person.code), change(Device()))
    assert refused.status_code == 400
    assert "パスキーを登録できませんでした。" in refused.content.decode()


def test_registering_asks_for_the_password(office: Office, signins: SignIns, person: Enrolled) -> None:
    device = Device()
    refused = adds(sit(office, signins, person.code), device, OTHER)
    assert "いまのパスワードを確かめてください" in refused.content.decode()
    assert comes(sit(office, signins), person.code, device).status_code == 400


def test_a_question_is_for_the_sign_in_that_asked(
    office: Office, signins: SignIns, home: Home, person: Enrolled, device: Device
) -> None:
    asked = question(sit(office, signins, newcomer(home)), PAGE)
    desk, other = sit(office, signins, person.code), Device()
    assert adds(desk, other, question=asked, passkey=other.creates(asked)).status_code == 400
    assert adds(desk, device).status_code == 400, "twice is not two devices"


def test_not_more_than_five(office: Office, signins: SignIns, person: Enrolled) -> None:
    desk = sit(office, signins, person.code)
    assert [adds(desk, Device()).status_code for _ in range(6)] == [303] * 5 + [400]


def test_removing(office: Office, signins: SignIns, home: Home, person: Enrolled, device: Device) -> None:
    desk, thief = sit(office, signins, person.code), sit(office, signins, newcomer(home))
    number = re.search(r'name="number" value="(\d+)"', desk.text(PAGE))
    assert number
    assert thief.form(f"{PAGE}/remove", page=PAGE, number=number[1]).status_code in (303, 400)
    assert desk.form(f"{PAGE}/remove", page=PAGE, number=number[1], old=OTHER).status_code == 400
    for text in ("", "x", "-1", "９", "9" * 40):
        gone = desk.form(f"{PAGE}/remove", page=PAGE, number=text, old=PASSWORD)
        assert gone.headers["Location"] == f"{PAGE}?done=gone"
    other = sit(office, signins, person.code)
    done = desk.form(f"{PAGE}/remove", page=PAGE, number=number[1], old=PASSWORD)
    assert done.headers["Location"] == f"{PAGE}?done=removed"
    assert other.get("/account").headers["Location"] == "/login"
    assert comes(sit(office, signins), person.code, device).status_code == 400


def test_the_last_second_factor_stays(office: Office, signins: SignIns, home: Home) -> None:
    who, device, desk = newcomer(home), Device(), sit(office, signins)
    desk.form(f"/login/once/{signins.issue_link(who)}")
    desk.form("/account/password", page="/account/credentials", new=PASSWORD, again=PASSWORD)
    adds(desk, device, "")
    number = re.search(r'name="number" value="(\d+)"', desk.text(PAGE))
    assert number
    kept = desk.form(f"{PAGE}/remove", page=PAGE, number=number[1], old=PASSWORD)
    assert kept.status_code == 400
    assert "最後の1つは削除できません。" in kept.content.decode()
    assert comes(sit(office, signins), who, device).status_code == 303


def test_after_a_reset_the_device_no_longer_counts(
    office: Office, signins: SignIns, person: Enrolled, device: Device, admin: str
) -> None:
    signins.reset(person.code)
    with psycopg.connect(admin) as behind:
        left = behind.execute("SELECT count(*) FROM wall.passkey WHERE credential = %s", [device.credential]).fetchone()
    assert left == (0,)


def test_where_there_are_none(office: Office, signins: SignIns, person: Enrolled) -> None:
    desk = Desk(office)
    assert "passkey" not in desk.text("/login")
    desk.browser.cookies[COOKIE] = signins.by_demo(person.code).cookie
    assert "IP アドレスで開いた画面では、パスキーを使えません。" in desk.text(PAGE)
    assert desk.form(PAGE, page=PAGE, passkey="{}", old=PASSWORD).status_code == 400
    assert Desk(office).form("/login", person=person.code, password=PASSWORD, passkey="{}").status_code == 400


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/remove"])
def test_changes_need_token_and_sign_in(office: Office, signins: SignIns, path: str) -> None:
    desk = sit(office, signins)
    assert desk.browser.post(path).status_code == 403
    assert desk.form(path).headers["Location"] == "/login"
    assert desk.get(PAGE).headers["Location"] == "/login"
