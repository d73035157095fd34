"""The verifier names the first bad index, whatever was done to the evidence."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from takuso.accesslog import checkpoints, verify_log
from takuso.accesslog.checkpoints import Signed, public_key
from takuso.doors.cli.log_bundle import Days
from takuso.store.home import Home
from tests.accesslog.conftest import twelve
from tests.accesslog.paper import DAY, Paper, found, lines, net, rewrite

FIRST, SECOND = f"{DAY}.jsonl", f"{DAY + timedelta(days=1)}.jsonl"
SIZES = [3, 4, 9, 12]


def _leaf(index: int, record: str) -> list[Any]:
    return [index, verify_log.leaf_hash(record.encode()).hex(), record]


def _keep(folder: Path, name: str, signed: Signed) -> Path:
    file = folder / name
    file.write_text(json.dumps(signed.document()), encoding="utf-8")
    return file


def test_a_whole_bundle_is_whole(bundle: Path, signer: Home) -> None:
    assert found(bundle) == []
    assert found(bundle, key=public_key(signer)) == []


def test_one_file_of_everything_is_as_good(bundle: Path, tmp_path: Path) -> None:
    whole = tmp_path / "all.jsonl"
    whole.write_text("".join(file.read_text("utf-8") for file in sorted(bundle.glob("*.jsonl"))), encoding="utf-8")
    assert found(whole) == []


def test_a_later_day_alone(paper: Paper, tmp_path: Path) -> None:
    part = paper.bundle(tmp_path / "part", Days(since=DAY + timedelta(days=1), until=None))
    assert found(part) == []
    assert not (part / FIRST).exists()
    told = lines(part / SECOND)
    told[2][2] = told[2][2].replace("田", "出")
    rewrite(part / SECOND, told)
    assert found(part) == [("altered", 6, 7)]


def test_an_earlier_day_alone(paper: Paper, tmp_path: Path) -> None:
    assert found(paper.bundle(tmp_path / "part", Days(since=None, until=DAY + timedelta(days=1)))) == []


def test_altered_record(bundle: Path) -> None:
    told = lines(bundle / SECOND)
    told[3][2] = net("takuso.ticket.1", "r7", None, "佐藤")
    rewrite(bundle / SECOND, told)
    assert found(bundle) == [("altered", 7, 8)]


def test_altered_record_with_its_hash(bundle: Path) -> None:
    """Then only the range between two checkpoints is certain."""
    told = lines(bundle / SECOND)
    told[3] = _leaf(7, net("takuso.ticket.1", "r7", None, "佐藤"))
    rewrite(bundle / SECOND, told)
    assert found(bundle) == [("root", 4, 9)]


def test_swapped_lines(bundle: Path) -> None:
    told = lines(bundle / SECOND)
    rewrite(bundle / SECOND, [told[0], told[2], told[1], *told[3:]])
    assert found(bundle) == [("reordered", 5, None)]


def test_swapped_and_numbered_anew(bundle: Path) -> None:
    told = lines(bundle / SECOND)
    told[1], told[2] = [5, *told[2][1:]], [6, *told[1][1:]]
    rewrite(bundle / SECOND, told)
    assert found(bundle) == [("root", 4, 9)]


def test_missing(bundle: Path) -> None:
    rewrite(bundle / FIRST, lines(bundle / FIRST)[:1] + lines(bundle / FIRST)[2:])
    assert found(bundle) == [("missing", 1, None)]


def test_missing_and_numbered_anew(bundle: Path) -> None:
    told = [one for file in (FIRST, SECOND) for one in lines(bundle / file)]
    del told[1]
    rewrite(bundle / FIRST, [[n, *one[1:]] for n, one in enumerate(told)])
    rewrite(bundle / SECOND, [])
    assert found(bundle)[0] == ("root", 0, 3)
    assert ("cut", 11, None) in found(bundle)


def test_a_record_that_is_gone_from_the_database(bundle: Path) -> None:
    told = lines(bundle / FIRST)
    told[2][2] = None
    rewrite(bundle / FIRST, told)
    assert found(bundle) == [("missing", 2, 3)]


def test_doubled(bundle: Path) -> None:
    told = lines(bundle / FIRST)
    rewrite(bundle / FIRST, [*told[:2], told[1], *told[2:]])
    assert found(bundle) == [("doubled", 1, 2)]


def test_cut(bundle: Path) -> None:
    rewrite(bundle / SECOND, lines(bundle / SECOND)[:-2])
    assert found(bundle) == [("cut", 10, None)]


def test_a_whole_day_cut(bundle: Path) -> None:
    (bundle / SECOND).unlink()
    assert found(bundle) == [("cut", 4, None)]


def test_added_at_the_end(bundle: Path) -> None:
    rewrite(bundle / SECOND, [*lines(bundle / SECOND), _leaf(12, net("takuso.ticket.1", "late"))])
    assert found(bundle) == [("uncovered", 12, None)]


def test_cut_with_its_checkpoints(bundle: Path) -> None:
    """The header says how far it went, and is signed."""
    rewrite(bundle / SECOND, lines(bundle / SECOND)[:5])
    rewrite(bundle / "1-checkpoints.jsonl", lines(bundle / "1-checkpoints.jsonl")[:-1])
    assert ("chain", 9, None) in found(bundle)


def test_a_checkpoint_taken_out(bundle: Path) -> None:
    told = lines(bundle / "1-checkpoints.jsonl")
    rewrite(bundle / "1-checkpoints.jsonl", [told[0], *told[2:]])
    assert found(bundle) == [("chain", 3, None)]


def test_bad_signature(bundle: Path) -> None:
    told = lines(bundle / "1-checkpoints.jsonl")
    told[2]["signature"] = told[1]["signature"]
    rewrite(bundle / "1-checkpoints.jsonl", told)
    assert found(bundle) == [("signature", 4, 9)]


def test_signed_by_another_key(paper: Paper, bundle: Path, tmp_path: Path) -> None:
    """Who rewrites all of it with a key of their own is found by the key that was handed over before."""
    other = Home(tmp_path / "other")
    checkpoints.ensure_key(other)
    forged = twelve(other).bundle(tmp_path / "forged")
    assert found(forged) == []
    assert found(forged, key=public_key(paper.home)) == [("key", 0, None)]
    shutil.copy(forged / "1-checkpoints.jsonl", bundle / "1-checkpoints.jsonl")
    assert {code for code, _, _ in found(bundle)} == {"key", "chain"}


def test_forked_against_a_known_checkpoint(signer: Home, tmp_path: Path) -> None:
    """Attack 71: two histories for two auditors. They differ from 4 on; the second auditor's checkpoint tells."""
    one, two = Paper(signer), Paper(signer)
    for paper, name in ((one, "田中"), (two, "佐藤")):
        paper.grow(*(net("r", str(n)) for n in range(4)))
        paper.grow(net("r", name), day=DAY)
    known = _keep(tmp_path, "known", Signed(body=two.signed[1].body, signature=two.signed[1].signature))
    before = _keep(tmp_path, "before", Signed(body=two.signed[0].body, signature=two.signed[0].signature))
    bundle = one.bundle(tmp_path / "one")
    assert found(bundle, known=[before]) == []
    assert found(bundle, known=[known, before]) == [("forked", 4, 5)]
    both = found(bundle, two.bundle(tmp_path / "two"))
    assert both == [("forked", 4, 5)] * 2


