"""AL12 閲覧記録の持出し: a second person approves, whoever asked takes it once, every step and refusal is a record."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from takuso.barrier.deployment import Loader
from takuso.barrier.gate import ExportRefused, Gate, Visit
from takuso.barrier.signin import SignIns
from takuso.store.home import Home
from tests.area import AOI_NW, PERSONS, Customer
from tests.web.conftest import Desk

At = Callable[[str | None], Desk]
AL12 = "/screens/AL12"
SECOND = "td-auditor"
RECEIPT = re.compile(r"<p>受付番号 <code>([A-Za-z0-9_-]{32})</code></p>")
FILTERS = "since=2026-01-01 until=2026-01-31 person=aoi-clerk"


@pytest.fixture(scope="module", autouse=True)
def _second(home: Home) -> None:
    """Another person of the duty."""
    with Loader(home) as loader:
        loader.load("wall.person", [{"id": 901, "code": SECOND, "name": "監査 二人目"}])
        post = {"person": 901, "employer": AOI_NW, "principal": None, "duty": "network.compliance"}
        loader.load("wall.appointment", [{"id": 901, **post, "valid": "[2016-04-01 00:00+09,)"}])


@pytest.fixture
def superuser(admin: str) -> Iterator[psycopg.Connection[Any]]:
    """Behind the wall."""
    with psycopg.connect(admin, autocommit=True) as connection:
        yield connection


@pytest.fixture
def step(gate: Gate, signins: SignIns) -> Callable[..., str]:
    """One step of an export, by a person, in a sign-in of its own."""

    def taken(person: str, which: str, export: str | None = None, filters: str = FILTERS) -> str:
        visit = Visit(proof=signins.by_demo(person), screen="AL12")
        if which == "taking":
            released = gate.take_export(
                visit, export=export or "", filters=filters, queries=(), parameters={}, render=lambda _: b"csv"
            )
            return released.receipt
        reason = "監査" if which == "request" else ""
        return gate.export_step(visit, step=which, export=export, filters=filters, reason=reason)  # type: ignore[arg-type]

    return taken


def _record(superuser: psycopg.Connection[Any], receipt: str) -> tuple[Any, ...]:
    row = superuser.execute(
        "SELECT t.kind, t.action, t.decision, t.reason FROM log.ticket t WHERE t.receipt = %s", [receipt]
    ).fetchone()
    assert row
    return tuple(row)


def test_asked_approved_taken_once(step: Callable[..., str], superuser: psycopg.Connection[Any]) -> None:
    export = step("td-compliance", "request")
    approval = step(SECOND, "approval", export)
    taking = step("td-compliance", "taking", export)
    assert _record(superuser, export) == ("statement", "log.export", "shown", "export: request")
    assert _record(superuser, approval) == ("statement", "log.export", "shown", "export: approval")
    assert _record(superuser, taking)[:3] == ("log", "log.read", "shown")
    with pytest.raises(ExportRefused) as refused:
        step("td-compliance", "taking", export)
    assert refused.value.why == "repeated"
    assert _record(superuser, refused.value.receipt) == ("log", "log.export", "refused", "export: repeated")


@pytest.mark.parametrize(
    ("approver", "taker", "changed", "why"),
    [
        ("td-compliance", None, FILTERS, "self"),
        (None, "td-compliance", FILTERS, "unapproved"),
        (SECOND, SECOND, FILTERS, "other"),
        (SECOND, "td-compliance", FILTERS.replace("aoi-clerk", "aoi-manager"), "changed"),
        (SECOND, "td-compliance", FILTERS.replace("01-31", "02-28"), "changed"),
    ],
)
def test_what_is_not_in_order_is_refused_and_recorded(
    step: Callable[..., str], superuser: psycopg.Connection[Any], approver: str, taker: str, changed: str, why: str
) -> None:
    export = step("td-compliance", "request")
    if taker and approver:
        step(approver, "approval", export)
    last = (taker, "taking", export, changed) if taker else (approver, "approval", export)
    with pytest.raises(ExportRefused) as refused:
        step(*last)
    assert refused.value.why == why
    assert _record(superuser, refused.value.receipt)[2:] == ("refused", f"export: {why}")


def test_the_approval_is_of_exactly_these_filters(step: Callable[..., str]) -> None:
    export = step("td-compliance", "request")
    with pytest.raises(ExportRefused, match="絞り込みが違います"):
        step(SECOND, "approval", export, f"{FILTERS} on=CI20")


def test_after_a_day_it_is_too_late(step: Callable[..., str], superuser: psycopg.Connection[Any]) -> None:
    export = step("td-compliance", "request")
    superuser.execute("UPDATE log.export SET expires = clock_timestamp() WHERE export = %s", [export])
    with pytest.raises(ExportRefused) as refused:
        step(SECOND, "approval", export)
    assert refused.value.why == "expired"


@pytest.mark.parametrize("person", [p for p in PERSONS if p != "td-compliance"])
def test_no_other_duty_takes_any_step(at_desk: At, step: Callable[..., str], person: str) -> None:
    export = step("td-compliance", "request")
    step(SECOND, "approval", export)
    desk = at_desk(person)
    assert desk.get(AL12).status_code == 403
    for one in ("request", "approval", "taking"):
        answer = desk.form(AL12, page="/screens/MN00", step=one, export=export, filters=FILTERS, reason="x")
        assert answer.status_code == 403
        assert "この操作は職務に含まれていません" in answer.content.decode()


def test_nobody_writes_the_steps_but_through_the_function(home: Home) -> None:
    from takuso.store.logins import LOGIN_NAMES
    from takuso.store.pools import dsn

    for login in (name for name in LOGIN_NAMES if name != "migrator"):
        with psycopg.connect(dsn(home, login)) as connection:
            for text in (b"INSERT INTO log.export DEFAULT VALUES", b"DELETE FROM log.export"):
                with pytest.raises(psycopg.Error) as refused:
                    connection.execute(text)
                assert refused.value.sqlstate in ("42501", "25006")
                connection.rollback()


def _asked(text: str) -> list[str]:
    return re.findall(r'name="export" value="([^"]+)"', text)


def test_the_whole_way_over_the_screens(at_desk: At, own: Customer, superuser: psycopg.Connection[Any]) -> None:
    at_desk("aoi-clerk").text(f"/screens/CI20?customer={own.code}")
    first, second = at_desk("td-compliance"), at_desk(SECOND)
    listed = first.text(f"/screens/AL10?customer={own.code}&person=aoi-clerk")
    to = re.search(r'<a href="([^"]+)">CSV の持出しを申請する', listed)
    assert to
    address = to[1].replace("&amp;", "&")
    fields = dict(
        re.findall(r'type="hidden" name="(since|until|person|customer)" value="([^"]*)"', first.text(address))
    )
    assert fields["customer"] == own.code
    missing = first.form(AL12, page=AL12, step="request", reason="", **fields)
    assert (missing.status_code, 'href="#export-reason"' in missing.content.decode()) == (400, True)
    assert first.form(AL12, page=AL12, step="request", reason="=cmd 監査", **fields).status_code == 303
    filters = " ".join(f"{name}={fields[name]}" for name in ("since", "until", "person", "customer"))
    assert filters in first.text(AL12)
    assert "ほかの人の承認待ち" in first.text(AL12)
    export = _asked(second.text(AL12))[0]
    own_approval = first.form(AL12, page=AL12, step="approval", export=export, filters=filters)
    assert (own_approval.status_code, "申請した本人は承認できません" in own_approval.content.decode()) == (409, True)
    assert second.form(AL12, page=AL12, step="approval", export=export, filters=filters).status_code == 303
    taken = first.form(AL12, page=AL12, step="taking", export=export, filters=filters)
    assert taken.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert taken.headers["Cache-Control"] == "no-store"
    assert taken.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert own.code in rows[1]
    digest = superuser.execute("SELECT digest FROM log.outcome WHERE digest = %s", [_sha(taken.content)]).fetchone()
    assert digest
    assert first.form(AL12, page=AL12, step="taking", export=export, filters=filters).status_code == 409


def _sha(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    from takuso.doors.web.desk.exports import _safe

    assert _safe(cell) == f"'{cell}"
    assert _safe(f"a{cell}") == f"a{cell}"
