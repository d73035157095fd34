"""AD30 規則の変更と承認: two persons, a diff, an effect, a proof; and no way round the second person."""

import re
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.http import HttpResponseBase

from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import dsn
from tests.area import Area
from tests.web.conftest import Desk
from tests.web.test_administration import appoint, ids, problem, shown

AtDesk = Callable[[str | None], Desk]
PAGE = "/screens/AD30"


@pytest.fixture
def tomorrow(area: Area) -> str:
    return (area.today + timedelta(days=1)).isoformat()


@pytest.fixture
def later(area: Area) -> str:
    """A day of this test's own, so that no two proposals are the same."""
    later.days += 1  # type: ignore[attr-defined]
    return (area.today + timedelta(days=later.days)).isoformat()  # type: ignore[attr-defined]


later.days = 1  # type: ignore[attr-defined]


def propose(desk: Desk, on: str, **values: str) -> HttpResponseBase:
    given = {
        "do": "add",
        "duty": "network.metering",
        "relation": "any",
        "view": "current",
        "class": "E",
        "verdict": "show",
        "article": "電気事業法23条1項1号 計量",
        "on": on,
        "reason": "計量の業務",
    } | values
    return desk.form(PAGE, PAGE, **given)


def newest(home: Home) -> int:
    return int(asked(home, "SELECT max(id) FROM wall.proposal"))


def asked(home: Home, query: str) -> str:
    with psycopg.connect(dsn(home, DEPLOYER)) as connection:
        connection.execute("SET ROLE opener")
        row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


def decide(desk: Desk, number: int, verdict: str, comment: str = "") -> HttpResponseBase:
    return desk.form(PAGE, PAGE, do=verdict, proposal=str(number), comment=comment)


@pytest.mark.parametrize("person", ["td-intake", "td-contact", "aoi-clerk", "contractor-clerk"])
def test_only_the_two_duties_enter(at_desk: AtDesk, person: str) -> None:
    assert at_desk(person).get(PAGE).status_code == 403
    assert at_desk("td-admin").get(PAGE).status_code == 200
    assert at_desk("td-compliance").get(PAGE).status_code == 200


def test_a_proposal_shows_its_diff_its_effect_and_its_proof_and_is_approved_by_the_other(
    at_desk: AtDesk, home: Home, later: str
) -> None:
    answer = propose(at_desk("td-admin"), later)
    assert answer.status_code == 303, answer.content.decode()
    number = newest(home)
    text = at_desk("td-compliance").text(f"{PAGE}?proposal={number}")
    assert "見えるようになるます目 1、見えなくなるます目 0" in text
    assert "契約容量・契約種別" in text
    assert "4224 の問いのすべてに" in text
    rules = asked(
        home, "SELECT md5(string_agg(key || valid::text, ',' ORDER BY key)) FROM wall.rule WHERE until IS NULL"
    )
    answer = decide(at_desk("td-compliance"), number, "approved")
    assert answer.status_code == 303, answer.content.decode()
    assert len(asked(home, f"SELECT proof FROM wall.proposal WHERE id = {number}")) == 64
    # An approval is a record: the wall enforces what it enforced before.
    assert rules == asked(
        home, "SELECT md5(string_agg(key || valid::text, ',' ORDER BY key)) FROM wall.rule WHERE until IS NULL"
    )
    assert "すでに決まったか" in problem(decide(at_desk("td-compliance"), number, "refused", "やめる"))


def test_the_proposer_cannot_approve_and_the_approver_cannot_propose(at_desk: AtDesk, home: Home, later: str) -> None:
    propose(at_desk("td-admin"), later)
    number = newest(home)
    for verdict in ("approved", "refused"):
        assert decide(at_desk("td-admin"), number, verdict, "よい").status_code == 403
    assert asked(home, f"SELECT verdict IS NULL FROM wall.proposal WHERE id = {number}") == "True"
    desk = at_desk("td-compliance")
    assert propose(desk, later, view="past").status_code == 403
    assert newest(home) == number
    assert decide(desk, number, "withdrawn", "やめる").status_code == 403


