"""Files as bytes, compressed or not: plain, gzip or Zstandard, known by their first bytes."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from takuso.survey.importing.lines import Stream

Compression = Literal["plain", "gzip", "zstd"]
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"


class CannotRead(Exception):
    """A file that is not there, broken or cut off; the message says which and what to do."""


class Counted:
    """A file read once from its start: how many bytes of it were taken, and their SHA-256."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes."""
        found: bytes = self._stream.read(size)
        self._hash.update(found)
        self.taken += len(found)
        return found

    @property
    def sha256(self) -> str:
        """Of what was taken."""
        return self._hash.hexdigest()

    # What Arrow and gzip ask of a file.
    closed = False

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is not."""
        return False

    def close(self) -> None:
        """Left to its owner."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[Stream, Counted]]:
    """The content of a file, and what was taken of the file itself. Raises CannotRead."""
    try:
        with path.open("rb") as stream:
            kind = compression(stream.read(4))
            stream.seek(0)
            counted = Counted(stream)
            yield _content(kind, counted), counted
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        told = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise CannotRead(f"{path}: 読めません（{told}）。\n対処: 途中で切れていないか確かめ、置き直す。") from None


def compression(first: bytes) -> Compression:
    """By the first bytes."""
    if first.startswith(_GZIP):
        return "gzip"
    return "zstd" if first.startswith(_ZSTD) else "plain"


def _content(kind: Compression, counted: Counted) -> Stream:
    if kind == "gzip":
        given: Any = counted
        return gzip.GzipFile(fileobj=given)
    if kind == "zstd":
        found: Stream = pa.CompressedInputStream(pa.PythonFile(counted, mode="r"), "zstd")
        return found
    return counted
