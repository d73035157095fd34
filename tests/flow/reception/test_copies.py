"""Copies are there for exactly those who may see the case, and a holder's tells nothing of who applied."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest
from hypothesis import given, settings

from takuso.flow.reception.case import Case
from takuso.flow.reception.copies import Copy, CopyRole, copies
from takuso.flow.reception.model import TerminationRelay
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Conflict, refusal
from takuso.flow.reception.rules.sight import Onlooker, PendingSight, Team, sight_of
from takuso.flow.reception.vocabulary import State
from takuso.flow.reception.wire import content_json, content_of, refusal_json
from takuso.kernel.periods import JST
from tests.flow.reception.examples import COMER, DAY, HOLDER, STRANGER, case
from tests.flow.reception.story import SCENARIOS, Story
from tests.flow.reception.test_random_stories import STEPS, Office

RETAILERS = (HOLDER, COMER, STRANGER, "")
SELLS, ANSWERS = (Team.SALES, Team.SWITCHING)


def _shown(one: Copy) -> str:
    told = [refusal_json(refused) for refused in one.refusals] + [refused.text for refused in one.refusals]
    parts = (one.party, one.number, one.content_json, str(one.day), one.state, str(one.since), str(one.due), told)
    return json.dumps(parts, ensure_ascii=False)


def _agree(made: Iterable[Case]) -> int:
    """Each case against the sight of everybody; how many copies of holders were among them."""
    holders = 0
    for one in made:
        found = copies(one)
        assert len({copy.party for copy in found}) == len(found)
        for retailer, team in product(RETAILERS, (SELLS, ANSWERS)):
            onlooker = Onlooker(team=team, retailer=retailer)
            seen = [copy for copy in found if copy.open_to(onlooker)]
            sight = sight_of(one, onlooker)
            whole = [CopyRole.SENDER] if sight is PendingSight.WHOLE else []
            relayed = [CopyRole.HOLDER] if sight is PendingSight.RELAYED else []
            assert [copy.role for copy in seen] == whole + relayed
        for copy in found:
            assert content_of(copy.procedure, copy.content_json) == one.content
            if copy.role is CopyRole.HOLDER:
                holders += 1
                assert one.application.sender not in _shown(copy)
    return holders


@pytest.mark.parametrize("procedure", Procedure)
def test_in_every_state_a_copy_is_open_to_whom_the_rule_shows_the_case(procedure: Procedure) -> None:
    made = [
        case(procedure, state, sender=sender, counterparts=frozenset({HOLDER, COMER}))
        for state, sender in product(State, (HOLDER, COMER, STRANGER))
    ]
    relayed = (len(State) - 2) * 2 if procedure is Procedure.TERMINATION_RELAY else 0
    assert _agree(made) == relayed


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_in_every_story_a_copy_is_open_to_whom_the_rule_shows_the_case(steps: list[tuple[str, str, int, int]]) -> None:
    office = Office()
    for step in steps:
        office.step(*step)
        _agree(office.known.cases)


def test_in_the_told_stories_too() -> None:
    holders = 0
    for folder in sorted(SCENARIOS.iterdir())[::4]:
        if folder.name != "usual" and (folder / "when").exists():
            story = Story(folder)
            story.play(datetime(2026, 1, 1, tzinfo=JST))
            holders += _agree(story.known.cases)
    assert holders


def test_the_relay_of_the_holder_is_the_four_items_the_day_and_where_it_stands() -> None:
    relay = replace(case(Procedure.TERMINATION_RELAY, State.AGREED, counterparts=frozenset({HOLDER})), due=DAY)
    own, theirs = copies(relay)
    assert (own.party, own.role, own.confidential) == (COMER, CopyRole.SENDER, False)
    assert (theirs.party, theirs.role, theirs.confidential) == (HOLDER, CopyRole.HOLDER, True)
    assert theirs.content_json == content_json(relay.content)
    assert theirs.content_json.keys() == {"items", "holder", "desired"}
    assert (theirs.number, theirs.day, theirs.due, theirs.state) == ("A1", DAY, DAY, State.AGREED)
    for state in (State.RECEIVED, State.REFUSED):
        assert [one.role for one in copies(replace(relay, state=state))] == [CopyRole.SENDER]


@pytest.mark.parametrize("state", State)
def test_the_own_half_of_the_holder_is_confidential_until_the_customer_has_gone(state: State) -> None:
    (own,) = copies(case(Procedure.SWITCH_END, state))
    assert own.confidential == (state not in (State.EFFECTIVE, State.CLOSED))


def test_refusals_are_told_as_each_party_may_see_them() -> None:
    """The holder reads its own, nothing of those that stand on others; the sender reads that there are others."""
    relay = case(Procedure.TERMINATION_RELAY, State.EXPIRED, sender="PLANTED-SENDER", counterparts=frozenset({HOLDER}))
    other = Conflict(
        number="PLANTED-NUMBER", procedure=Procedure.MOVE_OUT, day=DAY, parties=frozenset({"PLANTED-OTHER"})
    )
    made = replace(
        relay,
        refusals=(
            refusal(RefusalCode.UNANSWERED, relay.as_conflict(), due=DAY),
            refusal(RefusalCode.NOT_YET_DUE, relay.as_conflict(), other, due=DAY),
        ),
    )
    own, theirs = copies(made)
    assert [one.code for one in own.refusals] == [RefusalCode.UNANSWERED, RefusalCode.NOT_YET_DUE]
    assert [one.code for one in theirs.refusals] == [RefusalCode.UNANSWERED]
    assert "PLANTED" not in _shown(theirs)
    assert "PLANTED-NUMBER" not in _shown(own)
    assert "PLANTED-OTHER" not in _shown(own)


def test_a_relay_to_oneself_is_the_senders_own() -> None:
    relay = case(Procedure.TERMINATION_RELAY, State.AWAITING_ANSWER, sender=HOLDER)
    assert isinstance(relay.content, TerminationRelay)
    assert [(one.party, one.role, one.confidential) for one in copies(relay)] == [(HOLDER, CopyRole.SENDER, False)]
