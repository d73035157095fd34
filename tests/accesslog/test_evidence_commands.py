"""The commands of the evidence, end to end: written, proved, verified, refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.accesslog import checkpoints
from tests.accesslog.paper import lines, rewrite
from tests.cli.conftest import Takuso, free_port, superuser, takuso

__all__ = ["free_port", "superuser", "takuso"]
Superuser = psycopg.Connection[Any]


@pytest.fixture
def bundle(takuso: Takuso, tmp_path: Path) -> Path:
    assert takuso("jobs", "once").code == 0
    made = takuso("log", "evidence", "--out", str(tmp_path / "bundle"), "--json")
    assert made.code == 0, made.err
    assert made.document["statement"]["exclusions"]
    return tmp_path / "bundle"


def test_evidence_and_verify(takuso: Takuso, bundle: Path) -> None:
    key = checkpoints.public_key(takuso.home).hex()
    told = takuso("log", "verify", str(bundle), "--key", key, "--json")
    assert (told.code, told.document["first_bad"]) == (0, None), told.err
    day = next(bundle.glob("2*.jsonl"))
    changed = lines(day)
    changed[0][2] = changed[0][2].replace(":", ";", 1)
    rewrite(day, changed)
    told = takuso("log", "verify", str(bundle), "--json")
    assert (told.code, told.document["first_bad"]) == (1, 0)
    assert "0 番の記録が書き換えられています" in told.err
    assert {file.stat().st_mode & 0o777 for file in bundle.glob("*.jsonl")} <= {0o600, 0o644}


def test_prove_a_record(takuso: Takuso, bundle: Path, tmp_path: Path) -> None:
    receipt = next(
        record.split(",")[2].split(":")[1]
        for file in bundle.glob("2*.jsonl")
        for _, _, record in lines(file)
        if record.startswith("15:takuso.ticket.1,")
    )
    proof = tmp_path / "proof.json"
    made = takuso("log", "prove", receipt, "--out", str(proof), "--json")
    assert made.code == 0, made.err
    assert takuso("log", "verify", str(proof)).code == 0
    found = json.loads(proof.read_text("utf-8"))
    assert receipt in found["record"]
    proof.write_text(json.dumps({**found, "record": found["record"].replace("takuso", "tokuso")}), "utf-8")
    assert takuso("log", "verify", str(proof)).code == 1
    assert takuso("log", "prove", receipt, "--out", str(proof)).code == 2
    told = takuso("log", "prove", "no-such-receipt", "--out", str(tmp_path / "none"))
    assert (told.code, "ありません" in told.err) == (2, True)


def test_a_witness_keeps_a_checkpoint(takuso: Takuso, bundle: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    assert takuso("log", "checkpoint", "--out", str(kept)).code == 0
    assert takuso("log", "verify", str(bundle), "--known", str(kept)).code == 0
    assert takuso("log", "verify", str(bundle), "--known", str(next(bundle.glob("2*.jsonl")))).code == 2
    assert takuso("log", "verify", str(tmp_path / "nowhere")).code == 3


def test_only_the_watching_duties_may(takuso: Takuso, tmp_path: Path) -> None:
    told = takuso("log", "evidence", "--out", str(tmp_path / "x"), "--as", "aoi-clerk")
    assert (told.code, (tmp_path / "x").exists()) == (3, False)
    assert list(tmp_path.iterdir()) == []


def test_doctor_says_where_the_tree_is(takuso: Takuso, bundle: Path) -> None:
    found = {entry["name"]: entry for entry in takuso("doctor", "--json").document["findings"]}
    assert found["log_tree"]["state"] == "ok"
    assert "最後の控えは" in found["log_tree"]["what"]


def test_serve_refuses_a_log_that_was_set_back(
    takuso: Takuso, bundle: Path, superuser: Superuser, free_port: int
) -> None:
    """Attack 72: refused until two facts are recorded: who says so, and why."""
    file = takuso.home.checkpoint
    assert file is not None
    superuser.execute("INSERT INTO log.alarm (kind, detail) VALUES ('test', 'lost')")
    assert takuso("jobs", "once").code == 0
    size = json.loads(file.read_text("utf-8"))["body"].split("size: ")[1].split()[0]
    superuser.execute("DELETE FROM log.checkpoint WHERE size = %s", [int(size)])
    finding = {entry["name"]: entry for entry in takuso("doctor", "--json").document["findings"]}["log_tree"]
    assert (finding["state"], "控えのない葉" in finding["what"]) == ("bad", True)
    superuser.execute("DELETE FROM log.leaf WHERE index >= (SELECT max(size) FROM log.checkpoint)")
    told = takuso("serve", PORT=str(free_port))
    assert (told.code, "log_tree" in told.err) == (3, True)
    assert takuso("jobs", "once").code == 3
    assert takuso("log", "gap", "--by", " ", "--reason", "x").code == 2
    assert takuso("log", "gap", "--by", "td-admin", "--reason", "6 時の控えから戻した").code == 0
    assert takuso("log", "gap", "--by", "td-admin", "--reason", "もう一度").code == 3
    assert takuso("doctor").code in (0, 1)
    assert takuso("jobs", "once").code == 0
    shutil.rmtree(bundle)
    assert takuso("log", "evidence", "--out", str(bundle)).code == 0
    told = takuso("log", "verify", str(bundle))
    assert (told.code, "断絶の申告" in told.err) == (0, True)


def test_the_key_is_changed_by_a_command(takuso: Takuso, bundle: Path, tmp_path: Path) -> None:
    before = takuso("log", "key", "show", "--json").document
    done = takuso("log", "key", "change", "--by", "td-admin", "--reason", "年に一度の交代", "--json")
    assert (done.code, done.document["resumed"]) == (0, False), done.err
    shown = takuso("log", "key", "show", "--json").document
    assert shown["key"] == done.document["key"] != before["key"]
    assert [(one["former"], one["new"], one["lost"]) for one in shown["changes"]][-1] == (
        before["key"],
        shown["key"],
        False,
    )
    out = tmp_path / "after"
    assert takuso("log", "evidence", "--out", str(out)).code == 0
    told = takuso("log", "verify", str(out), str(bundle), "--key", before["key"])
    assert (told.code, "前の鍵の署名で鍵が替わっています" in told.err) == (0, True), told.err
    assert takuso("log", "key", "change", "--by", " ", "--reason", "x").code == 2
    assert takuso("log", "key", "change", "--lost", "--by", "x", "--reason", "x").code == 3
