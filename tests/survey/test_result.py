"""The answer's files: the contract's form, the same bytes again, in any layout; whole or not at all."""

import json
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from takuso.survey.source import digest, open_source
from tests.survey.lay import (
    AOI,
    ASAHI,
    DAY,
    NOTICE,
    Place,
    Post,
    Record,
    Supply,
    ask,
    jst,
    point,
)

RECORDS = [
    record
    for number in range(400)
    for at in [jst(DAY + timedelta(days=number % 3 - 1), number % 24, number % 60)]
    for user in [f"u{number % 7}"]
    for record in (
        Record(at, user, f"s{number}", "KF10", None, point(number % 50)),
        Record(
            at + timedelta(seconds=3), user, f"s{number}", "CI20", "KF10" if number % 3 else None, point(number % 50)
        ),
        Record(at + timedelta(seconds=3), user, f"s{number}", "CI20", None, point(number % 50), terminal="T2"),
        Record(at + timedelta(seconds=9), user, f"s{number}", "CI10", "CI20", point(number % 50)),
    )
]
PLACE = Place(
    RECORDS,
    [Post(f"u{number}", f"p{number // 2}", AOI) for number in range(7)],
    [
        Supply(
            point(number),
            ASAHI if number % 3 else AOI,
            date(2016, 4, 1),
            None,
            None,
            jst(DAY) if number % 5 == 0 else None,
        )
        for number in range(50)
    ],
)


def command(*arguments: str) -> list[str]:
    """The program as a process of its own."""
    return [sys.executable, "-m", "takuso.main", "survey", "run", *arguments]


def survey(tmp_path: Path, source: Path, out: str = "out", **how: object) -> subprocess.CompletedProcess[str]:
    """Run the notice's steps."""
    file = ask(tmp_path / "survey.yaml", NOTICE)
    arguments = command(str(file), "--source", str(source), "--out", str(tmp_path / out), "--json")
    return subprocess.run(arguments, capture_output=True, text=True, check=False, **how)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a source and the answer of one run."""
    folder = tmp_path_factory.mktemp("answered")
    ended = survey(folder, PLACE.write(folder / "source"))
    assert ended.returncode == 1, ended.stderr
    (folder / "stdout.json").write_text(ended.stdout)
    return folder


def test_summary_has_the_form_of_the_contract(answered: Path) -> None:
    summary = json.loads((answered / "out" / "summary.json").read_text())
    assert list(summary) == [
        "survey", "period", "source_sha256", "engine", "seconds", "steps", "viewers", "contracts", "now", "rejects",
    ]  # fmt: skip
    assert list(summary["steps"][0]) == ["no", "name", "kind", "rows_in", "rows_out", "viewers", "contracts"]
    assert [step["no"] for step in summary["steps"]] == [1, 2, 3, 4, 5]
    assert [step["kind"] for step in summary["steps"]] == [step["kind"] for step in NOTICE]
    assert summary["period"] == [str(DAY - timedelta(days=1)), str(DAY + timedelta(days=2))]
    assert summary["steps"][0]["rows_in"] == len(RECORDS)
    assert all(
        one["rows_out"] == other["rows_in"] for one, other in zip(summary["steps"], summary["steps"][1:], strict=False)
    )
    assert (summary["survey"], summary["engine"], summary["rejects"]) == ("trial", "duckdb", 0)
    assert summary["now"]["contracts"] < summary["contracts"]
    assert json.loads((answered / "stdout.json").read_text()) == summary


def test_findings_have_the_form_of_the_contract(answered: Path) -> None:
    table = pq.read_table(answered / "out" / "findings.parquet")
    assert table.schema.names == [
        "viewer", "contract", "first_at", "last_at", "views", "path", "verdict_then", "verdict_now",
    ]  # fmt: skip
    assert table.schema.field("first_at").type == pa.timestamp("us", tz="UTC")
    assert {table.schema.field(name).type for name in ("verdict_then", "verdict_now")} == {pa.bool_()}
    rows = table.to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["viewer"], row["contract"]))
    summary = json.loads((answered / "out" / "summary.json").read_text())
    for which, counted in (("verdict_then", summary), ("verdict_now", summary["now"])):
        left = [row for row in rows if row[which]]
        assert len({row["viewer"] for row in left}) == counted["viewers"]
        assert len({row["contract"] for row in left}) == counted["contracts"]


FILES = {
    "summary.json",
    "findings.parquet",
    "report.html",
    "inputs.json",
    "evidence.parquet",
    "report.pdf",
    "report.xlsx",
}


def content(folder: Path) -> dict[str, bytes]:
    """What an answer says, `seconds` left out, and what the source's digest changes left out too."""
    # These are in the others too, and bear the digest where no replacement reaches it.
    besides = {"inputs.json", "report.pdf", "report.xlsx"}
    found = {file.name: file.read_bytes() for file in folder.iterdir() if file.name not in besides}
    summary = json.loads(found["summary.json"])
    source = summary.pop("source_sha256").encode()
    number = json.loads((folder / "inputs.json").read_text())["document"].encode()
    del summary["seconds"]
    return {
        **{name: data.replace(source, b"").replace(number, b"") for name, data in found.items()},
        "summary.json": json.dumps(summary).encode(),
    }


