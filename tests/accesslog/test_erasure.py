"""What somebody typed is destroyed with its key, by two; leaf and proof stay, and a backup does not bring it back."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.accesslog import erasures, verify_log
from takuso.accesslog.tree import Part
from takuso.barrier.deployment import Loader, deployer
from takuso.barrier.erasing import ErasureStep
from takuso.barrier.gate import ActionRefused, ErasureRefused, Gate, Visit
from takuso.barrier.signin import SignIns
from takuso.kernel.periods import jst_day
from takuso.store.home import CorruptHome
from tests.accesslog.paper import found
from tests.accesslog.test_sequencer import bundle, leaves, place, run
from tests.apart import Place
from tests.area import AOI_NW

__all__ = ["place", "run"]
SECOND = "td-auditor"
SECRET = "ケスベキナマエ"


@pytest.fixture(scope="module", autouse=True)
def _second(place: Place) -> None:
    """Another person of the duty."""
    with Loader(place.home) as loader:
        loader.load("wall.person", [{"id": 901, "code": SECOND, "name": "監査 二人目"}])
        post = {"person": 901, "employer": AOI_NW, "principal": None, "duty": "network.compliance"}
        loader.load("wall.appointment", [{"id": 901, **post, "valid": "[2016-04-01 00:00+09,)"}])


def _search(place: Place, term: str = SECRET, person: str = "aoi-clerk") -> str:
    visit = Visit(proof=SignIns(place.pools).by_demo(person), screen="KS10")
    gate = Gate(place.pools)
    return gate.search(visit, how="kana", term=term, after=None, queries=(), render=lambda _: b"").receipt


def _step(place: Place, person: str, erasure: str | None = None, target: str = "", law: str = "35 条") -> str:
    visit = Visit(proof=SignIns(place.pools).by_demo(person), screen="AL12")
    step: Any = "request" if erasure is None else "approval"
    asked = ErasureStep(step=step, erasure=erasure, target=target, law=law, reason="本人の求め")
    done = Gate(place.pools).erase_step(visit, asked)
    return str(done["receipt"])


def _typed(place: Place, receipt: str) -> list[tuple[Any, ...]]:
    return place.behind("SELECT typed, key FROM log.payload WHERE receipt = %s", [receipt])


def _erased(place: Place, run: Callable[[], int], term: str = SECRET) -> str:
    receipt = _search(place, term)
    run()
    _step(place, SECOND, _step(place, "td-compliance", target=receipt))
    return receipt


def test_two_erase_and_everything_else_stays(place: Place, run: Callable[[], int], tmp_path: Path) -> None:
    """Attack 75: neither leaf nor root nor proof changes; who and by which law is a record; the text is nowhere."""
    receipt = _search(place)
    run()
    before = leaves(place)
    asked = _step(place, "td-compliance", target=receipt)
    assert _typed(place, receipt) != []
    _step(place, SECOND, asked)
    assert _typed(place, receipt) == []
    run()
    told = leaves(place)
    assert told[: len(before)] == before
    out = bundle(place, tmp_path / "bundle")
    assert found(out) == []
    text = "".join(file.read_text("utf-8") for file in out.glob("*.jsonl"))
    assert SECRET not in text
    steps = [json.loads(line)[2] for line in text.splitlines() if "takuso.erasure.1" in line]
    assert [(receipt in one, "35 条" in one, "本人の求め" in one) for one in steps] == [(True, True, True)] * 2
    _, notes, _ = verify_log.check([out], None, [])
    assert any(receipt in note and "35 条" in note for note in notes)
    (size, body) = place.behind("SELECT size, body FROM log.checkpoint ORDER BY size DESC LIMIT 1")[0]
    index = next(leaf[0] for leaf in told if leaf[1:3] == ("ticket", receipt))
    path = Part(0, [], [leaf[3] for leaf in told]).inclusion(index)
    assert verify_log.included(told[index][3], index, size, path, bytes.fromhex(body.split("root: ")[1][:64]))


def test_nothing_that_stays_tells_whether_it_was_this_text(place: Place, run: Callable[[], int]) -> None:
    """Names are few: a hash of the text without a key would give it back to whoever tries them."""
    receipt = _search(place)
    run()
    plain = (
        "sha256(convert_to(jsonb_build_array('search', 'KS10', t.came_from, 'kana', y.typed, %s::text[], NULL)::text,"
        " 'UTF8'))"
    )
    guesses = place.behind(
        f"SELECT t.argument_hash = {plain}, t.argument_hash = sha256(y.key || {plain})"  # type: ignore[arg-type]
        "  FROM log.ticket t JOIN log.payload y USING (day, receipt) WHERE receipt = %s",
        [_terms(), _terms(), receipt],
    )
    # With the key, and only with it.
    assert guesses == [(False, True)]
    _step(place, SECOND, _step(place, "td-compliance", target=receipt))
    assert _typed(place, receipt) == []
    left = place.behind(
        "SELECT to_jsonb(t)::text || to_jsonb(l)::text FROM log.ticket t JOIN log.leaf l ON l.key = t.receipt"
        " WHERE t.receipt = %s AND l.kind = 'ticket'",
        [receipt],
    )[0][0]
    for guess in (SECRET, *_terms()):
        assert guess not in left
        assert hashlib.sha256(guess.encode()).hexdigest() not in left


def _terms() -> list[str]:
    from takuso.kernel import finding

    return list(finding.terms("kana", SECRET))


def test_one_person_alone_erases_nothing(place: Place, run: Callable[[], int]) -> None:
    receipt = _search(place)
    run()
    asked = _step(place, "td-compliance", target=receipt)
    with pytest.raises(ErasureRefused) as told:
        _step(place, "td-compliance", asked)
    assert told.value.why == "self"
    for person in ("td-admin", "aoi-clerk"):
        with pytest.raises(ActionRefused):
            _step(place, person, asked)
    with pytest.raises(ErasureRefused) as told:
        _step(place, SECOND, "no such erasure")
    assert told.value.why == "unknown"
    assert _typed(place, receipt) != []
    place.behind("UPDATE log.erasure SET expires = now() - interval '1 minute' WHERE erasure = %s", [asked])
    with pytest.raises(ErasureRefused) as told:
        _step(place, SECOND, asked)
    assert told.value.why == "expired"
    assert _typed(place, receipt) != []


def test_nobody_erases_what_they_typed_themselves(place: Place, run: Callable[[], int]) -> None:
    visit = Visit(proof=SignIns(place.pools).by_demo("td-compliance"), screen="AL10")
    receipt = Gate(place.pools).read_log(visit, asked="だれか", queries=(), parameters={}, render=lambda _: b"").receipt
    run()
    with pytest.raises(ErasureRefused) as told:
        _step(place, "td-compliance", target=receipt)
    assert told.value.why == "own"
    asked = _step(place, SECOND, target=receipt)
    with pytest.raises(ErasureRefused) as told:
        _step(place, "td-compliance", asked)
    assert told.value.why == "own"
    assert _typed(place, receipt) != []


def test_what_has_no_place_yet_or_no_text_is_refused(place: Place, run: Callable[[], int]) -> None:
    receipt = _search(place)
    with pytest.raises(ErasureRefused) as told:
        _step(place, "td-compliance", target=receipt)
    assert told.value.why == "target"
    run()
    asked, twice = _step(place, "td-compliance", target=receipt), _step(place, "td-compliance", target=receipt)
    _step(place, SECOND, asked)
    with pytest.raises(ErasureRefused) as told:
        _step(place, SECOND, twice)
    assert told.value.why == "nothing"


@pytest.mark.parametrize("guard", ["policy", "no policy"])
def test_the_database_lets_no_text_go_that_two_did_not_give_up(
    place: Place, run: Callable[[], int], guard: str
) -> None:
    """The owner of the tables deletes, behind a function: row security asks for the record. Without it all goes."""
    receipt = _search(place)
    run()
    with psycopg.connect(place.admin) as connection:
        connection.execute("SET ROLE opener")
        if guard == "no policy":
            connection.execute("RESET ROLE; ALTER POLICY owner_delete ON log.payload USING (true);"
                               " ALTER POLICY owner_select ON log.payload USING (true); SET ROLE opener")  # fmt: skip
        row = connection.execute(
            "SELECT log.destroy_typed((SELECT record_day FROM log.leaf WHERE key = %s AND kind = 'ticket'), %s)",
            [receipt, receipt],
        ).fetchone()
        connection.rollback()
    assert row == ((1,) if guard == "no policy" else (0,))
    # One person in both rows is not two.
    with psycopg.connect(place.admin) as connection:
        connection.execute(
            "INSERT INTO log.erasure (erasure, step, receipt, day, at, person, appointment, target_day, target, law,"
            " reason, expires) SELECT 'forged', s, 'forged' || s, l.record_day, now(), 7, 7, l.record_day, l.key, 'x',"
            " 'x', now() FROM log.leaf l, unnest(ARRAY['request', 'approval']) s"
            " WHERE l.key = %s AND l.kind = 'ticket'",
            [receipt],
        )
        connection.execute("SET ROLE opener")
        row = connection.execute(
            "SELECT log.destroy_typed(l.record_day, l.key) FROM log.leaf l WHERE l.key = %s AND l.kind = 'ticket'",
            [receipt],
        ).fetchone()
        connection.rollback()
    assert row == (0,)


def test_a_backup_does_not_bring_it_back_in_silence(place: Place, run: Callable[[], int]) -> None:
    receipt = _search(place)
    run()
    with psycopg.connect(place.admin) as connection:
        day, typed, key = connection.execute(
            "SELECT day, typed, key FROM log.payload WHERE receipt = %s", [receipt]
        ).fetchone() or ("", "", b"")
    _step(place, SECOND, _step(place, "td-compliance", target=receipt))
    run()
    with place.pools.pool("sequencer").connection() as connection:
        erasures.keep(connection, place.home)
    assert place.findings()["log_erased"].state == "ok"
    restored = "INSERT INTO log.payload (day, receipt, typed, key) VALUES (%s, %s, %s, %s)"
    place.behind(restored, [day, receipt, typed, key])
    assert place.findings()["log_erased"].state == "bad"
    # The database may have forgotten that there ever was an erasure: the home has not.
    place.behind("DELETE FROM log.erasure WHERE target = %s", [receipt])
    finding = place.findings()["log_erased"]
    assert (finding.state, "--again" in finding.cure) == ("bad", True)
    with deployer(place.home) as connection:
        assert [one.receipt for one in erasures.again(connection, place.home, "td-admin", "控えから戻した")] == [
            receipt
        ]
        erasures.scrub(connection, day, jst_day(datetime.now(UTC)))
    assert _typed(place, receipt) == []
    assert place.findings()["log_erased"].state == "ok"
    run()
    assert place.behind("SELECT step FROM log.erasure WHERE target = %s", [receipt]) == [("again",)]


def test_a_list_of_the_home_that_is_none_is_said(place: Place) -> None:
    file = place.home.erased
    assert file is not None
    right = file.read_text("utf-8")
    file.write_text("{}\n", "utf-8")
    with pytest.raises(CorruptHome):
        erasures.kept(place.home)
    assert place.findings()["log_erased"].state == "bad"
    file.write_text(right, "utf-8")


def test_a_day_that_was_only_cleaned_is_rewritten_once_it_is_over(place: Place, run: Callable[[], int]) -> None:
    receipt = _erased(place, run, "キョウノアト")
    day = place.behind("SELECT record_day FROM log.leaf WHERE key = %s AND kind = 'ticket'", [receipt])[0][0]
    with place.pools.pool("sequencer").connection() as connection:
        erasures.keep(connection, place.home)
    with deployer(place.home) as connection:
        erasures.scrub(connection, day, day)
        assert erasures.scrub_ended(connection, place.home, day) == [], "it is not over"
        assert erasures.scrub_ended(connection, place.home, day + timedelta(days=1)) == [day]
        assert erasures.scrub_ended(connection, place.home, day + timedelta(days=1)) == [], "once is enough"
    place.behind("CHECKPOINT")
    where = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(%s::regclass)"
    file = place.behind(where, [f"log.payload_{day:%Y%m%d}"])[0][0]
    assert "キョウノアト".encode() not in Path(file).read_bytes()


def test_scrubbing_leaves_nothing_in_the_file(place: Place, run: Callable[[], int]) -> None:
    """A row that is deleted still lies in its page: the page is written anew."""
    receipt = _erased(place, run, "フルイアトモキエル")
    day = place.behind("SELECT record_day FROM log.leaf WHERE key = %s AND kind = 'ticket'", [receipt])[0][0]
    with deployer(place.home) as connection:
        erasures.scrub(connection, day, day.replace(year=day.year + 1))
    place.behind("CHECKPOINT")
    file = place.behind(
        "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(%s::regclass)",
        [f"log.payload_{day:%Y%m%d}"],
    )[0][0]
    assert "フルイアトモキエル".encode() not in Path(file).read_bytes()


def test_texts_that_went_without_an_erasure_are_altered(place: Place, run: Callable[[], int], tmp_path: Path) -> None:
    """The owner can empty the table by hand; only a recorded erasure lets the leaf alone speak."""
    receipt = _search(place)
    run()
    today = jst_day(datetime.now(UTC))
    kept = place.behind("SELECT day, receipt, typed, key FROM log.payload WHERE day = %s", [today])
    with deployer(place.home) as connection:
        connection.execute("SET ROLE owner")
        connection.execute(f"TRUNCATE log.payload_{today:%Y%m%d}".encode())
        connection.execute("RESET ROLE")
    try:
        (leaf,) = place.behind("SELECT index FROM log.leaf WHERE key = %s AND kind = 'ticket'", [receipt])
        assert ("altered", leaf[0], leaf[0] + 1) in found(bundle(place, tmp_path / "bundle"))
    finally:
        with psycopg.connect(place.admin, autocommit=True) as admin:
            for row in kept:
                admin.execute("INSERT INTO log.payload (day, receipt, typed, key) VALUES (%s, %s, %s, %s)", row)
    assert "altered" not in {code for code, _, _ in found(bundle(place, tmp_path / "again"))}
