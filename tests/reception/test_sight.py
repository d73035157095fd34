"""A query over applications that brings a row the ticket does not name is a fault that shows nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from takuso.barrier.matrix import Duty
from takuso.barrier.sight import Sight, Strayed
from takuso.barrier.viewer import Viewer
from takuso.flow.reception.queries import COPIES, CopyLine

_NOW = datetime(2026, 4, 1, tzinfo=UTC)
LINE = CopyLine(
    application=7,
    point=None,
    supply_point=None,
    number="260401-0000000000",
    procedure="amendment",
    role="sender",
    content={},
    day=None,
    received_at=_NOW,
    state="received",
    since=_NOW,
    due=None,
    refusals=[],
)
VIEWER = Viewer(
    person_code="p",
    person_name="p",
    employer_name="e",
    organisation_code="o",
    organisation_name="o",
    organisation_kind="retailer",
    duty=Duty.CLERK,
)


def _sight(*cases: int) -> Sight:
    answer = {"receipt": "r", "login": "reader_retailer", "status": "shown", "today": "2026-04-01", "at": str(_NOW)}
    return Sight(answer | {"came_screen": None, "next": None, "grants": {}, "cases": list(cases)}, VIEWER)


def test_a_row_of_the_ticket_counts_as_rendered_although_it_has_no_point() -> None:
    sight = _sight(7)
    sight._fill({COPIES.name: [LINE]}, [COPIES])
    assert sight.rows(COPIES) == [LINE]
    assert sight._outcome() == (1, ["G"], [])


def test_a_row_that_the_ticket_does_not_name_strays() -> None:
    with pytest.raises(Strayed):
        _sight(7)._fill({COPIES.name: [LINE, replace(LINE, application=8)]}, [COPIES])


def test_without_applications_the_query_is_withheld() -> None:
    assert _sight().withheld(COPIES)
