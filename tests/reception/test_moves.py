"""Moves, other names and corrections, over the real gate and database; what the database made is what the rules say."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from takuso.accesslog.tickets import Cases
from takuso.barrier.gate import PurposeNeeded, Visit
from takuso.flow.reception import wire
from takuso.flow.reception.model import ConsumerChange, DesiredDate, MoveOut, Reenergisation
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.queries import APPLICATIONS
from takuso.kernel.numbers import SupplyPointNumber
from tests.area import ASAHI, Area, Customer
from tests.reception.conftest import Desk, Switch
from tests.reception.test_switch import agreed

Db = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def books(admin: str) -> Iterator[Db]:
    """A superuser's look at what is recorded."""
    with psycopg.connect(admin, autocommit=True) as connection:
        yield connection


def history(books: Db, customer: Customer) -> list[tuple[str, date | None, date | None]]:
    """Who supplies from when to when, as recorded now."""
    return books.execute(
        "SELECT o.code, lower(s.valid), upper(s.valid) FROM points.supply s JOIN wall.org o ON o.id = s.retailer"
        " WHERE s.point = ANY(%s) AND s.recorded_to = 'infinity' ORDER BY 2",
        [list(customer.points)],
    ).fetchall()  # type: ignore[return-value]


def names(books: Db, customer: Customer) -> list[tuple[str, date | None, date | None]]:
    """Whose name stands on the contract from when to when, as recorded now."""
    return books.execute(
        "SELECT kana, lower(valid), upper(valid) FROM points.party WHERE point = ANY(%s) AND recorded_to = 'infinity'"
        " ORDER BY 2 NULLS FIRST",
        [list(customer.points)],
    ).fetchall()  # type: ignore[return-value]


def sizes(books: Db, customer: Customer) -> list[tuple[str, date | None, date | None]]:
    """Menus from when to when, as recorded now."""
    return books.execute(
        "SELECT menu, lower(valid), upper(valid) FROM points.contract_size WHERE point = ANY(%s)"
        " AND recorded_to = 'infinity' ORDER BY 2",
        [list(customer.points)],
    ).fetchall()  # type: ignore[return-value]


def sound(books: Db, customer: Customer) -> bool:
    """Stamps and search keys are those of the history as of the business day."""
    row = books.execute("SELECT differing FROM wall.stamps_in_turn(%s, 1)", [customer.points[0] - 1]).fetchone()
    return row == (0,)


LIT = "廃止中(お客さま宅内操作で点灯)"


def equipment(books: Db, customer: Customer) -> tuple[str, str]:
    """契約状態 and 廃止措置方法."""
    row = books.execute(
        "SELECT status, disconnection FROM points.equipment WHERE point = %s", [customer.points[0]]
    ).fetchone()
    return row or ("", "")


def one(books: Db, customer: Customer, query: str) -> object:
    """The first value of a query about the point."""
    row = books.execute(query.encode(), [customer.points[0]]).fetchone()
    return row and row[0]


def _number(customer: Customer) -> SupplyPointNumber:
    return SupplyPointNumber(customer.numbers[0])


def test_a_move_out_ends_supply_name_and_size(desk: Desk, area: Area, books: Db, today: date) -> None:
    customer, day = area.add("own"), today + timedelta(days=10)
    number = desk.file("aoi-clerk", MoveOut(point=_number(customer), on=day, disconnection="スマートメーター遠隔停止"))
    desk.turn()
    assert desk.copy("aoi-clerk", number).state == "scheduled", desk.copy("aoi-clerk", number)
    desk.night(day)
    assert not desk.sees("aoi-clerk", customer), "closed before the turn of the night"
    desk.turn()
    try:
        assert desk.copy("aoi-clerk", number).state == "effective"
        assert [end for _, _, end in history(books, customer)] == [day]
        assert [end for _, _, end in names(books, customer)] == [day]
        assert [end for _, _, end in sizes(books, customer)] == [day]
        assert equipment(books, customer) == ("廃止中", "スマートメーター遠隔停止")
        assert not desk.sees("aoi-clerk", customer)
        assert desk.sees("aoi-clerk", customer, screen="PC10")
        assert sound(books, customer)
    finally:
        desk.dawn(customer)


def _vacant(area: Area, disconnection: str) -> Customer:
    return area.load(
        "vacant",
        [[(ASAHI, -2000, -60)]],
        {
            "points.equipment": {"status": "廃止中", "disconnection": disconnection},
            "points.party": {"valid": f"[2015-01-01,{area.today - timedelta(days=60)})"},
        },
    )


def _in(customer: Customer, day: date) -> Reenergisation:
    return Reenergisation(
        point=_number(customer),
        name="再点 はな子",
        kana="サイテンハナコ",
        phone="06-1111-2222",
        desired=DesiredDate(on=day, wished=True),
        balancing_group="BG-2",
        menu="電灯標準",
        customer_no="AO-9",
    )


