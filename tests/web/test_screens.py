"""Each screen shows what the person may see, says 非表示 from the ticket, and leads on with its receipt."""

import re
from collections.abc import Callable

import pytest

from takuso.doors.web.definitions import CUSTOMER_SCREENS
from takuso.doors.web.screens import PAGES
from tests.area import NETWORK, PERSONS, Area, Customer
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
RECEIPT = r"[A-Za-z0-9_-]{32}"


@pytest.mark.parametrize("code", [s.code for s in CUSTOMER_SCREENS if s.code != "PC10"])
def test_a_clerk_sees_the_own_customer(at_desk: Sit, own: Customer, code: str) -> None:
    body = at_desk("aoi-clerk").text(f"/screens/{code}?customer={own.code}")
    assert f"名義印{own.points[0]}" in body
    assert "低圧" in body
    assert "該当するお客さまはない" not in body


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("KF10", ["支店印", "FB印", "＊＊＊＊567", "ためし銀行"]),
        ("CI10", ["06-0000-印", "送付先印", "契約印", "葵電力", "電灯標準印", "梅田印"]),
        ("CI20", ["計印", "旧計印", "柱印", "件名印", "BG印", "kWh", "<svg", "月別使用量"]),
    ],
)
def test_what_stands_on_a_screen(at_desk: Sit, own: Customer, code: str, texts: list[str]) -> None:
    body = at_desk("aoi-clerk").text(f"/screens/{code}?customer={own.code}")
    assert [text for text in texts if text not in body] == []
    assert "1234567" not in body.replace(own.code, ""), "of an account number only the tail is shown"


