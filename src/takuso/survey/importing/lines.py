"""Lines and blocks of a file as bytes: where lines end (LF, CRLF, CR, mixed), and where a file may be cut.

In CP932, EUC-JP and UTF-8 no byte of a character of several bytes is a line end or a quote, so no decoding is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
BLOCK: Final = 24 << 20
_LF: Final = 10
_CR: Final = 13


class Stream(Protocol):
    """What blocks are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole records of a file; `line` is the number of its first line, `lines` how many it has."""

    raw: bytes
    line: int
    lines: int


def line_ends(raw: Bytes) -> Places:
    """The place after each line end; text after the last one is a line too, its end is the end of `raw`."""
    ends = np.flatnonzero(raw == _LF) + 1
    returns = np.flatnonzero(raw == _CR)
    if len(returns):
        following = raw[np.minimum(returns + 1, len(raw) - 1)]
        lone = returns[(following != _LF) | (returns == len(raw) - 1)] + 1
        if len(lone):
            ends = np.sort(np.concatenate((ends, lone)))
    if len(raw) and (not len(ends) or ends[-1] != len(raw)):
        ends = np.append(ends, len(raw))
    return ends


def inside_quotes(raw: Bytes, ends: Places, quote: int) -> npt.NDArray[np.bool_]:
    """For each line end: whether it stands inside a quoted field, if quotes are as they should be."""
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    counts = np.add.reduceat(raw == quote, starts, dtype=np.int64)
    return (np.cumsum(counts) & 1).astype(np.bool_)


def blocks(stream: Stream, quote: str | None, line: int = 1, size: int = BLOCK) -> Iterator[Block]:
    """Cut what is left of a stream into blocks that end where a record ends.

    A first line whose quote is not closed within a block stands alone.
    """
    held = b""
    ended = False
    while not ended or held:
        if not ended:
            read = stream.read(size)
            ended = not read
            held += read
        cut, lines = _cut(held, quote, ended)
        if cut:
            yield Block(raw=held[:cut], line=line, lines=lines)
            held = held[cut:]
            line += lines


def split(block: Block, quote: str | None) -> tuple[Block, Block] | None:
    """Two blocks of about the same size, or None where none can be cut."""
    raw = np.frombuffer(block.raw, dtype=np.uint8)
    ends = line_ends(raw)
    places = np.flatnonzero(~inside_quotes(raw, ends, ord(quote))) if quote else np.arange(len(ends))
    if len(places) < 2:
        return None
    middle = int(np.searchsorted(ends[places], len(raw) // 2))
    place = int(places[min(middle, len(places) - 2)])
    cut, lines = int(ends[place]), place + 1
    return (
        Block(raw=block.raw[:cut], line=block.line, lines=lines),
        Block(raw=block.raw[cut:], line=block.line + lines, lines=block.lines - lines),
    )


def _cut(held: bytes, quote: str | None, ended: bool) -> tuple[int, int]:
    """(bytes, lines) of the next block; (0, 0) if more must be read."""
    raw = np.frombuffer(held, dtype=np.uint8)
    ends = line_ends(raw)
    if ended:
        return len(held), len(ends)
    # The last line may go on, and a CR at the end may be followed by its LF.
    ends = ends[:-1]
    if not len(ends):
        return 0, 0
    if quote is None:
        return int(ends[-1]), len(ends)
    if np.count_nonzero(raw[: ends[-1]] == ord(quote)) % 2 == 0:
        return int(ends[-1]), len(ends)
    outside = np.flatnonzero(~inside_quotes(raw[: ends[-1]], ends, ord(quote)))
    if len(outside):
        return int(ends[outside[-1]]), int(outside[-1]) + 1
    return int(ends[0]), 1
