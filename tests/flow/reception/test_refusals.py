"""Codes keep their meaning, every refusal says what to do, and a stranger is told nothing of others."""

import ast
import csv
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import takuso.flow.reception
from takuso.flow.reception.model import TerminationRelay
from takuso.flow.reception.parameters import OPENING, PARAMETERS, SOURCES, ParameterName, ParameterUnknown
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.refusals.codes import EDITION, RefusalCode
from takuso.flow.reception.refusals.decisions import ACCEPTED, WITHHELD, Conflict, Refusal, Refused, places, refusal
from takuso.flow.reception.refusals.texts import DECLINES, TEXTS
from takuso.flow.reception.rules.matching import pair
from takuso.flow.reception.rules.relay import examine
from takuso.flow.reception.vocabulary import State
from tests.flow.reception.examples import CONTENTS, DAY, STRANGER, case, circumstances

PUBLISHED = Path(__file__).parent / "published_codes.csv"
C = RefusalCode


def _published() -> dict[str, tuple[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (row["name"], row["since"]) for row in csv.DictReader(file)}


def test_a_code_once_published_keeps_its_meaning() -> None:
    """A new code gets a new line here; a line is never changed and never taken away."""
    assert {code.value: (code.name, str(TEXTS[code].since)) for code in RefusalCode} == _published()


def test_every_code_has_a_text_of_this_edition_or_an_earlier_one() -> None:
    assert set(TEXTS) == set(RefusalCode)
    assert all(text.since <= (text.retired or EDITION) <= EDITION for text in TEXTS.values())


@pytest.mark.parametrize("code", RefusalCode)
def test_no_refusal_without_field_rule_and_cure(code: RefusalCode) -> None:
    made = refusal(code, **dict.fromkeys(places(TEXTS[code]), "値"))
    assert made.field
    assert made.rule.endswith("。")
    assert made.cure.endswith("。")
    assert "{" not in made.text
    assert set(TEXTS[code].sources) <= set(SOURCES)


@cache
def _named() -> frozenset[str]:
    """Codes that the rules name, outside of the catalogue."""
    folder = Path(takuso.flow.reception.__file__).parent
    return frozenset(
        node.attr
        for file in folder.rglob("*.py")
        if file.parent.name != "refusals"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "RefusalCode"
    )


@pytest.mark.parametrize("code", RefusalCode)
def test_every_code_is_given_somewhere_in_the_rules(code: RefusalCode) -> None:
    """But for those that only a holder gives."""
    by_holders = {C.DAY_NOT_POSSIBLE, C.CONSUMER_WITHDREW}
    assert (code.name in _named()) != (code in by_holders)
    assert by_holders <= DECLINES


def test_a_text_never_comes_out_half_filled() -> None:
    with pytest.raises(ValueError, match="T04"):
        refusal(C.LEAD_TIME_SHORT, desired=DAY)
    with pytest.raises(ValueError, match="T19"):
        refusal(C.POINT_UNKNOWN, desired=DAY)
    with pytest.raises(ValueError, match="at least one"):
        Refused(())


def test_a_stranger_is_told_nothing_of_an_application_of_others() -> None:
    mine = Conflict(number="S2", procedure=Procedure.SWITCH_START, day=DAY, parties=frozenset({"b"}))
    theirs = Conflict(
        number="S1", procedure=Procedure.SWITCH_START, day=date(2024, 6, 21), parties=frozenset({"a", "x"})
    )
    made = refusal(C.COMMITTED_CHANGE, mine, theirs, day=DAY)
    assert "S1（スイッチング開始、2024-06-21）" in made.text
    seen = Refused((made,)).seen_by("b").refusals[0]
    assert seen.conflicts[0] == mine
    assert seen.conflicts[1].text == WITHHELD
    for secret in ("S1", "2024-06-21", "'a'", "'x'"):
        assert secret not in seen.text + repr(seen)
    partys = made.seen_by("x").conflicts[1]
    assert (partys.text, partys.parties) == (theirs.text, frozenset({"x"}))
    assert "'a'" not in repr(made.seen_by("x"))


def _changed(content: object, **changes: object) -> object:
    return replace(content, **changes)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (C.PAIR_RELAY_DIFFERS, {"relay": "R2"}),
        (C.PAIR_DAY_DIFFERS, {"on": date(2024, 6, 21)}),
        (C.PAIR_POINT_DIFFERS, {"point": "0600000000000000000002"}),
    ],
)
def test_each_difference_of_a_pair_has_its_code_and_names_both(code: RefusalCode, changes: dict[str, object]) -> None:
    if "point" in changes:
        changes = {"point": type(CONTENTS[Procedure.SWITCH_END].point)(changes["point"])}  # type: ignore[union-attr]
    start = case(Procedure.SWITCH_START, State.AWAITING_COUNTERPART, "S1")
    end = case(Procedure.SWITCH_END, State.AWAITING_COUNTERPART, "E1")
    end = replace(end, application=replace(end.application, content=_changed(end.content, **changes)))  # type: ignore[arg-type]
    found = pair(start, end, case(Procedure.TERMINATION_RELAY, State.AGREED, "R1"))
    assert isinstance(found, Refused)
    assert found.codes == (code,)
    assert [one.number for one in found.refusals[0].conflicts] == ["S1", "E1"]


