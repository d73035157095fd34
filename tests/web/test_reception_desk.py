"""UK10 受付一覧 and UK20 案件 1 件: what the network company's intake sees and does."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import Proof, SignIns
from takuso.doors.web.reception_desk.lists import Line, pairs
from takuso.flow.reception import operations
from takuso.flow.reception.model import Work
from takuso.flow.reception.queries import ApplicationLine
from tests.area import Area
from tests.reception.conftest import Desk as Reception
from tests.reception.conftest import Switch, desk, switch  # noqa: F401 - fixtures
from tests.web.conftest import Desk

AtDesk = Callable[[str | None], Desk]
LIST = "/screens/UK10"
ONE = "/screens/UK20"


@pytest.fixture
def relay(desk: Reception, switch: Switch) -> str:  # noqa: F811
    """受付番号 of a relay that waits for its answer."""
    number = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    return number


def seat(at_desk: AtDesk, person: str = "td-intake") -> Desk:
    """A browser with the purpose of lists."""
    made = at_desk(person)
    answer = made.form("/purpose", f"/purpose?next={LIST}", code="TOI", reference="TOI-1", next=LIST)
    assert answer.status_code == 303, answer.content.decode()
    return made


def rows(text: str) -> list[str]:
    return re.findall(r'<th scope="row" class="number"><a href="[^"]*">([0-9A-Z-]+)</a>', text)


def test_a_list_needs_its_purpose_and_shows_what_is_due(at_desk: AtDesk, relay: str) -> None:
    stranger = at_desk("td-intake")
    answer = stranger.get(f"{LIST}?list=all&from=x")
    assert (answer.status_code, answer["Location"].startswith("/purpose?next=")) == (303, True)
    text = seat(at_desk).text(LIST)
    assert relay in rows(text)
    assert "スイッチング廃止取次" in text
    assert "あさひ電力" in text
    assert "回答待ち" in text
    assert "名義" not in text.replace("契約名義", ""), "nothing of the customer but the number of the point"


@pytest.mark.parametrize("person", ["td-billing", "td-compliance", "aoi-manager", "asahi-clerk", "contractor-clerk"])
@pytest.mark.parametrize("path", [LIST, f"{ONE}?number=000000-0000000000"])
def test_nobody_else_enters(at_desk: AtDesk, person: str, path: str) -> None:
    assert at_desk(person).get(path).status_code == 403


def test_whoever_only_reads_takes_nothing(at_desk: AtDesk, relay: str) -> None:
    reader = seat(at_desk, "td-contact")
    assert "次へ" not in re.sub(r"<template.*?</template>|<dialog.*?</dialog>", "", reader.text(LIST), flags=re.DOTALL)
    assert reader.form(LIST, LIST, do="next").status_code == 403


def take(gate: Gate, proof: Proof, after: str | None = None) -> str:
    return gate.administer(
        Visit(proof=proof, screen="UK10"),
        action=operations.HANDLE,
        statement=operations.TAKE_NEXT,
        parameters={"action": operations.HANDLE, "after": after},
    )


def test_two_people_never_get_the_same_case(desk: Reception, area: Area, today: date, signins: SignIns) -> None:  # noqa: F811
    """Eight sign-ins press at once, on as many connections as the pool has; then each goes on behind its own."""
    for _ in range(10):
        customer = area.add("own")
        desk.file("asahi-clerk", Switch(customer=customer, day=today + timedelta(days=21)).relay())
    desk.turn()
    proofs = [signins.by_demo("td-intake") for _ in range(8)]
    ready = threading.Barrier(len(proofs))

    def press(proof: Proof) -> str:
        ready.wait()
        return take(desk.gate, proof)

    with ThreadPoolExecutor(len(proofs)) as people:
        taken = list(people.map(press, proofs))
    assert "" not in taken
    assert len(set(taken)) == len(taken)
    on = take(desk.gate, proofs[0], taken[0])
    assert on not in taken[1:]
    assert on != taken[0]
    free = take(desk.gate, signins.by_demo("td-intake"))
    assert free not in taken[1:], "what was let go may be taken again, what others have not"


def test_a_case_that_is_being_taken_is_passed_over_without_waiting(
    desk: Reception,  # noqa: F811
    area: Area,
    today: date,
    signins: SignIns,
    admin: str,
) -> None:
    """Two real connections: one has locked the first case of the inbox and is not done; the other gets the second."""
    for _ in range(2):
        desk.file("asahi-clerk", Switch(customer=area.add("own"), day=today + timedelta(days=21)).relay())
    desk.turn()
    one, other = signins.by_demo("td-intake"), signins.by_demo("td-intake")
    first = take(desk.gate, one)
    with psycopg.connect(admin) as locking:
        locking.execute("DELETE FROM reception.taken WHERE session = sha256(%s)", [one.secret])
        locking.commit()
        locking.execute("SELECT FROM reception.application WHERE number = %s FOR UPDATE", [first])
        assert take(desk.gate, other) not in ("", first)


def test_a_case_is_free_again_after_a_quarter_of_an_hour(
    desk: Reception,  # noqa: F811
    relay: str,
    signins: SignIns,
    admin: str,
) -> None:
    one, other = signins.by_demo("td-intake"), signins.by_demo("td-intake")
    taken = take(desk.gate, one)
    assert take(desk.gate, other) != taken
    with psycopg.connect(admin, autocommit=True) as clock:
        (left,) = clock.execute(
            "SELECT until - clock_timestamp() FROM reception.taken WHERE session = sha256(%s)", [one.secret]
        ).fetchone() or (timedelta(0),)
        assert timedelta(minutes=14) < left <= timedelta(minutes=15)
        clock.execute("UPDATE reception.taken SET until = clock_timestamp() WHERE session = sha256(%s)", [one.secret])
    assert take(desk.gate, other) == taken
    assert relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """受付番号 of a relay and of both halves of its switch."""

    relay: str
    start: str
    end: str


def file_pair(desk: Reception, switch: Switch, work: Work = Work.NONE) -> Pair:  # noqa: F811
    relay = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    desk.answer("aoi-clerk", relay, "agree")
    desk.turn()
    start = desk.file("asahi-clerk", replace(switch.start(relay), work=work))
    end = desk.file("aoi-clerk", switch.end(relay))
    desk.turn()
    return Pair(relay=relay, start=start, end=end)


def opened(at_desk: AtDesk, number: str, person: str = "td-intake") -> Desk:
    """A browser that goes from the case to the purpose, which is filled in already, and back."""
    made = at_desk(person)
    asked = made.get(f"{ONE}?number={number}")
    assert (asked.status_code, asked["Location"][:9]) == (303, "/purpose?")
    form = made.text(asked["Location"])
    assert '<option value="IDO" selected>' in form
    assert f'name="reference" value="{number}"' in form
    answer = made.form("/purpose", asked["Location"], code="IDO", reference=number, next=f"{ONE}?number={number}")
    assert (answer.status_code, answer["Location"]) == (303, f"{ONE}?number={number}")
    return made


def test_a_case_is_shown_whole_under_a_purpose_for_its_customer(
    at_desk: AtDesk,
    desk: Reception,  # noqa: F811
    switch: Switch,  # noqa: F811
    admin: str,
) -> None:
    pair = file_pair(desk, switch)
    intake = opened(at_desk, pair.start)
    text = intake.text(f"{ONE}?number={pair.start}")
    (point,) = switch.customer.points
    for said in (
        "スイッチング開始",
        "効力日待ち",
        f"名義印{point}",
        f"梅田印{point}",
        "ASAHI-1",
        f"計印{point}",
        pair.end,
    ):
        assert said in text
    assert re.findall("照合が揃う|効力日を確定する", text) == ["照合が揃う", "効力日を確定する"]
    assert "あさひ電力" in text.split("変わったあと")[1].split("</table>")[0], "who will supply"
    times = text.split('id="times-title"')[1].split("</table>")[0]
    assert re.findall('<th scope="row">(.*?)</th>', times) == ["予定", "現在"]
    with psycopg.connect(admin) as eyes:
        stated = eyes.execute("SELECT scope, verified FROM wall.stated_purpose WHERE reference = %s", [pair.start])
        assert stated.fetchall() == [(switch.customer.code, True)], "for the customer, and borne out by the case"
    assert intake.get(f"/screens/CI10?customer={switch.customer.code}").status_code == 200
    other = desk.file("asahi-clerk", Switch(customer=switch.customer, day=switch.day).relay())
    assert intake.get(f"{ONE}?number={other}").status_code == 200, "another of the same customer"


def test_a_number_is_asked_for_and_an_unknown_one_is_said_to_be_none(at_desk: AtDesk) -> None:
    intake = seat(at_desk)
    assert 'name="number"' in intake.text(ONE)
    wrong = intake.get(f"{ONE}?number=12")
    assert (wrong.status_code, "受付番号: 6桁の数字" in wrong.content.decode()) == (400, True)
    none = intake.text(f"{ONE}?number=０００１０１-abcdefghjk")
    assert "この受付番号の案件はありません" in none
    assert "000101-ABCDEFGHJK" in none


def test_work_is_ordered_and_done(at_desk: AtDesk, desk: Reception, switch: Switch) -> None:  # noqa: F811
    pair = file_pair(desk, switch, Work.METER)
    intake, path = opened(at_desk, pair.start), f"{ONE}?number={pair.start}"
    assert "工事を手配する</button>" in intake.text(path)
    page = intake.text(f"{path}&order=order-work")
    assert "照合済 → 工事手配中" in page
    assert "指示の確認: 工事を手配する" in page
    order = {"do": "order", "number": pair.start, "order": "order-work"}
    done = intake.form(ONE, f"{path}&order=order-work", **order)
    assert (done.status_code, "done=order-work" in done["Location"]) == (303, True)
    again = intake.form(ONE, path, **order)
    assert (again.status_code, "先の指示の処理を待っています" in again.content.decode()) == (400, True)
    desk.turn()
    text = intake.text(path)
    assert "工事手配中" in text
    assert "工事を手配する</button>" not in text
    assert "工事が終わったことを記録する</button>" in text
    assert "工事ができないことを記録する</button>" in text
    assert "この指示は、いまの状態ではできません" in intake.text(f"{path}&order=order-work")
    intake.form(ONE, path, do="order", number=pair.start, order="work-done")
    desk.turn()
    assert "効力日待ち" in intake.text(path)


def test_whoever_only_reads_a_case_orders_nothing(at_desk: AtDesk, desk: Reception, switch: Switch) -> None:  # noqa: F811
    pair = file_pair(desk, switch, Work.METER)
    contact, path = opened(at_desk, pair.start, "td-contact"), f"{ONE}?number={pair.start}"
    assert "工事を手配する</button>" not in contact.text(path)
    assert 'id="order-form"' not in contact.text(f"{path}&order=order-work")
    answer = contact.form(ONE, path, do="order", number=pair.start, order="order-work")
    assert answer.status_code == 403


def test_a_correction_is_simulated_before_it_is_ordered(at_desk: AtDesk, desk: Reception, switch: Switch) -> None:  # noqa: F811
    pair = file_pair(desk, switch)
    path = f"{ONE}?number={pair.start}"
    try:
        desk.night(switch.day)
        desk.turn()
        intake = opened(at_desk, pair.start)
        assert "訂正する</button>" in intake.text(path)
        page = intake.text(f"{path}&order=correct")
        assert "訂正の試算です。まだ何も変わっていません" in page
        old, new = re.findall(r"<td>(.*?)</td>", page.split("<caption")[1].split("</table>")[0], re.DOTALL)
        assert re.findall("葵電力|あさひ電力", old) == ["あさひ電力", "葵電力"]
        assert re.findall("葵電力|あさひ電力", new) == ["葵電力"]
        assert desk.sees("asahi-clerk", switch.customer), "nothing has changed yet"
        intake.form(ONE, path, do="order", number=pair.start, order="correct")
        desk.turn()
        assert "訂正済" in intake.text(path)
        assert desk.sees("aoi-clerk", switch.customer)
    finally:
        desk.dawn(switch.customer)


def test_both_halves_stand_side_by_side_under_their_relay(
    at_desk: AtDesk,
    desk: Reception,  # noqa: F811
    switch: Switch,  # noqa: F811
) -> None:
    relay = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    desk.answer("aoi-clerk", relay, "agree")
    desk.turn()
    start = desk.file("asahi-clerk", switch.start(relay))
    desk.turn()
    text = seat(at_desk).text(f"{LIST}?list=matching")
    row = text.split(f'<th scope="row" class="number">{relay}</th>')[1].split("</tr>")[0]
    assert start in row
    assert "このページにありません" in row, "the other half has not come"


def test_pairs_have_a_place_for_each_half() -> None:
    halves = [half("switch-start", "1"), half("switch-end", "1"), half("switch-end", "2")]
    found = [(one.relay, one.start and one.start.href, one.end and one.end.href) for one in pairs(halves)]
    assert found == [("1", "switch-start 1", "switch-end 1"), ("2", None, "switch-end 2")]


def half(procedure: str, relay: str) -> Line:
    day = date(2026, 11, 28)
    at = datetime(2026, 11, 28, tzinfo=UTC)
    row = ApplicationLine(
        application=1, point=1, supply_point=None, number="n", procedure=procedure, sender="aoi", sender_name="葵電力",
        content={"relay": relay}, day=day, received_at=at, amended_at=None, state="awaiting-counterpart", since=at,
        due=day, partner="", refusals=[], via="screen", open=True,
    )  # fmt: skip
    return Line(row=row, href=f"{procedure} {relay}", procedure=procedure, supply_point="", state="", late=False,
                today=False, taken=None)  # fmt: skip


ENTER = "/screens/UK30"


def _paper(relay: str, sender: str) -> dict[str, str]:
    return {
        "procedure": "amendment",
        "sender": sender,
        "concerns": relay,
        "change": "取り消す",
        "desired_on": "",
        "wished": "",
    }


def test_the_intake_enters_what_came_on_paper(at_desk: AtDesk, relay: str, admin: str) -> None:
    intake = seat(at_desk)
    assert f'href="{ENTER}?from=' in intake.text(LIST)
    assert "その会社の名義で入力します" in intake.text(ENTER)
    checked = intake.form(ENTER, ENTER, do="check", **_paper(relay, " ＡＳＡＨＩ ")).content.decode()
    assert '<dd lang="ja"><code>asahi</code></dd>' in checked
    sent = dict(
        re.findall(
            r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">',
            checked.partition('id="file-form"')[2].partition("</form>")[0],
        )
    )
    filed = intake.form(ENTER, ENTER, **{name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"})
    assert filed.status_code == 303, filed.content.decode()
    assert filed["Location"].startswith(f"{ONE}?number=")
    number = filed["Location"].partition("number=")[2][:17]
    with psycopg.connect(admin) as behind:
        row = behind.execute(
            "SELECT o.code, p.code, a.via FROM reception.application a JOIN wall.org o ON o.id = a.sender"
            " JOIN wall.person p ON p.id = a.person WHERE a.number = %s",
            [number],
        ).fetchone()
    assert row == ("asahi", "td-intake", "paper")
    assert number in at_desk("asahi-clerk").text("/screens/RT10"), "the retailer finds it among its own"


@pytest.mark.parametrize(
    ("sender", "said"),
    [("", "英小文字"), ("あ" * 50, "英小文字"), ("nobody-here", "申込書を確かめて"), ("aoi-nw", "申込書を確かめて")],
)
def test_a_sender_that_is_no_retailer(at_desk: AtDesk, relay: str, sender: str, said: str) -> None:
    intake = seat(at_desk)
    key = {"do": "file", "key": f"{abs(hash(sender)):032x}"[:32]}
    answer = intake.form(ENTER, ENTER, **_paper(relay, sender), **key)
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_nobody_else_enters_for_others(at_desk: AtDesk, relay: str) -> None:
    for person in ("td-contact", "aoi-clerk", "asahi-clerk"):
        answer = at_desk(person).get(ENTER)
        assert answer.status_code in (303, 403)
    assert seat(at_desk, "td-contact").get(ENTER).status_code == 403
    assert (
        at_desk("asahi-clerk")
        .form("/screens/RT40", "/screens/RT40", do="file", key="0" * 32, **_paper(relay, "aoi"))
        .status_code
        == 303
    )
    own = at_desk("asahi-clerk").text("/screens/RT10")
    assert relay in own, "a sender that a retailer writes into its own form counts for nothing"


def test_an_order_that_cannot_be_carried_out_says_why(
    at_desk: AtDesk,
    desk: Reception,  # noqa: F811
    relay: str,
) -> None:
    intake = opened(at_desk, relay)
    assert "実施していない指示・回答" not in intake.text(f"{ONE}?number={relay}")
    desk.order("td-intake", relay, "work-done")
    waiting = intake.text(f"{ONE}?number={relay}").partition("実施していない指示・回答")[2].partition("</section>")[0]
    assert "葵送配電" in waiting
    assert "処理を待っています" in waiting
    desk.turn()
    undone = intake.text(f"{ONE}?number={relay}").partition("実施していない指示・回答")[2].partition("</section>")[0]
    assert "実施できませんでした" in undone
    assert re.search(r"[A-Z]\d\d ", undone), "the code of the refusal"
    assert "実施できませんでした" not in at_desk("asahi-clerk").text(f"/screens/RT20?number={relay}")
