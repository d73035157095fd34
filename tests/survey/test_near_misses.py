"""The notice's survey by hand: what is a leak and what only looks like one, one case each."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from takuso.survey.duck import answer
from takuso.survey.figures import Figures
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from tests.survey.lay import (
    AOI,
    ASAHI,
    DAY,
    HIKARI,
    NOTICE,
    SERVICE,
    TD,
    Place,
    Post,
    Record,
    Supply,
    ask,
    jst,
    point,
)

OLD = date(2016, 4, 1)
NEXT = DAY + timedelta(days=1)
NOON = jst(DAY, 12)
MICRO = timedelta(microseconds=1)
SHIPPED = Path(__file__).parents[2] / "surveys"
STAFF = [
    Post("u1", "clerk", AOI),
    Post("u2", "clerk", AOI),
    Post("u3", "colleague", AOI),
    Post("net", "worker", TD),
    Post("con", "hired", SERVICE, AOI),
    Post("moved", "mover", TD, None, None, DAY),
    Post("moved", "mover", AOI, None, DAY),
    Post("passed", "first", AOI, None, None, DAY),
    Post("passed", "second", AOI, None, DAY),
    Post("left", "leaver", AOI, None, None, DAY),
]


def views(
    user: str = "u1", at: datetime = NOON, session: str = "s", customer: int = 1, came_from: str | None = "KF10"
) -> list[Record]:
    """口振異動通知, then お客さま情報Ⅱ ten seconds later, at `at`."""
    number = point(customer)
    return [
        Record(at - timedelta(seconds=10), user, session, "KF10", "MN00", number),
        Record(at, user, session, "CI20", came_from, number),
    ]


def held(*periods: Supply, customer: int = 1) -> list[Supply]:
    """The point's history; without periods it is another retailer's since 2016."""
    return [p._replace(customer=point(customer)) for p in periods or (Supply("", ASAHI, OLD),)]


def switched(day: date, before: str, after: str) -> list[Supply]:
    """A point that changes hands at 00:00 of a day."""
    return held(Supply("", before, OLD, day), Supply("", after, day))


def survey(tmp_path: Path, records: Sequence[Record], supply: Sequence[Supply], name: str = "") -> Figures:
    """The notice's steps, or a shipped survey."""
    known = [Record(jst(DAY, 1), "net", "other", "MN00", None, point(9))]
    source = Place([*known, *records], STAFF, supply).write(tmp_path / "source")
    file = SHIPPED / name if name else ask(tmp_path / "survey.yaml", NOTICE)
    return answer(read_survey(file), open_source(source), lambda _: None)


def both(figures: Figures) -> tuple[tuple[int, int], tuple[int, int]]:
    """(viewers, contracts) then and now."""
    return (figures.then.viewers, figures.then.contracts), (figures.now.viewers, figures.now.contracts)


