"""締め: ended days leave the database as files that a survey reads, each tied to the log, and nothing is lost."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from takuso.kernel.periods import JST, jst_day
from tests.cli.conftest import Takuso

Superuser = psycopg.Connection[Any]
TODAY = jst_day(datetime.now(UTC))
DAYS = [TODAY - timedelta(days=n) for n in (12, 11, 10)]
_TABLES = ("ticket", "subject", "outcome", "payload", "purpose")
SURVEY = """
name: own-log
title: 自社の閲覧記録
period: {{from: {first}, to: {last}}}
steps:
  - kind: screens
    name: お客さま情報Ⅱ
    screens: [CI20]
  - kind: viewer_affiliation
    name: 特定関係事業者の従業員
    organisation: affiliate
  - kind: customer_held_by_other
    name: ほかの会社のお客さま
    organisation: affiliate
  - kind: reached_from
    name: 口振異動通知から
    from: [KF10]
    screens: [CI20]
"""


class Log:
    """Invented records on days that have ended, in the log of the demo home."""

    def __init__(self, superuser: Superuser) -> None:
        self._superuser = superuser
        self._number = 0

    def open(self, day: date) -> None:
        """A day of the log, empty."""
        for table in _TABLES:
            bounds = f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            self._superuser.execute(f"CREATE TABLE log.{table}_{day:%Y%m%d} PARTITION OF log.{table} {bounds}".encode())

    def look(
        self,
        day: date,
        person: str,
        point: str | None,
        *,
        screen: str = "CI20",
        came: str | None = "KF10",
        shown: bool | None = True,
        late: bool = False,
    ) -> str:
        """One record; `shown` None: no outcome. `late`: its instant is one second after its day. Gives its receipt."""
        self._number += 1
        receipt = f"{day:%Y%m%d}{self._number:024d}"
        start = datetime.combine(day, time(), JST)
        at = start + (timedelta(days=1, seconds=1) if late else timedelta(hours=9, seconds=self._number))
        self._superuser.execute(
            "INSERT INTO log.ticket (day, receipt, request, xid, at, business_at, kind, session, person, appointment,"
            " employer, organisation, duty, screen, screen_version, came_screen, decision, reason, rule_version,"
            " argument_hash) SELECT %s, %s, gen_random_uuid(), pg_current_xact_id(), %s, %s, 'look', 7, p.id, a.id,"
            " a.employer, coalesce(a.principal, a.employer), a.duty, %s, 1, %s, %s, 'test', 1, '\\x00'"
            "  FROM wall.person p JOIN wall.appointment a ON a.person = p.id AND a.recorded_to = 'infinity'"
            "   AND a.valid @> now() WHERE p.code = %s",
            [day, receipt, at, at, screen, came, "hidden" if shown is False else "shown", person],
        )
        if point is not None:
            self._superuser.execute(
                "INSERT INTO log.subject (day, receipt, no, point, supply_point, holder, relation, granted, refused)"
                " SELECT %s, %s, 1, id, supply_point, holder_id, 'any', '{C}', '{}' FROM wall.point"
                "  WHERE supply_point = %s",
                [day, receipt, point],
            )
        if shown is not None:
            self._superuser.execute(
                "INSERT INTO log.outcome (day, receipt, at, rows, classes, points, digest)"
                " SELECT %s, %s, %s, 1, '{C}', coalesce(array_agg(id) FILTER (WHERE %s), '{}'), '\\x00'"
                "  FROM wall.point WHERE supply_point = %s",
                [day, receipt, at, shown, point],
            )
        return receipt

    def end(self) -> None:
        """The days are over: they are tallied."""
        while True:
            row = self._superuser.execute("SELECT wall.tally_next()").fetchone()
            if row is None or row[0] is None:
                return

    def count_again(self, day: date) -> None:
        """An hour has passed, and it is this day's turn to be counted again."""
        self._superuser.execute(
            "UPDATE log.tallied SET checked = now() - CASE WHEN day = %s THEN interval '3 h' ELSE interval '2 h' END",
            [day],
        )
        self.end()

    def clear(self) -> None:
        """Nothing of it stays."""
        for day in DAYS:
            for table in _TABLES:
                self._superuser.execute(f"DROP TABLE IF EXISTS log.{table}_{day:%Y%m%d}".encode())
        self._superuser.execute("DELETE FROM log.tally; DELETE FROM log.tallied; DELETE FROM log.closing")
        self._superuser.execute("DELETE FROM log.alarm WHERE kind IN ('tally', 'leaf')")


