"""TR10 はじめての案内 and the demo's split view: only in a demo home, the split only from this machine."""

import re
from collections.abc import Callable

import psycopg
import pytest

from takuso.barrier.signin import SignIns
from takuso.doors.web.office import COOKIE, Office
from takuso.doors.web.wsgi import make_office
from tests.area import Customer
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
TOUR = "/screens/TR10"


def test_each_step_has_what_does_it(at_desk: Sit, office: Office) -> None:
    clerk = at_desk("aoi-clerk").text(TOUR)
    assert (
        '<input type="hidden" name="to" value="TR10"><button type="submit" name="person" value="td-compliance">'
        in clerk
    )
    assert "drill plant notice-transition" in clerk
    assert f"TAKUSO_HOME={office.folder}" in clerk
    assert "/readyz 200" in clerk
    assert 'action="/screens/AL20"' not in clerk
    reader = at_desk("td-compliance").text(TOUR)
    assert 'action="/screens/AL20"' in reader
    assert "/screens/AL10?" in reader
    assert TOUR in at_desk("aoi-clerk").text("/screens/MN00")


def test_the_tour_switches_persons_and_comes_back(at_desk: Sit) -> None:
    desk = at_desk("aoi-clerk")
    answer = desk.form("/demo/switch", page=TOUR, person="td-compliance", to="TR10")
    assert (answer.status_code, answer.headers["Location"]) == (303, TOUR)
    elsewhere = desk.form("/demo/switch", page=TOUR, person="aoi-clerk", to="//evil.example")
    assert elsewhere.headers["Location"] == "/screens/MN00"


def test_a_planted_fault_is_told(office: Office, signins: SignIns) -> None:
    ill = make_office(office.gate, signins, _Demo(office), ready=lambda: ["壁が設計と違います"])
    text = _sit(ill, signins, "aoi-clerk").text(TOUR)
    assert "/readyz 503" in text
    assert "壁が設計と違います" in text


def test_elsewhere_there_is_neither(office: Office, signins: SignIns, own: Customer) -> None:
    closed = make_office(office.gate, signins, _Demo(office, "production"), ready=lambda: ())
    desk = _sit(closed, signins, "aoi-clerk")
    assert desk.get(TOUR).status_code == 404
    assert desk.get(_split(own.code)).status_code == 404
    assert TOUR not in desk.text("/screens/MN00")
    assert "はじめての案内" not in desk.text("/login")


class _Demo:
    def __init__(self, office: Office, kind: str = "demo") -> None:
        self.path, self.kind = office.folder, kind


def _sit(office: Office, signins: SignIns, person: str) -> Desk:
    desk = Desk(office)
    desk.browser.cookies[COOKIE] = signins.by_demo(person).cookie
    return desk


def _split(code: str, a: str = "aoi-clerk", b: str = "asahi-clerk", screen: str = "CI20") -> str:
    return f"/demo/split?customer={code}&screen={screen}&a={a}&b={b}"


def _sides(text: str) -> tuple[str, str]:
    _, a, b, _ = text.split("<!-- side -->")
    return a, b


def test_one_address_as_two_persons_is_two_records(at_desk: Sit, own: Customer, admin: str) -> None:
    text = at_desk(None).text(_split(own.code))
    a, b = _sides(text)
    assert "aoi-clerk" in a
    assert "reader_retailer" in a
    assert "F 使用量" in a
    assert "月別使用量" in a
    assert "asahi-clerk" in b
    assert "該当するお客さまはない、または取り扱えません" in b
    assert "月別使用量" not in b
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    receipts = [re.search(r"<code>([A-Za-z0-9_-]{32})</code>", side)[1] for side in (a, b)]  # type: ignore[index]
    with psycopg.connect(admin) as behind:
        found = behind.execute(
            "SELECT p.code, t.screen, t.decision, o.digest IS NOT NULL FROM log.ticket t"
            " JOIN wall.person p ON p.id = t.person LEFT JOIN log.outcome o ON (o.day, o.receipt) = (t.day, t.receipt)"
            " WHERE t.receipt = ANY (%s) ORDER BY t.at",
            [receipts],
        ).fetchall()
    assert found == [("aoi-clerk", "CI20", "shown", True), ("asahi-clerk", "CI20", "hidden", True)]


def test_a_network_person_states_no_purpose_there(at_desk: Sit, own: Customer) -> None:
    a, b = _sides(at_desk(None).text(_split(own.code, a="td-contact", b="aoi-clerk")))
    assert "目的未申告" in a
    assert "月別使用量" not in a
    assert "月別使用量" in b


def test_the_sign_ins_of_a_split_end_with_it(at_desk: Sit, own: Customer, admin: str) -> None:
    open_now = "SELECT count(*) FROM wall.session WHERE ended IS NULL"
    with psycopg.connect(admin, autocommit=True) as behind:
        before = behind.execute(open_now).fetchone()
        at_desk(None).text(_split(own.code))
        assert behind.execute(open_now).fetchone() == before


@pytest.mark.parametrize(
    "extra", [{"REMOTE_ADDR": "192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, {"HTTP_FORWARDED": "for=192.0.2.1"}]
)
def test_a_split_is_only_for_this_machine(at_desk: Sit, own: Customer, extra: dict[str, str]) -> None:
    assert at_desk("aoi-clerk").get(_split(own.code), **extra).status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/demo/split", 400),
        ("/demo/split?customer=1&a=aoi-clerk&b=asahi-clerk", 400),
        (_split("12345678901234", a="nobody"), 404),
        (_split("12345678901234", screen="KS10"), 404),
        (_split("12345678901234", screen="AL20"), 404),
    ],
)
def test_what_a_split_does_not_take(at_desk: Sit, address: str, status: int) -> None:
    assert at_desk("aoi-clerk").get(address).status_code == status
