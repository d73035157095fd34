"""申込の言葉: an application in the words of its form, who is told of it, and what is wrong with a typed field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from takuso.doors.web.filters import both, grouped
from takuso.doors.web.frame import Problem
from takuso.doors.web.language import _
from takuso.flow.reception import wire
from takuso.flow.reception.fields import Field, FieldKind
from takuso.flow.reception.form_errors import FORM_ERRORS, FieldError
from takuso.flow.reception.forms import FORMS, write
from takuso.flow.reception.model import Content, procedure_of
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import RECIPIENT_NAMES, Event, Recipient

FIELD: Final = "field-"
"""What the id of a field begins with; the key of the form follows."""
MOMENTS: Final[Mapping[Event, str]] = {
    Event.ACCEPT: "検査に通ったとき",
    Event.AGREE: "いまの小売が承諾したとき",
    Event.MATCH: "照合が揃ったとき",
}
"""The moves by which others learn of an application, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One field of an application: label and value. `data`: the value is what somebody typed, in no language."""

    label: str
    value: str
    data: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told at one moment, by their Japanese names; nobody where `names` is empty."""

    moment: str
    names: tuple[str, ...]


def said(content: Content) -> tuple[Said, ...]:
    """Every field of the form with its canonical value; what was left empty says so by an empty value."""
    written = write(content)
    fields = FORMS[procedure_of(content)].fields
    return tuple(_said(one, written[one.name]) for one in fields if one.name in written)


def said_of(procedure: str, written: Mapping[str, Any]) -> tuple[Said, ...]:
    """The same of a content as a copy holds it."""
    return said(wire.content_of(Procedure(procedure), written))


def _said(field: Field, text: str) -> Said:
    if field.kind is FieldKind.FLAG:
        return Said(label=field.label, value=_("はい") if text == "true" else _("いいえ"), data=False)
    if field.kind is FieldKind.DAY and text:
        return Said(label=field.label, value=both(date.fromisoformat(text)), data=False)
    if field.kind is FieldKind.SUPPLY_POINT:
        return Said(label=field.label, value=grouped(text), data=True)
    label = next((one.label for one in field.choices if one.value == text), None)
    return Said(label=field.label, value=text if label is None else _(label), data=label is None)


def told(procedure: Procedure) -> tuple[Told, ...]:
    """Who learns of an application of this procedure, and when, by its state table."""
    moves = TABLES[procedure].transitions
    first = {event: next((one for one in moves if one.event is event), None) for event in MOMENTS}
    return tuple(
        Told(moment=MOMENTS[event], names=tuple(RECIPIENT_NAMES[one] for one in Recipient if one in move.told))
        for event, move in first.items()
        if move is not None
    )


def problem(procedure: Procedure, error: FieldError) -> Problem:
    """What is wrong with a typed field, as a line of the summary that leads to it."""
    text, field = FORM_ERRORS[error.code], FORMS[procedure].field(error.field)
    values: dict[str, str | int] = dict(error.values)
    if field is not None and "choices" in values:
        values["choices"] = _("、").join(_(one.label) for one in field.choices)
    wrong = _(text.rule).format_map(values) + _(text.cure).format_map(values)
    return Problem(field=f"{FIELD}{error.field}", text=f"{_(error.label)}: {wrong}")