def test_an_unlawful_change_is_not_approved(at_desk: AtDesk, home: Home, later: str) -> None:
    answer = propose(at_desk("td-admin"), later, duty="retail.clerk", relation="past", view="past", **{"class": "A"})
    assert answer.status_code == 303, answer.content.decode()
    number = newest(home)
    desk = at_desk("td-compliance")
    assert "承認できません" in desk.text(f"{PAGE}?proposal={number}")
    assert "検査に合格していない" in problem(decide(desk, number, "approved"))
    assert asked(home, f"SELECT verdict IS NULL FROM wall.proposal WHERE id = {number}") == "True"


def test_a_row_ends_by_a_proposal_and_its_effect_is_counted(at_desk: AtDesk, home: Home, later: str) -> None:
    key = "network.metering/any/current/S/show/2016-04-01"
    answer = propose(at_desk("td-admin"), later, do="end", key=key)
    assert answer.status_code == 303, answer.content.decode()
    text = at_desk("td-compliance").text(f"{PAGE}?proposal={newest(home)}")
    assert "見えるようになるます目 0、見えなくなるます目 1" in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"on": "2020-01-01"}, "適用日: 明日以降"),
        ({"on": ""}, "適用日: 明日以降"),
        ({"on": "あした"}, "適用日: 明日以降"),
        ({"duty": ""}, "職務: 選ばれていません"),
        ({"class": ""}, "データの種類: 選ばれていません"),
        ({"class": "A"}, "同じ行がその日にすでにあります"),
        ({"article": "なし"}, "根拠の条文: "),
        ({"reason": ""}, "理由: "),
        ({"do": "end", "key": ""}, "終える行: "),
        ({"do": "end", "key": "network.metering/any/current/J/show/2016-04-01"}, "終える行: "),
    ],
)
def test_bad_input_is_named_with_its_field(at_desk: AtDesk, tomorrow: str, values: dict[str, str], said: str) -> None:
    assert said in problem(propose(at_desk("td-admin"), **({"on": tomorrow} | values)))


def test_an_appointment_to_a_watching_duty_is_recorded_when_the_other_approves(at_desk: AtDesk, home: Home) -> None:
    admin = at_desk("td-admin")
    admin.form("/screens/AD10", "/screens/AD10", do="person", code="second-admin", name="試験 二人目")
    assert appoint(admin, "second-admin", employer="aoi-nw", duty="network.admin").status_code == 303
    number = newest(home)
    assert not ids(shown(admin, "second-admin"))
    assert decide(at_desk("td-compliance"), number, "approved").status_code == 303
    assert ids(shown(admin, "second-admin"))
    # Who is appointed by it proposes the end of the one who appointed them; the subject does not decide about it.
    second = at_desk("second-admin")
    former = re.findall(r"change=(\d+)", shown(second, "td-compliance"))[0]
    answer = second.form(
        "/screens/AD10",
        "/screens/AD10",
        do="appoint",
        person="td-compliance",
        retires=former,
        end="1",
        until="2099-01-01T00:00",
        reason="異動",
    )
    assert answer.status_code == 303, answer.content.decode()
    assert "自分の発令の申請は" in problem(decide(at_desk("td-compliance"), newest(home), "approved"))


def test_a_proposal_is_withdrawn_by_its_proposer_alone(at_desk: AtDesk, home: Home, later: str) -> None:
    propose(at_desk("td-admin"), later)
    number = newest(home)
    assert "決めた理由" in problem(decide(at_desk("td-admin"), number, "withdrawn"))
    assert decide(at_desk("td-admin"), number, "withdrawn", "誤り").status_code == 303
    assert "すでに決まったか" in problem(decide(at_desk("td-compliance"), number, "approved"))
