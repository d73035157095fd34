"""Whole days go when their rule says so, never before, in the database and the archive; and the verifier tells it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.accesslog import verify_log
from takuso.accesslog.sequencer import sequence
from takuso.barrier.deployment import deployer
from takuso.kernel.periods import JST, jst_day
from takuso.survey.closing import retention
from takuso.survey.closing.checking import check
from takuso.survey.closing.retention import delete, delete_day
from takuso.survey.closing.run import close
from takuso.survey.cold.manifest import read_manifest
from takuso.survey.cold.moving import move
from takuso.survey.cold.objects import Objects
from takuso.survey.cold.place import Keys, Place
from takuso.survey.cold.removing import Copies
from tests.accesslog.paper import found, lines, rewrite
from tests.accesslog.test_sequencer import bundle, sound
from tests.apart import Place as Apart
from tests.apart import apart
from tests.cold_store import BUCKET, REGION, running

TODAY = jst_day(datetime.now(UTC))
RULED = date(TODAY.year - 10, TODAY.month, min(TODAY.day, 28))
"""Ends today, ten years later, or (at the end of a month) within days: one day younger than the rule lets go."""
OLD = [RULED - timedelta(days=n) for n in (40, 39, 38, 37)]
YOUNG = TODAY.replace(year=TODAY.year - 10, day=28) if (TODAY.month, TODAY.day) == (2, 29) else RULED
_TABLES = ("ticket", "subject", "outcome", "payload", "purpose")


@dataclass(frozen=True)
class Kept:
    """A home whose log has days of ten years ago, with their places in the tree, closed into a folder."""

    place: Apart
    folder: Path

    def run(self) -> None:
        with self.place.pools.pool("sequencer").connection() as connection:
            sequence(connection, self.place.home, "cd")

    def delete(self, day: date) -> str:
        """Why it stays; empty if it went."""
        with deployer(self.place.home) as connection:
            return delete_day(connection, self.folder, day, "td-admin").why

    def faults(self) -> list[str]:
        with deployer(self.place.home) as connection:
            return [one.place for one in check(connection, self.folder, copied=read_manifest(self.folder)).faults]

    def days(self, table: str = "ticket") -> set[date]:
        return {day for (day,) in self.place.behind(f"SELECT DISTINCT day FROM log.{table}")}  # type: ignore[arg-type]


def _lay(admin: psycopg.Connection[Any], day: date) -> None:
    for table in _TABLES:
        bounds = f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        admin.execute(f"CREATE TABLE log.{table}_{day:%Y%m%d} PARTITION OF log.{table} {bounds}".encode())
    at = datetime.combine(day, time(9), JST)
    for n in range(4):
        receipt = f"{day:%Y%m%d}{n:024d}"
        admin.execute(
            "INSERT INTO log.ticket (day, receipt, request, xid, at, business_at, kind, session, person, appointment,"
            " employer, organisation, duty, screen, screen_version, decision, reason, rule_version, argument_hash)"
            " VALUES (%s, %s, gen_random_uuid(), pg_current_xact_id(), %s, %s, 'look', 7, 1, 1, 1, 1, 'x', 'CI20', 1,"
            " 'shown', 'test', 1, '\\x00')",
            [day, receipt, at, at],
        )
        admin.execute("INSERT INTO log.payload (day, receipt, typed) VALUES (%s, %s, 'カキコミ')", [day, receipt])
        admin.execute("INSERT INTO log.outcome VALUES (%s, %s, %s, 1, '{C}', '{}', '\\x00')", [day, receipt, at])
    admin.execute("INSERT INTO log.alarm (at, kind, detail) VALUES (%s, 'test', %s)", [at, f"alarm of {day}"])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with apart(tmp_path_factory.mktemp("kept") / "home") as place:
        made = Kept(place, tmp_path_factory.mktemp("archive") / "own-log")
        made.folder.mkdir()
        with psycopg.connect(place.admin, autocommit=True) as admin:
            for day in (*OLD, YOUNG):
                _lay(admin, day)
        made.run()
        with place.pools.pool("sequencer").connection() as connection:
            while (row := connection.execute("SELECT wall.tally_next()").fetchone()) and row[0]:
                pass
        with deployer(place.home) as connection:
            close(connection, made.folder, [], lambda *_: None)
        for n in range(3):
            place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', %s)", [f"of today {n}"])
            made.run()
        yield made


def test_a_day_one_day_younger_than_the_rule_stays(kept: Kept) -> None:
    """Whatever was asked: the guard is in the database, and it has two parts, each of which refuses alone."""
    assert kept.delete(YOUNG) == "young"
    assert kept.delete(YOUNG + timedelta(days=400)) == "young"
    with psycopg.connect(kept.place.admin) as admin:
        source = admin.execute("SELECT pg_get_functiondef('wall.delete_day'::regproc)").fetchone()
        assert source
        blind = source[0].replace("RAISE EXCEPTION 'young' USING ERRCODE = 'TK412'", "NULL")
        assert blind != source[0]
        digest = admin.execute("SELECT digest FROM log.closing WHERE day = %s", [YOUNG]).fetchone()
        assert digest
        admin.execute(blind)
        call = ["SELECT wall.delete_day(%s, %s, 'x')", [YOUNG, digest[0]]]
        with pytest.raises(psycopg.errors.CheckViolation, match="old_enough"), admin.transaction():
            admin.execute(*call)  # type: ignore[arg-type]
        # Without both it would go.
        admin.execute("ALTER TABLE log.deletion DROP CONSTRAINT old_enough")
        admin.execute(*call)  # type: ignore[arg-type]
        assert admin.execute("SELECT FROM log.ticket WHERE day = %s", [YOUNG]).fetchall() == []
        admin.rollback()
    assert YOUNG in kept.days()


def test_no_clock_makes_a_day_older(kept: Kept) -> None:
    """The business clock has no say; a real clock that jumped is told by the log's own checkpoints."""
    with psycopg.connect(kept.place.admin) as admin:
        admin.execute("UPDATE wall.home SET shift = interval '20 years'")
        digest = admin.execute("SELECT digest FROM log.closing WHERE day = %s", [YOUNG]).fetchone()
        assert digest
        with pytest.raises(psycopg.Error, match="young"):
            admin.execute("SELECT wall.delete_day(%s, %s, 'x')", [YOUNG, digest[0]])
        admin.rollback()
        # Ten years between two checkpoints, and the newest is of now: somebody set the clock.
        admin.execute(
            "UPDATE log.checkpoint SET at = at - interval '10 years'"
            " WHERE size < (SELECT max(size) FROM log.checkpoint)"
        )
        old = admin.execute("SELECT digest FROM log.closing WHERE day = %s", [OLD[0]]).fetchone()
        assert old
        with pytest.raises(psycopg.Error, match="clock"):
            admin.execute("SELECT wall.delete_day(%s, %s, 'x')", [OLD[0], old[0]])
        admin.rollback()
        # Set by steps, a few days each: all of them together are more than a week.
        admin.execute(
            "UPDATE log.checkpoint c SET at = now() - r.n * interval '4 days'"
            " FROM (SELECT size, row_number() OVER (ORDER BY size DESC) - 1 AS n FROM log.checkpoint) r"
            " WHERE r.size = c.size"
        )
        steps = admin.execute("SELECT count(*) FROM log.checkpoint").fetchone()
        assert steps
        assert steps[0] >= 3
        with pytest.raises(psycopg.Error, match="clock"):
            admin.execute("SELECT wall.delete_day(%s, %s, 'x')", [OLD[0], old[0]])
        admin.rollback()
        # A log that stands still says nothing of the time either.
        admin.execute("UPDATE log.checkpoint SET at = at - interval '2 days'")
        with pytest.raises(psycopg.Error, match="clock"):
            admin.execute("SELECT wall.delete_day(%s, %s, 'x')", [OLD[0], old[0]])


