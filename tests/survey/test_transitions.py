"""The picture of transitions: noted screens by their own codes, and nothing left out without a word."""

from datetime import timedelta
from pathlib import Path

import pytest

from takuso.survey.archive.building import archive
from takuso.survey.archive.fresh import answer_from_form
from takuso.survey.duck import answer
from takuso.survey.reading import read_survey
from takuso.survey.restating.evidence import evidence
from takuso.survey.source import Meta, open_source
from takuso.survey.transitions import CAPTION, MOST, Noted, Transition, Ways, picture, ways, words
from tests.survey.lay import AOI, ASAHI, DAY, NOTICE, Place, Post, Record, Supply, ask, jst, point

AT = jst(DAY, 9)
CODES = ["A:1", "B; +C", "D>E", "F"]
PLACE = Place(
    [
        Record(AT + timedelta(seconds=number), "u1", "s1", screen, None, point(1))
        for number, screen in enumerate(["KF10", "CI20", *CODES])
    ],
    [Post("u1", "p1", AOI)],
    [Supply(point(1), ASAHI, DAY.replace(year=2016))],
)
META = Meta(network="TD", affiliate=AOI, screens={}, rejects=0)


def test_noted_screens_are_counted_by_their_codes_whatever_these_hold(tmp_path: Path) -> None:
    source = open_source(PLACE.write(tmp_path / "source"))
    survey = read_survey(ask(tmp_path / "s.yaml", NOTICE))
    archive(source.folder, lambda _: None)
    table = evidence(survey, source).table
    for figures in (answer(survey, source, print), answer_from_form(survey, source, print)[0]):
        assert ways(table, figures.findings).noted == [Noted(screen=code, pairs=1) for code in CODES]


def _ways(transitions: int, noted: int) -> Ways:
    return Ways(
        transitions=[
            Transition(origin=f"O{number}", screen="S", records=100 - number, viewers=1, contracts=1)
            for number in range(transitions)
        ],
        noted=[Noted(screen=f"N{number}", pairs=1) for number in range(noted)],
    )


@pytest.mark.parametrize("tell", [words, lambda found, meta: picture(found, meta, "題").partition("</desc>")[2]])
def test_what_is_beyond_the_limit_is_one_line(tell: object) -> None:
    assert callable(tell)
    told = tell(_ways(MOST + 3, MOST + 2), META)
    left = sum(100 - number for number in range(MOST, MOST + 3))
    assert f"ほか 3 通り（{left} 記録）" in told
    assert "添えた画面 ほか 2 画面" in told
    assert f"O{MOST - 1}" in told
    assert f"O{MOST}" not in told
    assert "ほか" not in tell(_ways(MOST, MOST), META)
    assert f"多いものから {MOST} まで" in CAPTION
