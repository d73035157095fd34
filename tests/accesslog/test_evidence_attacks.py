"""Attacks 51, 52 and 69 of the list, where they touch the log as evidence."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import SignIns
from takuso.flow.points import queries as q
from tests.accesslog.paper import found
from tests.accesslog.test_sequencer import bundle, leaves, place, run, sound
from tests.apart import Place
from tests.area import Area

__all__ = ["place", "run"]


def _look(place: Place, person: str, customer: str) -> str:
    visit = Visit(proof=SignIns(place.pools).by_demo(person), screen="CI20")
    gate = Gate(place.pools)
    return gate.look(visit, asked=(customer,), queries=(q.PLACE,), render=lambda _: b"").receipt


def test_51_a_correction_never_rewrites_the_record(place: Place, run: Callable[[], int], tmp_path: Path) -> None:
    """A supply corrected afterwards makes the look foreign; its leaf stays, and what it says is what was known then."""
    today = datetime.now(UTC).date()
    customer = Area(place.home, today).add("own")
    receipt = _look(place, "aoi-clerk", customer.code)
    run()
    told = leaves(place)
    relation = place.behind("SELECT relation FROM log.subject WHERE receipt = %s", [receipt])
    assert relation == [("own",)]
    place.behind("UPDATE wall.point SET holder_id = 3 WHERE customer_code = %s", [customer.code])
    run()
    assert leaves(place)[: len(told)] == told
    assert place.behind("SELECT relation FROM log.subject WHERE receipt = %s", [receipt]) == relation
    assert found(bundle(place, tmp_path / "bundle")) == []


def test_52_a_clock_set_back_does_not_move_the_index(place: Place, run: Callable[[], int]) -> None:
    """The last checkpoint says tomorrow: the next leaf comes after it all the same, and on no earlier day."""
    run()
    before = len(sound(place))
    (day,) = place.behind("SELECT max(day) FROM log.leaf")[0]
    ahead = day + timedelta(days=1)
    # As if the clock had been a day ahead at the last checkpoint.
    (start,) = place.behind("SELECT coalesce(max(size), 0) FROM log.checkpoint WHERE size < %s", [before])[0]
    place.behind("UPDATE log.checkpoint SET day = %s WHERE size = %s", [ahead, before])
    place.behind("UPDATE log.leaf SET day = %s WHERE index >= %s", [ahead, start])
    place.behind("INSERT INTO log.alarm (kind, detail) VALUES ('test', 'after the clock went back')")
    assert run() == 1
    assert sound(place)[-1][0] == before
    assert place.behind("SELECT day FROM log.leaf WHERE index = %s", [before]) == [(ahead,)]


def test_69_a_ticket_without_an_outcome_is_counted_as_shown(
    place: Place, run: Callable[[], int], tmp_path: Path
) -> None:
    """The statement of completeness names how many there are; the ticket itself is in the tree."""
    customer = Area(place.home, datetime.now(UTC).date()).add("own")
    run()
    before = _open(bundle(place, tmp_path / "before"))
    receipt = _look(place, "aoi-clerk", customer.code)
    place.behind("DELETE FROM log.outcome WHERE receipt = %s", [receipt])
    run()
    out = bundle(place, tmp_path / "after")
    # The readings of the first bundle have their outcomes.
    assert _open(out) == before + 1
    assert receipt in "".join(file.read_text("utf-8") for file in out.glob("2*.jsonl"))
    assert found(out) == []


def _open(folder: Path) -> int:
    header = json.loads((folder / "0-bundle.jsonl").read_text("utf-8"))
    return int(json.loads(header["body"])["statement"]["tickets_without_outcome"])
