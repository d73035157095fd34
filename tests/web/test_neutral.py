"""Hidden equals absent: one page, whatever the reason."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from takuso.doors.web.definitions import CUSTOMER_SCREENS
from tests.area import Area
from tests.web.conftest import Desk, fixed

Sit = Callable[[str | None], Desk]
SENTENCE = "該当するお客さまはない、または取り扱えません"
RETAIL = ["aoi-clerk", "aoi-manager", "contractor-clerk"]


@pytest.mark.parametrize("person", RETAIL)
@pytest.mark.parametrize("screen", [s.code for s in CUSTOMER_SCREENS if s.code != "PC10"])
def test_hidden_absent_and_lost_are_the_same_bytes(at_desk: Sit, area: Area, person: str, screen: str) -> None:
    desk = at_desk(person)
    codes = [area.add(kind).code for kind in ("foreign", "switched", "ended", "vacant", "incoming")]
    pages = {}
    for code in [*codes, "99999999999999"]:
        answer = desk.get(f"/screens/{screen}?customer={code}")
        assert answer.status_code == 200
        pages[code] = fixed(answer.content.decode(), code)
    assert SENTENCE in pages[codes[0]]
    assert len(set(pages.values())) == 1


def test_the_headers_are_the_same_too(at_desk: Sit, area: Area) -> None:
    desk = at_desk("aoi-clerk")
    foreign = area.add("foreign").code
    hidden, absent = (desk.get(f"/screens/CI20?customer={code}") for code in (foreign, "99999999999998"))
    assert {**hidden.headers} == {**absent.headers}
    assert sorted(hidden.cookies) == sorted(absent.cookies)


def test_the_code_is_repeated_as_plain_digits(at_desk: Sit, area: Area) -> None:
    code = area.add("foreign").code
    typed = f"{code[:2]}－{code[2:]}".translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})
    body = at_desk("aoi-clerk").get("/screens/CI10", QUERY_STRING=f"customer={quote(typed)}").content.decode()
    assert SENTENCE in body
    assert set(re.findall(r"[0-9０-９－-]{14,15}(?![A-Za-z0-9_-])", body)) >= {code}
    assert typed not in body


@pytest.mark.parametrize("kind", ["foreign", "vacant", "never-supplied", "incoming"])
def test_past_contracts_of_others_are_the_neutral_page(at_desk: Sit, area: Area, kind: str) -> None:
    desk = at_desk("aoi-clerk")
    code = area.add(kind).code
    bodies = {fixed(desk.text(f"/screens/PC10?customer={c}"), c) for c in (code, "99999999999997")}
    assert len(bodies) == 1
    body = bodies.pop()
    assert SENTENCE in body
    notice = body.partition("次にできること")[2].partition("</ul>")[0]
    assert "/screens/KS10" in notice
    assert "PC10" not in notice, "no step leads back to the very same page"


@pytest.mark.parametrize("screen", [s.code for s in CUSTOMER_SCREENS if s.code != "PC10"])
def test_the_neutral_page_of_today_leads_to_past_contracts(at_desk: Sit, area: Area, screen: str) -> None:
    code = area.add("foreign").code
    body = at_desk("aoi-clerk").text(f"/screens/{screen}?customer={code}")
    assert f"/screens/PC10?customer={code}" in body.partition("次にできること")[2].partition("</ul>")[0]


def test_a_search_tells_nothing_of_others(at_desk: Sit, area: Area) -> None:
    desk = at_desk("hikari-clerk")
    foreign = area.add("foreign")
    kana = "".join("アイウエオカキクケコ"[int(d)] for d in str(foreign.points[0]))
    found, nothing = (
        desk.form("/screens/KS10", page="/screens/KS10", how="kana", term=term).content.decode()
        for term in (f"シルシ{kana}", "シルシヌヌヌヌヌヌヌヌヌヌ"[: 3 + len(kana)])
    )
    assert fixed(found, f"シルシ{kana}") == fixed(nothing, "シルシヌヌヌヌヌヌヌヌヌヌ"[: 3 + len(kana)])
