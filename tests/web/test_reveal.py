"""Parts that start as 非表示 for the network company: nothing is read until asked for, and the asking is a record."""

import re
from collections.abc import Callable
from urllib.parse import quote

import psycopg
import pytest

from tests.area import Area, Customer
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
ASK = re.compile(r'<p class="withheld">.*?<a href="([^"]+)"')


def _classes(admin: str, page: str) -> tuple[int, set[str]]:
    """Rows and classes that the log says this page showed."""
    receipt = re.search(r"<footer.*?<code>([A-Za-z0-9_-]{32})</code>", page, re.S)
    assert receipt
    with psycopg.connect(admin) as connection:
        found = connection.execute("SELECT rows, classes FROM log.outcome WHERE receipt = %s", [receipt[1]]).fetchone()
    assert found
    return found[0], set(found[1])


@pytest.mark.parametrize(
    ("person", "screen", "panel", "secret"),
    [("td-contact", "CI10", "reach", "送付先印"), ("td-billing", "KF10", "mandate", "支店印")],
)
def test_a_part_is_read_when_asked_for_and_the_asking_is_recorded(
    at_desk: Sit, own: Customer, admin: str, person: str, screen: str, panel: str, secret: str
) -> None:
    desk = at_desk(person)
    desk.state(own.code)
    body = desk.text(f"/screens/{screen}?customer={own.code}")
    part = body[body.index(f'id="p1-{panel}"') :].split("</section>")[0]
    assert secret not in part
    ask = ASK.search(part)
    assert ask
    to = ask[1].replace("&amp;", "&")
    assert re.fullmatch(rf"/screens/{screen}\?customer={own.code}&from=[\w-]{{32}}&show={panel}", to)
    shown = desk.text(to)
    part = shown[shown.index(f'id="p1-{panel}"') :].split("</section>")[0]
    assert f"{secret}{own.points[0]}" in part
    rows, classes = _classes(admin, body)
    more, with_part = _classes(admin, shown)
    assert more == rows + 1
    assert classes <= with_part


def test_without_the_asking_the_mandate_is_not_even_read(at_desk: Sit, admin: str, area: Area) -> None:
    """Two looks differ by the class that was asked for, where no other part of the screen has it."""
    own = area.add("own")
    desk = at_desk("td-billing")
    desk.state(own.code)
    with psycopg.connect(admin) as connection:
        connection.execute("DELETE FROM points.mandate_notice WHERE point = ANY (%s)", [list(own.points)])
        connection.execute("SELECT points.restamp(%s)", [list(own.points)])
    plain = desk.text(f"/screens/KF10?customer={own.code}")
    asked = desk.text(f"/screens/KF10?customer={own.code}&show=mandate")
    assert "H" not in _classes(admin, plain)[1]
    assert "H" in _classes(admin, asked)[1]


def test_retailers_see_their_own_customers_at_once(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    body = desk.text(f"/screens/CI10?customer={own.code}")
    assert f"送付先印{own.points[0]}" in body
    assert "表示する(記録されます)" not in body


def test_asking_shows_no_more_than_the_duty_allows(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("td-intake")
    desk.state(own.code)
    body = desk.text(f"/screens/KF10?customer={own.code}&show=mandate&show=notices&show=x")
    part = body[body.index('id="p1-mandate"') :].split("</section>")[0]
    assert "(職務の対象外: 異動受付)" in part
    assert "支店印" not in body


def test_the_asking_opens_the_purpose_and_comes_back_to_the_part(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("td-contact")
    to = f"/screens/CI10?customer={own.code}&show=reach"
    answer = desk.get(to)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/purpose?next={quote(to, safe='')}")
    stated = desk.form("/purpose", code="TOI", reference="TOI-1", next=f"{to}&show=%3Cb%3E")
    assert stated.headers["Location"] == to
    assert f"送付先印{own.points[0]}" in desk.text(to)


def test_a_neutral_page_asks_for_nothing(at_desk: Sit) -> None:
    body = at_desk("aoi-clerk").text("/screens/KF10?customer=99999999999997&show=mandate")
    assert "show=" not in body


def test_a_telephone_number_stands_in_a_list_only_when_it_was_searched_for(
    at_desk: Sit, own: Customer, admin: str
) -> None:
    with psycopg.connect(admin) as connection:
        found = connection.execute("SELECT phone, kana FROM points.party WHERE point = %s", [own.points[0]]).fetchone()
    assert found
    phone, kana = found
    desk = at_desk("aoi-clerk")
    by_phone = desk.form("/screens/KS10", page="/screens/KS10", how="phone", term=re.sub(r"\D", "", phone))
    assert by_phone.status_code == 200
    assert f'<td class="number">{phone}</td>' in by_phone.content.decode()
    by_name = desk.form("/screens/KS10", page="/screens/KS10", how="kana", term=kana).content.decode()
    assert own.code in by_name
    assert f">{phone}<" not in by_name
