"""Attacks of the list that come through the door: addresses, forms, verbs, copies of a page (28 to 33)."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import HttpResponseBase

from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import SignIns
from takuso.doors.web.definitions import CUSTOMER_SCREENS, SCREENS
from takuso.doors.web.screens import PAGES
from takuso.flow.points.operations import RECORD_SUPPLY, RECORD_SUPPLY_ACTION
from tests.area import Area, Customer
from tests.web.conftest import Desk, fixed

Sit = Callable[[str | None], Desk]
ABSENT = "99999999999999"
SENTENCE = "該当するお客さまはない、または取り扱えません"
OF_AOI = ["aoi-clerk", "aoi-manager", "contractor-clerk"]
HIDDEN = ["foreign", "switched", "ended", "vacant", "never-supplied", "incoming"]
CUSTOMER_CODES = [screen.code for screen in CUSTOMER_SCREENS]
TODAY_CODES = [code for code in CUSTOMER_CODES if code != "PC10"]
WIDE = {ord("0") + n: chr(ord("０") + n) for n in range(10)}
VERBS = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST"]


def _page(answer: HttpResponseBase, code: str) -> tuple[int, dict[str, str], list[str], str]:
    """Everything a browser receives, without what may vary."""
    cookies = sorted(answer.cookies)
    return answer.status_code, dict(answer.headers), cookies, fixed(answer.content.decode(), code)


def _absent(desk: Desk, screen: str) -> tuple[int, dict[str, str], list[str], str]:
    return _page(desk.get(f"/screens/{screen}?customer={ABSENT}"), ABSENT)


def _receipt(body: str) -> str:
    found = re.search(r"受付番号(?: |</dt><dd>)<code>([A-Za-z0-9_-]{32})</code>", body)
    assert found
    return found[1]


def _lose(gate: Gate, signins: SignIns, customer: Customer, area: Area) -> None:
    """The customer went to あさひ電力 long ago, as is recorded just now."""
    proof = signins.by_demo("td-intake")
    gate.state_purpose(Visit(proof=proof, screen="PU10"), code="TOI", reference="TOI-1", scope=customer.code)
    gate.act(
        Visit(proof=proof, screen="SP10"),
        asked=customer.code,
        action=RECORD_SUPPLY_ACTION,
        statement=RECORD_SUPPLY,
        parameters={"retailer": "asahi", "since": area.today - timedelta(days=2500), "until": None, "reason": "訂正"},
    )


@pytest.mark.parametrize("person", OF_AOI)
def test_attack_28_every_way_to_a_hidden_customer(at_desk: Sit, area: Area, own: Customer, person: str) -> None:
    """From every screen of an own customer, with its receipt, to every screen of a hidden one."""
    desk = at_desk(person)
    hidden = [area.add(kind).code for kind in ("foreign", "switched", "ended")]
    origins = [f"/screens/{code}" for code, page in PAGES.items() if not page.for_customer and code != "RT20"]
    origins += ["/screens/RT20?number=000000-0000000000"]
    origins += [f"/screens/{code}?customer={own.code}" for code in CUSTOMER_CODES]
    for origin in origins:
        receipt = _receipt(desk.text(origin)) if origin != "/screens/KS10" else ""
        for target in TODAY_CODES:
            bodies = {fixed(desk.text(f"/screens/{target}?customer={c}&from={receipt}"), c) for c in (*hidden, ABSENT)}
            assert len(bodies) == 1, (origin, target)
            assert SENTENCE in bodies.pop(), (origin, target)


@pytest.mark.parametrize("person", OF_AOI)
def test_attack_28_the_path_of_the_notice(at_desk: Sit, area: Area, person: str) -> None:
    """口振異動通知 → お客さま情報Ⅱ: no link leads there, and whoever types it gets nothing."""
    desk, other = at_desk(person), area.add("foreign")
    notice = desk.text(f"/screens/KF10?customer={other.code}")
    assert f"/screens/CI20?customer={other.code}" not in notice
    there = desk.text(f"/screens/CI20?customer={other.code}&from={_receipt(notice)}")
    assert SENTENCE in there
    assert [marker for marker in other.markers[other.points[0]] if marker in notice + there] == []


def test_attack_28_the_same_path_for_network_staff_needs_each_customer_named(at_desk: Sit, area: Area) -> None:
    desk = at_desk("td-billing")
    named, other = area.add("foreign"), area.add("foreign")
    desk.state(named.code, screen="KF10")
    receipt = _receipt(desk.text(f"/screens/KF10?customer={named.code}"))
    assert desk.get(f"/screens/CI20?customer={named.code}&from={receipt}").status_code == 200
    answer = desk.get(f"/screens/CI20?customer={other.code}&from={receipt}")
    assert (answer.status_code, answer.content) == (303, b"")


@pytest.mark.parametrize("kind", HIDDEN)
@pytest.mark.parametrize("screen", TODAY_CODES)
def test_attack_29_a_typed_address(at_desk: Sit, area: Area, screen: str, kind: str) -> None:
    desk, code = at_desk("aoi-clerk"), area.add(kind).code
    assert _page(desk.get(f"/screens/{screen}?customer={code}"), code) == _absent(desk, screen)


def test_attack_29_a_bookmark_after_the_switch(at_desk: Sit, area: Area, gate: Gate, signins: SignIns) -> None:
    """Yesterday's link, with the receipt of a page that was shown, is worth nothing today."""
    desk, customer = at_desk("aoi-clerk"), area.add("own")
    first = desk.text(f"/screens/KF10?customer={customer.code}")
    bookmark = re.search(r'href="(/screens/CI20\?customer=[^"]+)"', first)
    assert bookmark
    path = bookmark[1].replace("&amp;", "&")
    assert f"計印{customer.points[0]}" in desk.text(path)
    _lose(gate, signins, customer, area)
    assert _page(desk.get(path), customer.code) == _page(desk.get(path.replace(customer.code, ABSENT)), ABSENT), (
        "came-from is of a customer who is lost"
    )
    assert "計印" not in desk.text(path)


