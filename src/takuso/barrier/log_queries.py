"""閲覧記録の読み取り: guarded queries of the log itself. Reading the log is a record like any other look."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from takuso.barrier.query import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One subject of one ticket, or a ticket without subjects.

    `rendered`: whether something of this subject was shown; None = no outcome was recorded, which counts as shown.
    `reason` is for compliance only.
    """

    receipt: str
    at: datetime
    business_at: datetime
    person: str
    person_name: str
    organisation: str
    duty: str
    screen: str
    screen_name: str | None
    came_screen: str | None
    kind: str
    action: str | None
    purpose_code: str | None
    purpose_reference: str | None
    purpose_verified: bool | None
    decision: str
    reason: str
    point: int | None
    supply_point: str | None
    customer: str | None
    relation: str | None
    holder: str | None
    granted: list[str] | None
    refused: list[str] | None
    shown_classes: list[str] | None
    rendered: bool | None


LOG_RECORDS: Final = Query(
    name="log.records",
    file=Path(__file__).parent / "sql" / "log_records.sql",
    classes=frozenset(),
    row=LogRecord,
    parameters=frozenset({"person", "customer", "screen", "last"}),
)
"""The newest records; parameters person, customer (14 or 22 digits) and screen narrow them, None = all."""