@pytest.fixture
def log(superuser: Superuser) -> Iterator[Log]:
    """Three days of the log that have ended."""
    made = Log(superuser)
    for day in DAYS:
        made.open(day)
    yield made
    made.clear()


@pytest.fixture
def own(takuso: Takuso) -> str:
    """A supply point of 葵電力."""
    return takuso.customers("own", "aoi-clerk")[0]["supply_point"]


@pytest.fixture
def foreign(takuso: Takuso) -> str:
    """A supply point of another retailer."""
    return takuso.customers("foreign", "aoi-clerk")[0]["supply_point"]


def _views(folder: Path, day: date) -> list[dict[str, Any]]:
    files = sorted((folder / "log" / f"day={day}").glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def _places(ended: Any) -> list[str]:
    return [one["place"] for one in ended.document["faults"]]


def _check(takuso: Takuso, out: Path) -> Any:
    return takuso("log", "close", "--out", str(out), "--check", "--json")


def _days(ended: Any) -> list[str]:
    return [one["day"] for one in ended.document["days"]]


def test_a_closed_day_holds_every_record_and_a_second_run_writes_nothing(
    takuso: Takuso, log: Log, own: str, foreign: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.look(DAYS[0], "aoi-clerk", foreign, shown=False)
    log.look(DAYS[0], "asahi-clerk", None, screen="MN00", came=None)
    log.look(DAYS[1], "td-contact", foreign, shown=None)
    log.end()
    out = tmp_path / "own-log"
    first = takuso("log", "close", "--out", str(out), "--json")
    assert first.code == 0, first.err
    told = {one["day"]: one for one in first.document["days"]}
    assert [told[str(day)]["records"] for day in DAYS] == [3, 1, 0]
    assert [told[str(day)]["views"] for day in DAYS] == [1, 1, 0]
    tickets = pq.read_table(out / "records" / f"day={DAYS[0]}" / "tickets.parquet").to_pylist()
    assert [(one["person"], one["employer"], one["decision"]) for one in tickets] == [
        ("aoi-clerk", "aoi", "shown"),
        ("aoi-clerk", "aoi", "hidden"),
        ("asahi-clerk", "asahi", "shown"),
    ]
    assert pq.read_table(out / "records" / f"day={DAYS[0]}" / "subjects.parquet").num_rows == 2
    assert pq.read_table(out / "records" / f"day={DAYS[0]}" / "outcomes.parquet").num_rows == 3
    assert [view["customer"] for view in _views(out, DAYS[0])] == [own], "what was hidden was not seen"
    assert [view["customer"] for view in _views(out, DAYS[1])] == [foreign], "without an outcome it counts as seen"
    before = {file: file.read_bytes() for file in (out / "records").rglob("*.parquet")}
    again = takuso("log", "close", "--out", str(out), "--json")
    assert (again.code, again.document["days"]) == (0, [])
    assert {file: file.read_bytes() for file in (out / "records").rglob("*.parquet")} == before
    assert takuso("log", "close", "--out", str(out), "--check").code == 0


def test_nobody_else_on_the_machine_reads_the_archive(takuso: Takuso, log: Log, own: str, tmp_path: Path) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    assert [path for path in (out, *out.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_a_survey_of_the_own_log_finds_what_was_planted(
    takuso: Takuso, log: Log, own: str, foreign: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.look(DAYS[0], "aoi-clerk", foreign)
    log.look(DAYS[1], "aoi-manager", foreign)
    log.look(DAYS[1], "aoi-clerk", foreign, came=None)
    log.look(DAYS[1], "aoi-clerk", foreign, came="CI10")
    log.look(DAYS[1], "aoi-clerk", foreign, screen="CI10")
    log.look(DAYS[2], "asahi-clerk", foreign)
    log.look(DAYS[2], "contractor-clerk", foreign)
    log.look(DAYS[2], "td-contact", foreign)
    log.look(DAYS[2], "aoi-clerk", foreign, shown=False)
    log.end()
    out, result = tmp_path / "own-log", tmp_path / "result"
    assert takuso("log", "close", "--out", str(out)).code == 0
    survey = tmp_path / "own.yaml"
    survey.write_text(SURVEY.format(first=DAYS[0], last=DAYS[-1] + timedelta(days=1)), encoding="utf-8")
    ran = takuso("survey", "run", str(survey), "--source", str(out), "--out", str(result))
    assert ran.code in (0, 1), ran.err
    summary = json.loads((result / "summary.json").read_text(encoding="utf-8"))
    assert summary["steps"][0]["rows_in"] == 9
    assert (summary["viewers"], summary["contracts"]) == (2, 1)
    assert summary["now"] == {"viewers": 2, "contracts": 1}
    assert (out / ".takuso").is_dir()
    assert "速い形を使わず" not in ran.err
    viewers = {row["viewer"] for row in pq.read_table(result / "findings.parquet").to_pylist()}
    assert viewers == {"aoi-clerk", "aoi-manager"}


def test_a_record_of_the_day_before_midnight_lies_with_its_instant(
    takuso: Takuso, log: Log, own: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own, late=True)
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    assert len(_views(out, DAYS[0])) == 1
    assert len(_views(out, DAYS[1])) == 1
    survey = tmp_path / "own.yaml"
    survey.write_text(SURVEY.format(first=DAYS[0], last=DAYS[-1] + timedelta(days=1)), encoding="utf-8")
    ran = takuso("survey", "run", str(survey), "--source", str(out), "--out", str(tmp_path / "result"))
    assert ran.code in (0, 1), ran.err
    summary = json.loads((tmp_path / "result" / "summary.json").read_text(encoding="utf-8"))
    assert summary["steps"][0]["rows_in"] == 2


def test_changed_lost_and_foreign_files_are_named_and_can_be_written_again(
    takuso: Takuso, log: Log, own: str, tmp_path: Path
) -> None:
    for day in DAYS:
        log.look(day, "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    changed = out / "records" / f"day={DAYS[0]}" / "tickets.parquet"
    changed.write_bytes((out / "records" / f"day={DAYS[1]}" / "tickets.parquet").read_bytes())
    (out / "log" / f"day={DAYS[1]}" / f"of-{DAYS[1]}.parquet").unlink()
    found = takuso("log", "close", "--out", str(out), "--check", "--json")
    assert found.code == 1
    assert [one["place"] for one in found.document["faults"]] == [
        f"records/day={DAYS[0]}/tickets.parquet",
        f"log/day={DAYS[1]}/of-{DAYS[1]}.parquet",
    ]
    mended = takuso("log", "close", "--out", str(out), "--again", str(DAYS[0]), "--again", str(DAYS[1]), "--json")
    assert _days(mended) == [str(DAYS[0]), str(DAYS[1])]
    assert takuso("log", "close", "--out", str(out), "--check").code == 0


def test_files_and_their_list_changed_together_differ_from_the_log(
    takuso: Takuso, log: Log, own: str, tmp_path: Path
) -> None:
    """Who rewrites a file and closed.json with it still has the row in the log against them."""
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    closed = json.loads((out / "closed.json").read_text(encoding="utf-8"))
    file = closed[str(DAYS[0])]["files"][0]
    (out / file["path"]).write_bytes(b"PAR1 another PAR1")
    from takuso.survey.closing.files import sha256

    file["sha256"] = sha256(out / file["path"])
    (out / "closed.json").write_text(json.dumps(closed), encoding="utf-8")
    found = takuso("log", "close", "--out", str(out), "--check", "--json")
    assert [one["place"] for one in found.document["faults"]] == [f"day={DAYS[0]}"]


def test_what_a_killed_closing_left_is_written_anew(
    takuso: Takuso, log: Log, superuser: Superuser, own: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.look(DAYS[1], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    # Killed before the row of the second day, and before the list had it; a file was half written.
    superuser.execute("DELETE FROM log.closing WHERE day = %s", [DAYS[1]])
    closed = json.loads((out / "closed.json").read_text(encoding="utf-8"))
    del closed[str(DAYS[1])]
    (out / "closed.json").write_text(json.dumps(closed), encoding="utf-8")
    half = out / "records" / f"day={DAYS[1]}" / ".part.half"
    half.write_bytes(b"PAR1")
    again = takuso("log", "close", "--out", str(out), "--json")
    assert _days(again) == [str(DAYS[1])]
    assert not half.exists()
    assert takuso("log", "close", "--out", str(out), "--check").code == 0


def test_two_at_once_and_a_place_that_cannot_be_written_say_so(
    takuso: Takuso, log: Log, own: str, tmp_path: Path
) -> None:
    import fcntl

    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    with (out / ".closing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        busy = takuso("log", "close", "--out", str(out))
    assert busy.code == 3
    assert "もう締めが動いています" in busy.err
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = takuso("log", "close", "--out", str(tmp_path / "file"))
    assert refused.code == 3
    assert "書けませんでした" in refused.err


def test_numbers_that_the_log_does_not_have_are_refused(log: Log, superuser: Superuser, own: str) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    for numbers in ((2, 1, 1), (1, 0, 1), (1, 1, 2)):
        with pytest.raises(psycopg.Error) as refused:
            superuser.execute("SELECT wall.close_day(%s, %s, %s, %s, 0, %s)", [DAYS[0], *numbers, b"x" * 32])
        assert refused.value.sqlstate == "TK409"
    with pytest.raises(psycopg.Error) as refused:
        superuser.execute("SELECT wall.close_day(%s, 0, 0, 0, 0, %s)", [TODAY, b"x" * 32])
    assert refused.value.sqlstate == "TK400"


def test_without_an_affiliate_it_says_what_is_missing(takuso: Takuso, log: Log, tmp_path: Path) -> None:
    log.end()
    refused = takuso("log", "close", "--out", str(tmp_path / "own-log"), "--affiliate", "nobody")
    assert refused.code == 2
    assert "特定関係事業者" in refused.err


def test_files_that_no_closing_wrote_are_named(takuso: Takuso, log: Log, own: str, tmp_path: Path) -> None:
    """A survey reads every Parquet file of a day: an invented view would count."""
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    view = (out / "log" / f"day={DAYS[0]}" / f"of-{DAYS[0]}.parquet").read_bytes()
    forged = [
        f"log/day={DAYS[0]}/zz.parquet",
        f"log/day={TODAY}/zz.parquet",
        f"records/day={DAYS[0]}/more.parquet",
        "users.parquet",
    ]
    for path in forged:
        (out / path).parent.mkdir(exist_ok=True)
        (out / path).write_bytes(view)
    (out / ".note").write_text("", encoding="utf-8")
    found = _check(takuso, out)
    assert found.code == 1
    assert sorted(_places(found)) == forged
    for path in forged:
        (out / path).unlink()
    assert _check(takuso, out).code == 0


def test_persons_histories_and_names_are_under_a_hash_and_written_anew_where_they_differ(
    takuso: Takuso, log: Log, own: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    supply = pq.read_table(out / "supply.parquet")
    pq.write_table(supply.slice(0, 1), out / "supply.parquet")
    (out / "people.parquet").unlink()
    (out / "meta.json").write_text("{}", encoding="utf-8")
    left = out / ".frame.killed"
    left.mkdir()
    (left / "supply.parquet").write_bytes(b"PAR1")
    found = _check(takuso, out)
    assert (found.code, _places(found)) == (1, ["people.parquet", "supply.parquet", "meta.json"])
    assert not left.exists(), "what a killed one left beside"
    assert takuso("log", "close", "--out", str(out)).code == 0
    assert pq.read_table(out / "supply.parquet").equals(supply)
    assert _check(takuso, out).code == 0
    closed = json.loads((out / "closed.json").read_text(encoding="utf-8"))
    del closed["frame"]
    (out / "closed.json").write_text(json.dumps(closed), encoding="utf-8")
    assert _places(_check(takuso, out)) == ["closed.json"]
    assert takuso("log", "close", "--out", str(out)).code == 0
    assert _check(takuso, out).code == 0


def test_a_history_that_the_database_has_otherwise_by_now_is_a_note_and_one_that_it_never_had_a_fault(
    takuso: Takuso, log: Log, superuser: Superuser, own: str, tmp_path: Path
) -> None:
    from takuso.survey.closing.files import sha256
    from takuso.survey.closing.frame import frame_digest

    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    # The histories and the list are changed together: the log has no row for them.
    pq.write_table(pq.read_table(out / "supply.parquet").slice(0, 1), out / "supply.parquet")
    closed = json.loads((out / "closed.json").read_text(encoding="utf-8"))
    closed["frame"]["supply.parquet"] = sha256(out / "supply.parquet")
    (out / "closed.json").write_text(json.dumps(closed), encoding="utf-8")
    found = _check(takuso, out)
    assert (found.code, _places(found)) == (1, ["frame"])
    # As if it had been closed before the other histories were recorded.
    digest = frame_digest(closed["frame"])
    superuser.execute("SELECT wall.close_day(%s, 1, 1, 1, 1, %s)", [DAYS[0], digest])
    found = _check(takuso, out)
    assert (found.code, _places(found)) == (0, [])
    assert [one["place"] for one in found.document["notes"]] == ["supply.parquet"]
    assert "supply.parquet: いまの台帳と違います。takuso log close で書き直せます。" in found.err
    assert takuso("log", "close", "--out", str(out)).code == 0
    assert _check(takuso, out).document["notes"] == []


def test_what_did_not_change_is_not_written_and_the_log_gets_no_row_for_it(
    takuso: Takuso, log: Log, superuser: Superuser, own: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    rows = superuser.execute("SELECT count(*) FROM log.closing").fetchone()
    listed = json.loads((out / "closed.json").read_text(encoding="utf-8"))
    assert rows == (len(listed),), "one for each day and one for persons, histories and names"
    before = {file.name: file.stat().st_ino for file in out.iterdir() if file.is_file()}
    again = takuso("log", "close", "--out", str(out))
    assert (again.code, "新たに締める日はありません" in again.err) == (0, True)
    assert {file.name: file.stat().st_ino for file in out.iterdir() if file.is_file()} == before
    assert superuser.execute("SELECT count(*) FROM log.closing").fetchone() == rows


def test_with_nothing_to_close_it_says_so_and_makes_no_source(takuso: Takuso, log: Log, tmp_path: Path) -> None:
    out = tmp_path / "own-log"
    checked = takuso("log", "close", "--out", str(out), "--check")
    assert (checked.code, "がありません" in checked.err, out.exists()) == (2, True, False), "asking makes no folder"
    never = takuso("log", "close", "--out", str(out), "--again", str(DAYS[0]))
    assert (never.code, str(DAYS[0]) in never.err) == (2, True), "that day is not tallied"
    told = takuso("log", "close", "--out", str(out))
    assert (told.code, "締める日がまだありません" in told.err, "log:" in told.err) == (0, True, False), told.err
    assert not (out / "meta.json").exists()
    assert takuso("log", "close", "--out", str(out), "--check").code == 0


def test_doctor_tells_of_days_that_nobody_counted_or_closed(takuso: Takuso, log: Log, own: str, tmp_path: Path) -> None:
    def told() -> list[str]:
        found = takuso("doctor", "--json").document["findings"]
        return [f"{one['state']} {one['what']}" for one in found if one["name"] == "days"]

    assert told() == ["ok 終わった日は、数えられ、締められています。"], "nobody looked at anything in these days"
    log.look(DAYS[0], "aoi-clerk", own)
    (uncounted,) = told()
    assert uncounted.startswith("warn 終わって数えられていない日が")
    assert str(DAYS[0]) in uncounted
    log.end()
    (unclosed,) = told()
    assert unclosed.startswith("warn 締めていない日が")
    assert str(DAYS[0]) in unclosed
    assert takuso("log", "close", "--out", str(tmp_path / "own-log")).code == 0
    assert told() == ["ok 終わった日は、数えられ、締められています。"]


def test_a_day_that_got_a_record_since_is_a_fault_and_due_again(
    takuso: Takuso, log: Log, own: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    log.look(DAYS[0], "aoi-clerk", own)
    log.count_again(DAYS[0])
    found = _check(takuso, out)
    assert (found.code, _places(found)) == (1, [f"day={DAYS[0]}"])
    before = (out / "closed.json").read_text(encoding="utf-8")
    closed = json.loads(before)
    closed[str(DAYS[0])]["records"] = 2
    (out / "closed.json").write_text(json.dumps(closed), encoding="utf-8")
    assert _places(_check(takuso, out)) == [f"day={DAYS[0]}"], "the list says two, the file has one"
    (out / "closed.json").write_text(before, encoding="utf-8")
    again = takuso("log", "close", "--out", str(out), "--json")
    assert [(one["day"], one["records"]) for one in again.document["days"]] == [(str(DAYS[0]), 2)]
    assert _check(takuso, out).code == 0


def test_each_writing_of_a_day_stays_right(
    takuso: Takuso, log: Log, superuser: Superuser, own: str, tmp_path: Path
) -> None:
    """Another folder's files may have other bytes; the first folder is not changed by that."""
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    superuser.execute("SELECT wall.close_day(%s, 1, 1, 1, 1, %s)", [DAYS[0], b"x" * 32])
    assert _check(takuso, out).code == 0
    assert takuso("log", "close", "--out", str(out), "--json").document["days"] == []


def test_days_that_the_log_did_not_close_are_named(
    takuso: Takuso, log: Log, superuser: Superuser, own: str, tmp_path: Path
) -> None:
    log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    closed = json.loads((out / "closed.json").read_text(encoding="utf-8"))
    closed[str(TODAY)] = closed[str(DAYS[0])]
    closed[str(DAYS[2])] = {"records": 0}
    (out / "closed.json").write_text(json.dumps(closed), encoding="utf-8")
    superuser.execute("DELETE FROM log.closing WHERE day = %s", [DAYS[1]])
    found = _check(takuso, out)
    assert found.code == 1
    assert {f"day={day}" for day in (DAYS[1], DAYS[2], TODAY)} <= set(_places(found))
    assert f"day={DAYS[0]}" not in _places(found)


def test_a_view_that_is_none_any_more_leaves_the_next_day(
    takuso: Takuso, log: Log, superuser: Superuser, own: str, tmp_path: Path
) -> None:
    receipt = log.look(DAYS[0], "aoi-clerk", own, late=True, shown=None)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    assert len(_views(out, DAYS[1])) == 1
    superuser.execute(
        "INSERT INTO log.outcome (day, receipt, at, rows, classes, points, digest)"
        " VALUES (%s, %s, now(), 0, '{}', '{}', '\\x00')",
        [DAYS[0], receipt],
    )
    assert takuso("log", "close", "--out", str(out), "--again", str(DAYS[0])).code == 0
    assert _views(out, DAYS[1]) == []
    assert _check(takuso, out).code == 0


def test_a_day_that_lost_records_is_not_written_over(
    takuso: Takuso, log: Log, superuser: Superuser, own: str, tmp_path: Path
) -> None:
    """Who deletes a record in the database does not have the archive forget it the next night."""
    log.look(DAYS[0], "aoi-clerk", own)
    gone = log.look(DAYS[0], "aoi-clerk", own)
    log.end()
    out = tmp_path / "own-log"
    assert takuso("log", "close", "--out", str(out)).code == 0
    for table in ("outcome", "subject", "ticket"):
        superuser.execute(f"DELETE FROM log.{table} WHERE day = %s AND receipt = %s".encode(), [DAYS[0], gone])
    superuser.execute("UPDATE log.tallied SET checked = checked - interval '2 hours'")
    superuser.execute("SELECT wall.tally_next()")
    again = takuso("log", "close", "--out", str(out), "--json")
    assert again.document["days"] == []
    tickets = pq.read_table(out / "records" / f"day={DAYS[0]}" / "tickets.parquet")
    assert gone in tickets.column("receipt").to_pylist()
    told = _check(takuso, out)
    assert told.code == 1
    assert [one["place"] for one in told.document["faults"]] == [f"day={DAYS[0]}"]
    assert "書き直しません" in told.document["faults"][0]["what"]
