"""The guarded queries of the reception, as values: only the gate executes them.

Their rows are of the applications that a ticket names (see barrier/cases.sql). A retailer reads copies, each its own
company's; the network company reads the whole.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from takuso.barrier.matrix import DataClass
from takuso.barrier.query import Query

Row = TypeVar("Row")

_FOLDER: Final = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """写し of one application for one of its parties; `content` and `refusals` as wire.py has them.

    `role`: sender, or holder of a relay. `point` is None where there is no such supply point, or none was named.
    """

    application: int
    point: int | None
    supply_point: str | None
    number: str
    procedure: str
    role: str
    content: dict[str, Any]
    day: date | None
    received_at: datetime
    state: str
    since: datetime
    due: date | None
    refusals: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLine:
    """申込 as the network company knows it. `via`: screen, api, file, paper; `open`: something can still happen."""

    application: int
    point: int | None
    supply_point: str | None
    number: str
    procedure: str
    sender: str
    sender_name: str
    content: dict[str, Any]
    day: date | None
    received_at: datetime
    amended_at: datetime | None
    state: str
    since: datetime
    due: date | None
    partner: str
    refusals: list[dict[str, Any]]
    via: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """動き: what moved a case from `source` to `target`, by whom (Actor), at which business instant."""

    application: int
    point: int | None
    event: str
    source: str
    target: str
    actor: str
    at: datetime
    recorded: datetime
    day: date | None
    due: date | None
    refusals: list[dict[str, Any]]
    effect: str | None
    told: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionLine:
    """指示・回答 that a company gave; `done_at` None: still to be carried out; `refusals`: why it could not be."""

    application: int
    point: int | None
    event: str
    company: str
    at: datetime
    done_at: datetime | None
    refusals: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenLine:
    """手元の案件: somebody took the case with 次へ, until when. `own`: by the sign-in that looks."""

    application: int
    point: int | None
    until: datetime
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySpell:
    """契約名義 over one stay at the point, for the simulation of a correction: it may bring back who had left."""

    point: int
    name: str
    kana: str
    since: date | None
    until: date | None


def _query(name: str, row: type[Row]) -> Query[Row]:
    return Query(
        name=f"reception.{name}",
        file=_FOLDER / f"{name}.sql",
        classes=frozenset({DataClass.PENDING}),
        row=row,
        parameters=frozenset({"cases"}),
        of_cases=True,
    )


COPIES: Final = _query("copies", CopyLine)
APPLICATIONS: Final = _query("applications", ApplicationLine)
MOVES: Final = _query("moves", MoveLine)
INSTRUCTIONS: Final = _query("instructions", InstructionLine)
TAKEN: Final = _query("taken", TakenLine)
PARTY_SPELLS: Final = Query(
    name="reception.party_spells",
    file=_FOLDER / "party_spells.sql",
    classes=frozenset({DataClass.PARTY}),
    row=PartySpell,
)
ALL: Final = (COPIES, APPLICATIONS, MOVES, INSTRUCTIONS, TAKEN)
