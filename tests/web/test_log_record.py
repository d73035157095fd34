"""AL11 閲覧記録 1 件 and AL40 権限の棚卸し: for the one duty; a record with its path and the row that decided it."""

import re
from collections.abc import Callable

import pytest

from takuso.barrier.matrix import DUTY_NAMES, RULES, Duty
from tests.area import PERSONS, Customer
from tests.web.conftest import Desk

At = Callable[[str | None], Desk]
RECEIPT = re.compile(r"<p>受付番号 <code>([A-Za-z0-9_-]{32})</code></p>")


def _receipt(text: str) -> str:
    found = RECEIPT.search(text)
    assert found
    return found[1]


def _section(text: str, title: str) -> str:
    found = re.search(rf'<section class="panel[^>]*aria-labelledby="{title}".*?</section>', text, re.DOTALL)
    assert found, title
    return found[0]


def _path(at_desk: At, customer: Customer, person: str = "aoi-clerk") -> list[str]:
    """Receipts of KF10 → CI20 → CI10 of one customer, in one sign-in."""
    desk, receipts, came = at_desk(person), [], ""
    for screen in ("KF10", "CI20", "CI10"):
        receipts.append(_receipt(desk.text(f"/screens/{screen}?customer={customer.code}{came}")))
        came = f"&from={receipts[-1]}"
    return receipts


@pytest.mark.parametrize("path", ["/screens/AL11", "/screens/AL40", "/screens/AL40?since=2026-01-01"])
@pytest.mark.parametrize("person", PERSONS)
def test_only_compliance_opens_them(at_desk: At, person: str, path: str) -> None:
    answer = at_desk(person).get(path)
    text = answer.content.decode()
    assert answer.status_code == (200 if person == "td-compliance" else 403)
    assert _receipt(text)
    assert ("この操作は職務に含まれていません" in text) is (person != "td-compliance")
    assert ("hikari-clerk" in text.partition("<main")[2]) is (person == "td-compliance" and "AL40" in path)


def test_nobody_else_reads_a_record_by_its_receipt(at_desk: At, own: Customer) -> None:
    receipts = _path(at_desk, own)
    desk = at_desk("aoi-clerk")
    answer = desk.get(f"/screens/AL11?receipt={receipts[0]}")
    assert answer.status_code == 403
    assert receipts[0] not in answer.content.decode()


def test_a_record_has_its_path_its_subjects_and_its_outcome(at_desk: At, own: Customer) -> None:
    receipts = _path(at_desk, own)
    text = at_desk("td-compliance").text(f"/screens/AL11?receipt={receipts[1]}")
    path = _section(text, "path-title")
    assert list(re.findall(r"<td>(?:―|(\w+ → \w+))</td>", path)) == ["", "KF10 → CI20", "CI20 → CI10"]
    assert (receipts[0] in path, receipts[2] in path) == (True, True)
    assert "(この記録)" in path
    subjects = _section(text, "subjects-title")
    assert own.code in subjects
    assert "<td>ABCDEFI</td>" in subjects
    assert "自社" in subjects
    assert re.search(r"<code>[0-9a-f]{64}</code>", _section(text, "decision-title"))
    assert f"customer={own.code}" in text
    assert "person=aoi-clerk" in text
    secret = [mark for marks in own.markers.values() for mark in marks if mark != own.code]
    assert not [mark for mark in secret if mark in text]


def test_the_row_that_decided_is_told_of_then_and_now(at_desk: At, own: Customer) -> None:
    receipts = _path(at_desk, own)
    rule = _section(at_desk("td-compliance").text(f"/screens/AL11?receipt={receipts[1]}"), "rule-title")
    shown = {r.key for r in RULES if (r.duty, r.relation, r.view) == (Duty.CLERK, "own", "current")}
    told = set(re.findall(r"<code>([^<]+)</code>", rule))
    assert told
    assert told <= shown
    assert "違う" not in rule


def test_a_record_without_a_customer_has_no_decision(at_desk: At) -> None:
    menu = _receipt(at_desk("aoi-clerk").text("/screens/MN00"))
    text = at_desk("td-compliance").text(f"/screens/AL11?receipt={menu}")
    assert "対象の供給地点はありません" in text
    assert "可否を判定していません" in _section(text, "rule-title")


@pytest.mark.parametrize(("receipt", "status"), [("A" * 32, 200), ("short", 400), ("", 200)])
def test_a_receipt_nobody_has_is_said_so(at_desk: At, receipt: str, status: int) -> None:
    answer = at_desk("td-compliance").get(f"/screens/AL11?receipt={receipt}")
    text = answer.content.decode()
    assert answer.status_code == status
    assert 'name="receipt"' in text
    assert ("この受付番号の記録はありません" in text) is (len(receipt) == 32)
    assert ("受付番号: 32文字" in text) is (status == 400)


def test_the_inventory_says_what_the_matrix_says(at_desk: At) -> None:
    text = at_desk("td-compliance").text("/screens/AL40")
    for duty, person in (
        (Duty.CLERK, "asahi-clerk"),
        (Duty.METERING, "td-metering"),
        (Duty.CONTRACTOR, "contractor-clerk"),
    ):
        row = re.search(rf'<tr><th scope="row">{person} .*?</tr>', text, re.DOTALL)
        assert row
        shown = {"".join(sorted(r.data_class for r in _rows(duty, relation, view))) for relation, view in _pairs(duty)}
        assert set(re.findall(r"<b>([A-Z]+)</b>", row[0])) == shown - {""}
    compliance = re.search(r'<tr><th scope="row">td-compliance .*?</tr>', text, re.DOTALL)
    assert compliance
    assert "log.read" in compliance[0]
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', text, re.DOTALL)
    readers = [row for row in rows if "<code>log.read</code>" in row]
    assert readers
    assert all(DUTY_NAMES[Duty.COMPLIANCE] in row for row in readers)


def _pairs(duty: Duty) -> set[tuple[str, str]]:
    return {(r.relation.value, r.view.value) for r in RULES if r.duty is duty}


def _rows(duty: Duty, relation: str, view: str) -> list:  # type: ignore[type-arg]
    return [r for r in RULES if (r.duty, r.relation, r.view) == (duty, relation, view) and r.verdict == "show"]


def test_the_inventory_tells_what_changed_since_a_day(at_desk: At) -> None:
    desk = at_desk("td-compliance")
    changed = _section(desk.text("/screens/AL40?since=2016-01-01"), "changes-title")
    assert "発令が始まった" in changed
    assert "aoi-clerk" in changed
    assert "規則が加わった" in changed
    assert desk.get("/screens/AL40?since=2026-02-30").status_code == 400
    assert desk.get("/screens/AL40?since=2999-01-01").status_code == 400