def test_attack_29_two_tabs_with_two_customers(at_desk: Sit, area: Area) -> None:
    """Each tab shows what its own address names, whatever the other tab did last."""
    desk, one, two = at_desk("aoi-clerk"), area.add("own"), area.add("own")
    tabs = [_receipt(desk.text(f"/screens/KF10?customer={c.code}")) for c in (one, two)]
    crossed = desk.text(f"/screens/CI20?customer={one.code}&from={tabs[1]}")
    assert f"計印{one.points[0]}" in crossed
    assert f"印{two.points[0]}" not in crossed
    staff = at_desk("td-contact")
    staff.state(one.code)
    assert staff.get(f"/screens/CI10?customer={one.code}").status_code == 200
    assert staff.get(f"/screens/CI10?customer={two.code}").status_code == 303


def test_attack_29_a_changed_hidden_field_of_the_purpose(at_desk: Sit, area: Area) -> None:
    """The purpose is for the customer that was sent, and for no other and no list."""
    desk, seen, sent = at_desk("td-contact"), area.add("foreign"), area.add("foreign")
    page = f"/purpose?next=%2Fscreens%2FCI10%3Fcustomer%3D{seen.code}"
    values = {"code": "TOI", "reference": "TOI-1", "next": f"/screens/CI10?customer={sent.code}", "scope": "*"}
    assert desk.form("/purpose", page=page, **values).headers["Location"] == f"/screens/CI10?customer={sent.code}"
    assert desk.get(f"/screens/CI10?customer={seen.code}").status_code == 303
    assert desk.get("/screens/KF00").status_code == 303


def test_attack_29_changed_hidden_fields_of_a_list(at_desk: Sit, area: Area) -> None:
    """`after` is a receipt and starts the list elsewhere, among the same customers; nothing else is a cursor."""
    desk, other = at_desk("aoi-clerk"), area.add("foreign")
    for after in ("AAAA", "%", "あ", "A" * 31, "A" * 33, "=" * 32, "MDAwMDAwMDAgMA"):
        assert desk.form("/screens/KF00", page="/screens/KS10", after=after).status_code == 400, after
    anothers = _receipt(at_desk("asahi-clerk").text("/screens/KF00"))
    for after in ("A" * 32, anothers):
        answer = desk.form("/screens/KF00", page="/screens/KS10", after=after, term="x", how="number")
        assert answer.status_code in (200, 400), "a receipt of nobody or of somebody else is no fault of the office"
        assert other.code not in answer.content.decode()


