"""The how-to page works as written: its SQL makes a source from CSV files, its survey file runs over it."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from takuso.doors.cli.program import run as command
from takuso.main import house
from takuso.survey.reading import read_survey
from tests.survey.lay import META, point

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "survey-your-own-log.md"
ACCESS = f"""\
日時,利用者,セッション,画面,遷移元,供給地点,操作,端末
2023/01/10 00:00:01.000001,u1,s1,KF10,MN00,{point(1)},VIEW,T1
2023/01/10 00:00:05.250000,u1,s1,CI20,,{point(1)},VIEW,T1
2023/01/10 09:00:00.000000,u2,s2,CI20,KF10,{point(1)},VIEW,T2
2023/01/09 23:59:59.999999,u1,s1,MN00,,,VIEW,T1
"""
USERS = "利用者,社員番号,会社,委託元,着任,離任\nu1,p1,AOI,,2020-04-01,\nu2,p2,SERVICE,AOI,2020-04-01,2023-04-01\n"
SUPPLY = f"供給地点,小売,開始,終了\n{point(1)},AOI,2016-04-01,2023-01-10\n{point(1)},ASAHI,2023-01-10,\n"


def block(language: str) -> str:
    """The first block of code in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("access-1.csv", ACCESS), ("users.csv", USERS), ("supply.csv", SUPPLY)):
        Path(name).write_text(text, encoding="utf-8")
    Path("week").mkdir()
    with duckdb.connect() as engine:
        for statement in filter(str.strip, block("sql").split(";\n")):
            engine.execute(statement)
    assert json.loads(block("json")).keys() == META.keys()
    Path("week/meta.json").write_text(json.dumps(META), encoding="utf-8")
    Path("own.yaml").write_text(block("yaml"), encoding="utf-8")
    assert read_survey(Path("own.yaml")).name == "own-2023-01"
    assert command(house(), ["survey", "run", "own.yaml", "--source", "week", "--out", "result"]) == 1
    summary = json.loads(Path("result/summary.json").read_text())
    assert (summary["steps"][0]["rows_in"], summary["viewers"], summary["contracts"]) == (4, 1, 1)


def test_the_page_names_every_kind_of_step_and_every_column() -> None:
    from takuso.survey.definition import STEPS
    from takuso.survey.footers import LOG, PEOPLE, SUPPLY

    text = PAGE.read_text(encoding="utf-8")
    assert [step.kind for step in STEPS if step.kind not in text] == []
    assert [column for table in (LOG, PEOPLE, SUPPLY) for column in table if f"`{column}`" not in text] == []
