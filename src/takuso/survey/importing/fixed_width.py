"""Lines of a fixed width, cut by bytes."""

from typing import Any

import numpy as np
import pyarrow as pa

from takuso.survey.importing.lines import Block, line_ends
from takuso.survey.importing.mapping import Span
from takuso.survey.importing.parsed import Layout, Parsed
from takuso.survey.importing.rejects import Reject


def parse(block: Block, layout: Layout, spans: tuple[Span, ...]) -> Parsed:
    """The records of a block; a line of another width is no record."""
    raw = np.frombuffer(block.raw, dtype=np.uint8)
    ends = line_ends(raw)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    # Without the line end: LF, CR, or both.
    stops = ends.copy()
    for sign in (10, 13):
        stops -= (stops > starts) & (raw[np.maximum(stops - 1, 0)] == sign)
    lengths, width = stops - starts, spans[-1].end
    good, blank = lengths == width, lengths == 0
    if len(raw) and raw[-1] == 0x1A and lengths[-1] == 1:
        blank[-1] = True
    rejects = tuple(
        Reject(line=block.line + int(line), rule=f"1 行は {width} バイトです（この行は {int(lengths[line])} バイト）。")
        for line in np.flatnonzero(~good & ~blank)
    )
    rows = raw[starts[good][:, None] + np.arange(width)]
    return Parsed(
        columns={place: _column(rows[:, spans[place].start : spans[place].end]) for place in layout.taken},
        lines=np.flatnonzero(good) + block.line,
        spans=np.ones(int(good.sum()), dtype=np.int64),
        blank=int(blank.sum()),
        rejects=rejects,
    )


def _column(cells: Any) -> Any:
    width = cells.shape[1]
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(cells), [None, pa.py_buffer(cells.tobytes())])
    return fixed.cast(pa.binary())