LEAK, NOTHING = (1, 1), (0, 0)
WAS = jst(DAY - timedelta(days=30))
CORRECTED = jst(NEXT, 9)
CASES = {
    "the leak": (views(), held(), LEAK),
    "own customer": (views(), held(Supply("", AOI, OLD)), NOTHING),
    "switched away the day before": (views(), switched(DAY - timedelta(days=1), AOI, ASAHI), LEAK),
    "switched away on the day": (views(), switched(DAY, AOI, ASAHI), LEAK),
    "switches away the day after": (views(), switched(NEXT, AOI, ASAHI), NOTHING),
    "won back the day before": (views(), switched(DAY - timedelta(days=1), ASAHI, AOI), NOTHING),
    "won back the day after": (views(), switched(NEXT, ASAHI, AOI), LEAK),
    "the last microsecond before the switch": (views(at=jst(DAY) - MICRO), switched(DAY, AOI, ASAHI), NOTHING),
    "the first microsecond of the switch": (views(at=jst(DAY)), switched(DAY, AOI, ASAHI), LEAK),
    "the last microsecond before winning back": (views(at=jst(DAY) - MICRO), switched(DAY, ASAHI, AOI), LEAK),
    "the first microsecond of winning back": (views(at=jst(DAY)), switched(DAY, ASAHI, AOI), NOTHING),
    "vacant": (views(), held(Supply("", ASAHI, OLD, date(2020, 1, 1))), NOTHING),
    "vacant between two holders": (
        views(),
        held(Supply("", ASAHI, OLD, DAY), Supply("", HIKARI, NEXT)),
        NOTHING,
    ),
    "a point nobody knows": (views(customer=7), held(), NOTHING),
    "network staff": (views("net"), held(), NOTHING),
    "contractor": (views("con"), held(), NOTHING),
    "an ID nobody has": (views("ghost"), held(), NOTHING),
    "joined the affiliate that day": (views("moved"), held(), LEAK),
    "joins the affiliate the day after": (views("moved", jst(DAY) - MICRO), held(), NOTHING),
    "left the affiliate that day": (views("left"), held(), NOTHING),
    "leaves the affiliate the day after": (views("left", jst(DAY) - MICRO), held(), LEAK),
    "two IDs of one person": (views() + views("u2", session="s2"), held(), (1, 1)),
    "one ID of two persons, one after another": (
        views("passed", jst(DAY) - MICRO) + views("passed", jst(DAY, 9), "s2"),
        held(),
        (2, 1),
    ),
    "two persons": (views() + views("u3", session="s2"), held(), (2, 1)),
    "a shared terminal, two sessions": (
        [views()[0], views("u3", session="s2", came_from=None)[1]],
        held(),
        NOTHING,
    ),
    "one point, two holders, two contracts": (
        views(at=jst(DAY) - MICRO) + views(at=jst(DAY), session="s2"),
        switched(DAY, ASAHI, HIKARI),
        (1, 2),
    ),
    "the same retailer again is another contract": (
        views(at=jst(DAY) - MICRO) + views(at=jst(DAY), session="s2"),
        switched(DAY, ASAHI, ASAHI),
        (1, 2),
    ),
    "recorded from another screen": (views(came_from="CI10"), held(), NOTHING),
    "only the notice was opened": (views()[:1], held(), NOTHING),
    "other screen from the notice": ([views()[0], views()[1]._replace(screen="CI10")], held(), NOTHING),
    "not recorded, found in the session": (views(came_from=None), held(), LEAK),
    "not recorded, another screen between": (
        [*views(came_from=None), Record(NOON - timedelta(seconds=1), "u1", "s", "MN00", "KF10", "")],
        held(),
        NOTHING,
    ),
    "not recorded, first of its session": (views(came_from=None)[1:], held(), NOTHING),
    "not recorded, the notice was for another customer": (
        [views()[0]._replace(customer=point(5)), views(came_from=None)[1]],
        held(),
        LEAK,
    ),
    "session over midnight": (views(at=jst(DAY, 0, 0, 5), came_from=None), held(), LEAK),
    "session over the period's start": (views(at=jst(DAY - timedelta(days=1), 0, 0, 5), came_from=None), held(), LEAK),
    "session over the period's end": (
        views(at=jst(NEXT + timedelta(days=1), 0, 0, 5), came_from=None),
        held(),
        NOTHING,
    ),
    "the first microsecond of the period": (views(at=jst(DAY - timedelta(days=1))), held(), LEAK),
    "the last microsecond before the period": (views(at=jst(DAY - timedelta(days=1)) - MICRO), held(), NOTHING),
    "the last microsecond of the period": (views(at=jst(NEXT + timedelta(days=1)) - MICRO), held(), LEAK),
    "duplicates are one person and one contract": (views() * 3, held(), LEAK),
    "rows out of order": (views(came_from=None)[::-1], held(), LEAK),
    "a duplicate without recorded predecessor follows its twin": (
        [*views(came_from=None), views(came_from=None)[1]],
        held(),
        LEAK,
    ),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case)
def test_then_and_now_without_corrections(case: str, tmp_path: Path) -> None:
    records, supply, expected = CASES[case]
    assert both(survey(tmp_path, records, supply)) == (expected, expected)


