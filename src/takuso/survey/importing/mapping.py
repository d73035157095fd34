"""How the files of another system become a survey source: what stands where and what it means there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

Format = Literal["csv", "fixed", "parquet"]
Charset = Literal["utf-8", "cp932", "euc-jp"]
Kind = Literal["instant", "day", "text", "screen", "number"]
Clock = Literal["Asia/Tokyo", "UTC"]
Form = Literal["auto", "epoch_s", "epoch_ms"]
OPEN: Final = "？"
"""Stands in a proposed mapping where people have to write."""

FORMATS: Final = ("csv", "fixed", "parquet")
CHARSETS: Final = ("utf-8", "cp932", "euc-jp")
CLOCKS: Final = ("Asia/Tokyo", "UTC")
FORMS: Final = ("auto", "epoch_s", "epoch_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A column of a source: its kind; whether it may be empty, and whether a mapping may leave it out.

    `empty` is what stands for nothing: null, or the empty text where the contract allows no null.
    """

    kind: Kind
    needed: bool = True
    filled: bool = True
    empty: str | None = None


_OPEN: Final = Target(kind="day", needed=False, filled=False)
_KNOWN: Final = Target(kind="instant", needed=False, filled=False)
LOG: Final[Mapping[str, Target]] = {
    "at": Target(kind="instant"),
    "user_id": Target(kind="text"),
    "session_id": Target(kind="text"),
    "screen": Target(kind="screen"),
    "came_from": Target(kind="screen", needed=False, filled=False),
    "customer": Target(kind="number", needed=False, filled=False, empty=""),
    "action": Target(kind="text", needed=False, filled=False, empty=""),
    "terminal": Target(kind="text", needed=False, filled=False, empty=""),
}
PEOPLE: Final[Mapping[str, Target]] = {
    "user_id": Target(kind="text"),
    "person_id": Target(kind="text"),
    "org": Target(kind="text"),
    "contractor_of": Target(kind="text", needed=False, filled=False),
    "from": _OPEN,
    "to": _OPEN,
}
SUPPLY: Final[Mapping[str, Target]] = {
    "customer": Target(kind="number"),
    "retailer": Target(kind="text"),
    "from": Target(kind="day"),
    "to": _OPEN,
    "known_from": _KNOWN,
    "known_to": _KNOWN,
}
TABLES: Final[Mapping[str, Mapping[str, Target]]] = {"log": LOG, "people": PEOPLE, "supply": SUPPLY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Where a column comes from: columns of the file, by name or by number from 1 (joined), or one constant.

    `values` replaces whole values; `by_name` finds a screen by its name; `era` is the era of a date written
    without one; `inclusive` says that the day itself still belongs to the period.
    """

    columns: tuple[str | int, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    by_name: bool = False
    clock: Clock = "Asia/Tokyo"
    form: Form = "auto"
    era: str | None = None
    inclusive: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A column of a fixed width: its name, where it starts (from 0) and ends, in bytes."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The files of one table (log, people or supply), how they are written, and the columns to take.

    `header` counts lines (of the file, or rows of CSV) before the first record; the last of them names the
    columns. `empty` lists texts that mean nothing was recorded.
    """

    name: str
    files: tuple[str, ...]
    format: Format = "csv"
    charset: Charset = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    header: int = 1
    empty: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    line: int = 0

    @property
    def targets(self) -> Mapping[str, Target]:
        """The columns that the table has in a source."""
        return TABLES[self.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """A mapping file. `cut_overlaps`: a supply period ends where the next of its point starts.

    `merge_shared`: an ID that several persons of one organisation used on the same days becomes one person.
    """

    path: Path
    network: str
    affiliate: str
    screens: Mapping[str, str]
    log: Table
    people: Table
    supply: Table
    cut_overlaps: bool = False
    merge_shared: bool = False
    sha256: str = ""
