"""申込の言葉: an application in the words of its form."""

from dataclasses import dataclass
from datetime import date

from takuso.doors.web.filters import both, grouped
from takuso.doors.web.language import _
from takuso.flow.reception.fields import Field, FieldKind
from takuso.flow.reception.forms import FORMS, write
from takuso.flow.reception.model import Content, procedure_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One field of an application: label and value. `data`: the value is what somebody typed, in no language."""

    label: str
    value: str
    data: bool


def said(content: Content) -> tuple[Said, ...]:
    """Every field of the form that can be read again, with its canonical value; empty where nothing was given."""
    written = write(content)
    fields = FORMS[procedure_of(content)].fields
    return tuple(
        _said(one, written[one.name]) for one in fields if one.name in written and one.kind is not FieldKind.SECRET
    )


def _said(field: Field, text: str) -> Said:
    if field.kind is FieldKind.FLAG:
        return Said(label=field.label, value=_("はい") if text == "true" else _("いいえ"), data=False)
    if field.kind is FieldKind.DAY and text:
        return Said(label=field.label, value=both(date.fromisoformat(text)), data=False)
    if field.kind is FieldKind.SUPPLY_POINT:
        return Said(label=field.label, value=grouped(text), data=True)
    label = next((one.label for one in field.choices if one.value == text), None)
    return Said(label=field.label, value=text if label is None else _(label), data=label is None)
