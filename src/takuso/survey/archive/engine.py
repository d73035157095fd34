"""DuckDB as the builders of the form use it: bounded memory, and statements with tables of codes beside them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import pyarrow as pa

from takuso.survey.duck import open_engine
from takuso.survey.statements import filled

MEMORY: Final = "1500MB"


class Engine:
    """Runs statement files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def ask(self, name: str, given: Mapping[str, Any] | None = None, **gaps: str) -> list[list[tuple[Any, ...]]]:
        """The rows of each statement of a file."""
        return [self.connection.execute(sql, _given(sql, given)).fetchall() for sql in filled(name, gaps)]

    def arrow(self, name: str, given: Mapping[str, Any] | None = None, **gaps: str) -> pa.RecordBatchReader:
        """The rows of the last statement of a file, in its order, piece by piece."""
        *before, last = filled(name, gaps)
        for sql in before:
            self.connection.execute(sql, _given(sql, given)).fetchall()
        # A result of `execute` would come in any order, for insertion order is not preserved.
        return self.connection.sql(last.rstrip(";"), params=_given(last, given)).to_arrow_reader(1 << 20)

    def codes(self, table: str, column: str, known: Mapping[str, int]) -> None:
        """A table of texts and their codes."""
        self.table(
            table, {column: pa.array(list(known), pa.string()), "code": pa.array(list(known.values()), pa.int32())}
        )

    def numbers(self, name: str, given: Mapping[str, Any] | None = None, **gaps: str) -> dict[str, Any]:
        """The columns of a file's one statement, all numbers, as arrays."""
        (sql,) = filled(name, gaps)
        return self.connection.execute(sql, _given(sql, given)).fetchnumpy()

    @contextmanager
    def tables(self, **tables: pa.Table) -> Iterator[None]:
        """Tables that are not copied."""
        for name, table in tables.items():
            self.connection.register(name, table)
        yield
        for name in tables:
            self.connection.unregister(name)

    def table(self, name: str, columns: Mapping[str, pa.Array]) -> None:
        """A table of columns."""
        self.connection.register("incoming", pa.table(dict(columns)))
        self.ask("archive_table", table=name)
        self.connection.unregister("incoming")


def _given(sql: str, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {key: value for key, value in (given or {}).items() if f"${key}" in sql} or None


@contextmanager
def builders_engine() -> Iterator[Engine]:
    """An engine with bounded memory."""
    with open_engine() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        yield Engine(connection)