def test_a_rerun_replaces_the_answer_with_the_same_bytes(answered: Path) -> None:
    first = {file.name: file.read_bytes() for file in (answered / "out").iterdir()}
    assert survey(answered, answered / "source").returncode == 1
    again = {file.name: file.read_bytes() for file in (answered / "out").iterdir()}
    assert first.keys() == again.keys() == FILES
    assert {name for name in first if first[name] != again[name]} <= {"summary.json"}
    one, other = (json.loads(files["summary.json"]) for files in (first, again))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neither_order_nor_split_changes_the_answer(seed: int, answered: Path, tmp_path: Path) -> None:
    chance = random.Random(seed)
    rows = RECORDS.copy()
    chance.shuffle(rows)
    split = [chance.randrange(4) for _ in range(50)]
    other = PLACE.but(records=rows, split=split, supply=chance.sample(PLACE.supply, len(PLACE.supply)))
    assert survey(tmp_path, other.write(tmp_path / "source")).returncode == 1
    assert content(tmp_path / "out") == content(answered / "out")


def test_the_digest_is_of_names_and_bytes_alone(answered: Path, tmp_path: Path) -> None:
    folder = PLACE.write(tmp_path / "source")
    before = digest(open_source(folder))
    assert before == digest(open_source(answered / "source"))
    lines = subprocess.run(
        ["sh", "-c", "find . -type f | sed 's:^./::' | LC_ALL=C sort | xargs sha256sum | sha256sum"],
         cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert lines.split()[0] == before
    (folder / ".takuso").mkdir()
    (folder / ".takuso" / "fast").write_text("form")
    assert digest(open_source(folder)) == before
    (folder / "log" / "note.txt").write_text("seen")
    assert digest(open_source(folder)) != before


def left(folder: Path) -> list[str]:
    """What lies in a folder beside the source and the survey file."""
    return sorted(child.name for child in folder.iterdir() if child.name not in ("source", "survey.yaml"))


def test_a_killed_run_leaves_no_answer(tmp_path: Path) -> None:
    source, file = PLACE.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    arguments = command(str(file), "--source", str(source), "--out", str(tmp_path / "out"))
    for tenths in (2, 6, 9, 12, 15):
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(tenths / 10)
        process.kill()
        if process.wait() == -signal.SIGKILL:
            assert not (tmp_path / "out").exists() or {file.name for file in (tmp_path / "out").iterdir()} == FILES


KILLED_WHILE_WRITING = """
import os, signal, sys
from collections import UserDict
from pathlib import Path
from takuso.survey.result import write
class Dying(UserDict):
    def items(self):
        yield "summary.json", b"{"
        os.kill(os.getpid(), signal.SIGKILL)
write(Path(sys.argv[1]), Dying())
"""


@pytest.mark.parametrize("earlier", [False, True])
def test_killed_while_writing(earlier: bool, tmp_path: Path) -> None:
    source = PLACE.write(tmp_path / "source")
    if earlier:
        survey(tmp_path, source)
    before = content(tmp_path / "out") if earlier else None
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(tmp_path / "out")], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (content(tmp_path / "out") if (tmp_path / "out").exists() else None) == before
    assert survey(tmp_path, source).returncode == 1
    assert left(tmp_path) == ["out"]


@pytest.mark.parametrize("limit", [0, 500, 4000])
def test_a_full_disk(limit: int, tmp_path: Path) -> None:
    source = PLACE.write(tmp_path / "source")
    ended = survey(
        tmp_path, source, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    )
    assert ended.returncode == 3, ended.stderr
    assert "何も書いていません" in ended.stderr
    assert "対処: 空きを作って" in ended.stderr
    assert left(tmp_path) == []


def test_an_answer_survives_a_full_disk(answered: Path) -> None:
    before = content(answered / "out")
    ended = survey(
        answered,
        answered / "source",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY)),
    )
    assert ended.returncode == 3
    assert content(answered / "out") == before


def test_a_folder_that_cannot_be_written(answered: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ended = survey(tmp_path, answered / "source", "file/out")
    assert ended.returncode == 3
    assert "対処: 書けるフォルダーを --out に指定して" in ended.stderr


def test_without_a_folder_only_figures_are_told(answered: Path, tmp_path: Path) -> None:
    arguments = command(str(answered / "survey.yaml"), "--source", str(answered / "source"))
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=tmp_path)
    summary = json.loads((answered / "out" / "summary.json").read_text())
    assert ended.returncode == 1
    assert f"閲覧者 {summary['viewers']:,} 人、お客さま {summary['contracts']:,} 契約" in ended.stdout
    assert list(tmp_path.iterdir()) == []


def numbers(values: Sequence[int]) -> list[str]:
    """Numbers as the report prints them."""
    return [f"{value:,}" for value in values]


def test_the_report_stands_alone_and_says_everything(answered: Path) -> None:
    text = (answered / "out" / "report.html").read_text()
    summary = json.loads((answered / "out" / "summary.json").read_text())
    assert 'lang="ja"' in text
    assert [mark for mark in ("<script", "<link", "<img", "http:", "https:", "url(") if mark in text] == []
    for step in summary["steps"]:
        assert step["name"] in text
        assert all(number in text for number in numbers([step["rows_in"], step["rows_out"], step["viewers"]]))
    for part in (
        "<svg",
        "対数目盛",
        "ここから数えるものが変わる",
        "この調査では分からないこと",
        summary["source_sha256"],
    ):
        assert part in text
    assert "お客さま情報Ⅰ（CI10）" in text
    assert f"<strong>{summary['contracts']:,}</strong>" in text


def test_what_a_survey_file_says_is_escaped(answered: Path, tmp_path: Path) -> None:
    file = ask(tmp_path / "s.yaml", [{**NOTICE[0], "name": "<b>&"}], title="<script>alert(1)</script>")
    arguments = command(str(file), "--source", str(answered / "source"), "--out", str(tmp_path / "out"))
    assert subprocess.run(arguments, capture_output=True, check=False).returncode == 1
    text = (tmp_path / "out" / "report.html").read_text()
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text
