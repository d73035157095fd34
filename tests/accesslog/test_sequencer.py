"""The sequencer on a real database: dense whatever happens, below the horizon, one chain, the records it says."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.accesslog import checkpoints, sequencer, verify_log
from takuso.accesslog.sequencer import ForeignCheckpoint, LogSetBack, declare_gap, sequence
from takuso.accesslog.tree import Part
from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import Proof, SignIns
from takuso.doors.cli.log_bundle import Days, write_bundle
from takuso.doors.cli.log_reading import reader
from takuso.flow.points import queries as q
from takuso.store.home import TWIN_PREFIX, CorruptHome, Home
from takuso.store.pools import dsn
from tests.accesslog.paper import found, net
from tests.apart import Place, apart
from tests.area import Area

Leaf = tuple[int, str, str, bytes]
ALL = Days(since=None, until=None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with apart(tmp_path_factory.mktemp("sequenced") / "home") as made:
        yield made


@pytest.fixture
def person(place: Place) -> Proof:
    return SignIns(place.pools).by_demo("td-contact")


@pytest.fixture
def run(place: Place) -> Iterator[Callable[[], int]]:
    """The sequencer, as the job calls it."""
    with place.pools.pool("sequencer").connection() as connection:
        yield lambda: sequence(connection, place.home, "cd")


def leaves(place: Place) -> list[Leaf]:
    return [
        (index, kind, key, bytes(leaf))
        for index, kind, key, leaf in place.behind("SELECT index, kind, key, hash FROM log.leaf ORDER BY day, index")
    ]


def state_purpose(place: Place, person: Proof, reference: str = "TOI-1") -> str:
    visit = Visit(proof=person, screen="PU10")
    return Gate(place.pools).state_purpose(visit, code="TOI", reference=reference, scope="*").receipt


def sound(place: Place) -> list[Leaf]:
    """The leaves, after checking that index, roots and chain fit."""
    told = leaves(place)
    assert [leaf[0] for leaf in told] == list(range(len(told)))
    signed = place.behind("SELECT size, body, signature, peaks FROM log.checkpoint ORDER BY size")
    assert not told or signed[-1][0] == len(told)
    tree, at, previous = verify_log.Growing(), 0, verify_log.NOTHING
    for size, body, signature, peaks in signed:
        for leaf in told[at:size]:
            tree.push(leaf[3])
        one = verify_log.checkpoint({"body": body, "signature": bytes(signature).hex()})
        assert one is not None
        assert (one.root, one.previous, b"".join(tree.peaks)) == (tree.root(), previous, bytes(peaks))
        at, previous = size, verify_log.body_hash(body)
    return told


def bundle(place: Place, out: Path, days: Days = ALL) -> Path:
    with reader(place.pools, "td-compliance", screen="AL10", terminal="test") as read:
        write_bundle(read, place.home, days, out)
    return out


def test_records_get_their_places_and_a_bundle_is_whole(
    place: Place, person: Proof, run: Callable[[], int], tmp_path: Path
) -> None:
    receipt = state_purpose(place, person)
    assert run() >= 3
    told = sound(place)
    assert [kind for _, kind, key, _ in told if key == receipt] == ["ticket", "purpose"]
    assert found(bundle(place, tmp_path / "bundle"), key=checkpoints.public_key(place.home)) == []


def test_a_record_says_what_the_log_says(place: Place, person: Proof, run: Callable[[], int], tmp_path: Path) -> None:
    """The layout by another hand: a ticket with its subject and what was typed, and its outcome."""
    customer = Area(place.home, datetime.now(UTC).date()).add("own")
    state_purpose(place, person)
    Gate(place.pools).state_purpose(
        Visit(proof=person, screen="PU10"), code="TOI", reference="TOI-2", scope=customer.code
    )
    released = Gate(place.pools).look(
        Visit(proof=person, screen="CI20"),
        asked=(customer.code,),
        queries=(q.PLACE,),
        render=lambda sight: str(len(sight.rows(q.PLACE))).encode(),
    )
    run()
    out = bundle(place, tmp_path / "bundle")
    records = {}
    for file in out.glob("2*.jsonl"):
        for _, _, record in map(json.loads, file.read_text("utf-8").splitlines()):
            fields = verify_log.fields(record.encode())
            if released.receipt.encode() in fields:
                records[fields[0]] = record
    utc = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    (ticket,) = place.behind(
        "SELECT day::text, receipt, request::text, xid::text, "
        + utc.format("at")
        + ", "
        + utc.format("business_at")
        + ","  # type: ignore[arg-type]
        " kind, session::text, terminal, person::text, appointment::text, employer::text, organisation::text, duty,"
        " screen, screen_version::text, came_from, came_screen, action, purpose_code, purpose_reference,"
        " purpose_verified::text, purpose_receipt, decision, reason, rule_version::text, encode(argument_hash, 'hex'),"
        " (SELECT encode(sha256(y.key || convert_to(y.typed, 'UTF8')), 'hex') FROM log.payload y"
        "   WHERE y.receipt = t.receipt)"
        " FROM log.ticket t WHERE receipt = %s",
        [released.receipt],
    )
    (subject,) = place.behind(
        "SELECT no::text, point::text, supply_point, holder::text, held_from::text, relation,"
        " array_to_string(granted, ' '), array_to_string(refused, ' '), period::text FROM log.subject"
        " WHERE receipt = %s",
        [released.receipt],
    )
    assert records[b"takuso.ticket.1"] == net("takuso.ticket.1", *ticket, net(net(*subject)))
    (outcome,) = place.behind(
        "SELECT day::text, receipt, xid::text, " + utc.format("at") + ", rows::text, array_to_string(classes, ' '),"  # type: ignore[arg-type]
        " array_to_string(points, ' '), encode(digest, 'hex') FROM log.outcome WHERE receipt = %s",
        [released.receipt],
    )
    assert records[b"takuso.outcome.1"] == net("takuso.outcome.1", *outcome)


def test_nothing_slips_in_below(place: Place, run: Callable[[], int]) -> None:
    """Attack 74: a transaction that began earlier and commits later keeps the others waiting; a rollback is no gap."""
    run()
    before = len(sound(place))
    with psycopg.connect(place.admin) as early, psycopg.connect(place.admin) as lost:
        alarm = "INSERT INTO log.alarm (kind, detail) VALUES ('test', %s)"
        early.execute(alarm, ["early"])
        lost.execute(alarm, ["lost"])
        place.behind(alarm, ["late"])
        assert run() == 0
        lost.rollback()
        assert run() == 0
        early.commit()
    assert run() == 2
    told = sound(place)[before:]
    detail = dict(place.behind("SELECT id::text, detail FROM log.alarm"))
    assert [detail[key] for _, _, key, _ in told] == ["early", "late"]


def test_two_at_once_leave_one_chain(place: Place) -> None:
    for n in range(3):
        for m in range(20):
            place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', %s)", [f"{n} {m}"])
        ready = threading.Barrier(4)
        added: list[int] = []

        def work(ready: threading.Barrier = ready, added: list[int] = added) -> None:
            with psycopg.connect(dsn(place.home, "sequencer"), autocommit=True) as connection:
                ready.wait()
                added.append(sequence(connection, place.home, "cd"))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(added) == 20, added
    sound(place)


def test_a_kill_in_the_middle_leaves_it_dense(
    place: Place, run: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    before = len(sound(place))
    place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', 'x')")
    # The connection is cut after the leaves were written and before the checkpoint.
    with psycopg.connect(dsn(place.home, "sequencer")) as connection:
        connection.execute("SELECT log.take(10, '1 hour', NULL)")
        place.behind("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert len(sound(place)) == before
    # The process dies after the commit and before the home's file is written: the database is ahead, which is sound.
    monkeypatch.setattr(checkpoints, "keep", _die)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.undo()
    assert len(sound(place)) == before + 1
    known = checkpoints.kept(place.home)
    assert known is not None
    assert known.size == before
    assert run() == 0
    assert place.findings()["log_tree"].state == "ok"


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_clock_that_ran_ahead_hides_nothing(place: Place, run: Callable[[], int], person: Proof) -> None:
    """What a round of next week left behind: no day before is without its place. There will be some."""
    run()
    place.behind("UPDATE log.checkpoint SET since = since + 9 WHERE size = (SELECT max(size) FROM log.checkpoint)")
    receipt = state_purpose(place, person)
    assert place.findings()["log_tree"].state == "ok"
    assert run() > 0
    assert receipt in {key for _, _, key, _ in sound(place)}
    assert place.behind("SELECT since <= current_date FROM log.checkpoint ORDER BY size DESC LIMIT 1") == [(True,)]


def _sealed(place: Place, previous: str, *, taken: bool = True) -> str | None:
    """What happens to a checkpoint of the login alone, whose signature is nobody's; SQLSTATE, None if it is kept."""
    try:
        with psycopg.connect(dsn(place.home, "sequencer")) as connection:
            size = 0
            if taken:
                row = connection.execute("SELECT log.take(100000, '0', NULL)").fetchone()
                assert row
                size = row[0]["from"] + len(row[0]["hashes"]) // 64
            peaks = b"x" * 32 * bin(size).count("1")
            key = checkpoints.public_key(place.home).hex()
            body = f"takuso log checkpoint 1\nkey: {key}\nprevious: {previous}\n"
            connection.execute("SELECT log.seal(%s, %s, %s, %s)", [size, peaks, body, b"0" * 64])
    except psycopg.Error as error:
        return error.sqlstate
    return None