def test_a_held_day_stays(kept: Kept) -> None:
    with deployer(kept.place.home) as connection:
        row = connection.execute(
            "SELECT wall.hold_days(%s, %s, 'td-compliance', '監督官庁の調べ')", [OLD[0], OLD[0] + timedelta(days=1)]
        ).fetchone()
        assert row
        assert kept.delete(OLD[0]) == "held"
        assert connection.execute("SELECT wall.release_hold(%s, 'td-compliance', '終わり')", [row[0]]).fetchone() != (
            None,
        )
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("SELECT wall.release_hold(%s, 'x', 'x')", [row[0]])


def test_a_day_that_is_not_as_it_was_closed_stays(kept: Kept) -> None:
    file = kept.folder / f"records/day={OLD[0]}/outcomes.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole + b"x")
    assert kept.delete(OLD[0]) == "files"
    file.write_bytes(whole)
    with psycopg.connect(kept.place.admin, autocommit=True) as admin:
        admin.execute(
            "UPDATE log.closing SET records = records + 1 WHERE day = %s",
            [OLD[0]],
        )
        assert kept.delete(OLD[0]) == "closed"
        admin.execute("UPDATE log.closing SET records = records - 1 WHERE day = %s", [OLD[0]])
        admin.execute(
            "INSERT INTO log.alarm (at, kind, detail) VALUES (%s, 'test', 'no place')",
            [datetime.combine(OLD[0], time(9), JST)],
        )
        assert kept.delete(OLD[0]) == "placed"
        admin.execute("DELETE FROM log.alarm WHERE detail = 'no place'")


