"""A file of named arrays of integers: a header that tells what stands where, then each array, compressed.

The same arrays are the same bytes. A file is read whole, hashed, and taken apart from the very bytes that were hashed.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array = npt.NDArray[Any]
_MAGIC: Final = b"takuso-arrays-1\n"
_LENGTH: Final = 8
_CODEC: Final = "zstd"


def packed(arrays: Mapping[str, Array]) -> bytes:
    """The bytes of a file. What never falls is kept as the steps from each number to the next."""
    heads, bodies = [], []
    for name, array in arrays.items():
        rising = bool((array[1:] >= array[:-1]).all())
        kept = np.diff(array, prepend=array.dtype.type(0)) if rising else array
        body = pa.compress(kept.tobytes(), codec=_CODEC, asbytes=True) if len(array) else b""
        heads.append([name, array.dtype.str, len(array), len(body), rising])
        bodies.append(body)
    header = json.dumps(heads, separators=(",", ":")).encode()
    return b"".join((_MAGIC, len(header).to_bytes(_LENGTH, "little"), header, *bodies))


class Arrays(Mapping[str, Array]):
    """The arrays of a file, each unpacked when it is asked for. Raises ValueError, KeyError for another file."""

    def __init__(self, content: bytes) -> None:
        start = len(_MAGIC) + _LENGTH
        if not content.startswith(_MAGIC):
            raise ValueError("no file of arrays")
        end = start + int.from_bytes(content[len(_MAGIC) : start], "little")
        self._content = memoryview(content)
        self._heads: dict[str, tuple[str, int, int, int, bool]] = {}
        for name, kind, count, length, rising in json.loads(content[start:end]):
            self._heads[name] = (kind, count, end, end + length, rising)
            end += length
        if end != len(content):
            raise ValueError("a file of arrays that was cut")

    def __getitem__(self, name: str) -> Array:
        kind, count, start, end, rising = self._heads[name]
        if not count:
            return np.zeros(0, dtype=kind)
        size = count * np.dtype(kind).itemsize
        plain = pa.decompress(self._content[start:end], decompressed_size=size, codec=_CODEC, asbytes=True)
        found = np.frombuffer(plain, dtype=kind)
        return np.cumsum(found, dtype=kind) if rising else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._heads)

    def __len__(self) -> int:
        return len(self._heads)
