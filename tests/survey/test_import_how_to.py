"""The page on importing works as written: its files are sniffed, edited, imported and surveyed with its commands."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from takuso.doors.cli.program import run as command
from takuso.main import house
from takuso.survey.importing.mapping import TABLES
from takuso.survey.importing.mapping_file import read_mapping

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "import-a-log.md"


def blocks(language: str) -> list[tuple[str, str]]:
    """What follows the language, and the text, of each block of code."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}(?: (\S+))?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def typed(line: str) -> int:
    """Run a line of the page."""
    program, *words = shlex.split(line)
    assert program == ".venv/bin/takuso"
    return command(house(), words)


def test_the_page_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in blocks("csv"):
        Path(name).write_bytes(text.replace("\n", "\r\n").encode("cp932"))
    sniff, importing, survey = (line for _, text in blocks("sh") for line in text.splitlines())
    (_, head), (_, question), *_ = blocks("yaml")
    shown = dict(blocks("text"))

    assert typed(sniff) == 0
    mapping = Path("mapping.yaml")
    proposed = mapping.read_text(encoding="utf-8")
    mapping.write_text(head + proposed[proposed.index("\nlog:") :], encoding="utf-8")
    capfd.readouterr()
    assert typed(importing) == 1
    assert capfd.readouterr().out == shown["import"]
    assert Path("week.rejects.csv").read_text(encoding="utf-8-sig").replace("\r\n", "\n") == shown["rejects"]
    Path("own.yaml").write_text(question, encoding="utf-8")
    assert typed(survey) == 1
    assert "閲覧者 1 人、お客さま 1 契約" in capfd.readouterr().out


def test_the_forms_of_the_page_are_read(tmp_path: Path) -> None:
    _, _, *forms = [yaml.safe_load(text) for _, text in blocks("yaml")]
    assert len(forms) == 2
    for number, form in enumerate(forms):
        rest = {"network": "TD", "affiliate": "AOI", "screens": {"CI20": "お客さま情報"}}
        for table, targets in TABLES.items():
            needed = {name: name for name, target in targets.items() if target.needed}
            rest.setdefault(table, {"files": ["x.csv"], "columns": needed})
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump({**rest, **form}, allow_unicode=True), encoding="utf-8")
        assert read_mapping(file).log.charset == "cp932"
