"""個人設定: kept by person, carried by cookies, chosen before the sign-in too; what is recorded never depends on it."""

from collections.abc import Callable

import psycopg
import pytest
from django.http import HttpResponseBase

from takuso.barrier.signin import Preference, SignIns
from takuso.doors.web.language import COOKIE as LANGUAGE
from takuso.doors.web.office import COOKIE, Office
from takuso.doors.web.wishes import CHOICES, DENSITY, ENTER
from tests.area import Area
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
WISHED = {"language": "en", "enter": "next", "density": "wide"}


def _carried(answer: HttpResponseBase) -> dict[str, str]:
    return {name: morsel.value for name, morsel in answer.cookies.items() if name in (LANGUAGE, ENTER, DENSITY)}


@pytest.fixture
def as_before(signins: SignIns) -> Callable[[str], None]:
    """Give a person the usual settings back."""

    def reset(person: str) -> None:
        signins.keep_preference(signins.by_demo(person), Preference())

    return reset


def test_settings_are_kept_by_person_and_come_back_at_the_next_sign_in(
    at_desk: Sit, area: Area, as_before: Callable[[str], None]
) -> None:
    desk = at_desk("aoi-clerk")
    answer = desk.form("/preferences", page="/screens/MY10", **WISHED)
    assert answer.status_code == 303
    assert _carried(answer) == {LANGUAGE: "en", ENTER: "next", DENSITY: "wide"}
    page = desk.text(answer.headers["Location"])
    assert '<html lang="en">' in page
    assert "The settings are saved." in page
    assert '<body class="wide' in page
    assert " data-enter" in page
    other = at_desk(None)
    assert _carried(other.form("/demo/switch", person="aoi-clerk"))[ENTER] == "next"
    assert ENTER not in _carried(at_desk(None).form("/demo/switch", person="aoi-manager"))
    as_before("aoi-clerk")


def test_what_another_person_left_in_the_browser_goes(at_desk: Sit, area: Area, admin: str) -> None:
    with psycopg.connect(admin) as connection:
        # Whatever other tests kept for this person.
        connection.execute("DELETE FROM wall.preference")
    desk = at_desk(None)
    desk.browser.cookies[ENTER] = "next"
    desk.browser.cookies[DENSITY] = "wide"
    answer = desk.form("/demo/switch", person="asahi-clerk")
    assert _carried(answer) == {ENTER: "", DENSITY: ""}


@pytest.mark.parametrize("name", list(CHOICES))
def test_a_value_that_is_none_is_refused(at_desk: Sit, area: Area, name: str) -> None:
    answer = at_desk("aoi-clerk").form("/preferences", page="/screens/MY10", **{**WISHED, name: "x"})
    assert answer.status_code == 400
    assert _carried(answer) == {}


def test_a_cookie_that_is_none_is_the_usual(at_desk: Sit, area: Area) -> None:
    desk = at_desk("aoi-clerk")
    desk.browser.cookies[ENTER] = '"><script>'
    desk.browser.cookies[DENSITY] = "x"
    page = desk.text("/screens/MY10")
    assert '<body class="close' in page
    assert "data-enter" not in page


def test_nobody_keeps_settings_without_a_sign_in(office: Office, signins: SignIns, at_desk: Sit, area: Area) -> None:
    desk = at_desk(None)
    assert desk.form("/preferences", **WISHED).headers["Location"] == "/login"
    ended = signins.by_demo("aoi-manager")
    signins.end(ended)
    assert signins.keep_preference(ended, Preference(language="en")) is False
    assert signins.preference(ended) is None
    desk.browser.cookies[COOKIE] = ended.cookie
    answer = desk.form("/preferences", **WISHED)
    assert (answer.headers["Location"], _carried(answer)) == ("/login", {})


def test_the_language_is_chosen_before_the_sign_in(at_desk: Sit, area: Area) -> None:
    desk = at_desk(None)
    answer = desk.form("/language", language="en")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "One-time code" in desk.text("/login")
    assert desk.form("/language", language="fr").status_code == 400
    assert desk.browser.post("/language", {"language": "ja"}).status_code == 403


def test_the_language_that_is_chosen_on_a_page_is_kept_too(
    at_desk: Sit, area: Area, signins: SignIns, as_before: Callable[[str], None]
) -> None:
    desk = at_desk("hikari-clerk")
    desk.form("/language", page="/screens/MN00", language="en")
    kept = signins.preference(signins.by_demo("hikari-clerk"))
    assert kept == Preference(language="en")
    as_before("hikari-clerk")


@pytest.mark.parametrize(
    ("screen", "customer", "to"),
    [
        ("CI20", "12345678901234", "/screens/CI20?customer=12345678901234"),
        ("KS10", "", "/screens/KS10"),
        ("CI20", "1234", "/screens/CI20"),
        ("//evil.example/login", "12345678901234", "/"),
        ("http://evil.example/screens/MN00", "", "/"),
        ("", "", "/"),
    ],
)
def test_the_way_back_is_a_screen_of_this_office(at_desk: Sit, area: Area, screen: str, customer: str, to: str) -> None:
    desk = at_desk("aoi-clerk")
    more = {"HTTP_REFERER": "http://127.0.0.1/screens/KF10?customer=99999999999999"}
    answer = desk.form("/language", "/screens/MN00", more, language="ja", screen=screen, customer=customer)
    assert answer.headers["Location"] == to


def test_both_languages_say_the_same_of_hidden_and_absent(at_desk: Sit, area: Area) -> None:
    from tests.web.conftest import fixed

    foreign = area.add("foreign")
    for spoken in ("ja", "en"):
        desk = at_desk("aoi-clerk")
        desk.browser.cookies[LANGUAGE] = spoken
        hidden = desk.text(f"/screens/CI10?customer={foreign.code}")
        absent = desk.text("/screens/CI10?customer=99999999999998")
        assert fixed(hidden, foreign.code) == fixed(absent, "99999999999998")
