"""A day of the log in memory: instants as numbers, texts as codes into the day's own dictionaries."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from takuso.survey.archive.words import NONE, Codes

Instants = npt.NDArray[np.int64]
_TEXT: Final = pa.string()


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A column of texts: a code for each record, NONE where it is null, and the text of each code, all different."""

    codes: Codes
    texts: pa.StringArray

    def ranked(self) -> "Texts":
        """The same with texts in order of their bytes."""
        order = pc.sort_indices(self.texts)
        # A place in front for NONE.
        rank = np.full(len(self.texts) + 1, NONE, dtype=np.int32)
        rank[order.to_numpy() + 1] = np.arange(len(self.texts), dtype=np.int32)
        return Texts(codes=rank.take(self.codes + 1), texts=self.texts.take(order))

    def coded(self, code_of: Callable[[list[str]], Sequence[int]]) -> Codes:
        """The column in other codes."""
        codes = np.array([NONE, *code_of(self.texts.to_pylist())], dtype=np.int32)
        return np.asarray(codes.take(self.codes + 1))


def instants(files: Sequence[Path]) -> Instants:
    """When the records were written, in microseconds since 1970 UTC. Raises pa.ArrowException, OSError."""
    pieces = [chunk for column in _columns(files, "at") for chunk in column.chunks]
    return np.concatenate([np.zeros(0, dtype=np.int64), *(_whole(piece) for piece in pieces)])


def texts(files: Sequence[Path], name: str, *, many: bool = False) -> Texts:
    """A column of texts of some files, one after the other; `many` if most of them are different.

    Raises pa.ArrowException, OSError.
    """
    # The dictionaries that the files have themselves are small then.
    columns = _columns(files, name, dictionary=() if many else (name,))
    chunks = [chunk for column in columns for chunk in column.chunks if len(chunk)]
    if not chunks:
        return Texts(codes=np.zeros(0, dtype=np.int32), texts=pa.array([], _TEXT))
    if many:
        coded = pa.chunked_array([chunk.cast(_TEXT) for chunk in chunks]).dictionary_encode()
    else:
        coded = pa.chunked_array([_coded(chunk) for chunk in chunks]).unify_dictionaries()
    found = coded.chunk(0).dictionary
    # What is no text at all is refused here, as DuckDB would.
    found.validate(full=True)
    codes = [chunk.indices.fill_null(NONE).to_numpy(zero_copy_only=False) for chunk in coded.chunks]
    return Texts(codes=np.concatenate(codes), texts=found)


def _coded(chunk: pa.Array) -> pa.Array:
    """With a dictionary of texts that are all different."""
    if isinstance(chunk, pa.DictionaryArray):
        known = chunk.dictionary.cast(_TEXT)
        if not known.null_count and pc.count_distinct(known).as_py() == len(known):
            return pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), known)
    return chunk.cast(_TEXT).dictionary_encode()


def _columns(files: Sequence[Path], name: str, dictionary: Sequence[str] = ()) -> Iterator[pa.ChunkedArray]:
    for file in files:
        with pq.ParquetFile(file, memory_map=True, read_dictionary=dictionary) as opened:
            yield opened.read(columns=[name]).column(name)


def _whole(moments: Any) -> Instants:
    return np.asarray(moments.cast(pa.int64()).to_numpy(zero_copy_only=False))