def test_attack_29_anothers_receipt_as_the_way_one_came(at_desk: Sit, own: Customer) -> None:
    receipt = _receipt(at_desk("aoi-manager").text(f"/screens/KF10?customer={own.code}"))
    mine = at_desk("aoi-clerk").text(f"/screens/CI20?customer={own.code}&from={receipt}")
    assert f"計印{own.points[0]}" in mine
    assert f'<a href="/screens/KF10?customer={own.code}' not in mine.partition('class="keybar"')[2]
    assert receipt not in mine


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("screen", CUSTOMER_CODES)
def test_attack_30_another_verb(at_desk: Sit, area: Area, own: Customer, screen: str, verb: str) -> None:
    """A customer screen is for GET; no other verb opens it, for nobody's customer."""
    desk = at_desk("aoi-clerk")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', desk.text("/login"))
    assert token
    pages = set()
    for code in (own.code, area.add("foreign").code, ABSENT):
        answer = desk.browser.generic(
            verb, f"/screens/{screen}?customer={code}", HTTP_X_CSRFTOKEN=token[1], HTTP_X_HTTP_METHOD_OVERRIDE="GET"
        )
        assert answer.status_code == 405
        pages.add(str(_page(answer, code)))
    assert len(pages) == 1
    assert "印" not in re.sub("印刷", "", pages.pop())


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "POST"])
@pytest.mark.parametrize("path", ["/screens/KS10", "/screens/KF00", "/screens/MN00", "/go", "/purpose", "/login"])
def test_attack_30_another_verb_elsewhere(at_desk: Sit, path: str, verb: str) -> None:
    desk = at_desk("aoi-clerk")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', desk.text("/login"))
    assert token
    assert desk.browser.generic(verb, path, HTTP_X_CSRFTOKEN=token[1]).status_code == 405


@pytest.mark.parametrize(
    "before", ["/screens/", "/SCREENS/", "//screens/", "/screens//", "/api/screens/", "/screens/x/../"]
)
@pytest.mark.parametrize("after", ["/", ".json", ".csv", "%2F", "%00", "%20", ""])
def test_attack_30_another_spelling_of_the_address(at_desk: Sit, own: Customer, before: str, after: str) -> None:
    """A screen has one address: any other is not found, for one's own customer too."""
    desk = at_desk("aoi-clerk")
    answer = desk.get(f"{before}CI20{after}?customer={own.code}")
    right = (before, after) == ("/screens/", "")
    assert answer.status_code == (200 if right else 404)
    assert (f"印{own.points[0]}" in answer.content.decode()) == right


def test_attack_30_another_case_or_width_of_the_screen(at_desk: Sit, own: Customer) -> None:
    desk = at_desk("aoi-clerk")
    for screen in ("ci20", "Ci20", "ＣＩ２０", "CI2O", "ZZ99"):
        assert desk.get(f"/screens/{screen}?customer={own.code}").status_code == 404


def test_attack_30_another_format(at_desk: Sit, area: Area) -> None:
    """Asking for JSON, a range or a compressed copy changes nothing of the one answer."""
    desk, code = at_desk("aoi-clerk"), area.add("foreign").code
    wishes = {"HTTP_ACCEPT": "application/json", "HTTP_RANGE": "bytes=0-1", "HTTP_ACCEPT_ENCODING": "gzip"}
    more = "&format=json&expand=all&fields=*&_method=GET"
    answer = desk.get(f"/screens/CI20?customer={code}{more}", **wishes)
    assert _page(answer, code) == _absent(desk, "CI20")


@pytest.mark.parametrize("width", ["plain", "full", "grouped"])
def test_attack_30_another_width_of_the_code(at_desk: Sit, area: Area, width: str) -> None:
    desk, code = at_desk("aoi-clerk"), area.add("foreign").code

    def write(text: str) -> str:
        grouped = "-".join((text[:2], text[2:6], text[6:10], text[10:]))
        return {"plain": text, "full": text.translate(WIDE), "grouped": f" {grouped} "}[width]

    hidden, absent = (
        _page(desk.browser.get("/screens/CI10", {"customer": write(text)}), text) for text in (code, ABSENT)
    )
    assert hidden == absent
    assert SENTENCE in hidden[3]


def test_attack_30_a_code_given_twice(at_desk: Sit, area: Area, own: Customer) -> None:
    desk, other = at_desk("aoi-clerk"), area.add("foreign").code
    for pair in ((own.code, other), (other, own.code)):
        body = desk.text("/screens/CI20?" + "&".join(f"customer={code}" for code in pair))
        assert (SENTENCE in body) == (pair[-1] == other)


ASSIGNED = {
    "retailer_id": "3", "retailer": "asahi", "organisation": "asahi", "holder_id": "2", "role": "network.intake",
    "duty": "network.intake", "person": "td-intake", "employer": "1", "purpose": "TOI", "reference": "TOI-1",
    "ticket": "A" * 32, "proof": "A" * 43, "points": "1", "classes": "ABCDEFGHIJS", "is_staff": "1", "demo": "1",
}  # fmt: skip


