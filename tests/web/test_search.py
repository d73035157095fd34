"""KS10: the kinds of search a duty is offered, what was understood, what a mistyped term says."""

import re
from collections.abc import Callable

import pytest

from tests.area import AOI, ASAHI, Area
from tests.web.conftest import Desk, fixed

Sit = Callable[[str | None], Desk]
NOTHING = "該当するお客さまはない、または取り扱えません。"


def _search(desk: Desk, how: str, term: str, status: int = 200) -> str:
    answer = desk.form("/screens/KS10", page="/screens/KS10", how=how, term=term)
    assert answer.status_code == status, answer
    return answer.content.decode()


def _kinds(page: str) -> list[str]:
    return re.findall(r'name="how" value="([a-z]+)"', page)


@pytest.mark.parametrize(
    ("person", "kinds"),
    [
        ("td-contact", ["kana", "name", "address", "phone", "number", "meter", "pole"]),
        ("td-accounting", ["address", "number"]),
        ("td-compliance", ["address", "number", "meter", "pole"]),
        ("aoi-clerk", ["kana", "name", "address", "phone", "number", "meter"]),
        ("contractor-clerk", ["kana", "name", "address", "phone", "number", "meter"]),
    ],
)
def test_a_duty_is_offered_what_it_can_find_by(at_desk: Sit, person: str, kinds: list[str]) -> None:
    page = at_desk(person).text("/screens/KS10")
    assert _kinds(page) == kinds
    assert len(re.findall(r"value=\"[a-z]+\" checked", page)) == 1
    assert re.search(r'<input id="search-term"[^>]* autofocus', page)


@pytest.mark.parametrize(
    ("typed", "kind", "understood"),
    [
        ("kana", "カナ氏名", "シルシ{kana}"),
        ("name", "契約名義", "名義印{point}"),
        ("address", "住所", "北区 梅田印{point}"),
        ("phone", "電話番号", "060000{point}"),
        ("meter", "計器番号", "計印{point}"),
    ],
)
def test_what_was_understood_is_shown(at_desk: Sit, area: Area, typed: str, kind: str, understood: str) -> None:
    mine, other = area.add("own"), area.add("foreign")
    desk = at_desk("aoi-clerk")
    for customer, seen in ((mine, True), (other, False)):
        point = customer.points[0]
        kana = "".join("アイウエオカキクケコ"[int(digit)] for digit in str(point))
        term = understood.format(point=point, kana=kana)
        page = _search(desk, typed, term)
        assert f'{kind}「<span lang="ja">{term}</span>」として探しました。' in page
        assert (f">{customer.code}</a>" in page) is seen
        assert (NOTHING in page) is not seen


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        ("06 0123-4567", "phone"),
        ("09012345678", "phone"),
        ("髙橋", "name"),
        ("たかはし", "kana"),
        ("0" + "6" * 21, "number"),
    ],
)
def test_a_term_says_what_it_is(at_desk: Sit, term: str, kind: str) -> None:
    page = _search(at_desk("aoi-clerk"), "kana", term)
    assert re.search(rf'value="{kind}" checked', page)


@pytest.mark.parametrize(
    ("how", "term", "text"),
    [
        ("kana", "", "カナ氏名: 入力がありません。"),
        ("kana", "・", "カナ氏名: 探せる文字がありません。"),
        ("name", "　", "契約名義: 入力がありません。"),
        ("address", "市", "住所: 1文字では探せません。"),
        ("phone", "123", "電話番号: 短すぎます。"),
        ("phone", "06-あ123", "電話番号: 数字でない文字が含まれています。"),
        ("meter", "S-12", "計器番号: 短すぎます。"),
    ],
)
def test_a_term_that_cannot_be_searched_for_names_its_field(at_desk: Sit, how: str, term: str, text: str) -> None:
    page = _search(at_desk("aoi-clerk"), how, term, 400)
    assert text in page
    assert re.search(rf'value="{how}" checked', page)


def test_a_pole_is_nothing_to_a_retailer(at_desk: Sit, area: Area) -> None:
    """Byte for byte the same for a pole of one's own customer and one that stands nowhere."""
    point = area.add("own").points[0]
    desk = at_desk("aoi-clerk")
    pages = {fixed(_search(desk, "pole", term), term) for term in (f"柱印{point}", f"柱印{point + 5}")}
    assert len(pages) == 1
    assert NOTHING in pages.pop()


def test_pages_of_fifty_by_post_alone(at_desk: Sit, area: Area) -> None:
    town = f"頁印{area.add('vacant').points[0]}"
    codes = [area.load("page", [[(AOI, -900, None)]], {"points.place": {"town": town}}).code for _ in range(51)]
    area.load("page", [[(ASAHI, -900, None)]], {"points.place": {"town": town}})
    desk = at_desk("aoi-clerk")
    first = _search(desk, "address", town)
    after = re.search(r'name="after" value="([A-Za-z0-9_-]{32})"', first)
    assert after
    assert '<form class="next" method="post">' in first
    values = {"how": "address", "term": town, "after": after[1]}
    second = desk.form("/screens/KS10", page="/screens/KS10", **values).content.decode()
    pages = [re.findall(r">(\d{14})</a>", page) for page in (first, second)]
    assert [len(page) for page in pages] == [50, 1]
    assert sorted(pages[0] + pages[1]) == sorted(codes)
    assert 'name="after"' not in second
