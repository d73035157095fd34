"""`takuso survey run --engine spark` as a whole: the files of DuckDB's answer, and nothing else left anywhere."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from takuso.doors.cli.program import run as command
from takuso.main import house
from tests.survey.lay import NOTICE, ask
from tests.survey.sparks import NEEDS_JAVA, quick_java
from tests.survey.test_result import PLACE


@NEEDS_JAVA
def test_the_command_writes_the_same_files_and_leaves_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    source, file = PLACE.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    scratch, elsewhere = tmp_path / "scratch", tmp_path / "elsewhere"
    for folder in (scratch, elsewhere):
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.chdir(elsewhere)
    before = dict(os.environ)
    common = [str(file), "--source", str(source), "--json", "--out"]
    assert command(house(), ["survey", "run", *common, str(tmp_path / "duckdb")]) == 1
    capfd.readouterr()
    given = {"TAKUSO_SPARK_MASTER": "local[2]", "TAKUSO_SPARK_MEMORY": "1g"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with quick_java():
        assert command(house(), ["survey", "run", *common, str(tmp_path / "spark"), "--engine", "spark"]) == 1
    heard = capfd.readouterr()
    one, other = (json.loads((tmp_path / name / "summary.json").read_text()) for name in ("duckdb", "spark"))
    assert json.loads(heard.out) == other
    assert (one.pop("engine"), other.pop("engine")) == ("duckdb", "spark")
    assert one.pop("seconds") > 0 < other.pop("seconds")
    assert one == other
    for name in ("findings.parquet", "evidence.parquet", "inputs.json"):
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "spark" / name).read_bytes(), name
    assert "spark 4." in (tmp_path / "spark" / "report.html").read_text()
    # Nothing that Spark itself says reaches a person, and nothing of it stays.
    assert [line for line in heard.err.splitlines() if "WARN" in line or "log4j" in line.lower()] == []
    assert list(scratch.iterdir()) == []
    assert list(elsewhere.iterdir()) == []
    for name in given:
        monkeypatch.delenv(name)
    assert dict(os.environ) == before