def test_attack_31_assigning_company_and_role_in_an_address(at_desk: Sit, area: Area, own: Customer) -> None:
    desk, code = at_desk("aoi-clerk"), area.add("foreign").code
    query = urlencode(ASSIGNED)
    assert _page(desk.get(f"/screens/CI20?customer={code}&{query}"), code) == _absent(desk, "CI20")
    plain, more = (desk.get(f"/screens/CI20?customer={own.code}{q}") for q in ("", f"&{query}"))
    assert _page(plain, own.code) == _page(more, own.code)


def test_attack_31_assigning_company_and_role_in_a_form(at_desk: Sit, area: Area) -> None:
    desk, other = at_desk("aoi-clerk"), area.add("foreign")
    for how, term in (("number", other.numbers[0]), ("kana", "シルシ")):
        found = [
            desk.form("/screens/KS10", page="/screens/KS10", how=how, term=term, **more).content.decode()
            for more in ({}, ASSIGNED)
        ]
        assert fixed(found[0], term) == fixed(found[1], term)
        assert f"customer={other.code}" not in found[1]


def test_attack_31_assigning_a_duty_with_the_purpose(at_desk: Sit, area: Area) -> None:
    desk, other = at_desk("td-billing"), area.add("foreign").code
    to = f"/screens/CI10?customer={other}"
    answer = desk.form("/purpose", **{**ASSIGNED, "duty": "network.intake", "code": "IDO", "next": to})
    assert answer.status_code == 400
    assert desk.get(to).status_code == 303


def test_attack_31_headers_of_a_proxy_name_nobody(at_desk: Sit, own: Customer) -> None:
    said = {"HTTP_REMOTE_USER": "aoi-clerk", "HTTP_X_FORWARDED_USER": "aoi-clerk", "REMOTE_USER": "aoi-clerk"}
    said["HTTP_AUTHORIZATION"] = "Bearer " + "A" * 43
    answer = at_desk(None).get(f"/screens/CI20?customer={own.code}", **said)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize("kind", HIDDEN)
def test_attack_32_title_headers_length_and_print(at_desk: Sit, area: Area, kind: str) -> None:
    """Everything that goes with a page is part of the comparison; its length too."""
    desk, code = at_desk("aoi-clerk"), area.add(kind).code
    hidden, absent = (desk.get(f"/screens/CI20?customer={c}") for c in (code, ABSENT))
    assert _page(hidden, code) == _page(absent, ABSENT)
    assert len(hidden.content) == len(absent.content)
    assert not {"ETag", "Last-Modified", "Content-Disposition", "Link"} & set(hidden.headers)
    body = hidden.content.decode()
    assert "<title>お客さま情報Ⅱ CI20 | 託送</title>" in body
    assert '<li aria-current="page">お客さま情報Ⅱ</li>' in body
    assert [mark for marks in area.add(kind).markers.values() for mark in marks if mark in body] == []


@pytest.mark.parametrize("screen", CUSTOMER_CODES)
@pytest.mark.parametrize("person", OF_AOI)
def test_attack_33_one_status_for_hidden_and_absent(at_desk: Sit, area: Area, person: str, screen: str) -> None:
    desk = at_desk(person)
    codes = [area.add(kind).code for kind in ("foreign", "vacant", "never-supplied")]
    seen = {(a.status_code, a.headers.get("Location")) for a in _asked(desk, screen, [*codes, ABSENT])}
    assert seen == {(200, None)}


@pytest.mark.parametrize("screen", CUSTOMER_CODES)
def test_attack_33_network_staff_are_asked_for_a_purpose_for_absent_codes_too(
    at_desk: Sit, area: Area, screen: str
) -> None:
    desk = at_desk("td-contact")
    codes = [area.add(kind).code for kind in ("own", "foreign", "vacant")]
    codes.append(ABSENT)
    answers = _asked(desk, screen, codes)
    places = {a.headers["Location"].replace(code, "C") for code, a in zip(codes, answers, strict=True)}
    assert places == {f"/purpose?next=%2Fscreens%2F{screen}%3Fcustomer%3DC"}


def _asked(desk: Desk, screen: str, codes: list[str]) -> list[HttpResponseBase]:
    return [desk.get(f"/screens/{screen}?customer={code}") for code in codes]


def test_attack_33_every_screen_is_in_these_tests() -> None:
    assert {screen.code for screen in SCREENS} == set(PAGES)
    assert set(CUSTOMER_CODES) == {"KF10", "CI10", "CI20", "PC10"}
