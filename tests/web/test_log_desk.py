"""AL10 閲覧記録: the one duty reads it, filter by filter; everybody else gets a recorded refusal."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import pytest

from takuso.store.home import Home
from tests.area import PERSONS, Area, Customer
from tests.web.conftest import Desk

At = Callable[[str | None], Desk]
AL10 = "/screens/AL10"
RECEIPT = re.compile(r"<p>受付番号 <code>([A-Za-z0-9_-]{32})</code></p>")


def _rows(text: str) -> list[str]:
    body = re.search(r'<section class="lines".*?<tbody>(.*?)</tbody>', text, re.DOTALL)
    return re.findall(r"<tr>.*?</tr>", body[1], re.DOTALL) if body else []


@pytest.mark.parametrize("person", PERSONS)
def test_only_compliance_opens_it(at_desk: At, own: Customer, person: str) -> None:
    at_desk("aoi-clerk").text(f"/screens/CI20?customer={own.code}")
    desk = at_desk(person)
    answer = desk.get(f"{AL10}?customer={own.code}")
    text = answer.content.decode()
    allowed = person == "td-compliance"
    assert answer.status_code == (200 if allowed else 403)
    assert (own.code in text.partition("<main")[2]) is allowed
    assert ("この操作は職務に含まれていません" in text) is not allowed
    assert (AL10 in desk.text("/screens/MN00")) is allowed
    assert RECEIPT.search(text)


def _look(at_desk: At, customer: Customer, person: str = "aoi-clerk") -> str:
    """The receipt of a look at CI20."""
    desk = at_desk(person)
    first = RECEIPT.search(desk.text(f"/screens/KF10?customer={customer.code}"))
    assert first
    found = RECEIPT.search(desk.text(f"/screens/CI20?customer={customer.code}&from={first[1]}"))
    assert found
    return found[1]


def _shows(desk: Desk, query: str, receipt: str) -> bool:
    answer = desk.get(f"{AL10}?{query}")
    assert answer.status_code == 200, answer.content.decode()
    return any(receipt in row for row in _rows(answer.content.decode()))


@pytest.mark.parametrize(
    ("name", "fits", "others"),
    [
        ("person", "aoi-clerk", "aoi-manager"),
        ("employer", "aoi", "asahi"),
        ("holder", "aoi", "asahi"),
        ("relation", "own", "foreign"),
        ("on", "ci20", "CI10"),
        ("came", "ＫＦ１０", "-"),
        ("decision", "shown", "hidden"),
        ("purpose", "own-customers", "-"),
        ("rule", "1", "999"),
        ("rendered", "yes", "no"),
    ],
)
def test_each_filter_keeps_what_fits_and_drops_the_rest(
    at_desk: At, own: Customer, name: str, fits: str, others: str
) -> None:
    receipt = _look(at_desk, own)
    desk = at_desk("td-compliance")
    assert _shows(desk, f"customer={own.code}", receipt)
    assert _shows(desk, f"customer={own.code}&{name}={fits}", receipt)
    assert not _shows(desk, f"customer={own.code}&{name}={others}", receipt)


def test_the_usual_period_stands_as_a_pill_and_others_can_be_taken_off(at_desk: At, own: Customer) -> None:
    _look(at_desk, own)
    desk = at_desk("td-compliance")
    text = desk.text(AL10)
    assert "(既定の7日間)" in text
    narrowed = desk.text(f"{AL10}?person=aoi-clerk&since=2026-01-01&until=2026-01-02")
    assert "(既定の7日間)" not in narrowed
    off = re.findall(r'class="away" href="([^"]+)"', narrowed)
    assert len(off) == 2
    assert "person=aoi-clerk" in off[0]
    assert "since" not in off[0]
    assert "person" not in off[1]
    assert "since=2026-01-01" in off[1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-13-01", "filter-since"),
        ("since=2026-02-01&until=2026-01-01", "filter-since"),
        ("since=2020-01-01&until=2026-01-01", "filter-since"),
        ("person=%27+OR+1", "filter-person"),
        ("customer=123", "filter-customer"),
        ("employer=%E8%91%B5", "filter-employer"),
        ("relation=mine", "filter-relation"),
        ("on=CI200", "filter-on"),
        ("decision=yes", "filter-decision"),
        ("rule=one", "filter-rule"),
        ("rendered=1", "filter-rendered"),
        ("per=minutes", "filter-since"),
        ("after=2026-01-01.1.x", "filter-since"),
    ],
)
def test_a_bad_value_is_named_and_reads_nothing(at_desk: At, own: Customer, query: str, field: str) -> None:
    _look(at_desk, own)
    answer = at_desk("td-compliance").get(f"{AL10}?{query}")
    text = answer.content.decode()
    assert answer.status_code == 400
    assert f'href="#{field}"' in text
    assert own.code not in text
    assert RECEIPT.search(text)
    assert at_desk("aoi-clerk").get(f"{AL10}?{query}").status_code == 403


def test_pages_follow_one_another_without_gap_or_repetition(at_desk: At, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    for _ in range(60):
        desk.text(f"/screens/CI20?customer={own.code}")
    desk = at_desk("td-compliance")
    first = desk.text(f"{AL10}?customer={own.code}&person=aoi-clerk")
    to = re.search(r'<a href="([^"]+after=[^"]+)">次の50件', first)
    assert to
    second = desk.text(to[1].replace("&amp;", "&"))
    receipts = [re.search(r"receipt=([A-Za-z0-9_-]{32})", row)[1] for row in _rows(first) + _rows(second)]  # type: ignore[index]
    assert (len(_rows(first)), len(_rows(second))) == (50, 10)
    assert len(set(receipts)) == 60


def test_a_supply_point_number_goes_by_form_and_stands_in_no_address(at_desk: At, own: Customer) -> None:
    receipt = _look(at_desk, own)
    desk = at_desk("td-compliance")
    answer = desk.form(AL10, page=AL10, customer=own.numbers[0])
    text = answer.content.decode()
    assert answer.status_code == 200
    assert any(receipt in row for row in _rows(text))
    assert all(own.numbers[0] not in href for href in re.findall(r'(?:href|action)="([^"]*)"', text))
    assert f'name="customer" value="{own.numbers[0]}"' in text
    handed = desk.form("/go", page=AL10, screen="AL10", customer=own.numbers[0])
    assert (handed.status_code, handed.headers["Location"]) == (307, AL10)
    to = desk.form("/go", page=AL10, screen="AL10", customer=own.code).headers["Location"]
    assert to == f"{AL10}?customer={own.code}"


def test_units_count_records_persons_and_contracts(at_desk: At, own: Customer, area: Area) -> None:
    other = area.add("own")
    for person in ("aoi-clerk", "aoi-manager"):
        desk = at_desk(person)
        for _ in range(3):
            desk.text(f"/screens/CI10?customer={own.code}")
    desk = at_desk("td-compliance")
    at_desk("aoi-clerk").text(f"/screens/CI10?customer={other.code}")
    for unit, amount in (("records", 6), ("persons", 2), ("contracts", 1)):
        text = desk.text(f"{AL10}?customer={own.code}&on=CI10&unit={unit}")
        table = re.search(r"<caption>時間ごとの.*?</table>", text, re.DOTALL)
        assert table
        assert re.findall(r'<td class="amount">([^<]+)</td>', table[0]) == [str(amount)]


def test_lookers_of_a_customer_and_looks_of_a_person(at_desk: At, own: Customer) -> None:
    for person in ("aoi-clerk", "contractor-clerk", "asahi-clerk"):
        at_desk(person).text(f"/screens/CI20?customer={own.code}")
    desk = at_desk("td-compliance")
    desk.text(f"{AL10}?customer={own.code}")
    lookers = {cell for row in _rows(desk.text(f"{AL10}?customer={own.code}&by=person")) for cell in _codes(row)}
    # Whoever asked the log about the customer is told of as well.
    assert lookers == {"aoi-clerk", "contractor-clerk", "asahi-clerk", "td-compliance"}
    [row] = _rows(desk.text(f"{AL10}?customer={own.code}&by=customer&person=contractor-clerk"))
    assert own.code in row
    assert "CI20" in row
    [row] = _rows(desk.text(f"{AL10}?customer={own.code}&by=person&person=contractor-clerk"))
    assert "葵サービス" in row


def _codes(row: str) -> list[str]:
    return re.findall(r'<th scope="row" class="number"><a[^>]*>([^<]+)</a>', row)


def test_facets_lead_to_what_they_count(at_desk: At, own: Customer) -> None:
    _look(at_desk, own)
    desk = at_desk("td-compliance")
    text = desk.text(f"{AL10}?customer={own.code}&person=aoi-clerk")
    facets = re.search(r'<section class="facets".*?</section>', text, re.DOTALL)
    assert facets
    for href, amount in re.findall(r'<a href="([^"]+)">.*?<span class="amount">(\d+)</span>', facets[0]):
        assert len(_rows(desk.text(href.replace("&amp;", "&")))) == int(amount)


def test_a_look_at_the_log_is_a_record_and_is_found_by_the_number_asked(at_desk: At, own: Customer) -> None:
    desk = at_desk("td-compliance")
    asked = RECEIPT.search(desk.text(f"{AL10}?customer={own.code}&person=aoi-clerk"))
    assert asked
    [row] = [row for row in _rows(desk.text(f"{AL10}?customer={own.code}&on=AL10")) if asked[1] in row]
    assert f"customer={own.code}" in row
    refused = RECEIPT.search(at_desk("aoi-clerk").text(f"{AL10}?customer={own.code}"))
    assert refused
    [row] = [row for row in _rows(desk.text(f"{AL10}?customer={own.code}&decision=refused")) if refused[1] in row]
    assert "拒否" in row


def test_a_customer_shows_by_number_alone(at_desk: At, own: Customer) -> None:
    _look(at_desk, own)
    text = at_desk("td-compliance").text(f"{AL10}?customer={own.code}")
    assert own.code in text
    secret = [mark for marks in own.markers.values() for mark in marks if mark not in (own.code, *own.numbers)]
    assert secret
    assert not [mark for mark in secret if mark in text]


def test_nothing_is_read_when_the_ticket_does_not_let(at_desk: At, own: Customer, home: Home) -> None:
    """The tables themselves: without a ticket of the log the login that reads them gets nothing."""
    _look(at_desk, own)
    from takuso.store.pools import dsn

    with psycopg.connect(dsn(home, "surveyor")) as connection:
        for table in ("ticket", "subject", "outcome", "purpose", "alarm"):
            assert _count(connection, table) == 0


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    query: Mapping[str, bytes] = {table: f"SELECT count(*) FROM log.{table}".encode()}
    row = connection.execute(query[table]).fetchone()
    return int(row[0]) if row else -1