def test_a_fork_between_checkpoints(signer: Home, tmp_path: Path) -> None:
    """Sizes that never meet are compared all the same: the root is computed at the other's size."""
    one, two = Paper(signer), Paper(signer)
    one.grow(*(net("r", str(n)) for n in range(6)))
    two.grow(*(net("r", str(n)) for n in range(4)), net("r", "other"))
    known = _keep(tmp_path, "known", Signed(body=two.signed[0].body, signature=two.signed[0].signature))
    assert found(one.bundle(tmp_path / "one"), known=[known]) == [("forked", 0, 5)]


def test_rollback_against_a_known_checkpoint(paper: Paper, bundle: Path, tmp_path: Path) -> None:
    """Attack 72, as an auditor sees it: what was known is longer than what is shown."""
    later = _keep(tmp_path, "later", paper.grow(net("r", "later"), day=DAY + timedelta(days=1)))
    assert found(bundle, known=[later]) == [("rollback", 12, 13)]
    assert found(paper.bundle(tmp_path / "new"), known=[later]) == []


def test_the_clock_is_not_what_orders(paper: Paper, tmp_path: Path) -> None:
    """Attack 52: the clock went back, the index did not. It is noted and is no finding."""
    paper.grow(net("r", "after"), day=DAY + timedelta(days=1), back=3)
    bundle = paper.bundle(tmp_path / "new")
    findings, notes, covered = verify_log.check([bundle], None, [])
    assert (findings, covered) == ([], 13)
    assert any("時計が戻っています" in note for note in notes)


def test_header_and_lines_that_are_none(bundle: Path) -> None:
    head = lines(bundle / "0-bundle.jsonl")
    head[0]["body"] = head[0]["body"].replace('"first": 0', '"first":  0')
    rewrite(bundle / "0-bundle.jsonl", head)
    assert found(bundle) == [("header", 0, None)]
    (bundle / "2-more.jsonl").write_text("no json\n", encoding="utf-8")
    assert ("malformed", 0, None) in found(bundle)


