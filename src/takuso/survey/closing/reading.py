"""What a closing reads of the database, as Arrow tables: COPY out as CSV, parsed as it comes."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.csv as pcsv
from psycopg import sql

Connection = psycopg.Connection[Any]
INSTANT: Final = pa.timestamp("us", "UTC")
_BLOCK: Final = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One table of files: the function that gives its rows, and the columns in order. Instants come in microseconds."""

    function: str
    columns: Any
    plain: frozenset[str] = frozenset()
    """Columns whose values are nearly all different: a dictionary of them only costs."""


def _text(*names: str) -> list[tuple[str, Any]]:
    return [(name, pa.string()) for name in names]


TICKETS: Final = Shape(
    function="wall.closing_tickets",
    columns=pa.schema(
        [
            ("at", INSTANT),
            ("receipt", pa.string()),
            ("business_at", INSTANT),
            ("kind", pa.string()),
            ("session", pa.int64()),
            *_text("terminal", "person"),
            ("appointment", pa.int64()),
            *_text("employer", "organisation", "duty", "screen"),
            ("screen_version", pa.int32()),
            *_text("came_from", "came_screen", "action", "purpose_code", "purpose_reference"),
            ("purpose_verified", pa.bool_()),
            *_text("purpose_receipt", "decision", "reason"),
            ("rule_version", pa.int32()),
            ("argument_hash", pa.string()),
        ]
    ),
    plain=frozenset({"at", "business_at", "receipt", "came_from", "argument_hash"}),
)
SUBJECTS: Final = Shape(
    function="wall.closing_subjects",
    columns=pa.schema(
        [
            ("receipt", pa.string()),
            ("no", pa.int32()),
            *_text("supply_point", "holder"),
            ("held_from", pa.date32()),
            *_text("relation", "granted", "refused", "period"),
        ]
    ),
    plain=frozenset({"receipt", "supply_point"}),
)
OUTCOMES: Final = Shape(
    function="wall.closing_outcomes",
    columns=pa.schema(
        [
            ("receipt", pa.string()),
            ("at", INSTANT),
            ("rows", pa.int32()),
            *_text("classes", "points", "digest"),
        ]
    ),
    plain=frozenset({"receipt", "at", "points", "digest"}),
)
VIEWS: Final = Shape(
    function="wall.closing_views",
    columns=pa.schema(
        [("at", INSTANT), *_text("user_id", "session_id", "screen", "came_from", "customer", "action", "terminal")]
    ),
    plain=frozenset({"at", "customer"}),
)
PEOPLE: Final = Shape(
    function="wall.closing_people",
    columns=pa.schema(
        [*_text("user_id", "person_id", "org", "contractor_of"), ("from", pa.date32()), ("to", pa.date32())]
    ),
)
SUPPLY: Final = Shape(
    function="points.closing_supply",
    columns=pa.schema(
        [
            *_text("customer", "retailer"),
            ("from", pa.date32()),
            ("to", pa.date32()),
            ("known_from", INSTANT),
            ("known_to", INSTANT),
        ]
    ),
    plain=frozenset({"customer"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A day that has ended: how many records were tallied, and the hashes of its files, newest first.

    Each writing has its own hash: the files of another folder may have other bytes. Empty = not written out.
    """

    day: date
    records: int
    digests: tuple[bytes, ...]


def ended_days(connection: Connection) -> list[Ended]:
    """Every ended day, oldest first."""
    rows = connection.execute("SELECT day, records, digests FROM wall.closing_days()").fetchall()
    return [Ended(day=day, records=records, digests=tuple(digests)) for day, records, digests in rows]


def meta(connection: Connection) -> dict[str, Any]:
    """Codes of the network companies and of today's affiliates, and the names of the screens."""
    row = connection.execute("SELECT wall.closing_meta()").fetchone()
    if row is None:
        raise RuntimeError("a row was expected")
    found: dict[str, Any] = row[0]
    return found


def rows(connection: Connection, shape: Shape, day: date | None = None) -> Iterator[Any]:
    """Record batches with the columns of the shape. Raises psycopg.Error."""
    with _copied(connection, shape, day) as stream:
        try:
            reader = pcsv.open_csv(
                stream,
                read_options=pcsv.ReadOptions(column_names=shape.columns.names, block_size=_BLOCK),
                parse_options=pcsv.ParseOptions(newlines_in_values=True),
                convert_options=pcsv.ConvertOptions(
                    column_types={field.name: _as_read(field.type) for field in shape.columns},
                    true_values=["t"],
                    false_values=["f"],
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            # An empty answer has no block.
            if stream.given:
                raise
            return
        for batch in reader:
            columns = [column.cast(field.type) for column, field in zip(batch.columns, shape.columns, strict=True)]
            yield pa.record_batch(columns, schema=shape.columns)


def _as_read(kind: Any) -> Any:
    return pa.int64() if kind == INSTANT else kind


@contextmanager
def _copied(connection: Connection, shape: Shape, day: date | None) -> Iterator["_Stream"]:
    function = sql.Identifier(*shape.function.split("."))
    arguments = sql.SQL("") if day is None else sql.Literal(day)
    statement = sql.SQL("COPY (SELECT * FROM {}({})) TO STDOUT (FORMAT csv)").format(function, arguments)
    with connection.cursor() as cursor, cursor.copy(statement) as copied:
        yield _Stream(copied)


class _Stream(io.RawIOBase):
    """What COPY sends, as a file that is read from its start to its end."""

    def __init__(self, copied: Any) -> None:
        super().__init__()
        self._copied = copied
        self._held = bytearray()
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            block = self._copied.read()
            if not block:
                break
            self._held += block
        end = len(self._held) if size < 0 else min(size, len(self._held))
        answer = bytes(self._held[:end])
        del self._held[:end]
        self.given += end
        return answer
