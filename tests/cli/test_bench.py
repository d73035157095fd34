"""The bench runs: each part over a small area, with a figure for every line and no time asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("wall", ["CI20 page with the gate", "CI20 page without the gate", "search, kana", "search, pole"]),
        ("machines", ["API: an application filed", "turns", "bulk file"]),
        ("desk", ["AL10 histogram of contracts", "tally of an ended day"]),
    ],
)
def test_a_part_of_the_bench_measures(part: str, words: list[str], tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    sizes = ["--points", "300", "--records", "3000", "--seconds", "0.2", "--lines", "2000"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--only", part, "--out", str(out), *sizes],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text(encoding="utf-8"))["figures"]
    for word in words:
        assert any(word in figure["what"] for figure in figures), word
    assert all(figure["value"] for figure in figures)
