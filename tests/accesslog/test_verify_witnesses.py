"""What the verifier says to a witness: of checkpoints and proofs that are forged, fork or cannot be read."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from takuso.accesslog import checkpoints, verify_log
from takuso.accesslog.checkpoints import Signed, public_key
from takuso.accesslog.tree import Part
from takuso.store.home import Home
from tests.accesslog.conftest import twelve
from tests.accesslog.paper import DAY, Paper, found, lines, net, rewrite

OWN_KEY = "--key で、別に受け取った鍵を指定してください"
APART = "比べていません"


def _keep(file: Path, document: Any) -> Path:
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def _state(paper: Paper, at: int = -1) -> dict[str, Any]:
    return Signed(body=paper.signed[at].body, signature=paper.signed[at].signature).document()


def _proof(paper: Paper, index: int = 0) -> dict[str, Any]:
    part = Part(0, [], [verify_log.leaf_hash(record.encode()) for record in paper.records])
    path = [step.hex() for step in part.inclusion(index)]
    record = paper.records[index]
    return {"type": "proof", "index": index, "record": record, "path": path, "checkpoint": _state(paper)}


def _notes(*paths: Path, key: bytes | None = None) -> list[str]:
    findings, notes, _ = verify_log.check(paths, key, [])
    assert findings == []
    return notes


@pytest.fixture
def attacker(tmp_path: Path) -> Paper:
    """The same records, signed by another key."""
    home = Home(tmp_path / "attacker")
    checkpoints.ensure_key(home)
    return twelve(home)


@pytest.fixture
def other(signer: Home) -> Paper:
    """Twelve other records, signed by the same key."""
    paper = Paper(signer)
    paper.grow(*(net("r", str(n)) for n in range(12)))
    return paper


def test_a_checkpoint_of_another_key(paper: Paper, attacker: Paper, bundle: Path, tmp_path: Path) -> None:
    real, evil = public_key(paper.home), _keep(tmp_path / "evil", _state(attacker))
    assert found(evil, key=real) == [("key", 0, 12)]
    assert found(_keep(tmp_path / "good", _state(paper)), key=real) == []
    assert found(bundle, key=real, known=[evil]) == [("key", 0, 12)]
    assert found(bundle, key=real) == []


def test_a_proof_of_another_key(paper: Paper, attacker: Paper, tmp_path: Path) -> None:
    real = public_key(paper.home)
    assert found(_keep(tmp_path / "evil", _proof(attacker)), key=real) == [("key", 0, 12)]
    assert found(_keep(tmp_path / "good", _proof(paper)), key=real) == []


def test_a_checkpoint_with_a_bad_signature_accuses_nobody(paper: Paper, other: Paper, tmp_path: Path) -> None:
    """Anybody can write one, so it is told as what it is and is no fork of the true one."""
    forged = _keep(tmp_path / "forged", {**_state(other), "signature": _state(paper)["signature"]})
    assert found(forged, _keep(tmp_path / "true", _state(paper))) == [("signature", 0, 12)]


@pytest.mark.parametrize("make", [_state, _proof])
def test_without_a_key_it_says_whose_key_it_took(make: Any, paper: Paper, attacker: Paper, tmp_path: Path) -> None:
    evil = _keep(tmp_path / "evil", make(attacker))
    assert any(OWN_KEY in note for note in _notes(evil))
    assert _notes(_keep(tmp_path / "good", make(paper)), key=public_key(paper.home)) == []


def test_two_checkpoints_of_one_size(paper: Paper, other: Paper, tmp_path: Path) -> None:
    """A witness who holds both sees the fork without any bundle, and which files tell it."""
    a, b = _keep(tmp_path / "a.json", _state(paper)), _keep(tmp_path / "b.json", _state(other))
    for paths, known in (((a, b), ()), ((b,), (a,)), ((a,), (a, b))):
        findings, _, _ = verify_log.check(paths, None, known)
        assert {(f.code, f.index, f.until) for f in findings} == {("forked", 0, 12)}
        assert all("a.json" in f.words() and "b.json" in f.words() for f in findings)
    assert found(a, known=[a]) == []


def test_the_order_of_the_files_is_nothing(paper: Paper, other: Paper, tmp_path: Path) -> None:
    files = [
        _keep(tmp_path / "proof", _proof(paper)),
        _keep(tmp_path / "checkpoint", _state(other)),
        _keep(tmp_path / "same", _state(paper)),
    ]
    for order in permutations(files):
        assert found(*order) == [("forked", 0, 12)] * 2
    assert found(files[0], files[2]) == []
    assert found(files[0], _keep(tmp_path / "third", _proof(other, 5))) == [("forked", 0, 12)]


def test_a_proof_is_compared_with_a_bundle(paper: Paper, other: Paper, bundle: Path, tmp_path: Path) -> None:
    assert found(bundle, _keep(tmp_path / "one", _proof(paper, 7))) == []
    assert found(_keep(tmp_path / "two", _proof(other, 7)), bundle) == [("forked", 0, 12)]


def test_what_is_not_compared_is_said(paper: Paper, bundle: Path, tmp_path: Path) -> None:
    key = public_key(paper.home)
    early, late = (_keep(tmp_path / f"{n}.json", _state(paper, n)) for n in (0, 3))
    (note,) = _notes(late, early, key=key)
    assert APART in note
    assert "0.json（3 件）" in note
    assert "3.json（12 件）" in note
    assert _notes(late, early, bundle, key=key) == []
    paper.grow(net("r", "newer"), day=DAY)
    newer = _keep(tmp_path / "newer.json", _proof(paper))
    assert [APART in note for note in _notes(bundle, newer, key=key)] == [True]


@pytest.mark.parametrize("gap", [net("takuso.gap.1", "at", "who"), "12:takuso.gap.1,x", "12:takuso.gap.1,99999:x,"])
def test_a_gap_that_is_none(gap: str, signer: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = Paper(signer)
    paper.grow(net("r", "0"), gap, net("r", "2"))
    bundle = paper.bundle(tmp_path / "bundle")
    findings, _, covered = verify_log.check([bundle], None, [])
    assert [(f.code, f.index, f.until, f.where) for f in findings] == [("malformed", 1, 2, f"{DAY}.jsonl:2")]
    assert covered == 3
    assert verify_log.main([str(bundle)]) == 1
    told = capsys.readouterr()
    assert f"{DAY}.jsonl:2 を読めません。" in told.out
    assert told.err == ""


@pytest.mark.parametrize("deep", ["[" * 200_000, ' {"a":' * 200_000])
def test_a_line_that_is_too_deep(deep: str, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = bundle / f"{DAY}.jsonl"
    file.write_text(deep + "\n" + file.read_text("utf-8"), encoding="utf-8")
    assert verify_log.main([str(bundle)]) == 1
    assert f"{file.name}:1 を読めません。" in capsys.readouterr().out
    file.write_text(deep, encoding="utf-8")
    assert verify_log.main([str(file)]) == 1
    assert verify_log.main(["--known", str(file), str(bundle)]) == 2


@pytest.mark.parametrize("change", [{"peaks": ["zz"]}, {"size": 12.5}, {"previous": None}, {"last": None}, None])
def test_a_header_that_is_signed_and_none(change: dict[str, Any] | None, paper: Paper, bundle: Path) -> None:
    """Whoever has a key can sign anything: it is a finding, never an end without a result."""
    (head,) = lines(bundle / "0-bundle.jsonl")
    stated = json.loads(head["body"])
    if change == {"peaks": ["zz"]}:
        change = {"peaks": ["zz"], "first": 1}
    told = {name: value for name, value in {**stated, **(change or {})}.items() if value is not None}
    body = json.dumps(told) if change else "[" * 200_000
    signature = checkpoints.sign(paper.home, verify_log.BUNDLE + body).hex()
    rewrite(bundle / "0-bundle.jsonl", [{**head, "body": body, "signature": signature}])
    assert found(bundle) == [("header", 0, None)]
