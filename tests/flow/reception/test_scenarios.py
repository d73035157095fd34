"""Each folder of scenarios tells one case of the published list, and comes out as it says."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from takuso.flow.reception.model import TerminationRelay
from takuso.flow.reception.refusals.decisions import Conflict, Refused
from takuso.flow.reception.rules.consent import usage_period
from takuso.flow.reception.rules.relay import examine
from takuso.flow.reception.rules.sight import Onlooker, Team, sight_of, win_back
from takuso.flow.reception.vocabulary import EVENT_NAMES, RECIPIENT_NAMES, STATE_NAMES
from tests.flow.reception.story import SCENARIOS, Row, Story, moment, rows

CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))
TITLES = {case["folder"]: case["title"] for group in CASES for case in group["cases"] if "folder" in case}
FOLDERS = {folder.name: folder for folder in sorted(SCENARIOS.glob("given_*"))}
TEAMS = {"送配電": Team.NETWORK, "切替の担当": Team.SWITCHING, "営業": Team.SALES}
SIGHTS = {"見えない": "nothing", "取次の内容": "relayed", "すべて": "whole"}


def test_every_folder_is_in_the_list_and_every_listed_folder_is_there() -> None:
    assert set(TITLES) == set(FOLDERS)


@pytest.mark.parametrize("folder", [pytest.param(FOLDERS[name], id=name.removeprefix("given_")) for name in FOLDERS])
def test_scenario(folder: Path) -> None:
    expected = [
        (moment(row["時刻"]), check, row) for name, check in EXPECTED.items() for row in rows(folder / "then", name)
    ]
    assert expected, "then/ に何も書かれていない"
    story = Story(folder)
    for at, check, row in sorted(expected, key=lambda one: one[0]):
        story.play(at)
        check(story, row)
    assert not story.due, "then/ より後に、まだ何かが起こる"


def _state(story: Story, row: Row) -> None:
    case = story.case(row["受付番号"])
    found = {
        "状態": STATE_NAMES[case.state],
        "期限": case.due.isoformat() if case.due else "-",
        "拒否コード": " ".join(one.code for one in case.refusals) or "-",
        "衝突": " ".join(dict.fromkeys(_named(c) for one in case.refusals for c in one.conflicts)) or "-",
        "対処": " ".join(one.cure for one in case.refusals) or "-",
        "規則": " ".join(one.rule for one in case.refusals) or "-",
    }
    assert {key: found[key] for key in found if key in row} == {key: row[key] for key in found if key in row}


def _refused(story: Story, row: Row) -> None:
    event = next(e for e in EVENT_NAMES if EVENT_NAMES[e] == row["出来事"])
    decision = story.refused.get((row["受付番号"], event))
    assert decision is not None, "拒まれていない"
    assert " ".join(decision.codes) == row["拒否コード"]


def _supply(story: Story, row: Row) -> None:
    assert story.known.point is not None
    holding = story.known.point.holding_on(date.fromisoformat(row["日"]))
    assert (holding.retailer if holding else "なし") == row["供給者"]


def _usage(story: Story, row: Row) -> None:
    assert story.known.point is not None
    period = usage_period(story.known.point, story.known.today, story.known.parameters)
    assert (period and (str(period.start), str(period.last_day))) == (
        (row["初日"], row["末日"]) if "初日" in row else None
    )


def _sight(story: Story, row: Row) -> None:
    team = TEAMS[row["仕事"]]
    onlooker = Onlooker(team=team, retailer="" if team is Team.NETWORK else row["見る人"])
    assert sight_of(story.case(row["受付番号"]), onlooker) == SIGHTS[row["見え方"]]


def _told(story: Story, row: Row) -> None:
    told = [
        " ".join(RECIPIENT_NAMES[one] for one in RECIPIENT_NAMES if one in moved.by.told) or "-"
        for moved in story.moves
        if moved.case.number == row["受付番号"] and EVENT_NAMES[moved.by.event] == row["出来事"]
    ]
    assert told == [row["知らせる相手"]]


def _win_back(story: Story, row: Row) -> None:
    decision = win_back(story.case(row["受付番号"]), row["小売"], asked_by_consumer=row["需要者の求め"] == "あり")
    assert ("できない" if isinstance(decision, Refused) else "できる") == row["引き止め"]


def _examination(story: Story, row: Row) -> None:
    case = story.case(row["受付番号"])
    assert isinstance(case.content, TerminationRelay)
    found = examine(case.content, case.number, story.known)
    assert (" ".join(found.decision.codes) if isinstance(found.decision, Refused) else "-") == row["拒否コード"]
    assert "".join(one.explanation for one in found.items) == row.get("説明", "")


def _seen(story: Story, row: Row) -> None:
    """What the refusal tells this retailer of the applications that clash."""
    case = story.case(row["受付番号"])
    seen = [conflict.text for one in case.refusals for conflict in one.seen_by(row["小売"]).conflicts]
    assert " ".join(dict.fromkeys(seen)) == row["衝突の見え方"]


def _named(conflict: Conflict) -> str:
    return conflict.number or f"{conflict.day}"


EXPECTED: dict[str, Callable[[Story, Row], None]] = {
    "states": _state,
    "refused": _refused,
    "supply": _supply,
    "usage": _usage,
    "sights": _sight,
    "told": _told,
    "win_back": _win_back,
    "examinations": _examination,
    "seen": _seen,
}
