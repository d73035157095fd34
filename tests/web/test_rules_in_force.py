"""AD30 規則の変更と承認: of each approved change, since when it is in force or what it waits for."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.doors.web.office import COOKIE
from takuso.doors.web.settings import configure
from takuso.doors.web.wsgi import make_office
from tests.apart import TODAY, Place, apart
from tests.web.conftest import Desk
from tests.web.test_administration import problem
from tests.web.test_proposals import PAGE, decide, newest, propose

Sit = Callable[[str], Desk]


def _desks(place: Place) -> Sit:
    configure()
    signins = SignIns(place.pools)
    office = make_office(Gate(place.pools), signins, place.home, ready=lambda: ())

    def sit(person: str) -> Desk:
        desk = Desk(office)
        desk.browser.cookies[COOKIE] = signins.by_demo(person).cookie
        return desk

    return sit


def test_a_change_is_told_from_its_approval_to_its_day(tmp_path: Path) -> None:
    with apart(tmp_path / "home") as place:
        sit = _desks(place)
        on = TODAY + timedelta(days=2)
        assert propose(sit("td-admin"), on.isoformat()).status_code == 303
        number = newest(place.home)
        page = f"{PAGE}?proposal={number}"
        assert "takuso store migrate を待っています" not in sit("td-admin").text(page)
        assert decide(sit("td-compliance"), number, "approved").status_code == 303
        shown = sit("td-admin").text(page)
        assert "takuso store migrate を待っています。読み込めば" in shown
        assert "見えるようになるます目 1" in shown, "what waits still shows its diff"
        # The next change is shown and proved over the table with the one that waits.
        assert propose(sit("td-admin"), (on + timedelta(days=1)).isoformat()).status_code == 303
        again = newest(place.home)
        assert "同じ行がその日にすでにあります" in sit("td-compliance").text(f"{PAGE}?proposal={again}")
        assert "同じ行がその日にすでにあります" in problem(decide(sit("td-compliance"), again, "approved"))
        place.deployed()
        assert "読み込み済みです。" in sit("td-admin").text(page)
        place.deployed(days=2)
        sit = _desks(place)
        shown = sit("td-admin").text(page)
        assert "から効いています。" in shown
        assert "takuso store migrate を待っています" not in shown


def test_a_change_whose_day_came_before_the_deployment_says_so(tmp_path: Path) -> None:
    with apart(tmp_path / "home") as place:
        sit = _desks(place)
        assert propose(sit("td-admin"), (TODAY + timedelta(days=1)).isoformat()).status_code == 303
        number = newest(place.home)
        assert decide(sit("td-compliance"), number, "approved").status_code == 303
        place.behind("UPDATE wall.home SET shift = '3 days'")
        assert "を過ぎても効いていません" in sit("td-admin").text(f"{PAGE}?proposal={number}")
