"""The files of a closing: written apart, made durable, and moved into place; each with its hash."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from takuso.survey.closing.reading import Shape

_PARQUET: Final[Mapping[str, Any]] = {"compression": "zstd", "compression_level": 1, "store_schema": False}
_LOCK: Final = ".closing.lock"
_APART: Final = ".part."
_BESIDE: Final = ".frame."
_CHUNK: Final = 1 << 22


class Busy(Exception):
    """Another closing is at work in this folder; the message is Japanese and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that is in place: its path below the folder, its rows, its SHA-256."""

    path: str
    rows: int
    sha256: str


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The folder, made if need be and readable by its owner alone, to oneself. Raises Busy, OSError."""
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
    rows = 0
    with _in_place(folder, path) as apart:
        dictionaries = [name for name in shape.columns.names if name not in shape.plain]
        with pq.ParquetWriter(apart, shape.columns, use_dictionary=dictionaries, **_PARQUET) as writer:
            for batch in batches:
                rows += batch.num_rows
                writer.write_batch(batch)
        digest = sha256(apart)
    return Written(path=path, rows=rows, sha256=digest)


def write_text(folder: Path, path: str, text: str) -> None:
    """A file of text at `path`, whole or not at all. Raises OSError."""
    with _in_place(folder, path) as apart:
        apart.write_text(text, encoding="utf-8")


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """An empty folder within the folder, that surveys do not read, and that goes afterwards. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix=_BESIDE, dir=folder) as name:
        yield Path(name)


def replace_where_other(apart: Path, place: Path, digest: str) -> None:
    """Move a file that is written out to its place, unless what lies there has the same SHA-256. Raises OSError."""
    if not place.is_file() or sha256(place) != digest:
        apart.rename(place)
        _sync(place.parent)


def sha256(file: Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_CHUNK):
            found.update(block)
    return found.hexdigest()


@contextmanager
def _in_place(folder: Path, path: str) -> Iterator[Path]:
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