def test_log_injection_is_one_field() -> None:
    """Attack 73: what a person types cannot look like two fields or two records."""
    evil = 'x,3:abc,\n["0"]\x1b[2J'
    assert verify_log.fields(net("a", evil, None, "").encode()) == [b"a", evil.encode(), None, b""]
    for broken in (b"3:ab,", b"03:abc,", b"3:abcd", b"x:abc,", b"-", b"-1:a,"):
        with pytest.raises(ValueError, match=r".*"):
            verify_log.fields(broken)


@given(st.lists(st.none() | st.text(), max_size=6), st.lists(st.none() | st.text(), max_size=6))
def test_no_two_records_have_the_same_bytes(one: list[str | None], two: list[str | None]) -> None:
    one, two = ([f if f is None else f.encode("utf-8", "ignore").decode() for f in fields] for fields in (one, two))
    assert verify_log.fields(net(*one).encode()) == [f if f is None else f.encode() for f in one]
    assert (net(*one) == net(*two)) == (one == two)


@pytest.fixture(scope="module")
def pristine(signer: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return twelve(signer).bundle(tmp_path_factory.mktemp("pristine") / "bundle")


def _change(value: Any, data: st.DataObject) -> Any:
    """Another value of the same kind: one character of a text, another number, another text for nothing."""
    if isinstance(value, int):
        return data.draw(st.integers(0, 20).filter(lambda n: n != value))
    text = value or " "
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0af,:x本").filter(lambda c: c != text[at]))
    return text[:at] + other + text[at + 1 :]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_single_change_is_found_and_named(pristine: Path, data: st.DataObject) -> None:
    """Random tampering: a value changed, a line dropped, doubled or moved, in records, checkpoints and header."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "bundle"
        shutil.copytree(pristine, copy)
        name = data.draw(st.sampled_from(["0-bundle.jsonl", "1-checkpoints.jsonl", FIRST, SECOND]))
        told = lines(copy / name)
        at = data.draw(st.integers(0, len(told) - 1))
        how = data.draw(st.sampled_from(["value", "value", "value", "drop", "double", "move"]))
        if how == "value":
            one = told[at]
            key = data.draw(st.sampled_from(list(one) if isinstance(one, dict) else [0, 1, 2]))
            one[key] = _change(one[key], data)
        elif how == "drop":
            del told[at]
        elif how == "double":
            told.insert(at, told[at])
        else:
            told.insert(data.draw(st.integers(0, len(told) - 1)), told.pop(at))
        if told == lines(pristine / name):
            return
        rewrite(copy / name, told)
        findings = found(copy)
        assert findings, (name, at, how)
        if name not in (FIRST, SECOND):
            return
        begin = at + (0 if name == FIRST else 4)
        code, first, until = findings[0]
        if how in ("drop", "double") or (how == "value" and key != 0):
            assert code == "malformed" or first == begin or (code == "root" and first <= begin < (until or 0))
        assert first <= max(begin, 12)


def test_the_file_runs_alone(bundle: Path, tmp_path: Path) -> None:
    """Copied elsewhere, with nothing of ours on the path: good 0, findings 1, wrong use 2, could not run 3."""
    file = shutil.copy(bundle / "verify_log.py", tmp_path / "alone.py")

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(file), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1"},
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    assert run(str(bundle))[0] == 0
    code, out = run(str(bundle), "--json")
    assert (code, json.loads(out)["records"]) == (0, 12)
    rewrite(bundle / FIRST, lines(bundle / FIRST)[1:])
    code, out = run(str(bundle), "--json")
    assert (code, json.loads(out)["first_bad"]) == (1, 0)
    assert run("--key", "zz", str(bundle))[0] == 3
    assert run("--known", str(bundle / FIRST), str(bundle))[0] == 2
    assert run()[0] == 2
    assert run(str(tmp_path / "nowhere"))[0] == 3


def test_the_verifier_knows_the_standard_library_alone() -> None:
    text = Path(verify_log.__file__).read_text(encoding="utf-8")
    roots = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert roots <= sys.stdlib_module_names


@pytest.mark.parametrize("index", range(12))
def test_proofs(paper: Paper, index: int, tmp_path: Path) -> None:
    from takuso.accesslog.tree import Part

    part = Part(0, [], [verify_log.leaf_hash(record.encode()) for record in paper.records])
    last = Signed(body=paper.signed[-1].body, signature=paper.signed[-1].signature)
    proof = {
        "type": "proof",
        "index": index,
        "record": paper.records[index],
        "path": [step.hex() for step in part.inclusion(index)],
        "checkpoint": last.document(),
    }
    file = tmp_path / "proof"
    file.write_text(json.dumps(proof), encoding="utf-8")
    assert found(file, key=public_key(paper.home)) == []
    for key, other in (("record", "x"), ("index", (index + 1) % 12), ("path", [*proof["path"][::-1], "00" * 32])):
        file.write_text(json.dumps({**proof, key: other}), encoding="utf-8")
        assert [code for code, _, _ in found(file)] == ["proof"]
