"""AL20 ログ調査: start, progress, result, sending a source; for compliance alone, each a record."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from takuso.doors.web.office import Office
from takuso.doors.web.surveys import files
from tests.area import PERSONS
from tests.survey.lay import AOI, ASAHI, Place, Post, Record, Supply, jst, point
from tests.survey.test_result import DAY, PLACE
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
AL20 = "/screens/AL20"
SURVEY = "notice-2022-12"
# The notice's week, with sixty customers of another retailer: more than a page of findings.
WEEK = Place(
    [
        record
        for number in range(60)
        for at in [jst(DAY, 9, number)]
        for record in (
            Record(at, "u1", f"s{number}", "KF10", None, point(number)),
            Record(at + timedelta(seconds=3), "u1", f"s{number}", "CI20", "KF10", point(number)),
        )
    ],
    [Post("u1", "p1", AOI)],
    [Supply(point(number), ASAHI, DAY - timedelta(days=900)) for number in range(60)],
)


@pytest.fixture
def week(office: Office) -> str:
    """Key of a source that the administrator placed."""
    folder = office.folder / "sources" / "week"
    if not folder.exists():
        WEEK.write(folder)
    return "placed:week"


def _start(desk: Desk, source: str, survey: str = SURVEY) -> str:
    answer = desk.form(AL20, page=AL20, survey=survey, source=source)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer.headers["Location"])


def _ended(desk: Desk, address: str) -> str:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        answer = desk.get(address)
        if "Refresh" not in answer.headers:
            return answer.content.decode()
        time.sleep(0.2)
    raise AssertionError(answer.content.decode())


def _typed(admin: str) -> list[tuple[str, str, str, str]]:
    with psycopg.connect(admin) as behind:
        return behind.execute(
            "SELECT p.code, t.screen, t.decision, y.typed FROM log.ticket t JOIN wall.person p ON p.id = t.person"
            " LEFT JOIN log.payload y ON y.day = t.day AND y.receipt = t.receipt"
            " WHERE t.screen = 'AL20' ORDER BY t.at DESC LIMIT 4000"
        ).fetchall()


@pytest.mark.parametrize("person", [person for person in PERSONS if person != "td-compliance"])
def test_nobody_else_starts_sees_or_sends_and_each_try_is_a_record(
    at_desk: Sit, office: Office, admin: str, week: str, person: str
) -> None:
    desk = at_desk(person)
    before = sorted((office.folder / "surveys").glob("*"))
    archive = SimpleUploadedFile("week.zip", b"PK" + b"\0" * 100)
    token = desk.text("/login").partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    for answer in (
        desk.get(AL20),
        desk.get(f"{AL20}?run=20261127-000000-aaaaaa"),
        desk.form(AL20, survey=SURVEY, source=week),
        desk.browser.post("/surveys/send", {"csrfmiddlewaretoken": token, "archive": archive}),
        desk.get("/surveys/summary?run=20261127-000000-aaaaaa"),
    ):
        assert answer.status_code == 403
        assert SURVEY not in answer.content.decode()
    assert AL20 not in desk.text("/screens/MN00")
    assert sorted((office.folder / "surveys").glob("*")) == before
    assert [row[:3] for row in _typed(admin)[:5]] == [(person, "AL20", "refused")] * 5


def test_a_survey_from_start_to_result_is_recorded_with_hash_and_number(
    at_desk: Sit, office: Office, admin: str, week: str
) -> None:
    desk = at_desk("td-compliance")
    address = _start(desk, week)
    run = address.partition("run=")[2]
    text = _ended(desk, address)
    assert "閲覧者 1 人、お客さま 60 契約" in text
    assert "60 記録" in text
    assert "ここから数えるものが変わる（記録 → 人）" in text
    assert "当たった閲覧（閲覧者と契約の組 60 件）" in text
    assert text.count("KF10&gt;CI20") == 50
    assert "2022/12/07 09:00:03" in text
    assert "この調査では分からないこと" in text
    second = desk.text(f"{address}&page=2")
    assert second.count("KF10&gt;CI20") == 10
    answer = desk.get(f"/surveys/summary?run={run}")
    summary = json.loads(answer.content)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{run}-summary.json"'
    assert (summary["contracts"], summary["source_sha256"] in text) == (60, True)
    assert point(1) not in answer.content.decode()
    typed = [row[3] for row in _typed(admin)]
    assert any(t.startswith(f"survey start {SURVEY} sha256 ") and t.endswith(f"run {run}") for t in typed if t)
    assert f"survey look {SURVEY} source {week} sha256 {summary['source_sha256']} run {run}" in typed
    assert f"survey summary run {run}" in typed
    assert (office.folder / "surveys" / run).stat().st_mode & 0o077 == 0


def test_a_source_that_fails_says_why(at_desk: Sit, office: Office) -> None:
    broken = office.folder / "sources" / "broken"
    broken.mkdir(parents=True, exist_ok=True)
    (broken / "meta.json").write_text("[]")
    desk = at_desk("td-compliance")
    text = _ended(desk, _start(desk, "placed:broken"))
    assert "調査できませんでした" in text
    assert "meta.json" in text
    assert "対処: " in text
    assert str(office.folder) not in text


def test_only_what_is_offered_can_be_chosen(at_desk: Sit, office: Office, week: str) -> None:
    desk = at_desk("td-compliance")
    for survey, source in (
        ("../notice-2022-12", week),
        (SURVEY, "placed:../../demo"),
        (SURVEY, str(office.folder)),
        ("", ""),
    ):
        answer = desk.form(AL20, page=AL20, survey=survey, source=source)
        assert answer.status_code == 400
        assert "一覧から 1 つ選んでください" in answer.content.decode()
    for run in ("20261127-000000-aaaaaa", "..", "lock", "%00"):
        assert desk.get(f"{AL20}?run={run}").status_code in (400, 404)
        assert desk.get(f"/surveys/summary?run={run}").status_code in (400, 404)


def _zip(folder: Path, more: tuple[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
        if more:
            archive.writestr(*more)
    return out.getvalue()


def _send(desk: Desk, content: bytes, to: str = "/surveys/send") -> tuple[int, str, str]:
    token = desk.text(AL20).partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    archive = SimpleUploadedFile("week.zip", content)
    answer = desk.browser.post(to, {"csrfmiddlewaretoken": token, "archive": archive})
    return answer.status_code, answer.content.decode(), str(answer.headers.get("Location"))


def test_a_source_that_was_sent_can_be_surveyed(at_desk: Sit, admin: str, tmp_path: Path) -> None:
    desk = at_desk("td-compliance")
    status, _, location = _send(desk, _zip(WEEK.write(tmp_path / "week")))
    assert status == 303
    key = location.partition("source=")[2]
    assert f'value="{key}" selected' in desk.text(location)
    assert "お客さま 60 契約" in _ended(desk, _start(desk, key))
    assert any((row[3] or "").startswith("survey send ") for row in _typed(admin))


def test_bad_archives_leave_nothing(
    at_desk: Sit, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = at_desk("td-compliance")
    uploads = office.folder / "surveys" / "uploads"
    before = sorted(uploads.glob("*")) if uploads.exists() else []
    good = _zip(PLACE.write(tmp_path / "source"))
    evil = _zip(tmp_path / "source", ("../../evil.parquet", b"x"))
    for content, said in ((evil, "受け取れない名前"), (b"hello", "読めません"), (b"", "読めません")):
        status, text, _ = _send(desk, content)
        assert (status, said in text) == (400, True)
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    status, text, _ = _send(desk, good)
    assert (status, "ファイルが大きすぎます" in text) == (400, True)
    monkeypatch.setattr(files, "MOST_BYTES", 10**8)
    monkeypatch.setattr(files, "MOST_KEPT", 0)
    status, text, _ = _send(desk, good)
    assert (status, "もう多くあります" in text) == (400, True)
    assert sorted(uploads.glob("*")) == before
    assert not (office.folder / "evil.parquet").exists()


def test_no_other_address_keeps_a_file(at_desk: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[object] = []
    monkeypatch.setattr(files.tempfile, "TemporaryFile", lambda **_: kept.append(1) or io.BytesIO())
    for person, to in (("td-compliance", "/go"), ("td-compliance", AL20), ("aoi-clerk", "/surveys/send")):
        desk = at_desk(person)
        token = desk.text("/login").partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
        archive = SimpleUploadedFile("week.zip", b"x" * 100_000)
        desk.browser.post(to, {"csrfmiddlewaretoken": token, "archive": archive})
    assert kept == []
    _send(at_desk("td-compliance"), b"x")
    assert kept == [1]


def test_a_queue_has_an_end(at_desk: Sit, week: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("takuso.doors.web.surveys.screen.MOST_WAITING", 0)
    answer = at_desk("td-compliance").form(AL20, page=AL20, survey=SURVEY, source=week)
    assert answer.status_code == 400
    assert "順番を待つ調査が多すぎます" in answer.content.decode()


def test_two_runs_are_compared_with_the_reason_of_each_difference(at_desk: Sit, office: Office, admin: str) -> None:
    corrected = [*WEEK.supply[1:], Supply(point(0), AOI, DAY - timedelta(days=900))]
    for name, place in (("before", WEEK), ("after", WEEK.but(supply=corrected))):
        place.write(office.folder / "sources" / name)
    desk = at_desk("td-compliance")
    runs = []
    for source in ("placed:before", "placed:after"):
        address = _start(desk, source)
        text = _ended(desk, address)
        runs.append(address.partition("run=")[2])
    assert f"{runs[0]} との違い" in text
    link = text.partition(f"&amp;against={runs[0]}")[0].rpartition('href="')[2].replace("&amp;", "&")
    text = desk.text(f"{link}&against={runs[0]}")
    assert "供給期間の訂正" in text
    assert "ASAHI" in text
    assert "supply.parquet が変わった（60 行 → 60 行）" in text
    assert "（閲覧者と契約の組 1 件）" in text
    assert f"runs {runs[0]} {runs[1]}" in _typed(admin)[0][3]
    for unknown in ("20261127-000000-aaaaaa", runs[1], "../x"):
        assert desk.get(f"{AL20}?run={runs[1]}&against={unknown}").status_code == 404
    (office.folder / "surveys" / runs[0] / "answer" / "inputs.json").unlink()
    text = desk.text(f"{link}&against={runs[0]}")
    assert "くらべられませんでした" in text
    assert "inputs.json がありません" in text
    assert str(office.folder) not in text
