"""拒否: every answer that is a no, by a code that never changes its meaning.

A refusal says the field, the rule, the applications and days that stand against it, and what to do. Texts are
templates with named places; the values are kept apart, so that a screen can show them in another language.
"""

import string
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias

from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.refusals.codes import RefusalCode, RefusalText
from takuso.flow.reception.refusals.texts import TEXTS

Value: TypeAlias = str | int | date

WITHHELD: Final = "ほかの申込"
"""What stands for an application of others in the eyes of a retailer that is no party of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """衝突する異動: an application, or (without number) a change that is already in force, and its day."""

    number: str
    procedure: Procedure | None
    day: date | None
    parties: frozenset[str]
    withheld: bool = False

    def seen_by(self, retailer: str) -> "Conflict":
        """As this retailer may see it: of others neither number, procedure nor day, of nobody the name."""
        if retailer in self.parties:
            return replace(self, parties=frozenset({retailer}))
        return Conflict(number="", procedure=None, day=None, parties=frozenset(), withheld=True)

    @property
    def text(self) -> str:
        """`受付番号 …（スイッチング開始、2024-05-01）`."""
        if self.withheld:
            return WITHHELD
        day = "" if self.day is None else self.day.isoformat()
        if not self.number:
            return f"実施済の異動（{day}）"
        name = CATALOGUE[self.procedure].name if self.procedure else ""
        return f"受付番号 {self.number}（{'、'.join(part for part in (name, day) if part)}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """拒否の一件. `values` fill the places of the templates; `conflicts` are all applications that clash, own first.

    Raises ValueError where a place is left empty or a value has no place: a text must never come out half filled.
    """

    code: RefusalCode
    values: tuple[tuple[str, Value], ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    def __post_init__(self) -> None:
        if places(TEXTS[self.code]) != {name for name, _ in self.values}:
            raise ValueError(f"{self.code}: {sorted(places(TEXTS[self.code]))} must be given, and nothing else")

    @property
    def field(self) -> str:
        """The field of the form it is about."""
        return self._filled(TEXTS[self.code].field)

    @property
    def rule(self) -> str:
        """The rule that is broken, with this case's days."""
        return self._filled(TEXTS[self.code].rule)

    @property
    def cure(self) -> str:
        """What to do."""
        return self._filled(TEXTS[self.code].cure)

    @property
    def text(self) -> str:
        """All of it on one line, as files and logs of the sender show it."""
        clash = f"衝突: {' と '.join(one.text for one in self.conflicts)}。" if self.conflicts else ""
        return f"{self.code} {self.field}: {self.rule}{clash}対処: {self.cure}"

    def seen_by(self, retailer: str) -> "Refusal":
        """As this retailer may see it."""
        return replace(self, conflicts=tuple(one.seen_by(retailer) for one in self.conflicts))

    def _filled(self, template: str) -> str:
        return template.format_map({name: _shown(value) for name, value in self.values})


@dataclass(frozen=True, slots=True)
class Accepted:
    """受理: no rule stands against it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """拒否: by at least one rule, in the order of the fields. Raises ValueError without any."""

    refusals: tuple[Refusal, ...]

    def __post_init__(self) -> None:
        if not self.refusals:
            raise ValueError("a refusal names at least one rule")

    @property
    def codes(self) -> tuple[RefusalCode, ...]:
        """The codes alone."""
        return tuple(one.code for one in self.refusals)

    def seen_by(self, retailer: str) -> "Refused":
        """As this retailer may see it."""
        return Refused(tuple(one.seen_by(retailer) for one in self.refusals))


Decision: TypeAlias = Accepted | Refused
ACCEPTED: Final = Accepted()


def refusal(code: RefusalCode, *conflicts: Conflict, **values: Value) -> Refusal:
    """A refusal; the named values fill the places of its texts."""
    return Refusal(code=code, values=tuple(sorted(values.items())), conflicts=conflicts)


def decided(refusals: Iterable[Refusal]) -> Decision:
    """Accepted if there are none; the same refusal twice counts once."""
    found = tuple(dict.fromkeys(refusals))
    return Refused(found) if found else ACCEPTED


def places(text: RefusalText) -> set[str]:
    """The names of the places in the templates of a text."""
    parsed = (string.Formatter().parse(one) for one in (text.field, text.rule, text.cure))
    return {name for parts in parsed for _, name, _, _ in parts if name}


def _shown(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