CORRECTIONS = {
    "a late switch makes a lawful view unlawful in hindsight": (
        [
            Supply("", AOI, OLD, None, WAS, CORRECTED),
            Supply("", AOI, OLD, DAY, CORRECTED),
            Supply("", ASAHI, DAY, None, CORRECTED),
        ],
        NOTHING,
        LEAK,
    ),
    "a switch taken back makes it lawful in hindsight": (
        [
            Supply("", AOI, OLD, DAY, WAS),
            Supply("", ASAHI, DAY, None, WAS, CORRECTED),
            Supply("", AOI, DAY, None, CORRECTED),
        ],
        LEAK,
        NOTHING,
    ),
    "another stranger in hindsight is another contract": (
        [Supply("", ASAHI, OLD, None, WAS, CORRECTED), Supply("", HIKARI, OLD, None, CORRECTED)],
        LEAK,
        LEAK,
    ),
    "another start in hindsight is another contract": (
        [Supply("", ASAHI, OLD, None, WAS, CORRECTED), Supply("", ASAHI, date(2019, 1, 1), None, CORRECTED)],
        LEAK,
        LEAK,
    ),
    "not known yet at the view": ([Supply("", ASAHI, OLD, None, NOON + MICRO)], NOTHING, LEAK),
    "known at the moment of the view": ([Supply("", ASAHI, OLD, None, NOON)], LEAK, LEAK),
    "retired at the moment of the view": ([Supply("", ASAHI, OLD, None, WAS, NOON)], NOTHING, NOTHING),
    "retired after the view": ([Supply("", ASAHI, OLD, None, WAS, NOON + MICRO)], LEAK, NOTHING),
}


@pytest.mark.parametrize("case", CORRECTIONS, ids=lambda case: case)
def test_corrections_tell_then_from_now(case: str, tmp_path: Path) -> None:
    history, then, now = CORRECTIONS[case]
    figures = survey(tmp_path, views(), held(*history))
    assert both(figures) == (then, now)
    assert {f.contract for f in figures.findings if f.verdict_then} == contracts(history, then, later=False)
    assert {f.contract for f in figures.findings if f.verdict_now} == contracts(history, now, later=True)


def contracts(history: Sequence[Supply], verdict: tuple[int, int], *, later: bool) -> set[str]:
    """The strangers' contract that covers the view, by the rows known then or now."""
    return {
        f"{point(1)}|{row.retailer}|{row.since}"
        for row in history
        if verdict == LEAK
        and row.retailer != AOI
        and (row.known_to is None if later else row.known_from is not None and row.known_from <= NOON)
    }


SHIPPED_CASES = {
    # file: own leak, contractor's, the notice alone, a screen opened afterwards, a record straight from the menu
    "notice-2022-12.yaml": (1, 0, 0, 0, 0),
    "notice-2022-12-contractors.yaml": (1, 1, 0, 0, 0),
    "notice-2022-12-table.yaml": (1, 0, 1, 0, 1),
    "notice-2022-12-exclude.yaml": (1, 0, 0, 0, 0),
    "notice-2022-12-include.yaml": (1, 0, 0, 1, 0),
}


@pytest.mark.parametrize("name", sorted(file.name for file in SHIPPED.glob("*.yaml")))
def test_shipped_surveys_read_the_notice_as_they_say(name: str, tmp_path: Path) -> None:
    supply = [*(row for number in (1, 2, 3, 5) for row in held(customer=number))]
    supply += [row._replace(customer=point(4)) for row in switched(DAY, ASAHI, HIKARI)]
    leak, hired = views("u1", customer=1), views("con", customer=2, session="c")
    alone = views("u3", customer=3, session="n")[:1]
    straight = [Record(NOON, "u3", "m", "CI20", "MN00", point(5))]
    # At midnight the point changes hands: what is opened afterwards is another contract.
    late = views("u1", jst(DAY) - MICRO, "late", customer=4)
    after = [Record(jst(DAY), "u1", "late", "CI10", "CI20", point(4))]
    figures = survey(tmp_path, [*leak, *hired, *alone, *straight, *late, *after], supply, name)
    found = {f.contract.partition("|")[0] for f in figures.findings}
    later = f"{point(4)}|{HIKARI}|{DAY}" in {f.contract for f in figures.findings}
    got = [point(number) in found for number in (1, 2, 3)]
    assert (*map(int, got), int(later), int(point(5) in found)) == SHIPPED_CASES[name]
