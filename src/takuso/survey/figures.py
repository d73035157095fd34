"""What a survey answers: figures of every step, the findings, and what it could not know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

SUMMARY: Final = "summary.json"
FINDINGS: Final = "findings.parquet"
REPORT: Final = "report.html"
INPUTS: Final = "inputs.json"
EVIDENCE: Final = "evidence.parquet"
PAPER: Final = "report.pdf"
SHEETS: Final = "report.xlsx"
"""The files of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Persons, and supply periods (customer | retailer | from)."""

    viewers: int
    contracts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """One step: log records in and out; who and what is left, as known then."""

    no: int
    name: str
    kind: str
    rows_in: int
    rows_out: int
    count: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One person and one supply period as held at the view, over all records that are left.

    `viewer` is empty if the ID belongs to nobody that day, `contract` if the point had no holder. `path` has the
    transitions (前の画面>画面) and, after a plus sign, noted screens with their records; `noted` are the codes of
    these screens, which findings.parquet does not repeat. Instants are UTC.
    """

    viewer: str
    contract: str
    first_at: datetime
    last_at: datetime
    views: int
    path: str
    verdict_then: bool
    verdict_now: bool
    noted: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What the survey cannot know. Counts are log records.

    `screens` are the period's records of screens that no step asked about; `no_person` and `no_holder` count what
    the first step left whose ID belongs to nobody that day, or whose point had no holder; `no_predecessor` counts
    what a `reached_from` step dropped because nothing tells where it came from.
    """

    days_without_log: Sequence[date] = ()
    screens: Mapping[str, int] = field(default_factory=dict)
    no_person: int = 0
    no_holder: int = 0
    no_predecessor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingUse:
    """How the extracts of a standing survey were used: days in all, those computed from the fast form since their
    extracts were not right, and those derived again from the raw files, drawn by `seed`."""

    days: int
    derived: Sequence[date] = ()
    sampled: Sequence[date] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The answer of an engine. `seconds` runs from the first access to the log to the last figure.

    `standing` is None for what was not answered from extracts.
    """

    engine: str
    version: str
    seconds: float
    steps: Sequence[StepFigures]
    then: Count
    now: Count
    findings: Sequence[Finding]
    unknown: Unknown
    standing: StandingUse | None = None
