"""What every reader gives: columns as bytes, the line of each record, and what was no record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from takuso.survey.importing.mapping import Charset
from takuso.survey.importing.rejects import Reject

Lines = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is written: names of all its columns and the places (from 0) of those that are taken.

    `repeating` are places whose values are few, so that each distinct one is looked at once.
    """

    charset: Charset
    delimiter: str = ","
    quote: str | None = '"'
    names: tuple[str, ...]
    taken: tuple[int, ...]
    repeating: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Records of a block. `columns` are Arrow arrays by place; `lines` is the first line of each record and
    `spans` the number of lines of each; `blank` counts lines without anything.
    """

    columns: Mapping[int, Any]
    lines: Lines
    spans: Lines
    blank: int = 0
    rejects: tuple[Reject, ...] = field(default=())