def test_the_mandate_notice_leads_to_information_2_with_its_receipt(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    body = desk.text(f"/screens/KF10?customer={own.code}")
    links = re.findall(rf'href="(/screens/CI20\?customer={own.code}&amp;from={RECEIPT})"', body)
    assert links
    assert desk.get(links[0].replace("&amp;", "&")).status_code == 200


def test_a_retailer_has_no_care_notes_part(at_desk: Sit, own: Customer) -> None:
    body = at_desk("aoi-clerk").text(f"/screens/CI10?customer={own.code}")
    assert "注意情報" not in body
    desk = at_desk("td-contact")
    desk.state(own.code)
    assert f"注意印{own.points[0]}" in desk.text(f"/screens/CI10?customer={own.code}")


@pytest.mark.parametrize(
    ("person", "code", "shown", "withheld"),
    [
        ("td-billing", "KF10", ["口座振替", "支店印"], ["口座振替"]),
        ("td-intake", "KF10", ["名義印"], ["口座振替", "異動通知"]),
        ("td-metering", "CI20", ["計印"], ["供給者の履歴", "契約種別・契約容量の履歴", "応対履歴"]),
        ("td-accounting", "CI10", ["葵電力"], ["注意情報", "契約名義", "連絡先", "申込中の異動"]),
    ],
)
def test_parts_outside_the_duty_are_named_and_not_shown(
    at_desk: Sit, own: Customer, person: str, code: str, shown: list[str], withheld: list[str]
) -> None:
    desk = at_desk(person)
    desk.state(own.code)
    body = desk.text(f"/screens/{code}?customer={own.code}")
    assert [text for text in shown if text not in body] == []
    parts = re.findall(r"<h3[^>]*>([^<]+)</h3>\s*<p class=\"withheld\">", body)
    assert parts == withheld


def test_a_duty_without_classes_gets_a_page_that_says_so(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("td-admin")
    desk.state(own.code, purpose="KAN", reference="KAN-1")
    body = desk.text(f"/screens/CI10?customer={own.code}")
    assert "システム管理の職務では、この画面のお客さま情報を扱いません" in body
    assert "印" not in re.sub("印刷", "", body)


def test_a_customer_with_two_points_shows_the_own_one_alone(at_desk: Sit, area: Area) -> None:
    both = area.add("two-suppliers")
    body = at_desk("aoi-clerk").text(f"/screens/CI10?customer={both.code}")
    assert f"名義印{both.points[0]}" in body
    assert f"印{both.points[1]}" not in body
    desk = at_desk("td-intake")
    desk.state(both.code)
    assert f"名義印{both.points[1]}" in desk.text(f"/screens/CI10?customer={both.code}")


def test_past_contracts_show_the_own_segment_alone(at_desk: Sit, area: Area) -> None:
    gone = area.add("switched-long-ago")
    body = at_desk("aoi-clerk").text(f"/screens/PC10?customer={gone.code}")
    assert "期0" in body
    assert "期1" not in body
    assert "名義印" not in body


def test_the_list_of_notices_and_the_search_by_kana(at_desk: Sit, area: Area) -> None:
    mine, other = area.add("own"), area.add("foreign")
    desk = at_desk("aoi-clerk")
    listed = page = desk.text("/screens/KF00")
    while (more := re.search(r'name="after" value="([^"]+)"', page)) and mine.code not in page:
        page = desk.form("/screens/KF00", page="/screens/KF00", after=more[1]).content.decode()
        listed += page
    assert mine.code in listed
    assert other.code not in listed
    kana = "".join("あいうえおかきくけこ"[int(d)] for d in str(mine.points[0]))
    found = desk.form("/screens/KS10", page="/screens/KS10", how="kana", term=f"しるし{kana}").content.decode()
    assert re.search(rf"/screens/CI10\?customer={mine.code}&amp;from={RECEIPT}", found)
    assert other.code not in found


def test_a_number_in_the_search_goes_to_its_screen(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    answer = desk.form("/screens/KS10", page="/screens/KS10", how="number", term=own.code)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/screens/CI10?customer={own.code}"


@pytest.mark.parametrize(("how", "term"), [("number", "123"), ("kana", ""), ("kana", "　")])
def test_a_search_that_cannot_be_made_says_why(at_desk: Sit, how: str, term: str) -> None:
    answer = at_desk("aoi-clerk").form("/screens/KS10", page="/screens/KS10", how=how, term=term)
    assert answer.status_code == 400
    assert "入力を確かめてください(1件)" in answer.content.decode()


def test_the_register_declares_the_links_a_screen_renders(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    for code, page in PAGES.items():
        customer = f"?customer={own.code}" if page.for_customer else ""
        rendered = set(re.findall(r'href="/screens/([A-Z0-9]{4})', desk.text(f"/screens/{code}{customer}")))
        undeclared = rendered - page.leads_to - {code}
        assert not undeclared, (code, undeclared)


@pytest.mark.parametrize("path", ["/screens/CI10", "/screens/CI20", "/screens/PC10"])
def test_without_a_code_a_screen_asks_for_it(at_desk: Sit, path: str) -> None:
    answer = at_desk("aoi-clerk").get(path)
    assert answer.status_code == 200
    assert "お客さまコード(14桁)を入れ" in answer.content.decode()


def test_the_notice_screen_without_a_code_is_the_list(at_desk: Sit) -> None:
    assert at_desk("aoi-clerk").get("/screens/KF10").headers["Location"] == "/screens/KF00"


@pytest.mark.parametrize("path", ["/screens/ZZ99", "/screens/PU10", "/screens/mn00", "/nowhere"])
def test_an_unknown_screen_is_a_page_of_ours(at_desk: Sit, path: str) -> None:
    answer = at_desk("aoi-clerk").get(path)
    assert answer.status_code == 404
    assert "画面が見つかりません" in answer.content.decode()


@pytest.mark.parametrize("person", PERSONS)
def test_every_duty_gets_a_page_on_every_screen(at_desk: Sit, area: Area, person: str) -> None:
    """Whatever a duty is not granted, the page is drawn: no part of a template relies on rows that may be missing."""
    customer = area.add("two-suppliers")
    desk = at_desk(person)
    # No audit is open in the area, so that the one duty with no other purpose gets no list.
    listless = person == "td-admin"
    if person in NETWORK:
        purpose = "KAN" if listless else "TOI"
        for to, status in (
            (f"/screens/CI10?customer={customer.code}", 303),
            ("/screens/KS10", 400 if listless else 303),
        ):
            form = {"code": purpose, "reference": f"{purpose}-1", "next": to}
            assert desk.form("/purpose", **form).status_code == status
    for screen in CUSTOMER_SCREENS:
        assert desk.get(f"/screens/{screen.code}?customer={customer.code}").status_code == 200
    assert desk.get("/screens/KF00").status_code == (303 if listless else 200)
    for how, term in (("number", customer.numbers[0]), ("kana", "シル")):
        answer = desk.form("/screens/KS10", page="/screens/KS10", how=how, term=term)
        assert answer.status_code == (307 if listless else 200)
