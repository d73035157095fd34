"""Commands: everything is found by kanji, kana, romaji of any kind and English; the key map is the declarations."""

import re
from collections.abc import Callable

import pytest

from takuso.barrier.matrix import Duty
from takuso.doors.web.definitions import SCREENS, TR10, offered
from takuso.doors.web.keys import PLACES
from takuso.doors.web.palette import OF_ONE
from takuso.doors.web.readings import READINGS, fold, one_romaji, romaji, words
from takuso.doors.web.screens import PAGES
from tests.area import Area
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]


def _finds(typed: str, name: str) -> bool:
    """As palette.js does it."""
    said = fold(typed)
    return any(said in word or one_romaji(said) in word for word in words(name).split(" "))


@pytest.mark.parametrize(
    "typed",
    ["メニュー", "めにゅう", "メニュ", "ﾒﾆｭｰ", "menyu-", "menyuu", "MENYU", "menu"],
)
def test_the_menu_is_found_however_it_is_typed(typed: str) -> None:
    found = _finds(typed, "メニュー") or one_romaji(romaji(fold(typed))) in words("メニュー")
    assert found


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("okyakusamakensaku", "お客さま検索"),
        ("おきゃくさま けんさく", "お客さま検索"),
        ("customer search", "お客さま検索"),
        ("koufuri", "口振異動通知"),
        ("kofuri", "口振異動通知"),
        ("tsuuchi", "口振異動通知"),
        ("tuuti", "口振異動通知"),
        ("jouhou2", "お客さま情報Ⅱ"),
        ("zyohou２", "お客さま情報Ⅱ"),
        ("kojinsettei", "個人設定"),
        ("settings", "個人設定"),
        ("insatsu", "印刷"),
        ("いんさつ", "印刷"),
    ],
)
def test_names_are_found(typed: str, name: str) -> None:
    assert _finds(typed, name)
    assert not _finds(typed, "過去契約")


def test_every_screen_and_key_can_be_read_aloud() -> None:
    names = {screen.name for screen in SCREENS} | {"キー操作の一覧"} | set(PLACES.values())
    names |= {key.label for page in PAGES.values() for key in page.keys.keys if key.label}
    assert sorted(names - READINGS.keys()) == []
    assert [text for text in READINGS.values() if romaji(text.replace(" ", "")).encode("ascii") == b""] == []


def test_the_list_is_the_same_for_everybody_of_a_duty_and_names_no_customer(at_desk: Sit, area: Area) -> None:
    def palette(person: str, path: str) -> str:
        page = at_desk(person).text(path)
        return page[page.index('<dialog class="palette"') : page.index("</dialog>")]

    own = area.add("own")
    usual = palette("aoi-clerk", "/screens/MN00")
    assert palette("asahi-clerk", "/screens/MN00") == usual
    assert palette("aoi-clerk", f"/screens/CI10?customer={own.code}") == usual
    for person, duty in (("aoi-clerk", Duty.CLERK), ("td-compliance", Duty.COMPLIANCE), ("td-admin", Duty.ADMIN)):
        listed = re.findall(r'data-go="(\w+)"', palette(person, "/screens/MN00"))
        assert listed == [screen.code for screen in offered(duty) if screen not in OF_ONE]
        assert TR10.code in listed


def test_without_script_the_commands_are_a_page(at_desk: Sit, area: Area) -> None:
    desk = at_desk("aoi-clerk")
    assert 'href="/help/commands"' in desk.text("/screens/MN00")
    page = desk.text("/help/commands")
    assert all(f'<a href="/screens/{screen.code}">' in page for screen in offered(Duty.CLERK) if screen not in OF_ONE)
    assert at_desk(None).get("/help/commands").headers["Location"] == "/login"


def test_the_key_map_is_what_the_screens_declare(at_desk: Sit, area: Area) -> None:
    page = at_desk("aoi-clerk").text("/help/keys")
    row = page[page.index("CI20 お客さま情報Ⅱ") :].split("</tr>")[0]
    cells = [cell.split("<")[0] for cell in row.split("<td>")[1:]]
    assert cells == ["検索", "一覧", "", "情報Ⅰ", "印刷", "履歴", "", "戻る"]
    assert at_desk(None).get("/help/keys").headers["Location"] == "/login"