def test_a_checkpoint_that_names_another_one_before_it_is_refused(place: Place, run: Callable[[], int]) -> None:
    """Of two that took at once, also across midnight, the second signed what is no longer the last one."""
    place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', 'x')")
    run()
    (before,) = place.behind("SELECT encode(previous, 'hex') FROM log.checkpoint ORDER BY size DESC LIMIT 1")[0]
    assert _sealed(place, before) == "23505"
    assert _sealed(place, "none") == "23502"
    assert _sealed(place, before, taken=False) == "TK400"
    sound(place)


def test_a_checkpoint_that_somebody_else_signed_is_told(tmp_path: Path) -> None:
    """The login can write one; the next round, doctor and the start check name it."""
    with apart(tmp_path / "home") as place, place.pools.pool("sequencer").connection() as connection:
        sequence(connection, place.home, "cd")
        (last,) = place.behind("SELECT body FROM log.checkpoint ORDER BY size DESC LIMIT 1")[0]
        assert _sealed(place, verify_log.body_hash(last)) is None
        with pytest.raises(ForeignCheckpoint):
            sequence(connection, place.home, "cd")
        assert place.findings()["log_tree"].state == "bad"


def test_a_lost_key_is_not_made_anew(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    checkpoints.ensure_key(home)
    signed = checkpoints.checkpoint(home, size=1, root=b"x" * 32, at="", rules="", catalogue="", previous=None)
    checkpoints.keep(home, signed)
    (home.secrets / checkpoints.SECRET).unlink()
    with pytest.raises(CorruptHome, match="鍵"):
        checkpoints.ensure_key(home)
    with pytest.raises(CorruptHome, match="鍵"):
        checkpoints.sign(home, "x")


def test_what_was_typed_and_altered_afterwards_is_found(place: Place, run: Callable[[], int], tmp_path: Path) -> None:
    proof = SignIns(place.pools).by_demo("aoi-clerk")
    Gate(place.pools).search(
        Visit(proof=proof, screen="KS10"), how="kana", term="カエラレタ", after=None, queries=(), render=lambda _: b""
    )
    run()
    ((receipt, typed),) = place.behind("SELECT receipt, typed FROM log.payload WHERE typed LIKE '%%カエラレタ%%'")
    assert found(bundle(place, tmp_path / "before")) == []
    place.behind("UPDATE log.payload SET typed = 'nothing was asked' WHERE receipt = %s", [receipt])
    run()
    assert found(bundle(place, tmp_path / "after")) != []
    place.behind("UPDATE log.payload SET typed = %s WHERE receipt = %s", [typed, receipt])
    assert found(bundle(place, tmp_path / "again")) == []


def test_many_batches_and_whole_transactions(
    place: Place, run: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 7)
    run()
    before = place.behind("SELECT count(*) FROM log.checkpoint")[0][0]
    for n in range(3):
        place.behind(
            "INSERT INTO log.alarm (kind, detail) SELECT 'test', g::text FROM generate_series(1, %s) g", [5 + n]
        )
    assert run() == 18
    assert place.behind("SELECT count(*) FROM log.checkpoint")[0][0] - before in (2, 3)
    sound(place)


def test_an_old_backlog_in_many_batches(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log from before there was a sequencer: nothing of its earlier days is left out, however small the batches."""
    place.behind("DELETE FROM log.leaf")
    place.behind("DELETE FROM log.timestamp")
    place.behind("DELETE FROM log.checkpoint")
    assert place.home.checkpoint is not None
    place.home.checkpoint.unlink(missing_ok=True)
    for back in (9, 8, 5, 1):
        day = datetime.now(UTC).date() - timedelta(days=back)
        part = f"log.purpose_{day:%Y%m%d}"
        with psycopg.connect(place.admin, autocommit=True) as connection:
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {part} PARTITION OF log.purpose"  # type: ignore[arg-type]
                f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            )
            connection.execute(
                "INSERT INTO log.purpose (day, receipt, session, scope, code, reference, verified, at, expires)"
                " SELECT %s, 'old' || %s || g, 1, '*', 'TOI', 'x', true, now(), now() FROM generate_series(1, 3) g",
                [day, back],
            )
    place.behind(
        "INSERT INTO log.closing (day, records, subjects, outcomes, views, digest)"
        " VALUES ('2001-01-01', 3, 2, 3, 1, sha256('files'))"
    )
    monkeypatch.setattr(sequencer, "BATCH", 4)
    with place.pools.pool("sequencer").connection() as connection:
        sequence(connection, place.home, "cd")
    told = sound(place)
    assert sum(key.startswith("old") for _, _, key, _ in told) == 12
    assert sum(kind == "closing" for _, kind, _, _ in told) == 1
    (count,) = place.behind(
        "SELECT (SELECT count(*) FROM log.ticket) + (SELECT count(*) FROM log.outcome)"
        " + (SELECT count(*) FROM log.purpose) + (SELECT count(*) FROM log.export) + (SELECT count(*) FROM log.alarm)"
        " + (SELECT count(*) FROM log.sign_in) + (SELECT count(*) FROM log.closing)"
        " + (SELECT count(*) FROM log.retention)"
    )[0]
    assert sum(kind not in ("heartbeat", "gap") for _, kind, _, _ in told) == count


def test_silence_is_told(place: Place, run: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    assert run() == 0
    monkeypatch.setattr(sequencer, "HEARTBEAT", timedelta(0))
    assert run() == 1
    assert sound(place)[-1][1] == "heartbeat"


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("UPDATE log.ticket SET terminal = 'elsewhere' WHERE receipt = %s", "altered"),
        ("DELETE FROM log.ticket WHERE receipt = %s", "missing"),
        ("UPDATE log.leaf SET typed = sha256('x') WHERE kind = 'ticket' AND key = %s", "altered"),
        ("UPDATE log.leaf SET hash = sha256('x') WHERE kind = 'ticket' AND key = %s", "altered"),
    ],
)
def test_what_a_superuser_changes_is_named(
    place: Place, person: Proof, run: Callable[[], int], tmp_path: Path, what: Any, code: str
) -> None:
    """Attack 70: the record is named by its index; put back, the log is whole again."""
    receipt = state_purpose(place, person)
    run()
    (index, *_) = next(leaf for leaf in leaves(place) if leaf[1:3] == ("ticket", receipt))
    with psycopg.connect(place.admin) as connection:
        rows = {
            table: connection.execute(f"SELECT to_jsonb(t) FROM log.{table} t WHERE {key} = %s", [receipt]).fetchall()  # type: ignore[arg-type]
            for table, key in (("ticket", "receipt"), ("leaf", "key"))
        }
        connection.execute(what, [receipt])
    told = found(bundle(place, tmp_path / "bundle"))
    assert told == [(code, index, index + 1)]
    with psycopg.connect(place.admin) as connection:
        for table, key in (("ticket", "receipt"), ("leaf", "key")):
            connection.execute(f"DELETE FROM log.{table} WHERE {key} = %s", [receipt])  # type: ignore[arg-type]
            for (row,) in rows[table]:
                connection.execute(
                    f"INSERT INTO log.{table} SELECT * FROM jsonb_populate_record(NULL::log.{table}, %s)",  # type: ignore[arg-type]
                    [psycopg.types.json.Jsonb(row)],
                )
    assert found(bundle(place, tmp_path / "again")) == []


def test_the_sequencer_sees_hashes_alone(place: Place) -> None:
    with psycopg.connect(dsn(place.home, "sequencer"), autocommit=True) as connection:
        for table in ("ticket", "subject", "outcome", "payload", "leaf", "checkpoint"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM log.{table}")  # type: ignore[arg-type]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM log.evidence('2026-01-01', 0, 9)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM log.texts('ticket', '2026-01-01', '{}', '{}', '{}')")


def test_evidence_without_a_ticket_is_empty(place: Place, run: Callable[[], int]) -> None:
    run()
    with psycopg.connect(dsn(place.home, "surveyor"), autocommit=True) as connection:
        day = place.behind("SELECT max(day) FROM log.leaf")[0][0]
        assert connection.execute("SELECT * FROM log.evidence(%s, 0, 99)", [day]).fetchall() == []
        assert connection.execute("SELECT * FROM log.leaf").fetchall() == []


def test_a_restored_backup_stops_everything_until_the_gap_is_told(
    place: Place, run: Callable[[], int], tmp_path: Path
) -> None:
    """Attack 72: the log is set back below what the home knows."""
    run()
    size = len(sound(place))
    place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', 'will be lost')")
    run()
    lost = checkpoints.kept(place.home)
    assert lost is not None
    kept = tmp_path / "known"
    kept.write_text(json.dumps(lost.document()), encoding="utf-8")
    # As an older backup would have it.
    place.behind("DELETE FROM log.alarm WHERE detail = 'will be lost'")
    place.behind("DELETE FROM log.leaf WHERE index >= %s", [size])
    place.behind("DELETE FROM log.checkpoint WHERE size > %s", [size])
    with pytest.raises(LogSetBack):
        run()
    finding = place.findings()["log_tree"]
    assert (finding.state, "takuso log gap" in finding.cure) == ("bad", True)
    with place.pools.pool("sequencer").connection() as connection:
        made = declare_gap(connection, place.home, "cd", who="td-admin", why="ディスクの故障で 6 時の控えから戻した")
        assert made.size > size
        with pytest.raises(ValueError, match="nothing"):
            declare_gap(connection, place.home, "cd", who="x", why="y")
    run()
    told = sound(place)
    assert told[size][1] == "gap"
    assert place.findings()["log_tree"].state == "ok"
    out = bundle(place, tmp_path / "bundle")
    assert found(out) == []
    findings, notes, _ = verify_log.check([out], None, [kept])
    assert [f.code for f in findings] in (["forked"], ["rollback"])
    assert any("td-admin" in note and "6 時の控え" in note for note in notes)


def test_a_forged_file_of_the_home_is_refused(place: Place, run: Callable[[], int]) -> None:
    run()
    file = place.home.checkpoint
    assert file is not None
    right = file.read_text("utf-8")
    file.write_text(right.replace("size: ", "size: 1"), encoding="utf-8")
    with pytest.raises(CorruptHome):
        run()
    assert place.findings()["log_tree"].state == "bad"
    file.write_text(right, encoding="utf-8")
    assert place.findings()["log_tree"].state == "ok"


def test_every_record_can_be_proved(place: Place) -> None:
    told = leaves(place)
    (size, body) = place.behind("SELECT size, body FROM log.checkpoint ORDER BY size DESC LIMIT 1")[0]
    part = Part(0, [], [leaf[3] for leaf in told])
    root = bytes.fromhex(body.split("root: ")[1][:64])
    for index, _, _, leaf in told:
        assert verify_log.included(leaf, index, size, part.inclusion(index), root)


def test_a_twin_leaves_nothing_beside_the_real_log(place: Place) -> None:
    """The proof's twin has a log of its own: its sequencer neither reads nor writes the home's checkpoint."""
    twin = Home(place.home.path, database_url=f"postgresql://localhost/{TWIN_PREFIX}1_x")
    assert twin.checkpoint is None
    assert checkpoints.kept(twin) is None
    before = place.home.checkpoint and place.home.checkpoint.read_bytes()
    made = checkpoints.checkpoint(twin, size=1, root=b"r" * 32, at="x", rules="", catalogue="", previous=None)
    checkpoints.keep(twin, made)
    assert place.home.checkpoint
    assert place.home.checkpoint.read_bytes() == before


def test_a_home_without_its_checkpoint_says_so(place: Place, run: Callable[[], int]) -> None:
    run()
    assert place.home.checkpoint is not None
    place.home.checkpoint.unlink()
    assert place.findings()["log_tree"].state == "warn"
    place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', 'again')")
    run()
    assert place.findings()["log_tree"].state == "ok"
