"""The files of a closing: written apart, made durable, and moved into place; each with its hash."""

import fcntl
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from takuso.survey.closing.reading import Shape

_PARQUET: Final[Mapping[str, Any]] = {"compression": "zstd", "compression_level": 1, "store_schema": False}
_LOCK: Final = ".closing.lock"
_APART: Final = ".part."
_BESIDE: Final = ".frame."
_CHUNK: Final = 1 << 22


class Busy(Exception):
    """Another closing is at work in this folder; the message is Japanese and says what to do."""


class NoArchive(Exception):
    """There is no archive in this folder; the message is Japanese and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that is in place: its path below the folder, its rows, its SHA-256."""

    path: str
    rows: int
    sha256: str


@contextmanager
def alone(folder: Path, *, make: bool = True) -> Iterator[None]:
    """The folder, made if need be and readable by its owner alone, to oneself; `make` False: it must be there.

    Raises Busy, NoArchive, OSError.
    """
    if not make and not folder.is_dir():
        raise NoArchive(
            f"書庫のフォルダー（{folder}）がありません。\n"
            "対処: 場所を確かめるか、まだ締めていないなら takuso log close を実行してください。"
        )
    mask = os.umask(0o077)
    lock = -1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{folder} では、もう締めが動いています。\n対処: それが終わるのを待ってください。") from None
        for left in folder.rglob(f"{_APART}*"):
            left.unlink()
        for left in folder.glob(f"{_BESIDE}*"):
            shutil.rmtree(left)
        yield
    finally:
        os.umask(mask)
        if lock >= 0:
            os.close(lock)


def write_table(folder: Path, path: str, shape: Shape, batches: Iterable[Any]) -> Written:
    """A Parquet file of these batches at `path`, whole or not at all. Raises OSError."""
    with in_place(folder, path) as apart:
        rows = _parquet(apart, shape, batches)
        digest = sha256(apart)
    return Written(path=path, rows=rows, sha256=digest)


def table_hash(shape: Shape, batches: Iterable[Any]) -> str:
    """The SHA-256 of the file that `write_table` would write of these batches; nothing is written."""
    sink = _Hashing()
    _parquet(pa.PythonFile(sink, mode="w"), shape, batches)
    return sink.found.hexdigest()


def text_hash(text: str) -> str:
    """The SHA-256 of the file that `write_text` would write."""
    return hashlib.sha256(text.encode()).hexdigest()


class _Hashing(io.RawIOBase):
    """What is written to it is hashed and forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.found = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        self.found.update(block)
        return memoryview(block).nbytes


def _parquet(sink: Any, shape: Shape, batches: Iterable[Any]) -> int:
    """Write the batches to a path or file; how many rows."""
    rows = 0
    dictionaries = [name for name in shape.columns.names if name not in shape.plain]
    with pq.ParquetWriter(sink, shape.columns, use_dictionary=dictionaries, **_PARQUET) as writer:
        for batch in batches:
            rows += batch.num_rows
            writer.write_batch(batch)
    return rows


def write_text(folder: Path, path: str, text: str) -> None:
    """A file of text at `path`, whole or not at all. Raises OSError."""
    with in_place(folder, path) as apart:
        apart.write_text(text, encoding="utf-8")


def sha256(file: Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_CHUNK):
            found.update(block)
    return found.hexdigest()


@contextmanager
def in_place(folder: Path, path: str) -> Iterator[Path]:
    """A file apart to write to, that is made durable and moved to `path` afterwards, if nothing was raised.

    Raises OSError.
    """
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=_APART, dir=place.parent)
    os.close(handle)
    apart = Path(name)
    try:
        yield apart
        with apart.open("rb") as stream:
            os.fsync(stream.fileno())
        apart.rename(place)
        _sync(place.parent)
    finally:
        apart.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