def test_a_day_goes_with_its_record_and_the_verifier_tells(kept: Kept, tmp_path: Path) -> None:
    before = bundle(kept.place, tmp_path / "before")
    assert found(before) == []
    (kept.folder.parent / "before.kept").write_bytes(next(before.glob("2*.jsonl")).read_bytes())
    size = len(sound(kept.place))
    assert kept.delete(OLD[0]) == ""
    kept.run()
    for table in _TABLES:
        assert OLD[0] not in kept.days(table)
    assert kept.place.behind("SELECT FROM log.alarm WHERE detail = %s", [f"alarm of {OLD[0]}"]) == []
    assert kept.faults() == []
    assert [file for file in kept.folder.rglob("*") if str(OLD[0]) in file.name] == []
    assert len(sound(kept.place)) > size
    out = bundle(kept.place, tmp_path / "out")
    assert found(out) == []
    _, notes, _ = verify_log.check([out], None, [])
    told = [note for note in notes if "により" in note and str(OLD[0]) in note]
    assert [("9 件" in note, "10 年、EXAMPLE" in note, "td-admin" in note) for note in told] == [(True, True, True)]
    # Another auditor's earlier bundle is the same log.
    assert found(before, out) == []
    # Counted no more, and no alarm for it.
    assert kept.place.behind("SELECT FROM log.tallied WHERE day = %s", [OLD[0]]) == []
    assert kept.delete(OLD[0]) == "closed"


@pytest.fixture
def gone(kept: Kept, tmp_path: Path) -> Path:
    """A bundle of a log with a deleted day."""
    if OLD[0] in kept.days():
        assert kept.delete(OLD[0]) == ""
    kept.run()
    out = bundle(kept.place, tmp_path / "gone")
    assert found(out) == []
    return out


def _day(out: Path) -> tuple[Path, list[Any]]:
    file = next(out.glob("2*.jsonl"))
    return file, lines(file)


def test_another_record_hidden_behind_a_deletion_is_found(gone: Path) -> None:
    file, told = _day(gone)
    number = next(one[3] for one in told if len(one) == 4)
    at = next(i for i, one in enumerate(told) if len(one) == 3 and f"{OLD[1]:%Y%m%d}" in one[2])
    rewrite(file, [*told[:at], [told[at][0], told[at][1], None, number], *told[at + 1 :]])
    assert [code for code, _, _ in found(gone)] in (["deleted"], ["missing"])