def test_a_vacant_point_is_supplied_again_from_a_past_day(desk: Desk, area: Area, books: Db, today: date) -> None:
    customer, day = _vacant(area, LIT), today - timedelta(days=3)
    number = desk.file("aoi-clerk", _in(customer, day))
    desk.turn()
    filed = desk.copy("aoi-clerk", number)
    assert filed.state == "effective", filed
    assert history(books, customer)[1:] == [("aoi", day, None)]
    assert names(books, customer)[1:] == [("サイテンハナコ", day, None)]
    assert sizes(books, customer)[1:] == [("電灯標準", day, None)]
    assert desk.sees("aoi-clerk", customer)
    assert not desk.sees("asahi-clerk", customer)
    assert desk.sees("asahi-clerk", customer, screen="PC10"), "its own past is left to it"
    assert sound(books, customer)


def test_another_name_begins_a_tenure_and_another_writing_does_not(
    desk: Desk, area: Area, books: Db, today: date
) -> None:
    customer, day = area.add("own"), today + timedelta(days=1)
    point = _number(customer)
    desk.file("aoi-clerk", ConsumerChange(point=point, name="改姓 太郎", kana="カイセイタロウ", phone="06-3", on=day))
    desk.turn()
    desk.night(day)
    try:
        desk.turn()
        assert [(kana, start) for kana, start, _ in names(books, customer)][1:] == [("カイセイタロウ", day)]
        later = day + timedelta(days=1)
        again = ConsumerChange(point=point, name="改姓　太郎", kana="カイセイ　タロウ", phone="06-4", on=later)
        desk.file("aoi-clerk", again)
        desk.turn()
        desk.night(later)
        desk.turn()
        assert [start for _, start, _ in names(books, customer)] == [date(2015, 1, 1), day]
        phone = (
            "SELECT phone FROM points.party WHERE point = %s AND recorded_to = 'infinity' ORDER BY lower(valid) DESC"
        )
        assert one(books, customer, phone) == "06-4"
        assert sound(books, customer)
    finally:
        desk.dawn(customer)


def test_a_correction_puts_the_former_supplier_back_and_both_versions_stay(
    desk: Desk, switch: Switch, books: Db
) -> None:
    relay = agreed(desk, switch)
    start, end = desk.file("asahi-clerk", switch.start(relay)), desk.file("aoi-clerk", switch.end(relay))
    desk.turn()
    desk.night(switch.day)
    desk.turn()
    try:
        assert [who for who, _, _ in history(books, switch.customer)] == ["aoi", "asahi"]
        desk.order("td-intake", start, "correct")
        desk.turn()
        assert (desk.copy("asahi-clerk", start).state, desk.copy("aoi-clerk", end).state) == ("corrected", "corrected")
        assert [(who, end) for who, _, end in history(books, switch.customer)] == [("aoi", None)]
        retired = (
            "SELECT count(*) FROM points.supply WHERE point = %s AND recorded_to < 'infinity' AND superseded_by > 0"
        )
        assert one(books, switch.customer, retired) == 3, (
            "the first row, its cut form and the wrong one: each points to what came after"
        )
        assert desk.sees("aoi-clerk", switch.customer)
        assert not desk.sees("asahi-clerk", switch.customer)
        assert sound(books, switch.customer)
    finally:
        desk.dawn(switch.customer)


def test_a_move_in_is_corrected_to_vacant(desk: Desk, area: Area, books: Db, today: date) -> None:
    customer = _vacant(area, LIT)
    number = desk.file("aoi-clerk", _in(customer, today))
    desk.turn()
    assert desk.sees("aoi-clerk", customer)
    desk.order("td-intake", number, "correct")
    desk.turn()
    assert not desk.sees("aoi-clerk", customer)
    assert [who for who, _, _ in history(books, customer)] == ["asahi"]
    assert books.execute("SELECT status FROM points.equipment WHERE point = %s", [customer.points[0]]).fetchone() == (
        "廃止中",
    )
    assert sound(books, customer)


def test_the_network_company_reads_the_whole_under_a_purpose(desk: Desk, switch: Switch) -> None:
    relay = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    with pytest.raises(PurposeNeeded):
        desk.see("td-intake", Cases(number=relay), APPLICATIONS, screen="UK20")

    desk.gate.state_purpose(
        Visit(proof=desk.proof("td-intake"), screen="UK20"), code="IDO", reference=relay, scope=switch.customer.code
    )
    (line,) = desk.see("td-intake", Cases(number=relay), APPLICATIONS, screen="UK20")
    assert (line.sender, line.state) == ("asahi", "awaiting-answer")
    assert wire.content_of(Procedure(line.procedure), line.content) == switch.relay()