def test_two_that_are_not_the_halves_or_not_open_do_not_pair() -> None:
    start = case(Procedure.SWITCH_START, State.AWAITING_COUNTERPART, "S1")
    locked = case(Procedure.SWITCH_END, State.MATCHED, "E1")
    relay = case(Procedure.TERMINATION_RELAY, State.AGREED, "R1")
    for other in (start, locked):
        found = pair(start, other, relay)
        assert isinstance(found, Refused)
        assert C.PAIR_NOT_OPEN in found.codes


@pytest.mark.parametrize(
    ("state", "number"), [(State.AWAITING_ANSWER, "R1"), (State.CLOSED, "R1"), (State.AGREED, "R2")]
)
def test_a_pair_stands_under_the_agreed_relay_it_names(state: State, number: str) -> None:
    start = case(Procedure.SWITCH_START, State.AWAITING_COUNTERPART, "S1")
    end = case(Procedure.SWITCH_END, State.AWAITING_COUNTERPART, "E1")
    assert pair(start, end, case(Procedure.TERMINATION_RELAY, State.AGREED, "R1")) == ACCEPTED
    for relay in (case(Procedure.TERMINATION_RELAY, state, number), None):
        found = pair(start, end, relay)
        assert isinstance(found, Refused)
        assert found.codes == (C.RELAY_NOT_AGREED,)


def test_a_pair_of_the_wrong_parties_is_none() -> None:
    start = case(Procedure.SWITCH_START, State.AWAITING_COUNTERPART, "S1", STRANGER)
    end = case(Procedure.SWITCH_END, State.AWAITING_COUNTERPART, "E1")
    found = pair(start, end, case(Procedure.TERMINATION_RELAY, State.AGREED, "R1"))
    assert isinstance(found, Refused)
    assert found.codes == (C.PAIR_PARTY_DIFFERS,)


def test_every_number_has_a_source_or_says_that_it_is_an_example() -> None:
    for row in PARAMETERS.parameters:
        assert row.example or row.sources, row.name
        assert set(row.sources) <= set(SOURCES)
        assert not row.example or row.note
    assert all(set(row.sources) <= set(SOURCES) and row.sources for row in PARAMETERS.lead_times)
    assert {one.name for one in PARAMETERS.parameters} == set(ParameterName)
    assert {key for entry in CATALOGUE.values() for key in entry.sources} <= set(SOURCES)


def test_a_number_changes_on_its_day_and_none_is_made_up() -> None:
    name, day = ParameterName.USAGE_MONTHS, date(2027, 4, 1)
    rows = tuple(
        changed
        for row in PARAMETERS.parameters
        for changed in (
            (replace(row, until=day), replace(row, since=day, values=(24,))) if row.name is name else (row,)
        )
    )
    table = replace(PARAMETERS, parameters=rows)
    assert [table.number(name, one) for one in (OPENING, date(2027, 3, 31), day)] == [13, 13, 24]
    with pytest.raises(ParameterUnknown, match="2016-03-31"):
        table.number(name, date(2016, 3, 31))


def test_a_refusal_is_a_value() -> None:
    assert refusal(C.POINT_UNKNOWN) == Refusal(code=C.POINT_UNKNOWN)
    assert len({refusal(C.POINT_UNKNOWN), refusal(C.POINT_UNKNOWN)}) == 1


def test_a_relay_for_a_point_that_is_not_there_is_answered_so() -> None:
    known = replace(circumstances(Procedure.TERMINATION_RELAY), point=None)
    relay = CONTENTS[Procedure.TERMINATION_RELAY]
    assert isinstance(relay, TerminationRelay)
    found = examine(relay, "R1", known)
    assert found.items == ()
    assert isinstance(found.decision, Refused)
    assert found.decision.codes == (C.RELAY_UNKNOWN,)
