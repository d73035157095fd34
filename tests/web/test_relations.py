"""AD20 会社と関係 and AD40 画面の登録簿: companies, affiliates, chains of contractors; every screen by version."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from django.http import HttpResponseBase

from tests.web.conftest import Desk
from tests.web.test_administration import appoint, ids, problem, shown

AtDesk = Callable[[str | None], Desk]
PAGE = "/screens/AD20"
_NUMBERS = count(1)


@pytest.fixture
def admin(at_desk: AtDesk) -> Desk:
    return at_desk("td-admin")


@pytest.fixture
def contractor(admin: Desk) -> str:
    """A contractor without a principal."""
    code = f"helper-{next(_NUMBERS)}"
    answer = admin.form(PAGE, PAGE, do="company", code=code, name=f"試験 {code}", kind="contractor", registered="")
    assert answer.status_code == 303, answer.content.decode()
    return code


def relate(desk: Desk, one: str, other: str, **values: str) -> HttpResponseBase:
    given = {"relation": "contracting", "since": "2026-04-01", "until": "", "reason": "委託契約"} | values
    return desk.form(PAGE, PAGE, do="relate", one=one, other=other, **given)


def newest(desk: Desk, kind: str) -> str:
    return max(re.findall(rf"relation={kind}&amp;retires=(\d+)", desk.text(PAGE)), key=int)


@pytest.mark.parametrize("person", ["td-compliance", "td-intake", "aoi-manager", "contractor-clerk"])
@pytest.mark.parametrize("screen", ["AD20", "AD40"])
def test_nobody_else_enters(at_desk: AtDesk, person: str, screen: str) -> None:
    assert at_desk(person).get(f"/screens/{screen}").status_code == 403
    assert at_desk("td-admin").get(f"/screens/{screen}").status_code == 200


def test_a_chain_goes_over_more_than_one_contractor_and_bounds_the_appointment(admin: Desk, contractor: str) -> None:
    assert relate(admin, contractor, "aoi-service", until="2027-04-01").status_code == 303
    admin.form("/screens/AD10", "/screens/AD10", do="person", code=f"by-{contractor}", name="試験 再委託")
    values = {"employer": contractor, "principal": "aoi", "duty": "retail.contractor"}
    assert "委託関係がありません" in problem(appoint(admin, f"by-{contractor}", **values))
    assert appoint(admin, f"by-{contractor}", **values, until="2027-04-01T00:00").status_code == 303
    # The chain that is needed stays; without the appointment it ends.
    chain = newest(admin, "contracting")
    end = {"do": "end", "relation": "contracting", "retires": chain, "until": "2026-12-01", "reason": "解約"}
    assert f"by-{contractor}" in problem(admin.form(PAGE, PAGE, **end))
    number = ids(shown(admin, f"by-{contractor}"))[0]
    ended = admin.form("/screens/AD10", "/screens/AD10", do="appoint", person=f"by-{contractor}", retires=number,
                       end="1", until="2026-12-01T00:00", reason="解約")  # fmt: skip
    assert ended.status_code == 303
    assert admin.form(PAGE, PAGE, **end).status_code == 303
    assert f"→ {newest(admin, 'contracting')}" in admin.text(PAGE)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"since": "2026-05-01"}, "期間が重なります(2026/04/01(水)〜)"),
        ({"since": ""}, "開始日: "),
        ({"since": "あした"}, "開始日: "),
        ({"since": "2020-01-01", "until": "2020-01-01"}, "終了日の翌日: "),
        ({"reason": ""}, "理由: "),
        ({"other": "nobody"}, "会社: 委託関係は"),
        ({"relation": "marriage"}, "関係: 一覧から"),
        ({"relation": "affiliation"}, "会社: 特定関係事業者は"),
    ],
)
def test_bad_relations_are_named_with_their_field(
    admin: Desk, contractor: str, values: dict[str, str], said: str
) -> None:
    assert relate(admin, contractor, "aoi").status_code == 303
    given = {"other": "aoi"} | values
    assert said in problem(relate(admin, contractor, given.pop("other"), **given))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"code": "A"}, "会社コード: 英小文字"),
        ({"code": "aoi"}, "会社コード: すでに"),
        ({"name": ""}, "名称: "),
        ({"kind": "network"}, "種類: "),
        ({"registered": ""}, "登録番号: 小売だけに"),
        ({"kind": "contractor"}, "登録番号: 小売だけに"),
    ],
)
def test_bad_companies_are_named_with_their_field(admin: Desk, values: dict[str, str], said: str) -> None:
    given = {"code": "fresh", "name": "試験でんき", "kind": "retailer", "registered": "A0001"} | values
    assert said in problem(admin.form(PAGE, PAGE, do="company", **given))


def test_the_register_of_screens_tells_classes_actions_and_links(admin: Desk) -> None:
    text = admin.text("/screens/AD40")
    row = re.search(r'<th scope="row">CI10</th>.*?</tr>', text, re.DOTALL)
    assert row
    assert "注意情報" in row[0]
    assert "PC10" in row[0]
    assert "office.write" in text
    assert admin.form("/screens/AD40", "/screens/AD10", do="anything").status_code in (200, 405)