def test_a_day_that_is_there_again_is_found(kept: Kept, gone: Path) -> None:
    """A record of the deleted day that a backup brought back: whole, in its place, and not to be there."""
    file, told = _day(gone)
    at = next(i for i, one in enumerate(told) if len(one) == 4)
    (leaf,) = kept.place.behind("SELECT kind FROM log.leaf WHERE index = %s", [told[at][0]])
    assert leaf == ("ticket",)
    before = next(lines(one) for one in sorted(kept.folder.parent.rglob("*.kept")))
    rewrite(file, [*told[:at], before[at], *told[at + 1 :]])
    assert [code for code, _, _ in found(gone)] == ["deleted"]


@pytest.mark.parametrize("what", ["no number", "no record", "another number"])
def test_a_day_that_is_gone_without_a_record_is_missing(gone: Path, what: str) -> None:
    file, told = _day(gone)
    if what == "no record":
        (gone / "1-deletions.jsonl").unlink()
    else:
        told = [one if len(one) == 3 else [*one[:3], *([999] if what == "another number" else [])] for one in told]
    rewrite(file, told)
    codes = {code for code, _, _ in found(gone)}
    assert "missing" in codes


def test_a_forged_deletion_is_refused(gone: Path) -> None:
    """Its record is proved to be in the tree, and says itself how old the day was."""
    file = gone / "1-deletions.jsonl"
    proof, rule = lines(file)
    rewrite(file, [{**proof, "record": proof["record"].replace("EXAMPLE", "EXAMPLF")}])
    assert "proof" in {code for code, _, _ in found(gone)}
    # A rule that is not in the tree lets nothing go.
    rewrite(file, [proof])
    day, told = _day(gone)
    at = next(i for i, one in enumerate(told) if one[2] and one[2] == rule["record"])
    rewrite(day, [*told[:at], [told[at][0], told[at][1], None], *told[at + 1 :]])
    assert {"young", "missing"} == {code for code, _, _ in found(gone)}
    record = proof["record"].replace(f"10:{OLD[0]},", f"10:{TODAY - timedelta(days=30)},")
    assert record != proof["record"]
    assert not verify_log.deletion(record).old
    assert verify_log.deletion(proof["record"]).old


def test_a_kill_between_the_record_and_the_files_is_told_and_goes_on(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = retention.clear
    calls: list[int] = []

    def die(folder: Path, days: set[date]) -> Any:
        calls.append(1)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retention, "clear", die)
        with pytest.raises(KeyboardInterrupt):
            kept.delete(OLD[1])
    assert OLD[1] not in kept.days()
    assert kept.faults() == [f"day={OLD[1]}"]
    # Killed once more, with half of the files gone.
    next((kept.folder / "records" / f"day={OLD[1]}").iterdir()).unlink()
    assert kept.faults() == [f"day={OLD[1]}"]
    assert real(kept.folder, {OLD[1]}) == [OLD[1]]
    assert kept.faults() == []


