"""22 digits: the line on top and the search find the supply point, and tell nothing of others' points."""

import re
from collections.abc import Callable

import pytest

from takuso.doors.web.typed import typed_number
from takuso.kernel.numbers import CustomerCode, MalformedNumber, SupplyPointNumber
from tests.area import RETAIL, Area, Customer
from tests.web.conftest import Desk, fixed

Sit = Callable[[str | None], Desk]
ABSENT = "0699999999999999999999"
NOTHING = "該当するお客さまはない、または取り扱えません。"
WIDE = {ord("0") + n: chr(ord("０") + n) for n in range(10)}


def _search(desk: Desk, number: str) -> str:
    answer = desk.form("/screens/KS10", page="/screens/KS10", how="number", term=number)
    assert answer.status_code == 200
    return answer.content.decode()


def _wide(number: str) -> str:
    return f"{number[:2]}－{number[2:12]}　{number[12:]}".translate(WIDE)


@pytest.mark.parametrize("write", [str, _wide], ids=["digits", "full-width with signs"])
def test_22_digits_find_the_supply_point(at_desk: Sit, own: Customer, write: Callable[[str], str]) -> None:
    body = _search(at_desk("aoi-clerk"), write(own.numbers[0]))
    lines = re.findall(
        rf'<a href="/screens/CI10\?customer={own.code}&amp;from=[A-Za-z0-9_-]{{32}}">{own.code}</a>', body
    )
    assert len(lines) == 1
    assert f"名義印{own.points[0]}" in body
    assert "番号が一致した供給地点" in body


def test_one_point_of_a_customer_with_two(at_desk: Sit, area: Area) -> None:
    both = area.add("two-suppliers")
    desk = at_desk("aoi-clerk")
    assert f"名義印{both.points[0]}" in _search(desk, both.numbers[0])
    assert NOTHING in _search(desk, both.numbers[1])


@pytest.mark.parametrize("person", RETAIL)
def test_foreign_and_absent_numbers_are_the_same_bytes(at_desk: Sit, area: Area, person: str) -> None:
    desk = at_desk(person)
    mine = {"asahi-clerk": "own", "hikari-clerk": "own"}.get(person, "foreign")
    numbers = [area.add(kind).numbers[0] for kind in (mine, "vacant", "never-supplied")]
    pages = {fixed(_search(desk, number), number) for number in (*numbers, ABSENT)}
    assert len(pages) == 1
    assert NOTHING in pages.pop()


def test_network_staff_state_a_purpose_for_lists_first(at_desk: Sit, area: Area) -> None:
    point = area.add("foreign")
    desk = at_desk("td-contact")
    asked = desk.form("/screens/KS10", page="/screens/KS10", how="number", term=point.numbers[0])
    assert (asked.status_code, asked.headers["Location"]) == (307, "/purpose?next=%2Fscreens%2FKS10")
    desk.form("/purpose", code="TOI", reference="TOI-1", next="/screens/KS10")
    assert f"名義印{point.points[0]}" in _search(desk, point.numbers[0])
    assert NOTHING in _search(desk, ABSENT)


@pytest.mark.parametrize("field", ["term", "customer"])
def test_what_was_searched_for_outlives_the_purpose(at_desk: Sit, area: Area, field: str) -> None:
    """It travels in bodies from the search over the statement back to the search, and is repeated escaped."""
    point = area.add("foreign")
    desk = at_desk("td-contact")
    typed = {"how": "number", field: point.numbers[0]}
    sent = desk.form("/screens/KS10", page="/screens/KS10", **typed)
    assert sent.status_code == 307
    asked = desk.form(sent.headers["Location"], page="/screens/KS10", **typed)
    assert asked.status_code == 200
    page = asked.content.decode()
    assert f'<input type="hidden" name="{field}" value="{point.numbers[0]}">' in page
    statement = {"code": "TOI", "reference": "TOI-1", "next": "/screens/KS10", **typed}
    slip = desk.form("/purpose", page="/screens/KS10", **(statement | {"code": "", field: '"><b>'}))
    assert slip.status_code == 400
    assert f'name="{field}" value="&#34;&gt;&lt;b&gt;"' in slip.content.decode()
    stated = desk.form("/purpose", page="/screens/KS10", **statement)
    assert (stated.status_code, stated.headers["Location"]) == (307, "/screens/KS10")
    found = desk.form(stated.headers["Location"], page="/screens/KS10", **statement)
    assert f"名義印{point.points[0]}" in found.content.decode()


def test_a_statement_for_anything_but_the_search_repeats_no_form(at_desk: Sit) -> None:
    desk = at_desk("td-contact")
    typed = {"code": "TOI", "reference": "TOI-1", "next": "/screens/KF00", "term": "シル"}
    assert desk.form("/purpose", page="/screens/KS10", **typed).status_code == 303


@pytest.mark.parametrize("screen", ["CI20", "MN00", "KS10", "KF00", ""])
def test_the_line_on_top_hands_22_digits_to_the_search(at_desk: Sit, own: Customer, screen: str) -> None:
    desk = at_desk("aoi-clerk")
    typed = {"screen": screen, "customer": _wide(own.numbers[0])}
    answer = desk.form("/go", page="/screens/MN00", **typed)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/screens/KS10")
    found = desk.form("/screens/KS10", page="/screens/MN00", **typed).content.decode()
    assert f"名義印{own.points[0]}" in found
    assert f'value="{typed["customer"]}"' in found


def test_22_digits_in_an_address_are_not_searched_for(at_desk: Sit, own: Customer) -> None:
    answer = at_desk("aoi-clerk").browser.get("/go", {"screen": "CI10", "customer": own.numbers[0]})
    assert answer.status_code == 400
    body = answer.content.decode()
    assert "「開く」を押すと、この番号で検索します" in body
    assert f'value="{own.numbers[0]}"' in body
    assert "名義印" not in body


@pytest.mark.parametrize(
    ("screen", "to"), [("", "CI10"), ("MN00", "CI10"), ("KS10", "CI10"), ("KF00", "KF10"), ("pc10", "PC10")]
)
def test_a_code_on_the_menu_or_a_list_opens_the_customer(at_desk: Sit, screen: str, to: str) -> None:
    answer = at_desk("aoi-clerk").form("/go", page="/screens/MN00", screen=screen, customer="12345678901234")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/screens/{to}?customer=12345678901234")


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("12345678901234", CustomerCode),
        (_wide("12345678901234"), CustomerCode),
        ("06-1234-5678-9012-3456-7890", SupplyPointNumber),
        (_wide(ABSENT), SupplyPointNumber),
    ],
)
def test_the_count_of_digits_tells_which_number_it_is(typed: str, kind: type) -> None:
    assert type(typed_number(typed)) is kind


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "入力がありません"),
        ("123", "入力は3桁でした"),
        ("1" * 21, "入力は21桁でした"),
        ("9" * 22, "先頭2桁はエリアコード"),
        ("12345678901２3あ", "数字でない文字"),
    ],
)
def test_a_number_that_is_none_says_why(at_desk: Sit, typed: str, text: str) -> None:
    with pytest.raises(MalformedNumber, match=text):
        typed_number(typed)
    answer = at_desk("aoi-clerk").form("/screens/KS10", page="/screens/KS10", how="number", term=typed)
    assert answer.status_code == 400
    assert text in answer.content.decode()
