"""What is passed on as JSON comes back as it was, through text too; what is not of that form is refused and named."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from takuso.flow.reception import wire
from takuso.flow.reception.forms import read
from takuso.flow.reception.model import Content
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.vocabulary import State
from tests.flow.reception.examples import CONTENTS, case, circumstances
from tests.flow.reception.typed import (
    PASSWORDS,
    POINT_FACTS,
    RETAILER_FACTS,
    cases,
    refusals,
    typed_forms,
)


def _content(pair: tuple[Procedure, dict[str, str]]) -> Content:
    found = read(*pair)
    assert not isinstance(found, tuple)
    return found


READ = st.sampled_from(Procedure).flatmap(lambda one: st.tuples(st.just(one), typed_forms(one))).map(_content)


def _through_text(value: object) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False))


@settings(max_examples=80, deadline=None)
@given(cases(READ))
def test_a_case_there_and_back(one: Any) -> None:
    row = wire.case_json(one)
    assert wire.case_of(_through_text(row)) == one
    assert wire.application_of(_through_text(wire.application_json(one.application))) == one.application
    # As the driver of a database hands a row over: moments, days and arrays are values already.
    ready = {**row, "received_at": one.application.received_at.astimezone(UTC), "since": one.since, "due": one.due}
    assert wire.case_of(ready) == one
    assert wire.case_json(wire.case_of(ready)) == row


@settings(max_examples=60, deadline=None)
@given(refusals(), POINT_FACTS, RETAILER_FACTS, PASSWORDS)
def test_the_rest_there_and_back(refusal: Any, facts: Any, retailer: Any, password: Any) -> None:
    assert wire.refusal_of(_through_text(wire.refusal_json(refusal))) == refusal
    assert wire.facts_of(_through_text(wire.facts_json(facts))) == facts
    assert wire.retailer_of(_through_text(wire.retailer_json(retailer))) == retailer
    assert wire.password_of(_through_text(wire.password_json(password))) == password


@pytest.mark.parametrize("procedure", Procedure)
def test_every_example_there_and_back(procedure: Procedure) -> None:
    content = CONTENTS[procedure]
    assert wire.content_of(procedure.value, _through_text(wire.content_json(content))) == content


def test_the_form_that_is_stored() -> None:
    """A stored row must stay readable: this is what rows look like."""
    row = wire.case_json(replace(case(Procedure.SWITCH_END, State.RECEIVED), counterparts=frozenset({"b", "a"})))
    assert row == {
        "number": "A1",
        "procedure": "switch-end",
        "sender": "葵電力",
        "content": {"point": "0600000000000000000001", "relay": "R1", "on": "2024-06-20"},
        "received_at": "2024-06-03T09:00:00+09:00",
        "amended_at": None,
        "state": "received",
        "since": "2024-06-03T09:00:00+09:00",
        "due": None,
        "refusals": [],
        "counterparts": ["a", "b"],
        "partner": "",
    }


def test_facts_are_put_in_order_and_take_numbers_as_the_database_gives_them() -> None:
    point = circumstances(Procedure.MOVE_OUT).point
    assert point is not None
    row = wire.facts_json(point)
    first = {"retailer": "x", "from": None, "to": "2020-04-01", "customer_no": ""}
    found = wire.facts_of({**row, "holdings": [*row["holdings"], first], "power_kw": Decimal("49.5")})
    assert [one.retailer for one in found.holdings] == ["x", "葵電力"]
    for power in ("49.5", 49.5, Decimal("49.5")):
        assert wire.facts_of({**row, "power_kw": power}).power_kw == Decimal("49.5")


ROW = wire.case_json(case(Procedure.SWITCH_START, State.RECEIVED))
FACTS = wire.facts_json(circumstances(Procedure.MOVE_OUT).point)  # type: ignore[arg-type]
PASSWORD = wire.password_json(circumstances(Procedure.USAGE_INQUIRY).passwords[0])
REFUSAL = {"code": "X08", "values": {"due": {"day": "2024-06-01"}}, "conflicts": []}


@pytest.mark.parametrize(
    ("read", "value", "path"),
    [
        (wire.case_of, {**ROW, "state": "gone"}, "state"),
        (wire.case_of, {**ROW, "procedure": "none"}, "procedure"),
        (wire.case_of, {**ROW, "since": "2024-06-03T09:00:00"}, "since"),
        (wire.case_of, {**ROW, "due": "2024-06-31"}, "due"),
        (wire.case_of, {**ROW, "due": 20240601}, "due"),
        (wire.case_of, {**ROW, "counterparts": "aoi"}, "counterparts"),
        (wire.case_of, {**ROW, "more": 1}, "case"),
        (wire.case_of, {key: ROW[key] for key in ROW if key != "partner"}, "case"),
        (wire.case_of, [], "case"),
        (wire.case_of, {**ROW, "content": {**ROW["content"], "point": "06"}}, "content.point"),
        (wire.case_of, {**ROW, "content": {**ROW["content"], "menu": None}}, "content.menu"),
        (wire.case_of, {**ROW, "content": {**ROW["content"], "sender": "x"}}, "content"),
        (
            wire.case_of,
            {**ROW, "content": {**ROW["content"], "desired": {"on": "2024-06-20", "wished": 1}}},
            "content.desired.wished",
        ),
        (wire.password_of, {**PASSWORD, "valid_days": True}, "password.valid_days"),
        (wire.refusal_of, {**REFUSAL, "code": "Z99"}, "refusal.code"),
        (wire.refusal_of, {**REFUSAL, "values": {}}, "refusal.values"),
        (wire.refusal_of, {**REFUSAL, "values": {"due": True}}, "refusal.values"),
        (wire.refusal_of, {**REFUSAL, "values": {"due": {"day": "x"}}}, "refusal.values.day"),
        (wire.facts_of, {**FACTS, "power_kw": "NaN"}, "facts.power_kw"),
        (wire.facts_of, {**FACTS, "power_kw": True}, "facts.power_kw"),
        (wire.facts_of, {**FACTS, "power_kw": "many"}, "facts.power_kw"),
        (wire.facts_of, {**FACTS, "special": "yes"}, "facts.special"),
        (wire.facts_of, {**FACTS, "voltage": "low"}, "facts.voltage"),
        (
            wire.facts_of,
            {**FACTS, "tenures": [{"name": "", "kana": "", "from": "2024-01-02", "to": "2024-01-01"}]},
            "tenure.to",
        ),
    ],
)
def test_what_is_not_of_the_form_is_named(read: Callable[[object], object], value: object, path: str) -> None:
    with pytest.raises(wire.Unreadable) as caught:
        read(value)
    assert caught.value.field == path


def test_what_is_refused_is_sound_otherwise() -> None:
    wire.case_of(ROW)
    wire.facts_of(FACTS)
    wire.password_of(PASSWORD)
    assert wire.refusal_json(wire.refusal_of(REFUSAL)) == REFUSAL
