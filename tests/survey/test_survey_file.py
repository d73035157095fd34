"""Survey files: read as written, and every fault named with line, field, rule and what to do."""

from datetime import date
from pathlib import Path

import pytest

from takuso.kernel.periods import DatePeriod
from takuso.survey.definition import (
    Annotate,
    CustomerHeldByOther,
    Exclude,
    Include,
    ReachedFrom,
    ScreenChoice,
    Screens,
    ViewerAffiliation,
)
from takuso.survey.reading import WrongSurveyFile, read_survey

SHIPPED = sorted((Path(__file__).parents[2] / "surveys").glob("*.yaml"))
GOOD = """\
name: trial
title: 試し
period: {from: 2022-12-06, to: 2022-12-13}
source: ../week
steps:
  - kind: screens
    name: 二つの画面
    item: 2-1
    screens: [KF10, CI20]
  - {kind: viewer_affiliation, organisation: affiliate, contractors: true}
  - {kind: reached_from, from: KF10, screens: CI20}
  - {kind: customer_held_by_other, organisation: ASAHI}
  - {kind: include, screens: [CI10]}
  - {kind: exclude, except: [KF10, CI20]}
  - {kind: annotate, except: [KF10]}
"""


def faults(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    """(line, field) of each fault; the message must carry all four parts."""
    file = tmp_path / "survey.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongSurveyFile) as raised:
        read_survey(file)
    for fault in raised.value.faults:
        assert fault.rule
        assert fault.advice
        assert f"{file}:{fault.line}: {fault.field}: {fault.rule}\n対処: {fault.advice}" in str(raised.value)
    return [(fault.line, fault.field) for fault in raised.value.faults]


def test_every_kind_of_step(tmp_path: Path) -> None:
    file = tmp_path / "survey.yaml"
    file.write_text(GOOD, encoding="utf-8")
    survey = read_survey(file)
    assert (survey.name, survey.title, survey.source) == ("trial", "試し", tmp_path / "../week")
    assert survey.period == DatePeriod(start=date(2022, 12, 6), end=date(2022, 12, 13))
    given = [step for step in survey.steps if isinstance(step, Screens)]
    assert given == [Screens(name="二つの画面", item="2-1", screens=("KF10", "CI20"))]
    names = [step.name for step in survey.steps[1:]]
    assert all(names)
    assert survey.steps[1:] == (
        ViewerAffiliation(name=names[0], organisation="affiliate", contractors=True),
        ReachedFrom(name=names[1], origins=("KF10",), screens=("CI20",)),
        CustomerHeldByOther(name=names[2], organisation="ASAHI"),
        Include(name=names[3], others=ScreenChoice(codes=("CI10",))),
        Exclude(name=names[4], others=ScreenChoice(codes=("KF10", "CI20"), all_but=True)),
        Annotate(name=names[5], others=ScreenChoice(codes=("KF10",), all_but=True)),
    )


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_surveys_name_no_organisation(file: Path) -> None:
    survey = read_survey(file)
    assert survey.name == file.stem
    assert survey.period == DatePeriod(start=date(2022, 12, 6), end=date(2022, 12, 13))
    assert {organisation for _, _, organisation in survey.organisations()} <= {"affiliate", "network"}


WRONG = {
    "another kind": ("kind: screens\n", "kind: screen\n", [(6, "steps[1].kind")]),
    "no kind": ("  - kind: screens\n    name:", "  - name:", [(6, "steps[1].kind")]),
    "an unknown field": ("    item: 2-1\n", "    itme: 2-1\n", [(8, "steps[1].itme")]),
    "a field twice": ("    item: 2-1\n", "    item: 2-1\n    item: 2-2\n", [(9, "steps[1].item")]),
    "a missing field": ("organisation: ASAHI", "name: x", [(12, "steps[4].organisation")]),
    "no screens": ("[KF10, CI20]\n  - {kind: v", "[]\n  - {kind: v", [(9, "steps[1].screens")]),
    "a screen that is a list": ("[KF10, CI20]\n  - {kind: v", "[[KF10]]\n  - {kind: v", [(9, "steps[1].screens")]),
    "an empty text": ("organisation: ASAHI", "organisation: ''", [(12, "steps[4].organisation")]),
    "nothing for a text": ("title: 試し", "title:", [(2, "title")]),
    "not a flag": ("contractors: true", "contractors: 1", [(10, "steps[2].contractors")]),
    "neither screens nor except": ("{kind: include, screens: [CI10]}", "{kind: include}", [(13, "steps[5]")]),
    "both screens and except": ("{kind: exclude, ", "{kind: exclude, screens: [A], ", [(14, "steps[6]")]),
    "a name with a slash": ("name: trial", "name: a/b", [(1, "name")]),
    "a day that is not": ("from: 2022-12-06", "from: 2022-02-30", [(3, "period.from")]),
    "a day written otherwise": ("from: 2022-12-06", "from: 6/12/2022", [(3, "period.from")]),
    "a reversed period": ("from: 2022-12-06", "from: 2022-12-13", [(3, "period.to")]),
    "a period in words": ("period: {from: 2022-12-06, to: 2022-12-13}", "period: 一週間", [(3, "period")]),
    "half a period": (", to: 2022-12-13", "", [(3, "period.to")]),
    "no title": ("title: 試し\n", "", [(1, "title")]),
    "a step in words": ("  - {kind: include, screens: [CI10]}", "  - include", [(13, "steps[5]")]),
    "two faults at once": (
        "title: 試し\nperiod: {from: 2022-12-06",
        "title: ''\nperiod: {from: x",
        [(2, "title"), (3, "period.from")],
    ),
    "not YAML": ("[KF10, CI20]\n  - {kind: v", "[KF10, CI20\n  - {kind: v", [(10, "YAML")]),
}


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case)
def test_faults_are_named(case: str, tmp_path: Path) -> None:
    old, new, expected = WRONG[case]
    assert GOOD.count(old) == 1
    assert faults(tmp_path, GOOD.replace(old, new)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "調査")]),
        ("- a\n", [(1, "調査")]),
        ("name: a\ntitle: b\nperiod: {from: 2022-12-06, to: 2022-12-13}\nsteps: {}\n", [(4, "steps")]),
        ("name: a\ntitle: b\nperiod: {from: 2022-12-06, to: 2022-12-13}\nsteps: []\n", [(4, "steps")]),
        ("&a [*a]\n", [(1, "調査")]),
        ("? [x]\n: y\n", [(1, "[ScalarNode(tag='tag:yaml.org,2002:str', value='x')]")]),
        ("name: \x07\n", [(1, "YAML")]),
    ],
)
def test_what_is_not_a_survey_at_all(text: str, expected: list[tuple[int, str]], tmp_path: Path) -> None:
    assert set(expected) <= set(faults(tmp_path, text))


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "survey.yaml"
    file.write_bytes("name: trial\ntitle: 調査\n".encode("cp932"))
    with pytest.raises(WrongSurveyFile, match=r"survey\.yaml:2: 文字コード"):
        read_survey(file)
    with pytest.raises(WrongSurveyFile, match=r"none\.yaml:1: ファイル"):
        read_survey(tmp_path / "none.yaml")
