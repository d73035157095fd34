"""A change of the key: followed from first to newest by the one file, named where the former did not sign."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from takuso.accesslog import checkpoints, verify_log
from takuso.doors.cli.log_bundle import Days
from takuso.store.home import Home
from tests.accesslog.paper import DAY, Paper, found, net

AT = "2026-10-01T00:00:30.000000Z"


def _raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def handed(
    former: Ed25519PrivateKey,
    new: Ed25519PrivateKey,
    place: int,
    previous: str,
    *,
    by: Ed25519PrivateKey | None,
    who: str = "td-admin",
) -> str:
    """The record, by another hand than the product's; `by` signs in the former key's place, None: nobody."""
    said = net("takuso.key.1", AT, who, "年に一度", str(place), previous, _raw(former).hex(), _raw(new).hex())
    text = ("takuso log key 1\n" + said).encode()
    return said + net(by.sign(text).hex() if by else None, new.sign(text).hex())


@dataclass
class Story:
    """A log whose key was changed after six records, and the keys."""

    home: Home
    paper: Paper
    keys: list[Ed25519PrivateKey]
    place: int
    previous: str

    def key(self, number: int) -> bytes:
        return _raw(self.keys[number])

    def use(self, number: int) -> None:
        self.home.write_secret(checkpoints.SECRET, self.keys[number].private_bytes_raw().hex())

    def change(self, record: str) -> None:
        """The record is a leaf and carried; from here on the second key signs."""
        self.paper.keys.append(record)
        self.use(1)
        self.paper.grow(record, net("takuso.ticket.1", "after"))
        self.paper.grow(net("takuso.ticket.1", "later"))

    def written(self, out: Path) -> Path:
        return self.paper.bundle(out)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    home = Home(tmp_path / "home")
    made = Story(home, Paper(home), [Ed25519PrivateKey.generate() for _ in range(3)], 6, "")
    made.use(0)
    for n in range(3):
        last = made.paper.grow(net("takuso.ticket.1", f"r{n}"), net("takuso.outcome.1", f"r{n}"))
    made.previous = verify_log.body_hash(last.body)
    return made


def right(story: Story) -> str:
    return handed(story.keys[0], story.keys[1], story.place, story.previous, by=story.keys[0])


def test_followed_from_the_first_key_to_the_newest_and_back(story: Story, tmp_path: Path) -> None:
    story.change(right(story))
    out = story.written(tmp_path / "out")
    assert found(out) == found(out, key=story.key(0)) == found(out, key=story.key(1)) == []
    assert found(out, key=story.key(2)) == [("key", 0, None)]
    _, notes, _ = verify_log.check([out], story.key(0), [])
    assert [("6 番" in note, "前の鍵の署名で" in note, "td-admin" in note) for note in notes] == [(True, True, True)]


def test_a_witness_of_the_former_key_alone(story: Story, tmp_path: Path) -> None:
    """A checkpoint from before the change, and one from after it, beside the bundle."""
    kept = tmp_path / "before.json"
    kept.write_text(json.dumps(story.paper.grow(net("x")).document()), "utf-8")
    story.place, story.previous = 7, verify_log.body_hash(json.loads(kept.read_text("utf-8"))["body"])
    story.change(right(story))
    after = tmp_path / "after.json"
    after.write_text(json.dumps(story.paper.grow(net("y")).document()), "utf-8")
    out = story.written(tmp_path / "out")
    assert found(out, key=story.key(0), known=[kept, after]) == []
    # Alone it says nothing of the key before it; with the change it does.
    assert found(after, key=story.key(0)) == [("key", 0, story.paper.tree.size)]
    after.write_text(json.dumps({**json.loads(after.read_text("utf-8")), "keys": story.paper.keys}), "utf-8")
    assert found(after, key=story.key(0)) == []


def test_a_change_that_an_unrelated_key_signed(story: Story, tmp_path: Path) -> None:
    story.change(handed(story.keys[0], story.keys[1], 6, story.previous, by=story.keys[2]))
    told = found(story.written(tmp_path / "out"), key=story.key(0))
    assert told[0][:2] in (("key", 0), ("unsigned", 6))
    assert ("unsigned", 6, None) in told


def test_a_change_that_the_new_key_did_not_sign(story: Story, tmp_path: Path) -> None:
    """Nobody is made the holder of a key that they do not have."""
    record = right(story)
    forged = record[:-10] + ("0" if record[-10] != "0" else "1") + record[-9:]
    story.change(forged)
    assert ("handover", 6, None) in found(story.written(tmp_path / "out"))


@pytest.mark.parametrize("what", ["who", "place", "previous", "new"])
def test_a_forged_change(story: Story, tmp_path: Path, what: str) -> None:
    """Each field is signed: whoever alters one, in the leaf and where it is carried, is named."""
    other = {
        "who": ("8:td-admin,", "8:td-admim,"),
        "place": ("1:6,", "1:5,"),
        "previous": (story.previous, verify_log.NOTHING),
        "new": (story.key(1).hex(), story.key(2).hex()),
    }[what]
    story.change(right(story).replace(*other))
    told = found(story.written(tmp_path / "out"), key=story.key(0))
    assert {"handover", "unsigned"} & {code for code, _, _ in told}


def test_a_change_that_is_replayed(story: Story, tmp_path: Path) -> None:
    """The record once more at another place is no change, whoever signs the states over it."""
    record = right(story)
    story.change(record)
    story.use(0)
    story.paper.grow(record)
    story.use(1)
    told = found(story.written(tmp_path / "out"), key=story.key(0))
    assert ("handover", 9, 10) in told
    assert ("retired", 9, 10) in told


def test_a_change_of_another_history(story: Story, tmp_path: Path) -> None:
    """It names the state before it: put after another one of the same size it does not fit."""
    record = right(story)
    other = Paper(story.home)
    for n in range(3):
        other.grow(net("other", f"{n}"), net("other", f"{n}"))
    story.paper = other
    story.change(record)
    assert ("handover", 6, None) in found(story.written(tmp_path / "out"), key=story.key(0))


@pytest.mark.parametrize("where", ["bundle", "known"])
def test_a_state_that_the_retired_key_signed(story: Story, tmp_path: Path, where: str) -> None:
    story.change(right(story))
    story.use(0)
    late = story.paper.grow(net("late"))
    story.use(1)
    if where == "bundle":
        assert ("retired", 9, 10) in found(story.written(tmp_path / "out"), key=story.key(0))
        return
    kept = tmp_path / "late.json"
    kept.write_text(json.dumps(late.document()), "utf-8")
    story.paper.signed.pop()
    out = story.written(tmp_path / "out")
    assert found(out, key=story.key(0), known=[kept]) == [("retired", 0, 10)]


def test_a_change_that_is_no_leaf(story: Story, tmp_path: Path) -> None:
    """Carried beside the records, and not among them: refused."""
    story.paper.keys.append(right(story))
    story.use(1)
    story.paper.grow(net("takuso.ticket.1", "instead of it"))
    assert ("handover", 6, None) in found(story.written(tmp_path / "out"), key=story.key(0))


def test_a_change_that_is_not_carried(story: Story, tmp_path: Path) -> None:
    story.change(right(story))
    story.paper.keys.clear()
    told = found(story.written(tmp_path / "out"), key=story.key(0))
    assert {"key", "handover"} <= {code for code, _, _ in told}


def test_one_key_that_hands_over_twice(story: Story, tmp_path: Path) -> None:
    """Whoever has the former key can sign a second change: both together say so."""
    story.change(right(story))
    out = story.written(tmp_path / "out")
    second = handed(story.keys[0], story.keys[2], 6, story.previous, by=story.keys[0])
    other = tmp_path / "other.json"
    signed = checkpoints.Signed(body=story.paper.signed[0].body, signature=story.paper.signed[0].signature)
    other.write_text(json.dumps({**signed.document(), "keys": [second]}), "utf-8")
    assert ("forked", 6, 7) in found(out, other, key=story.key(0))


def test_a_lost_key_is_said_loudly_and_must_be_pinned(story: Story, tmp_path: Path) -> None:
    story.change(handed(story.keys[0], story.keys[1], 6, story.previous, by=None))
    out = story.written(tmp_path / "out")
    assert found(out, key=story.key(0)) == [("lost", 6, None)]
    findings, notes, _ = verify_log.check([out], [story.key(0), story.key(1)], [])
    assert findings == []
    assert any("★注意★" in note and "td-admin" in note and "年に一度" in note for note in notes)


def test_an_old_day_alone_is_followed_too(story: Story, tmp_path: Path) -> None:
    """A bundle from before the change, written after it: the newest key signs the header, the former one the states."""
    first = list(story.paper.signed)
    story.change(right(story))
    story.paper.signed = first
    out = story.written(tmp_path / "out")
    assert found(out, key=story.key(0)) == found(out, key=story.key(1)) == []


def test_what_was_typed_moves_no_cursor(story: Story, tmp_path: Path) -> None:
    who = "x\x1b[2J\u202e"
    story.change(handed(story.keys[0], story.keys[1], 6, story.previous, by=story.keys[0], who=who))
    story.paper.grow(net("takuso.gap.1", AT, who, "a\r\nb", "5", "0", "4"))
    _, notes, _ = verify_log.check([story.written(tmp_path / "out")], None, [])
    said = "".join(notes)
    assert not any(letter in said for letter in "\x1b\u202e\r\n")
    assert said.count("\\x1b[2J\\u202e") == 2


def _short(tmp_path: Path, *, lost: bool) -> Story:
    """Three records, then the key changes."""
    home = Home(tmp_path / "home")
    made = Story(home, Paper(home), [Ed25519PrivateKey.generate() for _ in range(2)], 3, "")
    made.use(0)
    made.previous = verify_log.body_hash(made.paper.grow(*(net("takuso.ticket.1", f"r{n}") for n in range(3))).body)
    made.change(handed(made.keys[0], made.keys[1], 3, made.previous, by=None if lost else made.keys[0]))
    return made


@pytest.mark.parametrize("lost", [False, True])
def test_a_bundle_that_the_former_key_signs_after_the_change_is_found(tmp_path: Path, lost: bool) -> None:
    """It carries no change and shares no record with the real one: the change that the real one carries tells."""
    story = _short(tmp_path, lost=lost)
    real = story.written(tmp_path / "real")
    story.use(0)
    fake = Paper(story.home)
    fake.grow(*(net("takuso.ticket.1", f"forged{n}") for n in range(20)))
    fake.grow(net("takuso.ticket.1", "later"), day=DAY + timedelta(days=1))
    forged = fake.bundle(tmp_path / "forged", Days(since=DAY + timedelta(days=1), until=None))
    codes = {code for code, _, _ in found(real, forged, key=story.key(1))}
    assert codes == {"retired"}
    assert found(real, key=story.key(1)) == []


def test_a_lost_key_signs_nothing_once_its_follower_is_pinned(tmp_path: Path) -> None:
    story = _short(tmp_path, lost=True)
    real = story.written(tmp_path / "real")
    story.use(0)
    fake = Paper(story.home)
    fake.grow(*(net("takuso.ticket.1", f"forged{n}") for n in range(9)))
    state = tmp_path / "state.json"
    signed = fake.signed[-1]
    state.write_text(json.dumps(checkpoints.Signed(body=signed.body, signature=signed.signature).document()))
    findings, _, _ = verify_log.check([real, state], [story.key(0), story.key(1)], [])
    assert "retired" in {one.code for one in findings}