def test_the_copy_in_the_store_goes_with_the_day(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cold day is judged by what the store has, and its objects go after its record, also where that was cut off."""
    day = OLD[2]
    with running() as store, deployer(kept.place.home) as connection:
        keys = Keys(access=store.access, secret=store.secret)
        there = Objects(Place(bucket=BUCKET, keys=keys, region=REGION, prefix="own/", seconds=20, endpoint=store.url))
        (moved,) = move(connection, kept.folder, there, day.__eq__, lambda *_: None, remove=True, again=False)
        assert moved.removed
        names = store.names()

        def deleted(objects: Objects | None) -> str:
            return delete_day(connection, kept.folder, day, "td-admin", Copies(kept.folder, objects)).why

        assert deleted(None) == "cold"
        content = store.client().get_object(Bucket=BUCKET, Key=names[0])["Body"].read()
        store.client().put_object(Bucket=BUCKET, Key=names[0], Body=content[:-1] + b"!")
        assert deleted(there) == "files"
        store.client().put_object(Bucket=BUCKET, Key=names[0], Body=content)
        assert day in kept.days()
        with monkeypatch.context() as patched:
            patched.setattr(Copies, "remove", lambda *_: None)
            assert deleted(there) == ""
        assert day not in kept.days()
        assert store.names() == names
        assert kept.faults() == [f"day={day}"], "the copy of a day whose deletion is recorded"
        with_hold = "SELECT wall.hold_days(%s, %s, 'x', '訴訟')"
        hold = connection.execute(with_hold, [OLD[3], OLD[3] + timedelta(days=1)]).fetchone()
        assert hold
        assert [one.day for one in delete(connection, kept.folder, "x", Copies(kept.folder, None)) if one.why == "cold"]
        list(delete(connection, kept.folder, "td-admin", Copies(kept.folder, there)))
        connection.execute("SELECT wall.release_hold(%s, 'x', '終わり')", [hold[0]])
        assert store.names() == []
    assert read_manifest(kept.folder) == {}
    assert kept.faults() == []


def test_everything_that_is_due_goes_and_nothing_else(kept: Kept) -> None:
    with deployer(kept.place.home) as connection:
        row = connection.execute(
            "SELECT wall.hold_days(%s, %s, 'x', '訴訟')", [OLD[3], OLD[3] + timedelta(days=1)]
        ).fetchone()
        done = list(delete(connection, kept.folder, "td-admin"))
        assert row
        connection.execute("SELECT wall.release_hold(%s, 'x', '終わり')", [row[0]])
    assert {one.day: one.why for one in done if one.day in OLD}.get(OLD[3]) == "held"
    assert kept.days() & set(OLD) == {OLD[3]}
    assert YOUNG in kept.days()
    assert kept.faults() == []


def test_a_shorter_rule_is_known_thirty_days_before(kept: Kept) -> None:
    with deployer(kept.place.home) as connection:

        def rule(days: int, years: int) -> Any:
            start = TODAY + timedelta(days=days)
            return connection.execute("SELECT wall.set_retention(%s, %s, 'x', 'x', 'x')", [start, years]).fetchone()

        with pytest.raises(psycopg.Error, match="today or later"):
            rule(-1, 12)
        for days in (0, 29):
            with pytest.raises(psycopg.Error, match="thirty days"):
                rule(days, 9)
        with pytest.raises(psycopg.errors.CheckViolation):
            rule(60, 0)
        assert rule(0, 12)
        # The rule of twelve years is in force; that of ten is shorter now.
        with pytest.raises(psycopg.Error, match="thirty days"):
            rule(1, 10)
        assert rule(30, 10)
    assert kept.delete(YOUNG) == kept.delete(OLD[3]) == "young"
    kept.run()
    assert [kind for _, kind, _, _ in sound(kept.place)].count("retention") == 3


def test_a_rule_that_was_written_into_the_past_by_hand_is_told(kept: Kept, tmp_path: Path) -> None:
    """The owner of the table can put in what the function refuses; the verifier holds it against its own time."""
    with deployer(kept.place.home) as connection:
        connection.execute("SET ROLE owner")
        connection.execute("ALTER TABLE log.retention NO FORCE ROW LEVEL SECURITY")
        connection.execute(
            "INSERT INTO log.retention (valid_from, years, label, who, reason)"
            " VALUES ('2016-04-02', 9, 'EXAMPLE', 'x', 'y')"
        )
        connection.execute("ALTER TABLE log.retention FORCE ROW LEVEL SECURITY")
        connection.execute("RESET ROLE")
    kept.run()
    assert [code for code, _, _ in found(bundle(kept.place, tmp_path / "bundle"))] == ["rule"]
