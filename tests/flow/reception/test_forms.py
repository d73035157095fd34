"""What is typed becomes a content in whatever width and calendar, or errors that name field, rule and cure."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from takuso.flow.reception.fields import FieldKind, Need, password_digest
from takuso.flow.reception.form_errors import FORM_ERRORS, FieldError, FormErrorCode
from takuso.flow.reception.forms import FORMS, read, write
from takuso.flow.reception.model import (
    Amendment,
    Content,
    DesiredDate,
    FourItems,
    MoveOut,
    PasswordRequest,
    PointSearch,
    SwitchStart,
    TerminationRelay,
    UsageInquiry,
    Work,
)
from takuso.flow.reception.parameters import PARAMETERS, ParameterName
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.rules.registers import item_refusals
from takuso.kernel.numbers import SupplyPointNumber
from tests.flow.reception.typed import typed_forms

NUMBER = "0612345678901234567890"
F = FormErrorCode
SAMPLE = {
    FieldKind.SUPPLY_POINT: NUMBER,
    FieldKind.DAY: "2026-04-01",
    FieldKind.PHONE: "06-1234-5678",
    FieldKind.FLAG: "true",
    FieldKind.COUNT: "7",
    FieldKind.PAPERS: "運転免許証",
}


def sample(procedure: Procedure, **changes: str) -> dict[str, str]:
    """A form filled in."""
    full = {
        one.name: one.choices[-1].value if one.choices else SAMPLE.get(one.kind, "テスト")
        for one in FORMS[procedure].fields
    }
    return full | changes


def content(procedure: Procedure, **changes: str) -> Any:
    """What it is read as; fails where there are errors."""
    found = read(procedure, sample(procedure, **changes))
    assert not isinstance(found, tuple), [one.text for one in found]
    return found


def errors(procedure: Procedure, **changes: str) -> list[tuple[str, str]]:
    """Code and field of each error."""
    found = read(procedure, sample(procedure, **changes))
    assert isinstance(found, tuple)
    assert all(one.text.startswith(f"{one.code} ") and one.rule and one.cure and "{" not in one.text for one in found)
    return [(one.code.value, one.field) for one in found]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(Procedure).flatmap(lambda one: st.tuples(st.just(one), typed_forms(one))))
def test_what_is_written_is_read_again(given: tuple[Procedure, dict[str, str]]) -> None:
    procedure, typed = given
    found = read(procedure, typed)
    assert not isinstance(found, tuple), [one.text for one in found]
    written = write(found)
    secrets = {one.name: typed[one.name] for one in FORMS[procedure].fields if one.kind is FieldKind.SECRET}
    assert list(written | secrets) == [one.name for one in FORMS[procedure].fields]
    assert read(procedure, written | secrets) == found
    assert write(found) == written


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(Procedure), st.data())
def test_whatever_is_typed_is_read_or_explained(procedure: Procedure, data: st.DataObject) -> None:
    typed = {one.name: data.draw(st.text(max_size=30)) for one in FORMS[procedure].fields}
    found = read(procedure, typed)
    if isinstance(found, tuple):
        assert found
        assert all(one.rule and one.cure for one in found)
    elif procedure is not Procedure.USAGE_INQUIRY:
        assert read(procedure, write(found)) == found


@pytest.mark.parametrize(
    "typed",
    ["令和8年4月1日", "R8.4.1", "2026-04-01", "2026/4/1", "20260401", "Ｒ８．４．１", "令和8年4月1日(2026-04-01)"],
)
def test_days_of_both_calendars(typed: str) -> None:
    assert content(Procedure.MOVE_OUT, desired_on=typed).on == date(2026, 4, 1)


def test_all_widths_become_one_canonical_text() -> None:
    found = content(
        Procedure.TERMINATION_RELAY,
        supply_point="０６-1234 5678ー9012－3456　7890",
        name=" 髙橋　太郎 ",
        kana="たかはし ﾀﾛｳ",
        customer_no="ＡＯ－１００ 2",
        place="葵市ｻｶｳｴ1－2　ﾋﾞﾙ301",
        holder="ａｏｉ",
        desired_on="R8.4.1",
        wished="○",
    )
    assert found == TerminationRelay(
        items=FourItems(
            point=SupplyPointNumber(NUMBER),
            name="髙橋 太郎",
            kana="タカハシ タロウ",
            customer_no="AO-1002",
            place="葵市サカウエ1－2 ビル301",
        ),
        holder="aoi",
        desired=DesiredDate(on=date(2026, 4, 1), wished=True),
    )


def test_what_comes_together_when_a_space_goes_is_joined_at_once() -> None:
    """An acute accent alone is a space and a mark: without the space the mark joins the letter before it."""
    assert content(Procedure.SWITCH_START, own_customer_no="a´b").customer_no == "\u00e1b"


def test_the_form_names_the_days_that_the_rules_take() -> None:
    choices = PARAMETERS.choices(ParameterName.PASSWORD_DAYS, date(2026, 4, 1))
    field = FORMS[Procedure.USAGE_PASSWORD].field("valid_days")
    assert field is not None
    assert "・".join(map(str, choices)) in field.help


def test_kanji_keep_their_shape() -> None:
    kept = "髙﨑 神\ufa19 葛\U000e0100城"
    assert content(Procedure.CONSUMER_CHANGE, name=kept).name == kept


def test_choices_are_read_by_value_and_by_label_in_any_width() -> None:
    for typed, work in (("meter", Work.METER), ("計器工事", Work.METER), ("", Work.NONE), ("ＮＯＮＥ", Work.NONE)):
        assert content(Procedure.SWITCH_START, work=typed).work is work
    way = "廃止中（お客さま宅内操作で点灯）"
    assert content(Procedure.MOVE_OUT, disconnection=way).disconnection == "廃止中(お客さま宅内操作で点灯)"


def test_the_password_leaves_nothing_but_its_digest() -> None:
    found = content(Procedure.USAGE_INQUIRY, password=" ＡＢＣ-123 ")
    assert found == UsageInquiry(point=SupplyPointNumber(NUMBER), digest=password_digest("ABC-123"))
    assert len(found.digest) == 64
    assert write(found) == {"supply_point": NUMBER}
    # Whoever has seen a digest cannot use it as a password.
    assert content(Procedure.USAGE_INQUIRY, password=found.digest).digest != found.digest
    assert errors(Procedure.USAGE_INQUIRY, digest=found.digest) == [("F02", "digest")]


def test_a_withdrawal_is_said_and_never_an_empty_day() -> None:
    day = DesiredDate(on=date(2026, 4, 1), wished=True)
    change = Procedure.AMENDMENT
    assert content(change, concerns="a１") == Amendment(concerns="A1", new_day=day)
    assert content(change, concerns="A1", change="取り消す", desired_on="", wished="") == Amendment(concerns="A1")
    assert errors(change, desired_on="") == [("F01", "desired_on")]
    assert errors(change, change="") == [("F01", "change")]
    assert errors(change, change="withdraw") == [("F12", "desired_on")]
    assert errors(change, change="withdraw", desired_on="") == [("F12", "desired_on")]


@pytest.mark.parametrize(
    ("procedure", "field", "typed", "code"),
    [
        (Procedure.EQUIPMENT_INQUIRY, "supply_point", "", F.MISSING),
        (Procedure.EQUIPMENT_INQUIRY, "supply_point", " \u200b　", F.MISSING),
        (Procedure.EQUIPMENT_INQUIRY, "customer", "1", F.UNKNOWN_FIELD),
        (Procedure.CONSUMER_CHANGE, "name", "あ" * 61, F.TOO_LONG),
        (Procedure.CONSUMER_CHANGE, "name", " " * 1001, F.TOO_LONG),
        (Procedure.CONSUMER_CHANGE, "name", "山田\n太郎", F.NOT_ALLOWED_SIGN),
        (Procedure.CONSUMER_CHANGE, "name", "山田\x00", F.NOT_ALLOWED_SIGN),
        (Procedure.CONSUMER_CHANGE, "name", "山\ue000", F.NOT_ALLOWED_SIGN),
        (Procedure.USAGE_INQUIRY, "password", "a\x07b", F.NOT_ALLOWED_SIGN),
        (Procedure.EQUIPMENT_INQUIRY, "supply_point", NUMBER[:-1], F.NOT_A_SUPPLY_POINT),
        (Procedure.EQUIPMENT_INQUIRY, "supply_point", "99" + NUMBER[2:], F.NOT_A_SUPPLY_POINT),
        (Procedure.MOVE_OUT, "desired_on", "2026-02-30", F.NOT_A_DAY),
        (Procedure.MOVE_OUT, "desired_on", "26/4/1", F.NOT_A_DAY),
        (Procedure.SWITCH_START, "work", "すぐ", F.NOT_A_CHOICE),
        (Procedure.SWITCH_START, "wished", "たぶん", F.NOT_A_FLAG),
        (Procedure.USAGE_PASSWORD, "valid_days", "0", F.NOT_A_COUNT),
        (Procedure.USAGE_PASSWORD, "valid_days", "1000", F.NOT_A_COUNT),
        (Procedure.USAGE_PASSWORD, "valid_days", "7.5", F.NOT_A_COUNT),
        (Procedure.REENERGISATION, "phone", "123", F.NOT_A_PHONE),
        (Procedure.REENERGISATION, "phone", "06-1234-567x", F.NOT_A_PHONE),
        (Procedure.USAGE_PASSWORD, "identity_papers", "a,b,c,d,e,f", F.TOO_MANY),
        (Procedure.AMENDMENT, "change", "withdraw", F.DAY_NOT_WANTED),
    ],
)
def test_each_error(procedure: Procedure, field: str, typed: str, code: FormErrorCode) -> None:
    found = errors(procedure, **{field: typed})
    assert found == [(code.value, "desired_on" if code is F.DAY_NOT_WANTED else field)]


def test_every_code_has_its_own_text_and_never_changes() -> None:
    """A line is only ever added."""
    assert [f"{one.value} {one.name}" for one in FormErrorCode] == [
        "F01 MISSING",
        "F02 UNKNOWN_FIELD",
        "F03 TOO_LONG",
        "F04 NOT_ALLOWED_SIGN",
        "F05 NOT_A_SUPPLY_POINT",
        "F06 NOT_A_DAY",
        "F07 NOT_A_CHOICE",
        "F08 NOT_A_FLAG",
        "F09 NOT_A_COUNT",
        "F10 NOT_A_PHONE",
        "F11 TOO_MANY",
        "F12 DAY_NOT_WANTED",
        "F13 NOT_TEXT",
        "F14 NOT_A_ROW",
        "F15 NOT_DECODED",
    ]
    assert list(FORM_ERRORS) == list(FormErrorCode)


def test_a_value_of_json_that_is_no_text_is_an_error() -> None:
    found = read(Procedure.EQUIPMENT_INQUIRY, {"supply_point": 6, "x\x1b[2J" + "y" * 90: None})
    assert isinstance(found, tuple)
    assert [one.code for one in found] == [F.NOT_TEXT, F.UNKNOWN_FIELD]
    assert found[1].field == ("x?[2J" + "y" * 90)[:40]


def test_the_typed_text_is_never_repeated() -> None:
    typed = {one.name: "ひみつ\x01" for one in FORMS[Procedure.USAGE_PASSWORD].fields}
    found = read(Procedure.USAGE_PASSWORD, typed)
    assert isinstance(found, tuple)
    assert len(found) == len(typed)
    assert not any("ひみつ" in one.text for one in found)


def test_all_errors_come_at_once_in_the_order_of_the_form() -> None:
    assert errors(Procedure.MOVE_OUT, supply_point="1", desired_on="x", disconnection="y", z="") == [
        ("F05", "supply_point"),
        ("F06", "desired_on"),
        ("F07", "disconnection"),
        ("F02", "z"),
    ]


@pytest.mark.parametrize("procedure", Procedure)
def test_absent_is_refused_once_by_the_form_or_by_the_rules(procedure: Procedure) -> None:
    form = FORMS[procedure]
    for field in form.fields:
        typed = sample(procedure)
        del typed[field.name]
        found = read(procedure, typed)
        if field.need is Need.FORM:
            assert [(one.code, one.field) for one in _errors(found)] == [(F.MISSING, field.name)]
        elif procedure is not Procedure.AMENDMENT:
            assert not isinstance(found, tuple)
            said = [dict(one.values)["item"] for one in item_refusals(found) if one.code is RefusalCode.ITEM_MISSING]
            papers = isinstance(found, PasswordRequest) and not found.consent.identity_papers
            assert said + [field.label] * papers == [field.label] * (field.need is Need.RULE)


def _errors(found: Content | tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    assert isinstance(found, tuple)
    return found


def test_names_and_labels_are_one_each_and_found() -> None:
    for form in FORMS.values():
        assert form.name
        for field in form.fields:
            assert form.field(field.name) is field
            assert form.labelled(field.label) is field
            assert field.name.isascii()
            assert field.name.isidentifier()
            assert bool(field.choices) == (field.kind is FieldKind.CHOICE)
    assert FORMS[Procedure.POINT_SEARCH].field("supply_point") is None
    assert content(Procedure.POINT_SEARCH, address="") == PointSearch(meter_number="テスト")


def test_a_changed_content_writes_the_change() -> None:
    found = content(Procedure.SWITCH_START)
    assert isinstance(found, SwitchStart)
    assert write(replace(found, work=Work.TERMINAL))["work"] == "terminal"
    out = content(Procedure.MOVE_OUT)
    assert isinstance(out, MoveOut)
    assert write(replace(out, on=date(2030, 1, 2)))["desired_on"] == "2030-01-02"
