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
    A refusal, a missing purpose and a statement of purpose show nothing and have no outcome: False.
    `typed`: the numbers (14 or 22 digits) that were typed, where no point answers to them or none was looked up; of a
    reading of the log, what it asked for.
    `period`: what the classes of periods were granted for, as PostgreSQL writes a multirange of days.
    `reason` is for compliance only.
    """

    receipt: str
    at: datetime
    business_at: datetime
    person: str
    person_name: str
    employer: str
    organisation: str
    duty: str
    session: int
    terminal: str | None
    screen: str
    screen_version: int
    screen_name: str | None
    came_screen: str | None
    kind: str
    action: str | None
    purpose_code: str | None
    purpose_reference: str | None
    purpose_verified: bool | None
    decision: str
    reason: str
    rule_version: int
    point: int | None
    supply_point: str | None
    customer: str | None
    typed: str | None
    relation: str | None
    holder: str | None
    granted: list[str] | None
    refused: list[str] | None
    period: str | None
    shown_classes: list[str] | None
    rendered: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What the wall itself found wrong; `receipt` is the ticket it happened under, if any."""

    at: datetime
    kind: str
    receipt: str | None
    detail: str


_SQL: Final = Path(__file__).parent / "sql"

LOG_RECORDS: Final = Query(
    name="log.records",
    file=_SQL / "log_records.sql",
    classes=frozenset(),
    row=LogRecord,
    parameters=frozenset({"person", "customer", "screen", "since", "until", "last"}),
)
"""The newest records; parameters person, customer (14 or 22 digits), screen and days (since, the day before until)
narrow them, None = all. A customer's records include attempts that only typed the number."""

LOG_ALARMS: Final = Query(
    name="log.alarms",
    file=_SQL / "log_alarms.sql",
    classes=frozenset(),
    row=Alarm,
    parameters=frozenset({"since", "until", "last"}),
)
"""The newest alarms; days as for the records."""
