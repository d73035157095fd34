"""The retailer's side of the reception: what it filed, what is relayed to it, and the forms by which it applies."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.http import HttpResponseBase

from takuso.doors.web.reception.offered import procedures
from takuso.doors.web.screens import PAGES
from takuso.flow.reception.forms import FORMS
from takuso.flow.reception.procedures import Procedure
from tests.area import NETWORK, PERSONS, Customer
from tests.web.conftest import Desk, fixed

Sit = Callable[[str | None], Desk]
NUMBER = r"[0-9]{6}-[0-9A-Z]{10}"
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')
NEUTRAL = "該当する申込はない、または取り扱えません"


def _move_out(customer: Customer, day: date) -> dict[str, str]:
    return {"supply_point": customer.numbers[0], "desired_on": day.isoformat(), "disconnection": "計器SW開放"}


def _relay(customer: Customer, day: date) -> dict[str, str]:
    (point,) = customer.points
    kana = "シルシ" + "".join("アイウエオカキクケコ"[int(digit)] for digit in str(point))
    return {
        "supply_point": customer.numbers[0],
        "name": f"名義印{point}",
        "kana": kana,
        "customer_no": f"契約印{point}期0",
        "place": f"大阪府大阪市北区梅田印{point}1-1",
        "holder": "aoi",
        "desired_on": day.isoformat(),
        "wished": "true",
    }


def _check(desk: Desk, procedure: str, typed: dict[str, str]) -> HttpResponseBase:
    return desk.form("/screens/RT40", page="/screens/RT40", procedure=procedure, do="check", **typed)


def _confirmed(body: str) -> dict[str, str]:
    """What the button of the confirmation sends."""
    form = body.partition('id="file-form"')[2].partition("</form>")[0]
    return {name: unescape(value) for name, value in HIDDEN.findall(form) if name != "csrfmiddlewaretoken"}


def _file(desk: Desk, procedure: str, typed: dict[str, str]) -> str:
    """受付番号 of what was typed, read again and sent."""
    checked = _check(desk, procedure, typed)
    assert checked.status_code == 200, checked.content.decode()
    answer = desk.form("/screens/RT40", page="/screens/RT40", **_confirmed(checked.content.decode()))
    assert answer.status_code == 303, answer.content.decode()
    (number,) = re.findall(rf"number=({NUMBER})(?:&|$)", answer.headers["Location"])
    return number


def _one(desk: Desk, number: str) -> str:
    return desk.text(f"/screens/RT20?number={number}")


def test_an_application_is_filed_and_seen(at_desk: Sit, own: Customer, today: date, turn: Callable[[], int]) -> None:
    desk, day = at_desk("aoi-clerk"), today + timedelta(days=20)
    typed = _move_out(own, day) | {"supply_point": f" {own.numbers[0][:2]}－{own.numbers[0][2:]}"}
    body = _check(desk, "move-out", typed).content.decode()
    assert f"({day.isoformat()})" in body, "the day in both calendars"
    assert "計器SW開放" in body
    assert re.findall(r"<dt>検査に通ったとき</dt><dd>([^<]+)</dd>", body) == ["申込者"]
    assert '<dt>申込者</dt><dd lang="ja">葵電力</dd>' in body
    number = _file(desk, "move-out", typed)
    waiting = _one(desk, number)
    assert "判断を待っています" in waiting
    assert f'href="/screens/RT20?number={number}&amp;from=' in waiting, "再表示"
    assert turn() > 0
    judged = _one(desk, number)
    assert "判断を待っています" not in judged
    assert "<strong>効力日待ち</strong>" in judged
    row = desk.text("/screens/RT10").partition(number)[2].partition("</tr>")[0]
    for text in ("廃止（退去）", own.numbers[0], "効力日待ち", f"{day:%Y/%m/%d}"):
        assert text in row
    assert f"procedure=amendment&amp;concerns={number}" in judged


def test_sending_the_confirmation_twice_files_once(at_desk: Sit, own: Customer, today: date) -> None:
    desk = at_desk("aoi-clerk")
    sent = _confirmed(_check(desk, "move-out", _move_out(own, today + timedelta(days=9))).content.decode())
    first, second = (desk.form("/screens/RT40", page="/screens/RT40", **sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    other = sent | {"desired_on": (today + timedelta(days=10)).isoformat()}
    answer = desk.form("/screens/RT40", page="/screens/RT40", **other)
    assert (answer.status_code, "すでに別の内容で申し込まれています" in answer.content.decode()) == (400, True)
    again = _confirmed(_check(desk, "move-out", _move_out(own, today + timedelta(days=9))).content.decode())
    assert again["key"] != sent["key"]


def test_what_is_typed_enters_no_address(at_desk: Sit, own: Customer, today: date) -> None:
    desk = at_desk("aoi-clerk")
    typed = _relay(own, today + timedelta(days=21)) | {"holder": "asahi", "name": "山田 秘子"}
    checked = _check(desk, "termination-relay", typed)
    answer = desk.form("/screens/RT40", page="/screens/RT40", **_confirmed(checked.content.decode()))
    number = re.findall(NUMBER, answer.headers["Location"])[0]
    pages = [checked.content.decode(), _one(desk, number), desk.text("/screens/RT10")]
    addresses = [answer.headers["Location"], *re.findall(r'(?:href|action)="([^"]*)"', "".join(pages))]
    for text in (typed["name"], "秘子", own.numbers[0], typed["kana"], typed["place"], typed["customer_no"]):
        assert [one for one in addresses if text in one or quote(text) in one] == []
    assert "山田 秘子" in pages[1]
    assert 'method="get"' not in "".join(pages)
    filled = desk.text(
        f"/screens/RT40?procedure=termination-relay&name=山田&concerns={number}&supply_point={typed['name']}"
    )
    assert "山田" not in filled.partition("<main")[2], "an address fills in numbers of applications alone"


def test_what_is_malformed_is_named_beside_its_field(at_desk: Sit, own: Customer) -> None:
    answer = _check(at_desk("aoi-clerk"), "move-out", {"supply_point": "06123", "desired_on": "2026-02-30"})
    body = answer.content.decode()
    assert answer.status_code == 400
    assert re.findall(r'<li><a href="#(field-[a-z_]+)">', body) == ["field-supply_point", "field-desired_on"]
    for name in ("supply_point", "desired_on"):
        field = re.findall(rf'<input id="field-{name}"[^>]*>', body)[0]
        assert 'aria-invalid="true"' in field
        assert "problems" in field
    assert 'value="06123"' in body, "what was typed stays"
    assert 'name="key"' not in body, "nothing can be filed from here"


def test_a_correction_keeps_what_was_typed(at_desk: Sit, own: Customer, today: date) -> None:
    desk = at_desk("aoi-clerk")
    sent = _confirmed(_check(desk, "move-out", _move_out(own, today + timedelta(days=9))).content.decode())
    body = desk.form("/screens/RT40", page="/screens/RT40", **(sent | {"do": "edit"})).content.decode()
    assert f'value="{own.numbers[0]}"' in body
    assert 'id="apply-form"' in body
    assert '<option value="計器SW開放" selected>' in body


def test_a_contractor_files_in_the_name_of_its_principal(at_desk: Sit, own: Customer, today: date) -> None:
    desk = at_desk("contractor-clerk")
    body = _check(desk, "move-out", _move_out(own, today + timedelta(days=9))).content.decode()
    assert '<dt>申込者</dt><dd lang="ja">葵電力</dd>' in body
    assert '<dt>入力する会社</dt><dd lang="ja">葵サービス</dd>' in body
    number = _file(desk, "move-out", _move_out(own, today + timedelta(days=9)))
    assert number in _one(at_desk("aoi-clerk"), number), "it is the principal's own"
    assert number in desk.text("/screens/RT10")


def test_every_procedure_has_a_form_that_can_be_opened(at_desk: Sit) -> None:
    desk = at_desk("aoi-manager")
    links = re.findall(r'href="(/screens/RT40\?procedure=([a-z-]+)[^"]*)"', desk.text("/screens/RT40"))
    assert [name for _, name in links] == [
        "termination-relay",
        "switch-start",
        "switch-end",
        "reenergisation",
        "move-out",
        "consumer-change",
        "amendment",
    ]
    for address, name in links:
        body = desk.text(unescape(address))
        fields = re.findall(r'id="field-([a-z_]+)"', body)
        assert fields == [one.name for one in FORMS[Procedure(name)].fields]


def test_whoever_does_not_answer_relays_is_not_offered_their_end(at_desk: Sit) -> None:
    desk = at_desk("contractor-clerk")
    assert "switch-end" not in desk.text("/screens/RT40")
    answer = desk.get("/screens/RT40?procedure=switch-end")
    assert answer.status_code == 400
    assert "この職務で申し込める手続きではありません" in answer.content.decode()
    assert "RT30" not in desk.text("/screens/RT10")
    assert desk.get("/screens/RT30").status_code == 403


def test_a_relay_is_answered_by_the_holder(at_desk: Sit, own: Customer, today: date, turn: Callable[[], int]) -> None:
    sender, holder, day = at_desk("asahi-clerk"), at_desk("aoi-clerk"), today + timedelta(days=21)
    number = _file(sender, "termination-relay", _relay(own, day))
    assert NEUTRAL in _one(holder, number), "nothing is told before it is judged"
    turn()
    row = holder.text("/screens/RT30").partition(number)[2].partition("</tr>")[0]
    assert f"{day:%Y/%m/%d}" in row
    body = _one(holder, number)
    for text in (*_relay(own, day).values(),):
        assert text in body or text in ("true", own.numbers[0], day.isoformat())
    assert "この取次で知ったことを引き止めに使えません" in body
    assert "あさひ電力" not in body.partition("<main")[2], "who asks is not told"
    answer = holder.form("/screens/RT20", page=f"/screens/RT20?number={number}", number=number, answer="decline")
    assert (answer.status_code, 'href="#answer-reason"' in answer.content.decode()) == (400, True)
    given = {"number": number, "answer": "agree"}
    answer = holder.form("/screens/RT20", page=f"/screens/RT20?number={number}", **given)
    assert answer.status_code == 303
    assert "承諾を受け付けました" in holder.text(answer.headers["Location"])
    twice = holder.form("/screens/RT20", page=f"/screens/RT20?number={number}", **given)
    assert (twice.status_code, "先の回答の処理を待っています" in twice.content.decode()) == (400, True)
    turn()
    agreed = _one(sender, number)
    assert "<strong>承諾</strong>" in agreed
    assert f"procedure=switch-start&amp;relay={number}" in agreed
    assert "answer-form" not in agreed
    ended = _one(holder, number)
    assert f"procedure=switch-end&amp;relay={number}" in ended
    assert "answer-form" not in ended
    assert number not in holder.text("/screens/RT30")


def test_a_declined_relay_carries_its_reason_and_cure(
    at_desk: Sit, own: Customer, today: date, turn: Callable[[], int]
) -> None:
    sender, holder, day = at_desk("asahi-clerk"), at_desk("aoi-clerk"), today + timedelta(days=21)
    number = _file(sender, "termination-relay", _relay(own, day))
    turn()
    body = _one(holder, number)
    code = re.findall(r'<option lang="ja" value="(N\d\d)"[^>]*>[^<]*' + day.isoformat(), body)[0]
    seen = re.findall(r'name="seen" value="([^"]+)"', body)[0]
    for day_there_is_none in ("2026-02-31", "", "明日"):
        given = {"number": number, "answer": "decline", "reason": code, "seen": day_there_is_none}
        wrong = holder.form("/screens/RT20", page=f"/screens/RT20?number={number}", **given)
        assert wrong.status_code == 400, "nothing is taken, and nothing fails"
    answer = holder.form(
        "/screens/RT20",
        page=f"/screens/RT20?number={number}",
        number=number,
        answer="decline",
        reason=code,
        seen=seen,
    )
    assert answer.status_code == 303
    turn()
    refused = _one(sender, number)
    assert "<strong>不承諾</strong>" in refused
    line = refused.partition(f'<th scope="row" class="code">{code}</th>')[2].partition("</tr>")[0]
    assert f"いまの契約は、希望日 {day.isoformat()} に終えられません。" in line
    assert "日を改めてください" in line
    assert "concerns=" not in refused, "what has ended is not amended"


def test_numbers_of_others_unknown_and_confidential_ones_are_one_page(
    at_desk: Sit, own: Customer, today: date, turn: Callable[[], int]
) -> None:
    day = today + timedelta(days=21)
    relay = _file(at_desk("asahi-clerk"), "termination-relay", _relay(own, day))
    turn()
    end = _file(
        at_desk("aoi-clerk"),
        "switch-end",
        {"supply_point": own.numbers[0], "relay": relay, "desired_on": day.isoformat()},
    )
    assert end in _one(at_desk("aoi-clerk"), end)
    assert "この取次に回答する" in _one(at_desk("aoi-clerk"), relay), "there is something to hide"
    desk = at_desk("contractor-clerk")
    others = _file(at_desk("hikari-clerk"), "move-out", _move_out(own, day))
    numbers = [relay, end, others, "261128-0000000000", "x", "0" * 39]
    pages = [desk.get(f"/screens/RT20?number={one}") for one in numbers]
    assert {(page.status_code, fixed(page.content.decode(), "\0")) for page in pages} == {
        (200, fixed(pages[3].content.decode(), "\0"))
    }
    assert NEUTRAL in pages[0].content.decode()
    assert [one for one in (relay, end) if one in desk.text("/screens/RT10")] == []
    clerk = at_desk("hikari-clerk")
    tries = [
        clerk.form("/screens/RT20", page="/screens/RT40", number=one, answer="agree")
        for one in (relay, end, "261128-0000000000")
    ]
    assert len({(one.status_code, fixed(one.content.decode(), "\0")) for one in tries}) == 1
    assert NEUTRAL in tries[0].content.decode()


def test_the_list_is_turned_by_the_number_of_the_last_line(
    at_desk: Sit, own: Customer, today: date, turn: Callable[[], int]
) -> None:
    desk = at_desk("hikari-clerk")
    sent = _confirmed(_check(desk, "move-out", _move_out(own, today + timedelta(days=9))).content.decode())
    filed = []
    for no in range(51):
        answer = desk.form("/screens/RT40", page="/login", **(sent | {"key": f"{no:032x}"}))
        filed.append(re.findall(NUMBER, answer.headers["Location"])[0])
    first = desk.text("/screens/RT10")
    listed = re.findall(rf">({NUMBER})</a>", first)
    assert listed == filed[:0:-1]
    (onward,) = re.findall(r'href="(/screens/RT10\?after=[^"]+)" rel="next"', first)
    assert re.findall(rf">({NUMBER})</a>", desk.text(unescape(onward)))[0] == filed[0]
    foreign = at_desk("asahi-clerk").text(f"/screens/RT10?after={filed[5]}")
    assert "これより前の申込はありません" in foreign, "a number of others turns no page"


@pytest.mark.parametrize("person", [*NETWORK])
def test_the_network_company_has_none_of_it(at_desk: Sit, person: str) -> None:
    desk = at_desk(person)
    for code in ("RT10", "RT20", "RT30", "RT40"):
        assert desk.get(f"/screens/{code}?number=261128-0000000000").status_code == 403
    assert "RT10" not in desk.text("/screens/MN00")


def test_the_menu_and_the_palette_have_the_screens_of_the_duty(at_desk: Sit) -> None:
    for person, codes in (("aoi-clerk", {"RT10", "RT30", "RT40"}), ("contractor-clerk", {"RT10", "RT40"})):
        body = at_desk(person).text("/screens/MN00")
        assert set(re.findall(r'data-go="(RT\d\d)"', body)) == codes
        assert set(re.findall(r'href="/screens/(RT\d\d)\?from=', body)) == codes


def test_without_a_number_the_list_is_shown(at_desk: Sit) -> None:
    answer = at_desk("aoi-clerk").get("/screens/RT20")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/screens/RT10")


def test_only_retail_duties_and_the_intake_are_offered_a_procedure() -> None:
    from takuso.barrier.matrix import Duty

    offered = {duty for duty in Duty if procedures(duty)}
    retail = {Duty(duty) for _, _, duty in PERSONS.values() if duty.startswith("retail.")}
    assert offered == {Duty.INTAKE, *retail}
    assert {"RT10", "RT20", "RT30", "RT40"} <= PAGES.keys()


def test_a_page_after_what_is_no_number_is_the_first_one(at_desk: Sit) -> None:
    desk = at_desk("aoi-clerk")
    for after in ("x", "%C3%B0%C2%AA", "261128", "9" * 500):
        assert desk.get(f"/screens/RT10?after={after}").status_code == 200
