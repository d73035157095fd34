"""What the verifier says to a witness: of checkpoints and proofs that are forged, fork or cannot be read."""

import hashlib
import json
from datetime import timedelta
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


def _rule(no: str = "9", since: str = "2016-04-01", years: str = "1", at: str = "2026-09-30T00:00:00.000000Z") -> str:
    return net("takuso.retention.1", no, since, years, "EXAMPLE", "x", "y", "6", at)


def _deletion(paper: Paper, index: int, at: str) -> str:
    """Of one record, as if it were of the first day of 2020."""
    digest = hashlib.sha256(verify_log.leaf_hash(paper.records[index].encode())).hexdigest()
    told = ["1", "2020-01-01", at, "9", "1", "EXAMPLE", "x", "1", f"{index}-{index}:1:{digest}", "00" * 32, "7"]
    return net("takuso.deletion.1", *told)


def _hide(out: Path, index: int, log: Paper, *places: int) -> Path:
    """The record goes from the bundle; the records at these places of the log are carried as proofs."""
    for file in out.glob("20*.jsonl"):
        rewrite(file, [[one[0], one[1], None, 1] if one[0] == index else one for one in lines(file)])
    rewrite(out / "1-deletions.jsonl", [_proof(log, place) for place in places])
    return out


def test_a_record_hidden_behind_a_deletion_of_another_tree_is_found(signer: Home, tmp_path: Path) -> None:
    """Whoever has the key can sign a small tree with a rule and a deletion that no witness ever saw."""
    paper = twelve(signer)
    known = _keep(tmp_path / "known.json", _state(paper))
    fork = Paper(signer)
    fork.grow(_rule(), _deletion(paper, 4, "2026-09-30T00:00:00.000000Z"))
    out = _hide(paper.bundle(tmp_path / "out"), 4, fork, 0, 1)
    assert "forked" in {code for code, _, _ in found(out, key=public_key(signer))}
    assert "forked" in {code for code, _, _ in found(out, key=public_key(signer), known=[known])}
    # As long as the bundle, and longer: compared with the witness's, and with nothing at all.
    fork.grow(*(net("takuso.ticket.1", f"f{n}") for n in range(10)))
    _hide(out, 4, fork, 0, 1)
    assert "forked" in {code for code, _, _ in found(out, key=public_key(signer), known=[known])}
    fork.grow(net("takuso.ticket.1", "longer"))
    _hide(out, 4, fork, 0, 1)
    assert "untied" in {code for code, _, _ in found(out, key=public_key(signer), known=[known])}


def test_a_proof_of_a_longer_log_is_tied_by_a_bundle_that_covers_both(signer: Home, tmp_path: Path) -> None:
    paper = twelve(signer)
    short = paper.bundle(tmp_path / "short")
    paper.grow(_rule(since="2026-10-01"), day=DAY + timedelta(days=1))
    rewrite(short / "1-deletions.jsonl", [_proof(paper, 12)])
    assert [code for code, _, _ in found(short)] == ["untied"]
    long = paper.bundle(tmp_path / "long")
    assert found(short, long) == []


@pytest.mark.parametrize(
    ("rule", "at", "codes"),
    [
        (_rule(since="2026-10-01"), "2040-01-01T00:00:00.000000Z", {"backdated"}),
        (
            _rule(since="2026-10-01", at="2040-01-01T00:00:00.000000Z"),
            "2026-10-01T00:00:05.000000Z",
            {"backdated", "rule"},
        ),
        (_rule(), "2026-10-01T00:00:05.000000Z", {"rule"}),
        (_rule(since="2026-10-01"), "2026-10-01T00:00:05.000000Z", set()),
    ],
)
def test_what_a_deletion_and_its_rule_say_of_time_is_held_against_the_signature(
    signer: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, at: str, codes: set[str]
) -> None:
    paper = twelve(signer)
    paper.grow(rule, _deletion(paper, 4, at), day=DAY + timedelta(days=1))
    read = paper.read
    monkeypatch.setattr(paper, "read", lambda q, *rest: b"" if q[0].name == "log.kept" else read(q, *rest))
    out = _hide(paper.bundle(tmp_path / "out"), 4, paper, 12, 13)
    assert {code for code, _, _ in found(out)} == codes


@pytest.mark.parametrize(("since", "codes"), [("2026-10-15", ["rule"]), ("2026-10-31", [])])
def test_a_shorter_rule_without_notice_is_found(signer: Home, tmp_path: Path, since: str, codes: list[str]) -> None:
    paper = twelve(signer)
    at = "2026-10-01T00:00:00.000000Z"
    paper.grow(_rule("1", "2016-04-01", "10", at), _rule("2", since, "9", at), day=DAY + timedelta(days=1))
    assert [code for code, _, _ in found(paper.bundle(tmp_path / "out"))] == codes


def _erasure(step: str, person: str | None, erasure: str = "r1", target: str = "t") -> str:
    told = [erasure, step, "x", "2026-10-01", "7", "2026-10-01T00:00:00.000000Z", person, person, "2026-10-01", target]
    return net("takuso.erasure.1", *told, "35 条", "求め")


@pytest.mark.parametrize(
    ("records", "at"),
    [
        ([_erasure("request", "1"), _erasure("approval", "2")], []),
        ([_erasure("request", "1"), _erasure("approval", "2"), _erasure("again", None)], []),
        ([_erasure("request", "1"), _erasure("approval", "1")], [13]),
        ([_erasure("request", "1", target="other"), _erasure("approval", "2")], [13]),
        ([_erasure("approval", "2")], [12]),
        ([_erasure("request", "1"), _erasure("again", None, "")], [13]),
    ],
)
def test_an_erasure_needs_its_request_and_another_person(
    signer: Home, tmp_path: Path, records: list[str], at: list[int]
) -> None:
    paper = twelve(signer)
    paper.grow(*records, day=DAY + timedelta(days=1))
    findings, notes, _ = verify_log.check([paper.bundle(tmp_path / "out")], None, [])
    assert [(one.code, one.index) for one in findings] == [("erasure", index) for index in at]
    again = sum("再消去（承認ではなく" in note for note in notes)
    assert again == sum("5:again," in record for record in records)
