"""The key of the checkpoints is changed on a real database: signed by both, once, and a killed change goes on."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.accesslog import checkpoints, handover, verify_log
from takuso.accesslog.handover import KeyStays, change_key
from takuso.accesslog.sequencer import ForeignCheckpoint, batch, sequence
from takuso.store.home import CorruptHome
from takuso.store.pools import dsn
from tests.accesslog.paper import found
from tests.accesslog.test_sequencer import bundle, place, run, sound
from tests.apart import Place

__all__ = ["place", "run"]


def _change(place: Place, *, lost: bool = False) -> handover.Handed:
    with place.pools.pool("sequencer").connection() as connection:
        return change_key(connection, place.home, "cd", who="td-admin", why="年に一度の交代", lost=lost)


def _alarm(place: Place, what: str) -> None:
    place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', %s)", [what])


def _die(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_the_key_is_changed_and_the_log_goes_on(place: Place, run: Callable[[], int], tmp_path: Path) -> None:
    run()
    former = checkpoints.public_key(place.home)
    done = _change(place)
    assert done.public == checkpoints.public_key(place.home) != former
    assert not place.home.has_secret(checkpoints.NEXT)
    _alarm(place, "after")
    assert run() == 1
    assert [kind for _, kind, _, _ in sound(place)].count("key") == 1
    out = bundle(place, tmp_path / "bundle")
    assert found(out, key=former) == found(out, key=done.public) == []
    assert place.findings()["log_tree"].state == "ok"


@pytest.mark.parametrize("step", ["batch", "state", "keep", "promote"])
def test_a_change_that_is_killed_goes_on(
    place: Place, run: Callable[[], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    """Before the record, after it and before the home knows, and while the home takes the key."""
    run()
    former = checkpoints.public_key(place.home)
    with monkeypatch.context() as patched:
        part: Any = handover if step in ("batch", "state") else checkpoints
        patched.setattr(part, step, _after_one(getattr(part, step)) if step in ("state", "promote") else _die)
        with pytest.raises(KeyboardInterrupt):
            _change(place)
    assert place.findings()["log_tree"].state == "ok"
    assert found(bundle(place, tmp_path / "between"), key=former) == []
    _alarm(place, step)
    run()
    sound(place)
    if step == "batch":
        assert checkpoints.public_key(place.home) == former
        assert not _change(place).resumed
    assert checkpoints.public_key(place.home) != former
    assert not place.home.has_secret(checkpoints.NEXT)
    assert found(bundle(place, tmp_path / "after"), key=former) == []


def _after_one(real: Callable[..., Any]) -> Callable[..., Any]:
    calls: list[int] = []

    def once(*arguments: Any) -> Any:
        calls.append(1)
        return real(*arguments) if len(calls) == 1 else _die()

    return once


def test_asked_again_a_killed_change_is_ended_and_not_doubled(
    place: Place, run: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "keep", _die)
        with pytest.raises(KeyboardInterrupt):
            _change(place)
    before = sound(place)
    assert _change(place).resumed
    assert sound(place) == before
    assert not place.home.has_secret(checkpoints.NEXT)


def test_the_retired_key_signs_nothing_more(place: Place, run: Callable[[], int], tmp_path: Path) -> None:
    """A job that read the former key just before: refused by itself, by the database, and by the next round."""
    run()
    former = tmp_path / "former"
    shutil.copy(place.home.secrets / checkpoints.SECRET, former)
    _change(place)
    present = place.home.secret(checkpoints.SECRET)
    size = len(sound(place))
    place.home.write_secret(checkpoints.SECRET, former.read_text("utf-8"))
    try:
        _alarm(place, "by the retired key")
        with psycopg.connect(dsn(place.home, "sequencer"), autocommit=True) as connection:
            with pytest.raises(ForeignCheckpoint):
                batch(connection, place.home, "cd")
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("takuso.accesslog.sequencer._continues", lambda *_: True)
                with pytest.raises(psycopg.Error) as told:
                    batch(connection, place.home, "cd")
            assert told.value.sqlstate == "TK411"
    finally:
        place.home.write_secret(checkpoints.SECRET, present)
    assert len(sound(place)) == size
    assert run() == 1


def test_a_lost_key_is_followed_only_with_a_record_that_says_so(
    place: Place, run: Callable[[], int], tmp_path: Path
) -> None:
    run()
    former = checkpoints.public_key(place.home)
    with pytest.raises(KeyStays, match="失われていません"):
        _change(place, lost=True)
    (place.home.secrets / checkpoints.SECRET).unlink()
    with pytest.raises(CorruptHome, match="--lost"):
        run()
    with pytest.raises(CorruptHome):
        _change(place)
    done = _change(place, lost=True)
    _alarm(place, "after the loss")
    assert run() == 1
    out = bundle(place, tmp_path / "bundle")
    assert [code for code, _, _ in found(out, key=former)] == ["lost"]
    findings, notes, _ = verify_log.check([out], [former, done.public], [])
    assert findings == []
    assert any("★注意★" in note for note in notes)


def test_a_database_from_before_the_change(place: Place, run: Callable[[], int], tmp_path: Path) -> None:
    """Set back behind a change of the key: the gap and the lost key are told together, and the log goes on."""
    run()
    size = len(sound(place))
    _change(place)
    place.behind("DELETE FROM log.leaf WHERE index >= %s", [size])
    place.behind("DELETE FROM log.checkpoint WHERE size > %s", [size])
    assert place.findings()["log_tree"].state == "bad"
    _change(place, lost=True)
    with place.pools.pool("sequencer").connection() as connection:
        sequence(connection, place.home, "cd")
    assert [kind for _, kind, _, _ in sound(place)][size : size + 2] == ["key", "gap"]
    assert found(bundle(place, tmp_path / "bundle"), key=None) == []
