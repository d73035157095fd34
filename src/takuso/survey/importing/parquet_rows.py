"""Rows of a Parquet file; a row is a line, counted from 1."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from takuso.survey.importing.opening import CannotRead
from takuso.survey.importing.parsed import Parsed

_ROWS: Final = 1 << 17


def parts(path: Path, wanted: Iterable[Sequence[str | int]]) -> tuple[tuple[str, ...], Iterator[Parsed]]:
    """The names of the columns, and the rows in parts with the wanted ones. Raises CannotRead."""
    try:
        opened = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        told = str(error).splitlines()[0]
        raise CannotRead(f"{path}: Parquet として読めません（{told}）。\n対処: 書き出し直す。") from None
    names = tuple(opened.schema_arrow.names)
    given = {column for columns in wanted for column in columns}
    chosen = [name for number, name in enumerate(names, start=1) if name in given or number in given]
    return names, _rows(opened, names, chosen)


def _rows(opened: Any, names: tuple[str, ...], chosen: list[str]) -> Iterator[Parsed]:
    line = 1
    for rows in opened.iter_batches(batch_size=_ROWS, columns=chosen):
        columns = {names.index(name): _plain(rows.column(name)) for name in chosen}
        lines = np.arange(line, line + rows.num_rows, dtype=np.int64)
        yield Parsed(columns=columns, lines=lines, spans=np.ones(rows.num_rows, dtype=np.int64))
        line += rows.num_rows


def _plain(column: Any) -> Any:
    """Times and dates stay; all else becomes text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return column
    return column if pa.types.is_binary(column.type) else column.cast(pa.string())
