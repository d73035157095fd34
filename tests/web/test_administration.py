"""管理の画面: who may enter, what they show, and what an administrator cannot do to their own rights."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import urlencode

import psycopg
import pytest
from django.http import HttpResponseBase

from takuso.barrier.gate import Gate, SignInNeeded, Visit
from takuso.barrier.signin import SignIns
from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import dsn
from tests.web.conftest import Desk

AtDesk = Callable[[str | None], Desk]
OTHERS = (
    "td-intake", "td-contact", "td-metering", "td-billing", "td-accounting", "aoi-clerk", "aoi-manager",
    "contractor-clerk", "asahi-clerk",
)  # fmt: skip
_NUMBERS = count(1)


@pytest.fixture
def admin(at_desk: AtDesk) -> Desk:
    """The administrator of the demo."""
    return at_desk("td-admin")


@pytest.fixture
def person(admin: Desk) -> str:
    """A person without an appointment."""
    code = f"new-{next(_NUMBERS)}"
    answer = admin.form("/screens/AD10", "/screens/AD10", do="person", code=code, name=f"試験 {code}")
    assert answer.status_code == 303, answer.content.decode()
    return code


def appoint(desk: Desk, person: str, **values: str) -> HttpResponseBase:
    given = {"employer": "asahi", "principal": "", "duty": "retail.clerk", "since": "2026-04-01T00:00", "until": "",
             "reason": "配属"} | values  # fmt: skip
    return desk.form("/screens/AD10", "/screens/AD10", do="appoint", person=person, **given)


def problem(answer: HttpResponseBase) -> str:
    """The error summary of a form that was not taken."""
    assert answer.status_code == 400, answer.content.decode()
    found = re.search(r'id="problems".*?</section>', answer.content.decode(), re.DOTALL)
    assert found
    return found[0]


def shown(desk: Desk, person: str, **more: str) -> str:
    return desk.text(f"/screens/AD10?{urlencode({'person': person} | more)}")


def ids(text: str) -> list[str]:
    """Numbers of the appointments that stand."""
    return re.findall(r"change=(\d+)", text)


def test_persons_are_listed_for_the_administrator(admin: Desk) -> None:
    page = admin.get("/screens/AD10")
    assert page.status_code == 200
    assert "person=aoi-clerk" in page.content.decode()
    # Other tests' people may fill the first page.
    text = admin.form("/screens/AD10", "/screens/AD10", do="find", term="td-compliance").content.decode()
    assert "person=td-compliance" in text
    assert "情報管理・監査" in text


@pytest.mark.parametrize("person", OTHERS)
def test_nobody_else_enters_and_the_attempt_is_recorded(at_desk: AtDesk, home: Home, person: str) -> None:
    before = refusals(home)
    page = at_desk(person).get("/screens/AD10")
    assert page.status_code == 403
    text = page.content.decode()
    assert "この画面を開けません" in text
    assert "person=td-compliance" not in text
    assert refusals(home) == before + 1
    assert ' href="/screens/AD10' not in at_desk(person).text("/screens/MN00")


def refusals(home: Home) -> int:
    with psycopg.connect(dsn(home, DEPLOYER)) as connection:
        connection.execute("SET ROLE opener")
        row = connection.execute(
            "SELECT count(*) FROM log.ticket WHERE kind = 'office' AND decision = 'refused' AND screen = 'AD10'"
        ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("other", ["td-compliance", "td-intake", "aoi-manager"])
def test_nobody_else_appoints_with_the_form_of_an_administrator(at_desk: AtDesk, person: str, other: str) -> None:
    desk = at_desk(other)
    answer = desk.form(
        "/screens/AD10", "/screens/MN00", do="appoint", person=person, employer="asahi", duty="retail.clerk",
        since="2026-04-01T00:00", reason="配属",
    )  # fmt: skip
    assert answer.status_code == 403
    assert not ids(shown(at_desk("td-admin"), person))


def test_search_finds_by_part_of_a_name_and_keeps_it_out_of_the_address(admin: Desk, person: str) -> None:
    found = admin.form("/screens/AD10", "/screens/AD10", do="find", term=f"試験{person}")
    text = found.content.decode()
    assert f">{person}</a>" in text
    assert "person=td-compliance" not in text


def test_an_appointment_is_registered_and_shown_with_its_reason_and_receipt(admin: Desk, person: str) -> None:
    answer = appoint(admin, person, reason="四月の配属")
    assert answer.status_code == 303, answer.content.decode()
    text = admin.text(answer["Location"])
    assert "記録しました" in text
    assert "あさひ電力" in text
    assert "四月の配属" in text


def test_the_appointed_person_signs_in_only_while_the_appointment_lasts(
    admin: Desk, person: str, signins: SignIns, gate: Gate
) -> None:
    appoint(admin, person)
    proof = signins.by_demo(person)
    assert gate.look(Visit(proof=proof, screen="MN00"), render=lambda _: b"x").shown
    number = ids(shown(admin, person))[0]
    soon = datetime.now(UTC).astimezone() + timedelta(days=400)
    later = admin.form("/screens/AD10", "/screens/AD10", do="appoint", person=person, retires=number, end="1",
                       until=f"{soon:%Y-%m-%dT%H:%M}", reason="退職予定")  # fmt: skip
    assert later.status_code == 303, later.content.decode()
    # An end that lies ahead leaves the sign-in alone …
    assert gate.look(Visit(proof=proof, screen="MN00"), render=lambda _: b"x").shown
    number = ids(shown(admin, person))[0]
    past = admin.form("/screens/AD10", "/screens/AD10", do="appoint", person=person, retires=number, end="1",
                      until="2026-05-01T00:00", reason="退職")  # fmt: skip
    assert past.status_code == 303, past.content.decode()
    # … and one that has come ends it.
    with pytest.raises(SignInNeeded):
        gate.look(Visit(proof=proof, screen="MN00"), render=lambda _: b"x")


def test_a_correction_retires_the_former_row_and_both_answers_stay(admin: Desk, person: str, signins: SignIns) -> None:
    appoint(admin, person)
    signins.by_demo(person)
    number = ids(shown(admin, person))[0]
    answer = appoint(admin, person, retires=number, employer="hikari", reason="会社の誤り")
    assert answer.status_code == 303, answer.content.decode()
    text = shown(admin, person)
    assert "あさひ電力" in text
    assert f"→ {ids(text)[0]}" in text
    then = re.search(r"その時点の記録では</h3>(.*?)</div>", shown(admin, person, at="2026-04-02T00:00"), re.DOTALL)
    now = re.search(r"いまの記録では</h3>(.*?)</div>", shown(admin, person, at="2026-04-02T00:00"), re.DOTALL)
    assert then
    assert now
    assert "発令はありません" in then[1]
    assert "ひかりエナジー" in now[1]


def test_a_row_that_somebody_else_changed_meanwhile_is_not_changed_again(admin: Desk, person: str) -> None:
    appoint(admin, person)
    number = ids(shown(admin, person))[0]
    assert appoint(admin, person, retires=number, employer="hikari").status_code == 303
    assert "ほかの人が先に変えました" in problem(appoint(admin, person, retires=number, employer="tsubame"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"duty": ""}, "職務: 選ばれていません"),
        ({"duty": "network.everything"}, "職務: 選ばれていません"),
        ({"since": ""}, "開始: "),
        ({"since": "あした"}, "開始: 2026-12-01T09:00 の形"),
        ({"until": "2026-03-31T00:00"}, "終了: 開始より後"),
        ({"reason": ""}, "理由: "),
        ({"employer": "nobody"}, "会社: 登録されていない会社"),
        ({"duty": "network.contact"}, "職務: 会社の種類と合いません"),
        ({"employer": "aoi-nw"}, "職務: 会社の種類と合いません"),
        ({"employer": "aoi-service", "duty": "retail.contractor"}, "委託元: 委託先の人には"),
        ({"principal": "aoi"}, "委託元: 委託元を指定できるのは"),
        ({"employer": "aoi-service", "principal": "hikari", "duty": "retail.contractor"}, "委託関係がありません"),
        ({"employer": "aoi-service", "principal": "aoi", "duty": "retail.contractor", "since": "1999-01-01T00:00"},
         "委託関係がありません"),
    ],
)  # fmt: skip
def test_bad_input_is_named_with_its_field(admin: Desk, person: str, values: dict[str, str], said: str) -> None:
    assert said in problem(appoint(admin, person, **values))
    assert not ids(shown(admin, person))


def test_a_contractor_is_appointed_in_the_name_of_its_principal(admin: Desk, person: str) -> None:
    answer = appoint(admin, person, employer="aoi-service", principal="aoi", duty="retail.contractor")
    assert answer.status_code == 303, answer.content.decode()


def test_an_overlap_is_named_with_both_dates(admin: Desk, person: str) -> None:
    assert appoint(admin, person, until="2026-10-01T00:00").status_code == 303
    said = problem(appoint(admin, person, since="2026-09-30T23:59", duty="retail.manager"))
    assert "2026/04/01(水) 00:00" in said
    assert "2026/10/01(木) 00:00" in said
    assert appoint(admin, person, since="2026-10-01T00:00", duty="retail.manager").status_code == 303


@pytest.mark.parametrize("duty", ["network.contact", "network.admin", "network.compliance"])
def test_an_administrator_cannot_appoint_themselves(admin: Desk, duty: str) -> None:
    before = ids(shown(admin, "td-admin"))
    said = problem(appoint(admin, "td-admin", employer="aoi-nw", duty=duty))
    assert "自分自身の発令はできません" in said
    assert ids(shown(admin, "td-admin")) == before


def test_an_administrator_cannot_touch_their_own_appointment(admin: Desk, home: Home) -> None:
    own = id_of(home, "td-admin")
    said = problem(admin.form("/screens/AD10", "/screens/AD10", do="appoint", person="td-admin", retires=str(own),
                              end="1", until="2099-01-01T00:00", reason="延ばす"))  # fmt: skip
    assert "自分自身の発令はできません" in said
    # nor by calling it another person's
    said = problem(admin.form("/screens/AD10", "/screens/AD10", do="appoint", person="td-intake", retires=str(own),
                              end="1", until="2099-01-01T00:00", reason="延ばす"))  # fmt: skip
    assert "ほかの人が先に変えました" in said
    assert id_of(home, "td-admin") == own


def id_of(home: Home, person: str) -> int:
    with psycopg.connect(dsn(home, DEPLOYER)) as connection:
        connection.execute("SET ROLE opener")
        row = connection.execute(
            "SELECT max(a.id) FROM wall.appointment a JOIN wall.person p ON p.id = a.person WHERE p.code = %s"
            " AND a.recorded_to = 'infinity'",
            [person],
        ).fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize("duty", ["network.admin", "network.compliance"])
def test_a_duty_that_watches_or_administers_is_only_proposed(admin: Desk, person: str, duty: str) -> None:
    answer = appoint(admin, person, employer="aoi-nw", duty=duty)
    assert answer.status_code == 303, answer.content.decode()
    text = admin.text(answer["Location"])
    assert "承認するまで" in text
    assert not ids(text)


def test_to_take_the_watcher_out_is_only_proposed(admin: Desk, home: Home) -> None:
    watcher = id_of(home, "td-compliance")
    answer = admin.form("/screens/AD10", "/screens/AD10", do="appoint", person="td-compliance", retires=str(watcher),
                        end="1", until="2026-04-02T00:00", reason="追い出す")  # fmt: skip
    assert answer.status_code == 303
    assert "承認するまで" in admin.text(answer["Location"])
    assert id_of(home, "td-compliance") == watcher
    assert at_desk_works(home, "td-compliance")


def at_desk_works(home: Home, person: str) -> bool:
    with psycopg.connect(dsn(home, DEPLOYER)) as connection:
        connection.execute("SET ROLE opener")
        row = connection.execute("SELECT wall.current_appointment(%s)", [person]).fetchone()
    return bool(row)
